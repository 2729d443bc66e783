"""Arguments of a call."""

from __future__ import annotations

import ast
import dataclasses

from looplint.interpreter.values import Const, Function, Value


@dataclasses.dataclass(slots=True)
class Arguments:
    """The evaluated arguments of a call. `open`: there is a `*` or `**` among them."""

    args: list[Value]
    keywords: dict[str, Value]
    open: bool = False

    def get(self, position: int, name: str = "") -> Value | None:
        """An argument by position, else by keyword; None if neither is passed."""
        if position < len(self.args):
            return self.args[position]
        return self.keywords.get(name) if name else None

    @property
    def values(self) -> list[Value]:
        """All arguments, positional ones first."""
        return [*self.args, *self.keywords.values()]

    @property
    def options(self) -> dict[str, object]:
        """The plain ones (literals), by position and name."""
        plain: dict[str, object] = {}
        for index, value in enumerate(self.args):
            if isinstance(value, Const):
                plain[str(index)] = value.value
        for name, value in self.keywords.items():
            plain[name] = value.value if isinstance(value, Const) else Ellipsis
        return plain


def has_room_for(function: Function, count: int) -> bool:
    """Whether a function takes so many positional arguments beside its receiver; True for one with a decorator."""
    parameters = function.node.args
    if parameters.vararg is not None or getattr(function.node, "decorator_list", []):
        return True
    return count + (function.receiver is not None) <= len(parameters.posonlyargs) + len(parameters.args)


def accepts(function: Function, given: Arguments) -> bool:
    """Whether a call with these arguments binds to the parameters of a function; True for one with a decorator."""
    parameters = function.node.args
    if getattr(function.node, "decorator_list", []):
        return True
    positional = [a.arg for a in (*parameters.posonlyargs, *parameters.args)][function.receiver is not None :]
    without_default = positional[: max(0, len(positional) - len(parameters.defaults))]
    names = {*positional, *(a.arg for a in parameters.kwonlyargs)}
    return (
        has_room_for(function, len(given.args))
        and given.keywords.keys() >= set(without_default[len(given.args) :])
        and (given.keywords.keys() <= names or parameters.kwarg is not None)
    )


def arguments_written(function: Function, call: ast.Call) -> list[tuple[str, ast.expr]]:
    """The argument expressions of a call, by parameter, without the receiver; none if the mapping is uncertain."""
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return []
    names = [a.arg for a in (*function.node.args.posonlyargs, *function.node.args.args)]
    given = [*zip(names[function.receiver is not None :], call.args, strict=False)]
    return [*given, *((keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg)]

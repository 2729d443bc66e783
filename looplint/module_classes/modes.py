"""Which module classes may compute something different in training and in evaluation mode."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import TypeGuard

from looplint.knowledge.layers import ACTIVATION, CONTAINERS, LAYERS, REPARAMETRISES
from looplint.knowledge.members import NO_RECORDING
from looplint.knowledge.python_names import PLAIN_VALUES
from looplint.knowledge.torch_tensors import ARRAY_METHODS, TENSOR_MAKERS
from looplint.knowledge.torch_types import RETURNS_BY_MODE
from looplint.module_classes.class_syntax import (
    Function,
    assignments,
    defaults,
    is_move,
    is_name,
    methods_of,
    nodes,
    receiver,
    self_attribute,
)
from looplint.module_classes.classes import Classes
from looplint.module_classes.layers import has_mode
from looplint.syntax.walk import as_text, children

Free = Mapping[str, ast.ClassDef | ast.FunctionDef]

EMPTY: Free = {}


class Modes:
    """The classes of a file, queried for their mode sensitivity. `functions`: those of the file, by name. `free`:
    the definitions of imported classes without a mode, and of functions that give none by themselves, by the name that
    they have here."""

    def __init__(self, classes: Classes, functions: Mapping[str, ast.FunctionDef], free: Free = EMPTY) -> None:
        self._classes = classes
        self._functions = functions
        self._free = free
        self._sensitive: dict[ast.ClassDef, bool] = {}
        self._gives: dict[ast.FunctionDef, bool] = {}
        self._makes: dict[ast.FunctionDef, bool] = {}

    def sensitive(self, node: ast.ClassDef) -> bool:
        """Whether it may compute something different in training mode; unknown code may."""
        if node not in self._sensitive:
            self._sensitive[node] = False
            self._sensitive[node] = (
                any(attribute.attr == "training" for attribute in nodes(node, ast.Attribute))
                or any(self._may_switch(base) for base in node.bases)
                or any(
                    self._may_switch(made, call, methods_of(node))
                    for call in self._made_in(methods_of(node))
                    for made in self._meant(call.func, methods_of(node))
                    if self._classes.resolve(made) not in REPARAMETRISES
                )
                or any(self._switches(call) for call in nodes(node, ast.Call))
                or self._runs_arguments(node)
            )
        return self._sensitive[node]

    def _made_in(self, methods: Mapping[str, Function]) -> Iterator[ast.Call]:
        """Objects assigned to attributes of self, those in containers included; a layer's arguments are sizes."""
        kept = [v for m in methods.values() for target, v in assignments(m) if self_attribute(target)]
        waiting: list[ast.AST] = [*reversed(kept)]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Call) and not is_move(node):
                yield node
                if (self._classes.resolve(node.func) or "") in LAYERS - CONTAINERS - {"torch.nn.DataParallel"}:
                    continue
            waiting += reversed(children(node))

    def _meant(self, made: ast.expr, methods: Mapping[str, Function]) -> list[ast.expr]:
        """What a callee stands for: `layer` for both in `layer = nn.Conv2d if flat else nn.Conv3d`, and for a method
        without arguments what it calls. Of `weight_norm` or the like the layer inside decides. Of an activation that is
        passed in the default decides: hardly any has a mode."""
        own = methods.get(self_attribute(made))
        if own is not None and len(own.args.args) == 1 and not (own.args.vararg or own.args.kwonlyargs):
            returned = [node.value for node in nodes(own, ast.Return) if node.value is not None]
            values = (*returned, *(value for _, value in assignments(own)))
            return [call.func for value in values for call in nodes(value, ast.Call)]
        if not isinstance(made, ast.Name):
            return [made]
        bound = [value for m in methods.values() for target, value in assignments(m) if is_name(target, made.id)]
        if not bound and ACTIVATION.search(made.id):
            bound = [default for m in methods.values() for name, default in defaults(m) if name == made.id]
        return [one for v in bound for one in ((v.body, v.orelse) if isinstance(v, ast.IfExp) else (v,))] or [made]

    def _runs_arguments(self, node: ast.ClassDef) -> bool:
        """Whether it runs layers passed to its constructor; an activation has hardly ever a mode."""
        init = methods_of(node).get("__init__")
        if init is None:
            return False
        arguments = (argument.arg for argument in (*init.args.args[1:], *init.args.kwonlyargs))
        given = {name for name in arguments if not ACTIVATION.search(name)}
        contained = [a for c in nodes(init, ast.Call) if self._classes.resolve(c.func) in CONTAINERS for a in c.args]
        plain = [a.value if isinstance(a, ast.Starred) else a for a in contained]
        kept = {
            self_attribute(t) for t, value in assignments(init) if isinstance(value, ast.Name) and value.id in given
        }
        return any(isinstance(a, ast.Name) and a.id in given for a in plain) or any(
            self_attribute(call.func) in kept - {None, ""} for call in nodes(node, ast.Call)
        )

    def _switches(self, call: ast.Call) -> bool:
        """Whether a layer with a mode is constructed here, wherever it is stored or passed."""
        made = call.func
        if isinstance(made, ast.Name) and made.id in self._classes.named:
            return self.sensitive(self._classes.named[made.id])
        if isinstance(made, ast.Name) and made.id in self._functions:
            return self._makes_switching(self._functions[made.id])
        return self._classes.resolve(made) in LAYERS and self._may_switch(made, call)

    def gives_switching(self, function: ast.FunctionDef) -> bool:
        """Whether a function of the file, `def conv(*sizes): return weight_norm(nn.Conv1d(*sizes))`, may give a layer
        with a mode by itself: it calls more than layers without one and what is passed to it."""
        if function not in self._gives:
            self._gives[function] = True  # for one that calls itself
            self._gives[function] = any(
                self._may_switch(call.func, call)
                for call in nodes(function, ast.Call)
                if self._classes.resolve(call.func) not in REPARAMETRISES
                and not _grows_list(call.func)
                and not _is_passed(call.func, function)
            )
        return self._gives[function]

    def _makes_switching(self, function: ast.FunctionDef) -> bool:
        """Whether a function of the file constructs a layer with a mode."""
        if function not in self._makes:
            self._makes[function] = False  # for one that calls itself
            self._makes[function] = any(map(self._switches, nodes(function, ast.Call)))
        return self._makes[function]

    def _passes_switching(
        self, function: ast.FunctionDef, call: ast.Call | None, methods: Mapping[str, Function]
    ) -> bool:
        """Whether a function that constructs layers by calling its parameters, `def stack(block, n)`, may be passed one
        that gives a layer with a mode."""
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        called = {c.func.id for c in nodes(function, ast.Call) if _is_passed(c.func, function)}
        if not called:
            return False
        if call is None or any(isinstance(argument, ast.Starred) for argument in call.args):
            return True
        passed = dict(zip(names, call.args, strict=False)) | {k.arg: k.value for k in call.keywords if k.arg}
        return any(name not in passed or self._factory_switches(passed[name], methods) for name in called)

    def _factory_switches(self, passed: ast.expr, methods: Mapping[str, Function]) -> bool:
        """Whether what is passed, a class, a `partial` of one or a lambda, may give a layer with a mode."""
        for one in self._meant(passed, methods):
            made: ast.expr = one
            if isinstance(one, ast.Call) and self._classes.resolve(one.func) == "functools.partial" and one.args:
                made = one.args[0]
            elif isinstance(one, ast.Lambda) and isinstance(one.body, ast.Call):
                made = one.body.func
            if not isinstance(made, ast.Name | ast.Attribute) or self._may_switch(made):
                return True
        return False

    def _may_switch(
        self, made: ast.expr, call: ast.Call | None = None, methods: Mapping[str, Function] | None = None
    ) -> bool:
        if isinstance(made, ast.Name | ast.Attribute) and as_text(made) in self._free:
            helper = self._free[as_text(made)]
            return isinstance(helper, ast.FunctionDef) and self._passes_switching(helper, call, methods or {})
        if isinstance(made, ast.Name) and made.id in self._classes.named:
            return self.sensitive(self._classes.named[made.id])
        if isinstance(made, ast.Name) and made.id in self._functions:
            helper = self._functions[made.id]
            return self.gives_switching(helper) or self._passes_switching(helper, call, methods or {})
        name = self._classes.resolve(made)
        if _returns_plain_value(made, name):
            return False
        options = {k.arg: getattr(k.value, "value", True) for k in call.keywords if k.arg} if call is not None else {}
        return name not in LAYERS or has_mode(name, options)


def _is_passed(function: ast.expr, inside: ast.FunctionDef) -> TypeGuard[ast.Name]:
    """Whether it is a parameter of the function that calls it, and nothing else is bound to its name there."""
    names = {argument.arg for argument in (*inside.args.posonlyargs, *inside.args.args)}
    bound = (node for node in nodes(inside, ast.Name) if isinstance(node.ctx, ast.Store))
    return isinstance(function, ast.Name) and function.id in names and all(one.id != function.id for one in bound)


def _grows_list(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr in ("append", "extend")


def _returns_plain_value(function: ast.expr, name: str | None) -> bool:
    """Whether a function returns a number or a tensor, no layer: a builtin, one of `math`, numpy or torch itself."""
    if isinstance(function, ast.Name) and name in (None, function.id, f"builtins.{function.id}"):
        return function.id in PLAIN_VALUES
    if isinstance(function, ast.Attribute) and function.attr in ARRAY_METHODS:
        return True
    return name is not None and bool(name.startswith(("math.", "numpy.")) or TENSOR_MAKERS.match(name))


def returns_by_mode(classes: Classes, methods: Mapping[str, Function]) -> bool:
    """Whether `forward` has a branch for training mode that returns something else: the noise that it predicts,
    where it draws samples in evaluation mode. Or it returns what a network of such a library does."""
    forward = methods.get("forward")
    if forward is not None and _returns_by_library(classes, methods, forward):
        return True
    for statement in forward.body if forward is not None else ():
        flag = f"{receiver(forward)}.training" if forward is not None else ""
        if isinstance(statement, ast.If) and as_text(statement.test) in (flag, f"not {flag}"):
            return isinstance(statement.body[-1], ast.Return)
    return False


def unrecorded(methods: Mapping[str, Function]) -> bool:
    """Whether `forward` asks for its mode, and turns recording off by itself in evaluation mode: in that arm, or in
    the methods of its own that the arm calls."""
    forward = methods.get("forward")
    if forward is None:
        return False
    own = receiver(forward)
    flag = f"{own}.training"
    for place, statement in enumerate(forward.body):
        if not isinstance(statement, ast.If) or as_text(statement.test) not in (flag, f"not {flag}"):
            continue
        rest = statement.orelse or forward.body[place + 1 :]
        arm = rest if as_text(statement.test) == flag else statement.body
        functions = (call.func for one in arm for call in nodes(one, ast.Call))
        called = {one.attr for one in functions if isinstance(one, ast.Attribute) and is_name(one.value, own)}
        return any(map(_turns_recording_off, (*arm, *(methods[name] for name in called if name in methods))))
    return False


def _turns_recording_off(code: ast.AST) -> bool:
    used = (one for node in nodes(code, ast.With) for one in (item.context_expr for item in node.items))
    decorators = getattr(code, "decorator_list", ())
    return any(name in as_text(one) for one in (*used, *decorators) for name in NO_RECORDING)


def _returns_by_library(classes: Classes, methods: Mapping[str, Function], forward: Function) -> bool:
    """Whether `forward` returns the result of a part that a library made, and that returns by its mode."""
    returned = (node.value for node in nodes(forward, ast.Return))
    called = {self_attribute(value.func) for value in returned if isinstance(value, ast.Call)} - {""}
    made = (
        value
        for method in methods.values()
        for target, value in assignments(method)
        if isinstance(value, ast.Call) and self_attribute(target) in called
    )
    return any((classes.resolve(value.func) or "").startswith(RETURNS_BY_MODE) for value in made)

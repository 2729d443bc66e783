"""Iterators: what is made of something that can be gone through once, and what goes through it."""

from __future__ import annotations

import ast

from looplint.events import Kind, Thing, Type
from looplint.graph.calls import Calls
from looplint.recognize.python import EXHAUSTS, HARMLESS, ONE_SHOT, PASSED_ON
from looplint.recognize.torch import (
    CLIPPING,
)
from looplint.values import (
    Const,
    Value,
    things,
)


class Iterators(Calls):
    """Reads what makes and spends iterators."""

    def _made_iterator(self, target: ast.Name, made: ast.expr, value: Value) -> None:
        """A name is bound to what can be gone through once, whatever it goes over."""
        iterator, _ = self.thing(made, "iterator")
        iterator.name, iterator.type, iterator.place = target.id, Type.OTHER, self.place(made)
        parameters = [t for one in things(value) for t in one.ancestry() if t.type is Type.PARAMETERS]
        if parameters:
            self._has_one_shots = True
            iterator.sources = tuple(parameters)
            self.emit(Kind.MAKE, (iterator,), made, how=ast.unparse(made))
        self.state.set(self._home(target.id), f"*{target.id}", iterator, self.flow.now)

    _has_one_shots = False

    def call(self, node: ast.Call) -> Value:
        result = super().call(node)
        if self._has_one_shots:
            self._handed_on(node, result)
        return result

    def _handed_on(self, node: ast.Call, result: Value) -> None:
        """Iterators over parameters that a call is given: some calls go through them, of others that is not known."""
        name = called_name(node)
        parts = [part for given in (*node.args, *(k.value for k in node.keywords)) for part in _shown_in(given)]
        handed = [n for n in parts if isinstance(n, ast.Name) and isinstance(self._iterator_of(n.id), Thing)]
        if not handed or (isinstance(node.func, ast.Name) and name in (HARMLESS | PASSED_ON)):
            return
        optimizer = any(one.type is Type.OPTIMIZER and one.certain for one in things(result))
        for given in handed:
            if optimizer or name in EXHAUSTS or CLIPPING.search(name):
                self.gone_through(given, name, node)
            else:
                self.state.set(self._home(given.id), f"*{given.id}", Const(None), self.flow.now)

    def _is_spent(self, node: ast.expr, value: Value) -> bool:
        """Whether an expression gives parameters that can be gone through once, as `Module.parameters` does."""
        made = self.place(node)
        return isinstance(node, ast.Call) and any("one shot" in t.facts and t.place == made for t in things(value))

    def _iterator_of(self, name: str) -> Value | None:
        return self.state.get((id(self.bound_at(name)[0]), f"*{name}"))

    def _goes_through(self, node: ast.For | ast.AsyncFor) -> None:
        """A `for` over a name that surely stands for an iterator, also through `enumerate` and `tqdm`."""
        over = node.iter
        if isinstance(over, ast.Call) and over.args and called_name(over) in PASSED_ON:
            over = over.args[0]
        left = any(isinstance(n, ast.Break | ast.Return) for statement in node.body for n in ast.walk(statement))
        self.gone_through(over, "for", node.iter, left=left)

    def gone_through(self, node: ast.expr, how: str, at: ast.AST | None = None, *, left: bool = False) -> None:
        """A name that surely stands for an iterator is gone through here. `left`: maybe not to its end."""
        if isinstance(node, ast.Name) and isinstance(iterator := self._iterator_of(node.id), Thing):
            self.emit(Kind.ITERATE, (iterator,), at or node, how=how, options={"left": left}, written=node.id)


def called_name(node: ast.Call) -> str:
    """The last part of the name of the function that is called."""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def gives_iterator(node: ast.expr) -> bool:
    """Whether an expression gives what can be gone through once: an iterator, or a bar around one."""
    if isinstance(node, ast.GeneratorExp):
        return True
    if not isinstance(node, ast.Call) or not node.args:
        return False
    if called_name(node) == "tqdm":
        return gives_iterator(node.args[0])
    endless = any(isinstance(n, ast.Call) and called_name(n) in ("cycle", "repeat", "count") for n in ast.walk(node))
    return isinstance(node.func, ast.Name) and node.func.id in ONE_SHOT and not endless


def _shown_in(node: ast.expr) -> list[ast.expr]:
    """The expressions that a display (a list, a dict of settings) holds, or the expression itself."""
    if isinstance(node, ast.List | ast.Tuple):
        return [part for element in node.elts for part in _shown_in(element)]
    if isinstance(node, ast.Dict):
        return [part for value in node.values for part in _shown_in(value)]
    return [node]

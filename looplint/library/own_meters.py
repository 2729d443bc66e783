"""Meters that a program defines itself: a class that adds up its arguments, returns the quotient, and is reset."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from looplint.events import AbstractObject, Fact, How, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Instance
from looplint.knowledge.name_hints import GOES_ON
from looplint.knowledge.torch_tensors import FILLS, TAKEN_OUT
from looplint.library.part import LibraryPart
from looplint.module_classes.class_syntax import assignments
from looplint.syntax.walk import as_text, last_name, nodes

Method = ast.FunctionDef | ast.AsyncFunctionDef


@dataclasses.dataclass(frozen=True)
class Meter:
    """What a class of meters has: methods that add up, names that give the average so far, methods that reset it."""

    updates: frozenset[str] = frozenset()
    averages: frozenset[str] = frozenset()
    resets: frozenset[str] = frozenset()


class OwnMeters(LibraryPart):
    """Notes what the program does with its own meters."""

    def used(self, thing: Instance, name: str, given: Arguments | None, node: ast.expr) -> None:
        """An attribute is read, or a method is called with `given`."""
        meter = _meter(thing)
        if meter is None or self.reader.now.frame.receiver is thing:
            return
        written = _written(node, name)
        if GOES_ON.search(written):
            return
        if name in meter.resets or name == "__init__":
            self.reader.emit(Kind.EMPTY, (thing,), node, how=name)
        elif name in meter.averages:
            self.reader.emit(Kind.MEASURE, (thing,), node, how=How.COMPUTED, written=written)
        elif name in meter.updates and given is not None and self._gets_results(given, node):
            self.reader.emit(Kind.MEASURE, (thing,), node, how=How.UPDATED, written=written)

    def _gets_results(self, given: Arguments, node: ast.expr) -> bool:
        """Whether a meter is updated with a value that was computed from a prediction, not with a duration."""
        written = node.args if isinstance(node, ast.Call) else []
        taken = any(isinstance(n, ast.Attribute) and n.attr in TAKEN_OUT for n in nodes(*written))
        made_of = (one for value in self.reader.objects.of(given.values) for one in value.ancestry())
        return taken or any(
            one.type in (Type.MODULE, Type.CRITERION, Type.TENSOR) or Fact.LOSS_VALUE in one.facts for one in made_of
        )

    def passed(self, thing: AbstractObject, node: ast.AST) -> None:
        """Unknown code gets a meter, and may reset it."""
        if isinstance(thing, Instance) and _meter(thing) is not None:
            self.reader.emit(Kind.EMPTY, (thing,), node, how=How.HANDED_OVER)


def _written(node: ast.expr, name: str) -> str:
    """The meter as written, of `meter.update(...)`, `meter.avg` or `meter(...)`."""
    access = node.func if isinstance(node, ast.Call) else node
    if name == "__call__" and not (isinstance(access, ast.Attribute) and access.attr == name):
        return as_text(access)
    return as_text(access.value) if isinstance(access, ast.Attribute) else ""


def _meter(thing: Instance) -> Meter | None:
    if thing.cls is None:
        return None
    if thing.cls.node not in _METERS:
        _METERS[thing.cls.node] = _read(thing.cls.node)
    return _METERS[thing.cls.node]


_METERS: WeakKeyDictionary[ast.ClassDef, Meter | None] = WeakKeyDictionary()


def _read(cls: ast.ClassDef) -> Meter | None:
    """A class as a meter; None if it is none. A class that has no method to reset it may be meant to go on."""
    methods = [one for one in cls.body if isinstance(one, Method) and one.args.args]
    if not any(method.name == "reset" for method in methods):
        return None
    adds = {method.name: added for method in methods if (added := set(_added(method)))}
    sums = set[str]().union(*adds.values()) if adds else set()
    resets = {m.name for m in methods if m.name != "__init__" and sums and sums <= set(_zeroed(m))}
    resets |= {m.name for m in methods if m.name != "__init__" and not resets.isdisjoint(_called(m))}
    plain = [method for method in methods if len(method.args.args) == 1 and method.name not in adds]
    averages = {method.name for method in plain if any(_is_quotient(one, sums) for one in nodes(method))}
    averages |= {method.name for method in plain if _divides_counts(method, {name for name, _ in _arrays(methods)})}
    for method in methods:
        if method.name in adds:
            averages |= {name for name, value in _set(method) if _is_quotient(value, sums)}
    if "reset" not in resets or not averages:
        return None
    return Meter(frozenset(adds.keys() - resets), frozenset(averages - sums - resets), frozenset(resets))


def _added(method: Method) -> Iterator[str]:
    """The attributes that a method adds something to, or to their entries."""
    for node in nodes(method):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            target: ast.expr = node.target
            while isinstance(target, ast.Subscript):
                target = target.value
            if name := _own(target, method):
                yield name


def _set(method: Method) -> Iterator[tuple[str, ast.expr]]:
    """The attributes that a method sets, and their values."""
    return ((name, value) for target, value in assignments(method) if (name := _own(target, method)))


def _zeroed(method: Method) -> Iterator[str]:
    """The attributes that a method sets to zero, or to an array of zeros, or in which it sets all to zero."""
    for name, value in _set(method):
        if (isinstance(value, ast.Constant) and value.value == 0) or _is_array_of_zeros(value):
            yield name
    for node in nodes(method):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FILLS:
            if name := _own(node.func.value, method):
                yield name


def _called(method: Method) -> Iterator[str]:
    """The methods of its own object that a method calls."""
    return (name for node in nodes(method) if isinstance(node, ast.Call) and (name := _own(node.func, method)))


def _arrays(methods: list[Method]) -> Iterator[tuple[str, ast.expr]]:
    """The attributes that begin as arrays of zeros: counts for each class."""
    return (pair for method in methods for pair in _set(method) if _is_array_of_zeros(pair[1]))


def _is_array_of_zeros(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and last_name(value.func) == "zeros"


def _divides_counts(method: Method, counts: set[str]) -> bool:
    """Whether a method returns what it computes of counts by a division: a share of each class, a mean of shares."""
    reads = any(
        isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load) and n.attr in counts for n in nodes(method)
    )
    divides = any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div) for n in nodes(method))
    return reads and divides and any(isinstance(n, ast.Return) and n.value is not None for n in nodes(method))


def _own(node: ast.AST, method: Method) -> str:
    """`total` of `self.total`."""
    owner = node.value if isinstance(node, ast.Attribute) else None
    own = isinstance(owner, ast.Name) and owner.id == method.args.args[0].arg
    return node.attr if own and isinstance(node, ast.Attribute) else ""


def _is_quotient(node: ast.AST, sums: set[str]) -> bool:
    """Whether it divides one sum by another."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div):
        return False
    sides = [{n.attr for n in nodes(side) if isinstance(n, ast.Attribute)} for side in (node.left, node.right)]
    return all(side & sums for side in sides)

"""Layers in plain lists, tuples and dicts, and whether the module registers them otherwise."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from looplint.knowledge.layers import LAYERS
from looplint.module_classes.calls import REGISTERS, Call
from looplint.module_classes.class_syntax import (
    Function,
    assignments,
    is_name,
    named,
    names,
    nodes,
    self_attribute,
    unmoved,
)
from looplint.module_classes.classes import Classes
from looplint.module_classes.module_class import Collection, Layer

Plain = Literal["list", "tuple", "dict"]
PLAIN: dict[str, Plain] = {"list": "list", "tuple": "tuple", "dict": "dict"}

HARMLESS = frozenset({"len", "enumerate", "zip", "reversed", "print", "iter", "next", "isinstance", "type", "str"})
"""Functions to which a list of layers can be passed without being registered."""

OWN_PARAMETERS = frozenset({"parameters", "named_parameters", "_apply", "__setattr__", "named_modules", "modules"})


def plain_collections(
    classes: Classes, methods: Mapping[str, Function], outside: Sequence[Function]
) -> Iterator[Collection]:
    """The plain collections of layers of a class, built in methods that `forward` does not run (`outside`)."""
    if not OWN_PARAMETERS.isdisjoint(methods) or not outside:
        return
    uses: _Uses | None = None
    for method in outside:
        for target, value in assignments(method):
            attribute = self_attribute(target)
            if not attribute:
                continue
            local = value.id if isinstance(value, ast.Name) else ""
            literal = _made_as(method, local) if local else value
            kind = _plain_kind(literal)
            if kind is None or literal is None:
                continue
            uses = uses or _Uses.of(methods, outside)
            known_as = [f"self.{attribute}", *([local] if local else [])]
            added = sorted((one for name in known_as for one in uses.added.get(name, ())), key=lambda one: one[0])
            put = [*_elements(literal), *(element for _, element in added)]
            layers = [layer for element in put for layer in _fresh(classes, element, method, outside)]
            if layers:
                yield Collection(
                    attribute=attribute,
                    kind=kind,
                    place=classes.text.place(value),
                    layers=tuple(layers),
                    registered=uses.registers
                    or not uses.passed.isdisjoint(known_as)
                    or attribute in uses.assigned_otherwise
                    or _hidden_on_purpose(literal),
                    wrapped=_wrapped(classes, kind, value, layers),
                )


def _fresh(
    classes: Classes,
    element: ast.expr,
    method: Function,
    outside: Sequence[Function],
    seen: frozenset[str] = frozenset(),
) -> Iterator[Layer]:
    """The layers with parameters in an element of a collection: constructed there, or in a local before."""
    element = unmoved(element)
    if isinstance(element, ast.IfExp):
        yield from _fresh(classes, element.body, method, outside, seen)
        yield from _fresh(classes, element.orelse, method, outside, seen)
    elif isinstance(element, ast.Name) and element.id not in seen:
        for owner in outside:
            values = [value for target, value in assignments(owner) if is_name(target, element.id)]
            kept = any(self_attribute(target) and is_name(value, element.id) for target, value in assignments(owner))
            if values and not kept and not _plain_kind(values[-1]):
                for value in values:
                    if not isinstance(value, ast.Name):
                        yield from _fresh(classes, value, owner, outside, seen | {element.id})
    elif isinstance(element, ast.Call) and classes.parametric(element):
        yield classes.layer(Call(element, method, ()))


def _wrapped(classes: Classes, kind: str, value: ast.expr, layers: Sequence[Layer]) -> str | None:
    place = classes.text.place(value)
    space = next(iter(_spellings(classes, value, layers)), None)
    nested = any(isinstance(inner, ast.List | ast.Tuple | ast.Dict) for inner in _entries(value) or ())
    if space is None or not place.text or nested:
        return None
    if kind == "dict":
        keys = value.keys if isinstance(value, ast.Dict) else []
        if not keys or not all(isinstance(key, ast.Constant) and isinstance(key.value, str) for key in keys):
            return None
    return f"{space}.{'ModuleDict' if kind == 'dict' else 'ModuleList'}({'' if _is_empty(value) else place.text})"


def _spellings(classes: Classes, value: ast.expr, layers: Sequence[Layer]) -> Iterator[str]:
    """How the file spells `torch.nn`, from its layers (`<torch.nn>.Linear(...)`)."""
    for layer in layers:
        prefix = re.match(r"([\w.]+)\.\w+\(", layer.place.text)
        if prefix and layer.constructor in LAYERS:
            yield prefix[1]
    for node in classes.named.values():
        for base in node.bases:
            if isinstance(base, ast.Attribute) and classes.resolve(base.value) == "torch.nn":
                yield ast.unparse(base.value)


@dataclasses.dataclass(frozen=True, slots=True)
class _Uses:
    """The uses of collections in the methods of a class, collected once for all.

    `registers`: something is registered by hand. `passed`: names and attributes of self that are passed to a call
    that may register their elements. `assigned_otherwise`: attributes that are also assigned a call's result, or whose
    parameters the class handles itself. `added`: later additions to a collection, by its name, in order.
    """

    registers: bool
    passed: frozenset[str]
    assigned_otherwise: frozenset[str]
    added: Mapping[str, list[tuple[int, ast.expr]]]

    @classmethod
    def of(cls, methods: Mapping[str, Function], outside: Sequence[Function]) -> _Uses:
        kept: set[str] = set()
        for method in methods.values():
            mentioned = names(method)
            if not mentioned.isdisjoint({"parameters", "named_parameters", "requires_grad_"}):
                kept |= mentioned
            for target, value in assignments(method):
                if isinstance(value, ast.Call) and _plain_kind(value) is None:
                    kept.add(self_attribute(target))
        added: dict[str, list[tuple[int, ast.expr]]] = {}
        for number, (name, element) in enumerate(entry for method in outside for entry in _added(method)):
            added.setdefault(name, []).append((number, element))
        return cls(
            any(not REGISTERS.isdisjoint(names(one)) for one in outside),
            frozenset(name for one in methods.values() for name in _passed(one)),
            frozenset(kept),
            added,
        )


def _passed(method: Function) -> Iterator[str]:
    for target, value in assignments(method):
        # An element that is an attribute of its own as well.
        if self_attribute(target) and isinstance(value, ast.Subscript) and (name := named(value.value)):
            yield name
    for call in nodes(method, ast.Call):
        function = call.func.id if isinstance(call.func, ast.Name) else ""
        if function in HARMLESS:
            continue
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            for part in _parts(argument):
                if name := named(part):
                    yield name
    for loop in nodes(method, ast.For):
        # Each layer is also added to another collection, which may be registered.
        bound = {name.id for name in nodes(loop.target, ast.Name)}
        if any(isinstance(element, ast.Name) and element.id in bound for _, element in _added(loop)):
            yield from (name for part in _parts(loop.iter) if (name := named(part)))


def _added(method: Function | ast.For) -> Iterator[tuple[str, ast.expr]]:
    """Later additions to a collection, with its name."""
    for call in nodes(method, ast.Call):
        if isinstance(call.func, ast.Attribute) and call.args and (name := named(call.func.value)):
            if call.func.attr in ("append", "insert", "setdefault"):
                yield name, call.args[-1]
            elif call.func.attr in ("extend", "update"):
                yield from ((name, element) for element in _elements(call.args[-1]))
    for target, value in assignments(method):
        if isinstance(target, ast.Subscript) and (name := named(target.value)):
            yield name, value
    for statement in nodes(method, ast.AugAssign):
        if name := named(statement.target):
            yield from ((name, element) for element in _elements(statement.value))


def _parts(argument: ast.expr) -> Iterator[ast.expr]:
    """The values that an argument passes: itself, or the elements that it unpacks or lists."""
    if isinstance(argument, ast.Starred | ast.Subscript):
        argument = argument.value
    yield argument
    if isinstance(argument, ast.List | ast.Tuple | ast.ListComp | ast.GeneratorExp | ast.BinOp):
        for comprehension in getattr(argument, "generators", ()):
            yield comprehension.iter
        for element in _elements(argument):
            yield from _parts(element) if element is not argument else ()
    elif isinstance(argument, ast.Call) and isinstance(argument.func, ast.Attribute):
        yield argument.func.value
    elif isinstance(argument, ast.Call):
        for inner in argument.args:
            yield from _parts(inner)


def _made_as(method: Function, name: str) -> ast.expr | None:
    """The plain collection that a local is bound to."""
    values = [value for target, value in assignments(method) if is_name(target, name)]
    return values[0] if values and all(_plain_kind(value) for value in values) else None


def _plain_kind(value: ast.expr | None) -> Plain | None:
    if isinstance(value, ast.BinOp):
        return _plain_kind(value.left) or _plain_kind(value.right)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return PLAIN.get(value.func.id)
    if isinstance(value, ast.List | ast.ListComp):
        return "list"
    if isinstance(value, ast.Dict | ast.DictComp):
        return "dict"
    return "tuple" if isinstance(value, ast.Tuple) else None


def _is_empty(value: ast.expr) -> bool:
    return not isinstance(value, ast.Name) and not any(_elements(value))


def _entries(value: ast.expr) -> Sequence[ast.expr] | None:
    """The elements of a plain collection; None for anything else."""
    match value:
        case ast.BinOp():
            return (value.left, value.right)
        case ast.List() | ast.Tuple():
            return value.elts
        case ast.Dict():
            return value.values
        case ast.ListComp() | ast.GeneratorExp():
            return (value.elt,)
        case ast.DictComp():
            return (value.value,)
        case ast.Call() if _plain_kind(value):
            return (*value.args, *(keyword.value for keyword in value.keywords))
    return None


def _elements(value: ast.expr) -> Iterator[ast.expr]:
    """The elements of a plain collection, those of nested ones included."""
    entries = _entries(value)
    if entries is None:
        yield value
    else:
        for entry in entries:
            yield from _elements(entry)


def _hidden_on_purpose(value: ast.expr) -> bool:
    """`[module]` or `(module,)`: the usual way to keep a module from being registered."""
    return isinstance(value, ast.List | ast.Tuple) and len(value.elts) == 1

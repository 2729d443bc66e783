"""What an expression can stand for while code is read: the values of the abstract interpreter.

`AbstractObject`s (see `events`) are objects; the classes here are everything else that Python code handles: constants,
functions, classes, modules, names of code that is not seen, and a choice between several values.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from looplint.events import AbstractObject

if TYPE_CHECKING:
    from looplint.program.program import Module


@dataclasses.dataclass(frozen=True, slots=True)
class Const:
    """A plain constant. `argument`: it was written out in a call, so that a condition on it is decided there."""

    value: object
    argument: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """What a constant is that an enumeration names: it equals itself only. `value`: what the class gives it."""

    enumeration: str
    name: str
    value: Value = dataclasses.field(compare=False, repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Symbol:
    """A dotted name in code that is not seen: `torch.nn.functional.cross_entropy`."""

    dotted: str


Stamp = tuple[int, int]
"""Identity of a frame or an object, and when a name or an attribute of it was bound."""


@dataclasses.dataclass(eq=False, slots=True)
class Frame:
    """One activation of a function or class body or a module: where its names live. `stands_for`: parameters that
    were given a name or an attribute of the caller: the value, what was written there, and its stamps."""

    module: Module
    outer: Frame | None = None
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None = None
    name: str = ""
    globals: set[str] = dataclasses.field(default_factory=set)
    nonlocals: set[str] = dataclasses.field(default_factory=set)
    receiver: AbstractObject | None = None
    owner: Class | None = None
    stands_for: dict[str, tuple[Value, str, tuple[Stamp, ...]]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Function:
    """A function of code that is seen, with the frame it was defined in and, if it is a method, what it is bound to."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    frame: Frame
    receiver: AbstractObject | None = None
    owner: Class | None = None
    bare: bool = False

    @property
    def name(self) -> str:
        return getattr(self.node, "name", "<lambda>")


@dataclasses.dataclass(frozen=True, slots=True)
class Class:
    """A class of code that is seen."""

    node: ast.ClassDef
    frame: Frame

    @property
    def name(self) -> str:
        return self.node.name


@dataclasses.dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module of the project that was imported."""

    module: Module


@dataclasses.dataclass(frozen=True, slots=True)
class Partial:
    """`functools.partial(function, ...)`."""

    function: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Method:
    """A method of an object whose class is not seen: `receiver.name`."""

    receiver: Value
    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class Super:
    """`super()` inside a method of `owner`, for `receiver`."""

    receiver: AbstractObject
    owner: Class


@dataclasses.dataclass(eq=False, slots=True)
class Instance(AbstractObject):
    """An object of a class that is seen. `arguments`: what it was made with, where its `__init__` was not read
    through."""

    cls: Class | None = None
    arguments: tuple[list[Value], dict[str, Value], bool] | None = None


@dataclasses.dataclass(eq=False, slots=True)
class Collection(AbstractObject):
    """A list, tuple, set or dict: `items` by index or constant key; `more`: what else was put in."""

    items: dict[object, Value] = dataclasses.field(default_factory=dict)
    more: tuple[Value, ...] = ()
    mapping: bool = False

    def elements(self) -> list[Value]:
        return [*self.items.values(), *self.more]


@dataclasses.dataclass(frozen=True, slots=True)
class Either:
    """One of several values, which one depends on the way taken."""

    values: tuple[Value, ...]


Value = AbstractObject | Const | Symbol | Function | Class | ModuleValue | Partial | Method | Super | Either

CHOICES = 6
"""More alternatives than this are not told apart any further: the first ones stand for all."""


def alternatives(value: Value) -> tuple[Value, ...]:
    """The values that a value can be."""
    return value.values if isinstance(value, Either) else (value,)


def either(values: Iterable[Value]) -> Value:
    """One value that can be any of these."""
    flat: list[Value] = []
    for value in values:
        for one in alternatives(value):
            if one not in flat:
                flat.append(one)
    return flat[0] if len(flat) == 1 else Either(tuple(flat[:CHOICES]))


def objects_in(value: Value | None) -> Iterator[AbstractObject]:
    """The objects that a value can be; what a partial or a method is bound to counts as well."""
    if isinstance(value, AbstractObject):
        return iter((value,))
    if value is None or isinstance(value, Const | Symbol):
        return iter(())
    return _things(value)


def _things(value: Value) -> Iterator[AbstractObject]:
    for one in alternatives(value):
        if isinstance(one, AbstractObject):
            yield one
        elif isinstance(one, Method):
            yield from objects_in(one.receiver)
        elif isinstance(one, Function) and one.receiver is not None:
            yield one.receiver
        elif isinstance(one, Partial):
            for arg in (*one.args, *(value for _, value in one.keywords)):
                yield from objects_in(arg)

"""The values of the abstract interpretation.

`AbstractObject`s (see `events`) are objects; the classes here are everything else that Python code handles: constants,
functions, classes, modules, names of unknown code, and a choice between several values. None of them ever changes.
Those that are made most often are not `frozen` all the same: a frozen constructor takes twice as long, 5 % of a run.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from looplint.events import AbstractObject

if TYPE_CHECKING:
    from looplint.program.module import Module


@dataclasses.dataclass(slots=True, unsafe_hash=True)
class Const:
    """A plain constant. `argument`: a literal argument of a call, so that conditions on it are decided in the
    callee."""

    value: object
    argument: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Member:
    """A member of an enumeration: it equals only itself. `value`: as defined in the class."""

    enumeration: str
    name: str
    value: Value = dataclasses.field(compare=False, repr=False)


@dataclasses.dataclass(slots=True, unsafe_hash=True)
class Symbol:
    """A dotted name of unknown code: `torch.nn.functional.cross_entropy`."""

    dotted: str


Stamp = tuple[int, int]
"""Identity of a frame or an object, and when one of its names or attributes was bound."""


@dataclasses.dataclass(eq=False, slots=True)
class Frame:
    """The local scope of a function, a class body or a module. `stands_for`: parameters bound to a name or an attribute
    of the caller: the value, its spelling there, and its stamps."""

    module: Module
    outer: Frame | None = None
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None = None
    name: str = ""
    globals: set[str] = dataclasses.field(default_factory=set)
    nonlocals: set[str] = dataclasses.field(default_factory=set)
    receiver: AbstractObject | None = None
    owner: Class | None = None
    stands_for: dict[str, tuple[Value, str, tuple[Stamp, ...]]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(slots=True, unsafe_hash=True)
class Function:
    """A function with known source, with the frame that defines it and, if it is a method, its receiver."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    frame: Frame
    receiver: AbstractObject | None = None
    owner: Class | None = None
    bare: bool = False

    @property
    def name(self) -> str:
        """Its name, as defined."""
        return getattr(self.node, "name", "<lambda>")


@dataclasses.dataclass(frozen=True, slots=True)
class Class:
    """A class with known source."""

    node: ast.ClassDef
    frame: Frame

    @property
    def name(self) -> str:
        """Its name, as defined."""
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
class NamedTupleClass:
    """A class of named tuples: the names of its elements, in order, and the values of those that may be omitted."""

    name: str
    fields: tuple[str, ...]
    defaults: tuple[tuple[str, Value], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Method:
    """A method of an object of an unknown class: `receiver.name`."""

    receiver: Value
    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class Super:
    """`super()` inside a method of `owner`, for `receiver`."""

    receiver: AbstractObject
    owner: Class


@dataclasses.dataclass(eq=False, slots=True)
class Instance(AbstractObject):
    """An object of a class with known source. `arguments`: those of its constructor, if its `__init__` was not
    evaluated."""

    cls: Class | None = None
    arguments: tuple[list[Value], dict[str, Value], bool] | None = None


@dataclasses.dataclass(eq=False, slots=True)
class Collection(AbstractObject):
    """A list, tuple, set or dict: `items` by index or constant key; `more`: other elements."""

    items: dict[object, Value] = dataclasses.field(default_factory=dict)
    more: tuple[Value, ...] = ()
    mapping: bool = False

    def elements(self) -> list[Value]:
        """All of its elements, those at known positions first."""
        return [*self.items.values(), *self.more]


@dataclasses.dataclass(slots=True, unsafe_hash=True)
class Either:
    """One of several values, depending on the path. `in_turn`: a loop goes through all of them."""

    values: tuple[Value, ...]
    in_turn: bool = False


Value = (
    AbstractObject
    | Const
    | Symbol
    | Function
    | Class
    | NamedTupleClass
    | ModuleValue
    | Partial
    | Method
    | Super
    | Either
)

CHOICES = 6
"""Maximum number of alternatives; beyond it the first ones stand for all."""


def alternatives(value: Value) -> tuple[Value, ...]:
    """The alternatives of a value."""
    return value.values if isinstance(value, Either) else (value,)


def either(values: Iterable[Value]) -> Value:
    """One value that can be any of these."""
    given = list(values)
    if len(given) == 1:
        return given[0]
    flat: list[Value] = []
    for value in given:
        for one in alternatives(value):
            if one not in flat:
                flat.append(one)
    return flat[0] if len(flat) == 1 else Either(tuple(flat[:CHOICES]))


def objects_in(value: Value | None) -> Iterator[AbstractObject]:
    """The objects among the alternatives of a value, those bound to a partial or a method included."""
    if isinstance(value, AbstractObject):
        return iter((value,))
    if value is None or value.__class__ in _NO_OBJECTS:
        return iter(())
    return _things(value)


_NO_OBJECTS = frozenset((Const, Symbol))


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

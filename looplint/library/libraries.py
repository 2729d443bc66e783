"""The rows of all files of `looplint.knowledge.libraries`, looked up by dotted name."""

from __future__ import annotations

import fnmatch
import functools
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import TypeVar

from looplint.events import Fact, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Const, Symbol
from looplint.knowledge import libraries
from looplint.knowledge.effect import Effect
from looplint.knowledge.library_rows import Argument, Known, LibraryRows

_Row = TypeVar("_Row")


def _files() -> Iterator[LibraryRows]:
    for file in sorted(module.name for module in pkgutil.iter_modules(libraries.__path__)):
        rows = importlib.import_module(f"{libraries.__name__}.{file}").ROWS
        assert isinstance(rows, LibraryRows)
        yield rows


_EFFECTS: dict[str, tuple[Effect, ...]] = {}
_TYPES: dict[str, Type] = {}
_FACTS: dict[str, tuple[Known, ...]] = {}
_MODE_FREE: dict[str, bool] = {}
_ITSELF: dict[str, bool] = {}
_ATTRIBUTES: dict[str, str] = {}
for _rows in _files():
    _EFFECTS |= _rows.effects
    _TYPES |= _rows.types
    _FACTS |= _rows.facts
    _MODE_FREE |= dict.fromkeys(_rows.mode_free, True)
    _ITSELF |= dict.fromkeys(_rows.itself, True)
    _ATTRIBUTES |= _rows.attributes

_PATTERNS = tuple(
    key
    for table in (_EFFECTS, _TYPES, _FACTS, _MODE_FREE)
    for key in table
    if any("*" in part and part != "*" for part in key.split("."))
)
_PACKAGES = frozenset(name.partition(".")[0] for table in (_EFFECTS, _TYPES, _FACTS, _MODE_FREE) for name in table)


def effects(dotted: str, made_with: Mapping[str, object]) -> tuple[Effect, ...] | None:
    """The effects of a call if a row applies to an object constructed with these arguments, else None."""
    rows = _find(_EFFECTS, dotted)
    if rows is None or any(not row.older.isdisjoint(made_with) for row in rows):
        return None
    conditions = [row.made_with for row in rows if row.made_with is not None]
    given = [(made_with.get(name, default), otherwise) for name, default, otherwise in conditions]
    return rows if all(otherwise if value is Ellipsis else value for value, otherwise in given) else None


def type_of(dotted: str) -> Type:
    """The type of a call's result; `Type.UNKNOWN` without a row."""
    return _find(_TYPES, dotted) or Type.UNKNOWN


def facts(dotted: str, given: Arguments) -> frozenset[Fact]:
    """The facts about an object constructed with these arguments."""
    return frozenset(
        fact
        for known in _find(_FACTS, dotted) or ()
        if not given.open
        and all(_value(given, argument) in values for argument, values in known.where)
        and not any(_value(given, argument) in values for argument, values in known.unless)
        for fact in known.facts
    )


def is_mode_free(base: str) -> bool:
    """Whether `train` and `eval` have no effect on classes with this base."""
    return _find(_MODE_FREE, base) or False


def is_itself(dotted: str) -> bool:
    """Whether this attribute stands for the object itself."""
    return _find(_ITSELF, dotted) or False


def constructor_of(dotted: str) -> str:
    """The constructor that an attribute counts as made by; empty without a row."""
    return _find(_ATTRIBUTES, dotted) or ""


def _find(table: Mapping[str, _Row], dotted: str) -> _Row | None:
    """The row with the most specific key for a name."""
    for key in _keys(dotted):
        if key in table:
            return table[key]
    return None


@functools.lru_cache(maxsize=4096)
def _keys(dotted: str) -> tuple[str, ...]:
    """The keys of rows that a name matches, the most specific first."""
    package, _, rest = dotted.partition(".")
    if package not in _PACKAGES or not rest:
        return ()
    parts = rest.split(".")
    matching = (key for key in _PATTERNS if fnmatch.fnmatchcase(dotted, key))
    return (dotted, f"{package}.*.{'.'.join(parts[-2:])}", f"{package}.*.{parts[-1]}", *matching)


def _value(given: Arguments, argument: Argument) -> object:
    """What is passed: a literal, the name of a constant of the library, `BINARY_MODE`, or `...` for anything else."""
    value = given.get(argument.position, argument.name)
    if value is None:
        return argument.default
    if isinstance(value, Symbol):
        return value.dotted.rpartition(".")[2]
    return value.value if isinstance(value, Const) else Ellipsis

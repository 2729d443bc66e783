"""The form of the rows on one library: each file of `looplint.knowledge.libraries` defines one `LibraryRows` as `ROWS`.

A key is a dotted name; `*` in `package.*.Name` matches anything between. A method is keyed by the constructor of its
object: `timm.*.AverageMeter.update`, or `torchmetrics.*.update` for any class of the package; the most specific key
applies, one with a `*` inside of a name (`transformers.*Model.from_pretrained`) last. `__call__` is the call of the
object itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from looplint.events import Fact, Type
from looplint.knowledge.effect import Effect


@dataclasses.dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a constructor, by position and name, and its default."""

    position: int
    name: str
    default: object


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """Facts about the objects of a constructor, if each of these arguments is a literal with one of these values, or
    omitted with such a default. `unless`: and if none of these arguments is such a literal or default."""

    facts: frozenset[Fact]
    where: tuple[tuple[Argument, tuple[object, ...]], ...] = ()
    unless: tuple[tuple[Argument, tuple[object, ...]], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class LibraryRows:
    """The rows on one library. `effects`: of calls, in order. `types`: of constructors' results. `facts`: about
    constructed objects. `mode_free`: base classes on which `train` and `eval` have no effect. `itself`: attributes that
    stand for the object: what is called on one of them happens to it. `attributes`: of objects whose class has this
    base, which constructor's rows apply to them."""

    effects: Mapping[str, tuple[Effect, ...]] = dataclasses.field(default_factory=dict)
    types: Mapping[str, Type] = dataclasses.field(default_factory=dict)
    facts: Mapping[str, tuple[Known, ...]] = dataclasses.field(default_factory=dict)
    mode_free: frozenset[str] = frozenset()
    itself: frozenset[str] = frozenset()
    attributes: Mapping[str, str] = dataclasses.field(default_factory=dict)

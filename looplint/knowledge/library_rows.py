"""The form of the rows on one library: each file of `looplint.knowledge.libraries` holds one `LibraryRows` as `ROWS`.

A key is a dotted name; `*` in `package.*.Name` stands for whatever lies between. A method is keyed by what made its
object: `timm.*.AverageMeter.update`, or `torchmetrics.*.update` for whatever class of the package; the narrowest key
counts. `__call__` is the call of the object itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from looplint.events import Fact, Type
from looplint.knowledge.effect import Effect


@dataclasses.dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a constructor, by position and name, and the value that it has where it is left out."""

    position: int
    name: str
    default: object


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """Facts of the objects that a constructor makes, where each of these arguments is written out with one of these
    values, or left out with such a default."""

    facts: frozenset[Fact]
    where: tuple[tuple[Argument, tuple[object, ...]], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class LibraryRows:
    """What is known of one library. `effects`: what calls do, in order. `types`: what constructors make. `facts`: what
    is known of an object that was made. `mode_free`: base classes whose `train` and `eval` change nothing."""

    effects: Mapping[str, tuple[Effect, ...]] = dataclasses.field(default_factory=dict)
    types: Mapping[str, Type] = dataclasses.field(default_factory=dict)
    facts: Mapping[str, tuple[Known, ...]] = dataclasses.field(default_factory=dict)
    mode_free: frozenset[str] = frozenset()

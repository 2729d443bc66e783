"""A project's configuration of code that looplint cannot analyse, as rows of the same form as torch's."""

from __future__ import annotations

from collections.abc import Iterable

from looplint.events import Kind
from looplint.knowledge.effect import Effect, Returns


def effects(clears_gradients: Iterable[str], modules: Iterable[str], returns_float: Iterable[str]) -> dict[str, Effect]:
    """The effect of each call by its dotted name, or by `*.method` for a method on any object."""
    rows = {name: Effect(returns=Returns.MODULE) for name in modules}
    rows |= {name: Effect(returns=Returns.NUMBER) for name in returns_float}
    rows |= {name: Effect(Kind.CLEAR, "self" if name.startswith("*.") else 0) for name in clears_gradients}
    return rows

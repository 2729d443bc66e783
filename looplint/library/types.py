"""The types of results, and what else their constructors say, by the dotted name of what is called."""

from __future__ import annotations

import functools

from looplint.events import Fact, Type
from looplint.knowledge.torch_types import (
    FACTS_BY_LAST_NAME,
    FACTS_BY_NAME,
    FOREIGN,
    LAYER,
    NO_MODULE,
    OF_TORCH,
    OPTIMIZER_NAME,
    PRETRAINED,
    TYPES,
    TYPES_BY_PREFIX,
)


@functools.lru_cache(maxsize=8192)
def type_of(dotted: str) -> Type:
    """The type of a call's result, by (canonical) name; `Type.UNKNOWN` without a row."""
    if dotted in TYPES:
        return TYPES[dotted]
    head = dotted.partition(".")[0]
    if head in FOREIGN:
        return Type.OTHER
    last = dotted.rpartition(".")[2]
    for prefix, kind in TYPES_BY_PREFIX:
        if dotted.startswith(prefix) and (last[0].isupper() or kind in (Type.MODULE, Type.SCHEDULER)):
            return kind
    if match := LAYER.match(dotted):
        return Type.CRITERION if match[1].removesuffix("2d").endswith("Loss") else Type.MODULE
    if match := PRETRAINED.match(dotted):
        return Type.OTHER if NO_MODULE.search(match[1]) else Type.MODULE
    if dotted.startswith("torch.utils.data.") and last.endswith("Sampler"):
        return Type.SAMPLER
    if head != "torch" and OPTIMIZER_NAME.search(dotted):
        return Type.OPTIMIZER
    return Type.UNKNOWN


@functools.lru_cache(maxsize=8192)
def facts_of(constructor: str) -> frozenset[Fact]:
    """What is known of an object by the (canonical) name of the callee that created it."""
    last = constructor.rpartition(".")[2]
    facts = set(FACTS_BY_NAME.get(constructor, ()))
    if last != constructor:
        facts.update(FACTS_BY_LAST_NAME.get(last, ()))
    if constructor.startswith(OF_TORCH):
        # Classes begin with a capital.
        facts.update((Fact.OF_TORCH, Fact.OF_FUNCTION) if last.islower() else (Fact.OF_TORCH,))
    return frozenset(facts)

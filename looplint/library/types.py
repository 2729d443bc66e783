"""The types of results, by the dotted name of what is called."""

from __future__ import annotations

import functools

from looplint.events import Type
from looplint.knowledge.torch_types import FOREIGN, LAYER, NO_MODULE, OPTIMIZER_NAME, PRETRAINED, TYPES, TYPES_BY_PREFIX


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

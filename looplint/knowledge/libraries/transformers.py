"""transformers 5.24.0, run: `from_pretrained` gives a model in evaluation mode, `from_config` and a constructor one in
training mode; loss, logits and hidden states hold a graph."""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.library_rows import Known, LibraryRows

_NETWORKS = ("transformers.*Model", "transformers.*[a-z0-9]For[A-Z]*")
_OTHERS = ("transformers.*Collator*", "transformers.*Config*", "transformers.*Output*", "transformers.*Processor*")
_LOADED = tuple(f"{name}.from_pretrained" for name in _NETWORKS)

ROWS = LibraryRows(
    types=dict.fromkeys(_OTHERS, Type.OTHER) | dict.fromkeys((*_LOADED, *_NETWORKS), Type.MODULE),
    facts=dict.fromkeys(_LOADED, (Known(frozenset((Fact.IN_EVALUATION, Fact.ALL_RECORDED))),))
    | dict.fromkeys(_NETWORKS, (Known(frozenset((Fact.ALL_RECORDED,))),)),
)

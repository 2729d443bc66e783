"""transformers 5.24.0, run: `from_pretrained` gives a model in evaluation mode, `from_config` and a constructor one in
training mode; loss, logits and hidden states hold a graph. `generate` predicts in the mode that the model is in,
without a graph. The other methods leave the mode as it is; `resize_token_embeddings` keeps the parameter
objects, except for a head that is not tied to the embeddings.
"""

from __future__ import annotations

from looplint.events import Fact, Kind, Type
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import Known, LibraryRows

_NETWORKS = ("transformers.*Model", "transformers.*[a-z0-9]For[A-Z]*")
_OTHERS = ("transformers.*Collator*", "transformers.*Config*", "transformers.*Output*", "transformers.*Processor*")
_LOADED = tuple(f"{name}.from_pretrained" for name in _NETWORKS)
_KEEP_THE_MODE = (
    "activation_checkpointing_enable",
    "enable_input_require_grads",
    "gradient_checkpointing_disable",
    "gradient_checkpointing_enable",
    "num_parameters",
    "resize_token_embeddings",
    "save_pretrained",
    "tie_weights",
)

ROWS = LibraryRows(
    effects={f"transformers.*.{name}": (Effect(returns=Returns.NEW),) for name in _KEEP_THE_MODE}
    | {"transformers.*.generate": (Effect(Kind.PREDICT, returns=Returns.DETACHED),)},
    types=dict.fromkeys(_OTHERS, Type.OTHER) | dict.fromkeys((*_LOADED, *_NETWORKS), Type.MODULE),
    facts=dict.fromkeys(_LOADED, (Known(frozenset((Fact.IN_EVALUATION, Fact.ALL_RECORDED))),))
    | dict.fromkeys(_NETWORKS, (Known(frozenset((Fact.ALL_RECORDED,))),)),
)

"""What a tensor's values are after a function, and what a criterion expects of them."""

from __future__ import annotations

from looplint.events import Fact
from looplint.knowledge.logit_names import ON_BINARY_LOGITS, ON_LOG_PROBABILITIES, ON_LOGITS, SIGMOID, SOFTMAX

ACTIVATIONS = dict.fromkeys(SOFTMAX, Fact.SOFTMAX) | dict.fromkeys(SIGMOID, Fact.SIGMOID)
"""Functions and layers whose output is a probability."""

SHAPES = frozenset(
    (
        "view",
        "reshape",
        "squeeze",
        "unsqueeze",
        "flatten",
        "permute",
        "transpose",
        "contiguous",
        "to",
        "float",
        "double",
        "half",
        "cpu",
        "cuda",
        "cat",
        "concat",
        "stack",
        "t",
        "expand",
        "clone",
        "view_as",
        "reshape_as",
        "gather",
        "index_select",
        "chunk",
        "clamp",
        "clip",
    )
)
"""Functions and methods that rearrange values and change none, or only those that are out of bounds."""

JOINS = frozenset(("stack", "cat", "concat", "hstack", "vstack"))
"""Functions that make one tensor of several."""

LOGITS = {
    **dict.fromkeys(ON_LOGITS, frozenset((Fact.TAKES_LOGITS,))),
    **dict.fromkeys(ON_BINARY_LOGITS, frozenset((Fact.TAKES_BINARY_LOGITS,))),
    **dict.fromkeys(ON_LOG_PROBABILITIES, frozenset((Fact.TAKES_LOG_PROBABILITIES,))),
}
"""What a criterion expects as its input, by its documentation."""

PREDICTION_FIRST = frozenset(LOGITS) | {
    "torch.nn.BCELoss",
    "torch.nn.functional.binary_cross_entropy",
}
"""Criteria that are another function of their two arguments the other way round."""

KEEPS_LOSS = frozenset(("mean", "sum", "div", "mul", "add"))
"""Methods, and functions of torch, that make a loss of a loss."""

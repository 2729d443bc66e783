"""The range of a function's output, and the input that a criterion expects."""

from __future__ import annotations

from looplint.events import Fact
from looplint.knowledge.logit_names import (
    ON_BINARY_LOGITS,
    ON_LOG_PROBABILITIES,
    ON_LOGITS,
    ON_PROBABILITIES,
    SIGMOID,
    SOFTMAX,
)

ACTIVATIONS = dict.fromkeys(SOFTMAX, Fact.SOFTMAX) | dict.fromkeys(SIGMOID, Fact.SIGMOID)
"""Functions and layers that return a probability."""

MONOTONE = frozenset(("argmax", "argsort", "device", "dim", "dtype", "max", "ndim", "shape", "size", "topk"))
"""Methods and attributes that say the same of logits as of their probabilities, as far as an order or a shape goes."""

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
"""Functions and methods that rearrange values and change none, or only out-of-range ones."""

LIMITS = frozenset(("clamp", "clip"))
"""The functions among them that change out-of-range values."""

JOINS = frozenset(("stack", "cat", "concat", "hstack", "vstack"))
"""Functions that combine several tensors into one."""

LOGITS = {
    **dict.fromkeys(ON_LOGITS, frozenset((Fact.TAKES_LOGITS,))),
    **dict.fromkeys(ON_BINARY_LOGITS, frozenset((Fact.TAKES_BINARY_LOGITS,))),
    **dict.fromkeys(ON_PROBABILITIES, frozenset((Fact.TAKES_PROBABILITIES,))),
    **dict.fromkeys(ON_LOG_PROBABILITIES, frozenset((Fact.TAKES_LOG_PROBABILITIES,))),
}
"""The input that a criterion expects, by its documentation."""

PREDICTION_FIRST = frozenset(LOGITS)
"""Criteria that are not symmetric in their two arguments."""

KEEPS_LOSS = frozenset(("mean", "sum", "div", "mul", "add"))
"""Methods, and functions of torch, whose result is a loss if their operand is one."""

"""What a tensor's values are after a function, and what a criterion expects of them."""

from __future__ import annotations

from looplint.events import Fact

ACTIVATIONS = {
    "torch.softmax": Fact.SOFTMAX,
    "torch.nn.functional.softmax": Fact.SOFTMAX,
    "torch.nn.Softmax": Fact.SOFTMAX,
    "torch.nn.Softmax2d": Fact.SOFTMAX,
    "Tensor.softmax": Fact.SOFTMAX,
    "torch.sigmoid": Fact.SIGMOID,
    "torch.nn.functional.sigmoid": Fact.SIGMOID,
    "torch.nn.Sigmoid": Fact.SIGMOID,
    "Tensor.sigmoid": Fact.SIGMOID,
    "Tensor.sigmoid_": Fact.SIGMOID,
    "torch.special.expit": Fact.SIGMOID,
}
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
    "torch.nn.CrossEntropyLoss": frozenset((Fact.TAKES_LOGITS,)),
    "torch.nn.functional.cross_entropy": frozenset((Fact.TAKES_LOGITS,)),
    "torch.nn.BCEWithLogitsLoss": frozenset((Fact.TAKES_BINARY_LOGITS,)),
    "torch.nn.functional.binary_cross_entropy_with_logits": frozenset((Fact.TAKES_BINARY_LOGITS,)),
    "torch.nn.MultiLabelSoftMarginLoss": frozenset((Fact.TAKES_BINARY_LOGITS,)),
    "torch.nn.NLLLoss": frozenset((Fact.TAKES_LOG_PROBABILITIES,)),
    "torch.nn.functional.nll_loss": frozenset((Fact.TAKES_LOG_PROBABILITIES,)),
}
"""What a criterion expects as its input, by its documentation."""

PREDICTION_FIRST = frozenset(LOGITS) | {
    "torch.nn.BCELoss",
    "torch.nn.functional.binary_cross_entropy",
}
"""Criteria that are another function of their two arguments the other way round."""

MISSPELLED = frozenset(
    (
        "require_grad",
        "requires_grads",
        "require_grads",
        "required_grad",
        "requires_gradient",
        "requiresgrad",
        "requires_gard",
    )
)
"""Attributes that are set in the belief that they were `requires_grad`."""

KEEPS_LOSS = frozenset(("mean", "sum", "div", "mul", "add"))
"""Methods, and functions of torch, that make a loss of a loss."""

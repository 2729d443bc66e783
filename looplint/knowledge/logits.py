"""What a tensor's values are after a function, and what a criterion expects of them."""

from __future__ import annotations

ACTIVATIONS = {
    "torch.softmax": "softmax",
    "torch.nn.functional.softmax": "softmax",
    "torch.nn.Softmax": "softmax",
    "torch.nn.Softmax2d": "softmax",
    "Tensor.softmax": "softmax",
    "torch.sigmoid": "sigmoid",
    "torch.nn.functional.sigmoid": "sigmoid",
    "torch.nn.Sigmoid": "sigmoid",
    "Tensor.sigmoid": "sigmoid",
    "Tensor.sigmoid_": "sigmoid",
    "torch.special.expit": "sigmoid",
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
    "torch.nn.CrossEntropyLoss": frozenset(("takes logits",)),
    "torch.nn.functional.cross_entropy": frozenset(("takes logits",)),
    "torch.nn.BCEWithLogitsLoss": frozenset(("takes binary logits",)),
    "torch.nn.functional.binary_cross_entropy_with_logits": frozenset(("takes binary logits",)),
    "torch.nn.MultiLabelSoftMarginLoss": frozenset(("takes binary logits",)),
    "torch.nn.NLLLoss": frozenset(("takes log-probabilities",)),
    "torch.nn.functional.nll_loss": frozenset(("takes log-probabilities",)),
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

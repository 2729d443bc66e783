"""Names of functions that return probabilities, and of criteria, by the input they expect.

Names only, since every file is searched for them before anything else is known about it.
"""

SOFTMAX = frozenset(
    (
        "torch.softmax",
        "torch.nn.functional.softmax",
        "torch.nn.Softmax",
        "torch.nn.Softmax2d",
        "Tensor.softmax",
    )
)
"""Functions and layers that return a probability of one class among several."""

SIGMOID = frozenset(
    (
        "torch.sigmoid",
        "torch.nn.functional.sigmoid",
        "torch.nn.Sigmoid",
        "Tensor.sigmoid",
        "Tensor.sigmoid_",
        "torch.special.expit",
    )
)
"""Functions and layers that return an independent probability of one class."""

ON_LOGITS = frozenset(("torch.nn.CrossEntropyLoss", "torch.nn.functional.cross_entropy"))
"""Criteria on logits of one class among several, by their documentation."""

ON_BINARY_LOGITS = frozenset(
    (
        "torch.nn.BCEWithLogitsLoss",
        "torch.nn.functional.binary_cross_entropy_with_logits",
        "torch.nn.MultiLabelSoftMarginLoss",
    )
)
"""Criteria on logits of independent classes, by their documentation."""

ON_PROBABILITIES = frozenset(("torch.nn.BCELoss", "torch.nn.functional.binary_cross_entropy"))
"""Criteria on probabilities, by their documentation."""

ON_LOG_PROBABILITIES = frozenset(
    (
        "torch.nn.NLLLoss",
        "torch.nn.functional.nll_loss",
        "torch.nn.KLDivLoss",
        "torch.nn.functional.kl_div",
    )
)
"""Criteria on logarithms of probabilities, by their documentation."""

"""Names of functions that give probabilities, and of criteria, by what they expect as their input.

They are names and nothing else, since they are looked for in every file before anything else is known of it.
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
"""Functions and layers whose output is a probability of one class among several."""

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
"""Functions and layers whose output is a probability of one class by itself."""

ON_LOGITS = frozenset(("torch.nn.CrossEntropyLoss", "torch.nn.functional.cross_entropy"))
"""Criteria on logits of one class among several, by their documentation."""

ON_BINARY_LOGITS = frozenset(
    (
        "torch.nn.BCEWithLogitsLoss",
        "torch.nn.functional.binary_cross_entropy_with_logits",
        "torch.nn.MultiLabelSoftMarginLoss",
    )
)
"""Criteria on logits of each class by itself, by their documentation."""

ON_LOG_PROBABILITIES = frozenset(("torch.nn.NLLLoss", "torch.nn.functional.nll_loss"))
"""Criteria on logarithms of probabilities, by their documentation."""

"""Attributes that torch does not know, but whoever sets them believes it does."""

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

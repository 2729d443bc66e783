"""Attributes that torch does not know, although code sets them."""

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
"""Attributes that are set in place of `requires_grad`."""

RATES = frozenset(("lr", "learning_rate"))
"""Attributes that are set on an optimizer in place of the rate of its groups."""

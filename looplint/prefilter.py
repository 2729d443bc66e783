"""A file in which none of the words stand that any rule needs is never parsed."""

from __future__ import annotations

NEEDED = (
    b"backward", b".step", b"zero_grad", b".forward(", b"nn.Module", b"no_grad", b"inference_mode", b".eval(", b"state_dict",
    b"Sampler", b"dropout", b"requires_grad", b"looplint:",
)  # fmt: skip
"""Bytes of which at least one stands in every file that a rule can find something in."""


def may_matter(data: bytes) -> bool:
    """Whether a file with these bytes has to be parsed."""
    return any(word in data for word in NEEDED)

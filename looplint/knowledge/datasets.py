"""What makes parts of a dataset. A part is a view: `.dataset` is the whole that it was taken from, shared by all parts.

Source: the reference page of `torch.utils.data` (torch 2.13).
"""

from __future__ import annotations

SUBSET = "torch.utils.data.Subset"

SPLITS = frozenset(("torch.utils.data.random_split", "torch.utils.data.dataset.random_split"))
"""Functions that take a dataset apart into a list of `Subset`."""

"""Words by which text about training is recognized before it is parsed. Loads nothing else of looplint."""

from __future__ import annotations

import re

TRAINING = re.compile(r"zero_grad|\bbackward\b|\.(?:step|forward)\(")
"""What a block of code without a language contains if it is worth parsing."""

OTHER_FRAMEWORKS = frozenset(("jax", "keras", "mindspore", "mxnet", "paddle", "tensorflow"))
"""Names of tabs whose code is not about torch."""

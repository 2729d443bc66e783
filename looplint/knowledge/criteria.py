"""Criteria by what is special about them.

`TRAINED_CRITERIA` have trainable parameters: an optimizer has to hold them, beside those of the model.

Source: pytorch-metric-learning 2.8, the page on losses: these keep a weight for each class.
"""

from __future__ import annotations

import re

TRAINED_CRITERIA = frozenset(
    f"pytorch_metric_learning.losses.{name}"
    for name in (
        "ArcFaceLoss",
        "CosFaceLoss",
        "LargeMarginSoftmaxLoss",
        "NormalizedSoftmaxLoss",
        "ProxyAnchorLoss",
        "ProxyNCALoss",
        "SoftTripleLoss",
        "SphereFaceLoss",
        "SubCenterArcFaceLoss",
    )
)

ELEMENTWISE = frozenset(
    (
        *(f"torch.nn.{name}Loss" for name in ("MSE", "L1", "SmoothL1", "Huber")),
        *(f"torch.nn.functional.{name}_loss" for name in ("mse", "l1", "smooth_l1", "huber")),
    )
)
"""Criteria that compare element by element and broadcast; where sizes differ they warn once (torch 2.13)."""

TORCH_CRITERION = re.compile(r"torch\.nn\.(?:modules\.loss\.)?([A-Z]\w*Loss)$")
"""A criterion of torch, of which none is derived from another one (torch 2.13; `NLLLoss2d` is deprecated)."""

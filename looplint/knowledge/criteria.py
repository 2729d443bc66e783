"""Criteria with trainable parameters: an optimizer has to hold them, beside those of the model.

Source: pytorch-metric-learning 2.8, the page on losses: these keep a weight for each class.
"""

from __future__ import annotations

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

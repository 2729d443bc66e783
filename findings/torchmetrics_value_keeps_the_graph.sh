#!/usr/bin/env bash
# torchmetrics: what `metric(loss)` returns keeps the autograd graph, though the metric's own state and `compute()` do not.
# Metrics with a list as state (CatMetric) keep it there, too.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 torchmetrics==1.9.0
python -W ignore - <<'P'
import torch
from torchmetrics import CatMetric, MeanMetric

losses = torch.nn.Linear(4, 1)(torch.randn(8, 4)).squeeze().square()
for make, in_state in ((MeanMetric, False), (CatMetric, True)):
    metric = make()
    value, total = metric(losses), metric.compute()
    print(f"{make.__name__}: returned {value.requires_grad}, computed {total.requires_grad}")
    assert value.requires_grad and total.requires_grad is in_state
P

#!/usr/bin/env bash
# PyTorch: ReduceLROnPlateau asks for an improvement by a share of the best value (`threshold_mode="rel"`). Of a value below zero,
# such as `-accuracy` or a negative log-likelihood, staying the same counts as an improvement, and so does getting slightly worse each
# time: the rate is never reduced. `threshold_mode="abs"` works with either sign.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
python - <<'P'
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau


def rate_after(values, **options):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = ReduceLROnPlateau(optimizer, patience=2, factor=0.5, **options)
    for value in values:
        optimizer.step()
        scheduler.step(value)
    return optimizer.param_groups[0]["lr"]


rates = {
    "1.0 for 20 epochs": rate_after([1.0] * 20),
    "-1.0 for 20 epochs": rate_after([-1.0] * 20),
    "-1.0 for 20 epochs, mode max": rate_after([-1.0] * 20, mode="max"),
    "worse each time, from -1.0": rate_after([-1.0 + 0.00005 * epoch for epoch in range(200)]),
    "-1.0 for 20 epochs, threshold_mode abs": rate_after([-1.0] * 20, threshold_mode="abs"),
}
for name, rate in rates.items():
    print(f"{name}: rate {rate}")
assert [rate < 1 for rate in rates.values()] == [True, False, False, False, True]
P

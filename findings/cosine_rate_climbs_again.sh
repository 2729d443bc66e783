#!/usr/bin/env bash
# PyTorch: past its length `CosineAnnealingLR` does not stay at the minimum, it climbs back to the first rate. `OneCycleLR` raises
# there, and `LinearLR` stays.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
python -W ignore - <<'P'
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, OneCycleLR

def rates(make, steps=8):
    optimizer, kept = torch.optim.SGD(torch.nn.Linear(2, 2).parameters(), lr=1.0), []
    scheduler = make(optimizer)
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        kept.append(round(optimizer.param_groups[0]["lr"], 2))
    return kept

cosine = rates(lambda o: CosineAnnealingLR(o, T_max=4))
linear = rates(lambda o: LinearLR(o, 1.0, 0.25, total_iters=4))
print("cosine, T_max=4:", cosine, "\nlinear, total_iters=4:", linear)
assert cosine == [0.85, 0.5, 0.15, 0.0, 0.15, 0.5, 0.85, 1.0] and linear[3:] == [0.25] * 5
try:
    rates(lambda o: OneCycleLR(o, max_lr=1.0, total_steps=4))
    raise SystemExit("OneCycleLR no longer raises")
except ValueError as error:
    print("one cycle, total_steps=4:", error)
P

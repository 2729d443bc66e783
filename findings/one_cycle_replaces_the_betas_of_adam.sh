#!/usr/bin/env bash
# PyTorch: OneCycleLR schedules the momentum as well, and takes the first beta of Adam for one: `betas=(0.5, 0.999)`, as for a GAN,
# becomes 0.95 when the scheduler is made and moves between 0.85 and 0.95 from then on. `cycle_momentum=False` leaves it alone.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
python - <<'P'
import torch
from torch.optim.lr_scheduler import OneCycleLR


def betas(**options):
    optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=1e-4, betas=(0.5, 0.999))
    scheduler = OneCycleLR(optimizer, max_lr=1e-2, total_steps=10, **options)
    found = []
    for step in range(10):
        found.append(round(optimizer.param_groups[0]["betas"][0], 3))
        optimizer.step()
        if step < 9:
            scheduler.step()
    return found


cycled, kept = betas(), betas(cycle_momentum=False)
print(f"first beta: {cycled}; with cycle_momentum=False: {sorted(set(kept))}")
assert cycled[0] == max(cycled) == 0.95 and min(cycled) == 0.85 and set(kept) == {0.5}
P

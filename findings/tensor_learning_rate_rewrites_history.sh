#!/usr/bin/env bash
# PyTorch: with `lr` as a tensor (as compiled optimizers want it) a scheduler changes that tensor in place. A list of the
# values of `group["lr"]` is a list of one object: all entries are the last rate.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
python -W ignore - <<'P'
import torch

def history(rate):
    optimizer = torch.optim.SGD(torch.nn.Linear(2, 2).parameters(), lr=rate)
    scheduler, kept = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5), []
    for _ in range(3):
        kept.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return [float(rate) for rate in kept]

print("lr=1.0:", history(1.0), "\nlr=torch.tensor(1.0):", history(torch.tensor(1.0)))
assert history(1.0) == [1.0, 0.5, 0.25] and history(torch.tensor(1.0)) == [0.125] * 3
P

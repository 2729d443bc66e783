#!/usr/bin/env bash
# opacus: clipping between `backward()` and `step()` changes nothing. A private optimizer steps with the gradients of the
# single samples and writes what it makes of them over `p.grad`.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 opacus==1.6.0
python -W ignore - <<'P'
import torch
from opacus import PrivacyEngine
from torch.utils.data import DataLoader, TensorDataset


def moved(limit):
    torch.manual_seed(0)
    model = torch.nn.Linear(6, 3)
    before = model.weight.detach().clone()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
    model, optimizer, loader = PrivacyEngine().make_private(
        module=model, optimizer=optimizer, data_loader=loader, noise_multiplier=0.0, max_grad_norm=1.0
    )
    for inputs, targets in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(inputs), targets).backward()
        if limit is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), limit)
        optimizer.step()
    return float((model._module.weight - before).norm())


unclipped, clipped = moved(None), moved(1e-9)
print(f"the weights move by {unclipped:.6f} without clipping, by {clipped:.6f} with gradients clipped to 1e-9")
assert unclipped == clipped > 0.01
P

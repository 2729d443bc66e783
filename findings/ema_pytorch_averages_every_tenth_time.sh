#!/usr/bin/env bash
# ema-pytorch: with the defaults nine of ten calls of `update()` do nothing, and in the first 100 calls there is no average: each
# tenth one copies the model. A short training is validated with an "average" that is the model of some steps ago.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 ema-pytorch==0.8.3
python -W ignore - <<'P'
import torch
from ema_pytorch import EMA

torch.manual_seed(0)
model = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
ema = EMA(model, beta=0.999)
history, moved, copies = [model.weight.detach().clone()], [], []
for call in range(1, 151):
    optimizer.zero_grad()
    model(torch.randn(8, 4)).square().sum().backward()
    optimizer.step()
    history.append(model.weight.detach().clone())
    before = ema.ema_model.weight.clone()
    ema.update()
    if not torch.equal(before, ema.ema_model.weight):
        moved.append(call)
        if torch.equal(ema.ema_model.weight, model.weight):
            copies.append(call)
print("calls that changed the average:", moved)
print("of these, calls that copied the model:", copies)
assert all((call - 1) % 10 == 0 for call in moved) and len(moved) <= 15
assert copies and max(copies) <= 101 and all(call in copies for call in moved if call < 100)
P

#!/usr/bin/env bash
# PyTorch: a gradient of zeros is not no gradient. After `zero_grad(set_to_none=False)` Adam and SGD with momentum go on moving
# a part of the model that took no part in the loss; after the default `zero_grad()` they leave it alone.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
python -W ignore - <<'P'
import torch

def moved(make, none):
    torch.manual_seed(0)
    head = torch.nn.Linear(6, 1)
    optimizer = make(head.parameters())
    head(torch.randn(8, 6)).square().mean().backward()
    optimizer.step()
    before = head.weight.detach().clone()
    optimizer.zero_grad(set_to_none=none)
    optimizer.step()  # the head is not used in this batch
    return round(float((head.weight - before).abs().max()), 3)

for name, make in {
    "Adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "SGD, momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "SGD": lambda p: torch.optim.SGD(p, lr=0.1),
}.items():
    print(f"{name}: moves by {moved(make, False)} on zeros, by {moved(make, True)} on None")
    assert moved(make, True) == 0 and (moved(make, False) > 0) == (name != "SGD")
P

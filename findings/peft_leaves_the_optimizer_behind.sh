#!/usr/bin/env bash
# peft: `get_peft_model` freezes the parameters that an optimizer already holds and adds new ones that it does not. Made before,
# the optimizer trains nothing: no error, no warning, the loss of each step is just a number.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 transformers==5.24.0 peft==0.21.2
python -W ignore - <<'P'
import torch
from peft import LoraConfig, get_peft_model

def changed(optimizer_first):
    torch.manual_seed(0)
    base = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    optimizer = torch.optim.Adam(base.parameters(), lr=0.1)
    model = get_peft_model(base, LoraConfig(target_modules=["0", "2"], r=2))
    if not optimizer_first:
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    for batch in torch.randn(4, 8, 6):
        optimizer.zero_grad()
        model(batch).square().mean().backward()
        optimizer.step()
    return sum(not torch.equal(p, before[name]) for name, p in model.named_parameters())

print(f"parameters changed: optimizer first {changed(True)}, optimizer afterwards {changed(False)}")
assert changed(True) == 0 and changed(False) == 4
P

#!/usr/bin/env bash
# accelerate: inside `accumulate()` the prepared optimizer skips `step()` and `zero_grad()` on all but the last micro-batch. So
# `zero_grad()` behind the step is right, and `zero_grad()` at the head of the block throws away all but the last gradients.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 accelerate==1.15.0
python -W ignore - <<'P'
import torch
from accelerate import Accelerator

def norms(where):
    torch.manual_seed(0)
    accelerator, found = Accelerator(cpu=True, gradient_accumulation_steps=2), []
    model = torch.nn.Linear(6, 1)
    model, optimizer = accelerator.prepare(model, torch.optim.SGD(model.parameters(), lr=0.0))
    for batch in torch.randn(4, 8, 6):
        with accelerator.accumulate(model):
            if where == "head":
                optimizer.zero_grad()
            accelerator.backward(model(batch).square().mean())
            if accelerator.sync_gradients:
                found.append(round(float(model.weight.grad.norm()), 3))
            optimizer.step()
            if where == "end":
                optimizer.zero_grad()
    return found

torch.manual_seed(0)
model, right = torch.nn.Linear(6, 1), []
for pair in torch.randn(4, 8, 6).split(2):
    model.zero_grad()
    model(pair.flatten(0, 1)).square().mean().backward()
    right.append(round(float(model.weight.grad.norm()), 3))
print("both micro-batches:", right, "\nzero_grad at the end:", norms("end"), "\nzero_grad at the head:", norms("head"))
assert norms("end") == right and norms("head") != right
P

#!/usr/bin/env bash
# torch-optimi: with gradient release the parameters move inside `backward()`. Afterwards there are no gradients: clipping
# finds a norm of 0, `step()` and `zero_grad()` change nothing.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 torch-optimi==0.3.3
python -W ignore - <<'P'
import torch
from optimi import AdamW, prepare_for_gradient_release

torch.manual_seed(0)
model = torch.nn.Linear(6, 3)
optimizer = AdamW(model.parameters(), lr=0.1, gradient_release=True)
prepare_for_gradient_release(model, optimizer)
weights = [model.weight.detach().clone()]
model(torch.randn(8, 6)).square().sum().backward()
weights.append(model.weight.detach().clone())
norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0))
optimizer.step()
weights.append(model.weight.detach().clone())
moved = [round(float((after - before).abs().max()), 3) for before, after in zip(weights, weights[1:])]
print(f"moved in backward {moved[0]}, in step {moved[1]}; norm that clipping saw {norm}; gradient {model.weight.grad}")
assert moved == [0.1, 0.0] and norm == 0 and model.weight.grad is None
P

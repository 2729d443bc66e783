#!/usr/bin/env bash
# schedulefree: the optimizer itself has a mode. In `train()` the model holds other weights than in `eval()`: validation and
# checkpoints in between are of weights that are not the result. `step()` outside of train mode raises.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 schedulefree==1.4.1
python -W ignore - <<'P'
import torch, schedulefree

torch.manual_seed(0)
model = torch.nn.Linear(6, 1)
optimizer = schedulefree.AdamWScheduleFree(model.parameters(), lr=0.1)
try:
    model(torch.randn(8, 6)).square().mean().backward()
    optimizer.step()
    raise SystemExit("step() works without train()")
except Exception as error:
    print(type(error).__name__, error)
optimizer.train()
for batch in torch.randn(40, 8, 6):
    optimizer.zero_grad()
    (model(batch) - batch.sum(1, keepdim=True)).square().mean().backward()
    optimizer.step()
saved = model.state_dict()["weight"].clone()
optimizer.eval()
apart = float((model.weight - saved).abs().max())
print(f"largest difference between the weights of the two modes: {apart:.3f}")
assert apart > 0.001
P

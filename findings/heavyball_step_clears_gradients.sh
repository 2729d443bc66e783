#!/usr/bin/env bash
# heavyball: `step()` sets every gradient to None, so a loop without `zero_grad()` is right. With `consume_grad=False` it
# accumulates like torch's optimizers.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 heavyball==3.2.1
export TORCHDYNAMO_DISABLE=1
python -W ignore - <<'P'
import torch, heavyball

def norms(clear, **options):
    torch.manual_seed(0)
    model, norms = torch.nn.Linear(6, 3), []
    optimizer = heavyball.AdamW(model.parameters(), lr=1e-2, **options)
    for batch in torch.randn(4, 8, 6):
        if clear:
            optimizer.zero_grad()
        model(batch).square().sum().backward()
        norms.append(round(float(model.weight.grad.norm()), 2))
        optimizer.step()
    return norms, model.weight.grad is None

cleared, never = norms(True), norms(False)
kept = norms(False, consume_grad=False)
print("gradient norms with zero_grad:", cleared[0], "\nwithout:", never[0], "\nwithout, consume_grad=False:", kept[0])
assert cleared == never and never[1]
assert kept[0][-1] > 2 * never[0][-1] and not kept[1]
P

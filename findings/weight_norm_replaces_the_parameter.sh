#!/usr/bin/env bash
# PyTorch: put on a layer after the optimizer was made, `weight_norm` takes the weight away from it (the optimizer goes on holding
# a parameter that nothing reads), while `spectral_norm` and pruning, which rename the weight as well, keep the parameter.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
python -W ignore - <<'P'
from torch import nn
from torch.nn.utils import parametrizations, prune
import torch

changes = {
    "parametrizations.weight_norm": parametrizations.weight_norm,
    "weight_norm": nn.utils.weight_norm,
    "parametrizations.spectral_norm": parametrizations.spectral_norm,
    "spectral_norm": nn.utils.spectral_norm,
    "prune.l1_unstructured": lambda layer: prune.l1_unstructured(layer, "weight", 0.5),
    "load_state_dict(assign=True)": lambda layer: layer.load_state_dict(nn.Linear(4, 4).state_dict(), assign=True),
}
kept = {}
for name, change in changes.items():
    layer = nn.Linear(4, 4)
    held = {id(p) for group in torch.optim.SGD(layer.parameters(), lr=0.1).param_groups for p in group["params"]}
    change(layer)
    names = {parameter: id(p) in held for parameter, p in layer.named_parameters()}
    kept[name] = all(held for parameter, held in names.items() if parameter != "bias")
    print(f"{name}: the optimizer holds {names}")
assert not kept["parametrizations.weight_norm"] and not kept["weight_norm"] and not kept["load_state_dict(assign=True)"]
assert kept["parametrizations.spectral_norm"] and kept["spectral_norm"] and kept["prune.l1_unstructured"]
P

#!/usr/bin/env bash
# segmentation-models-pytorch: `from_logits=False` tells `DiceLoss` that it gets probabilities. `LovaszLoss` has the same
# argument and takes logits for two classes all the same: a perfect prediction given as probabilities gets 0.5.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
# The losses need none of the package's dependencies, which only its networks use.
python -m pip install --no-deps segmentation-models-pytorch==0.6.0
python -W ignore - <<'P'
import importlib
import importlib.util
import sys
import types

import torch

package = types.ModuleType("segmentation_models_pytorch")
package.__path__ = importlib.util.find_spec(package.__name__).submodule_search_locations
sys.modules[package.__name__] = package
losses = importlib.import_module(f"{package.__name__}.losses")

masks = torch.tensor([[[[1.0, 0.0], [0.0, 1.0]]]])
logits = 100 * masks - 50  # a perfect prediction
found = {}
for name in ("DiceLoss", "JaccardLoss", "LovaszLoss"):
    on_logits = getattr(losses, name)("binary", from_logits=True)
    on_probabilities = getattr(losses, name)("binary", from_logits=False)
    found[name] = round(float(on_logits(logits, masks)), 3), round(float(on_probabilities(logits.sigmoid(), masks)), 3)
    print(f"{name}: a perfect prediction as logits {found[name][0]}, as probabilities {found[name][1]}")
assert found == {"DiceLoss": (0, 0), "JaccardLoss": (0, 0), "LovaszLoss": (0, 0.5)}
P

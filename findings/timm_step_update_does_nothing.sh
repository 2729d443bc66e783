#!/usr/bin/env bash
# timm: a scheduler counts either epochs or updates. The method for the other unit is accepted and does nothing, without a
# warning: `step_update()` of the default scheduler, and `step()` of one with `t_in_epochs=False`.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
# The schedulers need none of the package's dependencies, which only its networks use.
python -m pip install --no-deps timm==1.0.31
python -W error::UserWarning - <<'P'
import importlib.util
import sys
import types

import torch

package = types.ModuleType("timm")
package.__path__ = importlib.util.find_spec("timm").submodule_search_locations
sys.modules["timm"] = package
from timm.scheduler import CosineLRScheduler

def rate(method, **options):
    optimizer = torch.optim.SGD(torch.nn.Linear(2, 2).parameters(), lr=0.1)
    scheduler = CosineLRScheduler(optimizer, t_initial=40, **options)
    for number in range(1, 31):
        optimizer.step()
        getattr(scheduler, method)(number)
    return round(optimizer.param_groups[0]["lr"], 4)

rates = {
    "default, step": rate("step"), "default, step_update": rate("step_update"),
    "t_in_epochs=False, step": rate("step", t_in_epochs=False),
    "t_in_epochs=False, step_update": rate("step_update", t_in_epochs=False),
}
print("learning rate after 30 of 40:", rates)
assert list(rates.values()) == [0.0146, 0.1, 0.1, 0.0146]
P

#!/usr/bin/env bash
# PyTorch: of 14 learning rate schedulers 8 set the optimizer's rate in their constructor, and 6 leave it alone. Where a resumed
# run constructs them after it loaded the optimizer, the 8 continue with a wrong rate, although their own state is loaded
# afterwards. With the scheduler constructed first all are right.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
python -W ignore - <<'P'
import copy

import torch
from torch.optim import lr_scheduler as S

MAKES = {
    "StepLR": lambda o: S.StepLR(o, 1, 0.5),
    "MultiStepLR": lambda o: S.MultiStepLR(o, [1, 2], 0.5),
    "ExponentialLR": lambda o: S.ExponentialLR(o, 0.5),
    "MultiplicativeLR": lambda o: S.MultiplicativeLR(o, lambda epoch: 0.5),
    "CosineAnnealingLR": lambda o: S.CosineAnnealingLR(o, 10),
    "PolynomialLR": lambda o: S.PolynomialLR(o, 10),
    "LambdaLR": lambda o: S.LambdaLR(o, lambda epoch: 0.5**epoch),
    "LinearLR": lambda o: S.LinearLR(o, 0.5, total_iters=4),
    "ConstantLR": lambda o: S.ConstantLR(o, 0.5, 3),
    "CyclicLR": lambda o: S.CyclicLR(o, 0.01, 0.1, step_size_up=5),
    "OneCycleLR": lambda o: S.OneCycleLR(o, 0.1, total_steps=20),
    "CosineAnnealingWarmRestarts": lambda o: S.CosineAnnealingWarmRestarts(o, 10),
    "SequentialLR": lambda o: S.SequentialLR(o, [S.ConstantLR(o, 0.5, 2), S.ExponentialLR(o, 0.5)], [2]),
    "ChainedScheduler": lambda o: S.ChainedScheduler([S.ConstantLR(o, 0.5, 3), S.ExponentialLR(o, 0.5)]),
}

def optimizer():
    return torch.optim.SGD(torch.nn.Linear(2, 2).parameters(), lr=0.1, momentum=0.9)

def rate(of):
    return round(of.param_groups[0]["lr"], 6)

wrong = []
for name, make in MAKES.items():
    trained = optimizer()
    scheduler = make(trained)
    for _ in range(2):
        trained.step()
        scheduler.step()
    states = trained.state_dict(), scheduler.state_dict()
    early, late = optimizer(), optimizer()
    early.load_state_dict(copy.deepcopy(states[0]))
    made_after = make(early)
    made_after.load_state_dict(copy.deepcopy(states[1]))
    made_first = make(late)
    late.load_state_dict(copy.deepcopy(states[0]))
    made_first.load_state_dict(copy.deepcopy(states[1]))
    print(f"{name:28} rate {rate(trained):8}; resumed: optimizer loaded first {rate(early):8}, scheduler made first {rate(late):8}")
    assert rate(late) == rate(trained), name
    if rate(early) != rate(trained):
        wrong.append(name)
print(len(wrong), "are wrong:", *wrong)
assert wrong == list(MAKES)[6:]
P

"""Makes a program of the few lines that a rule's page shows, so that they can be linted as what they mean."""

from __future__ import annotations

import re
from textwrap import indent

from looplint.rule import Rule

IMPORTS = """\
import copy
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import clip_grad_norm_
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler
"""
MODEL = """\
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(64, 64), nn.Dropout(0.5))
        self.head = nn.Linear(64, 10)
        self.fc = nn.Linear(10, 10)

    def forward(self, x):
        return self.fc(self.head(self.backbone(x)))


def train_one_epoch(model, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.step()


@torch.no_grad()
def validate(model, loader):
    return sum(F.cross_entropy(model(inputs), targets).item() for inputs, targets in loader)
"""
MAIN = """\
def main(dataset, loader, train_loader, val_loader, epochs, steps, path):
    model = Model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 30)
    scaler = torch.amp.GradScaler()
    criterion = nn.CrossEntropyLoss()
    predictions, total, best, accuracy, epoch = [], 0.0, 0.0, 1.0, 0
"""
# What tells that a step of the loop is there, and the step itself.
STEPS = {
    r"zero_grad": "optimizer.zero_grad()",
    r"loss = |criterion\(": "loss = criterion({prediction}, targets)",
    r"backward": "loss.backward()",
    r"\.step\b|optimizer\.": "optimizer.step()",
}


def code(rule: Rule, heading: str) -> str:
    """The Python code that stands first under a heading of the page, or an empty string."""
    block = re.search(r"^```python\n(.*?)^```$", rule.section(heading), re.MULTILINE | re.DOTALL)
    return block[1] if block else ""


def program(shown: str) -> str:
    """A whole program around the lines shown: classes and methods find their module, `...` stands for the steps of the
    loop that are not shown, lines without a loop are put into one, and a state that is kept is loaded at the end."""
    if re.match(r"class |import |from ", shown):
        return f"{IMPORTS}\n\n{shown}"
    if shown.startswith("def forward"):
        return f"{IMPORTS}\n\n{MODEL.split('    def forward')[0]}\n{indent(shown, '    ')}"
    if shown.startswith("self."):
        head, forward = MODEL.split("        self.fc =")[0], "    def forward(self, x):\n"
        loop = "        for layer in self.layers:\n            x = layer(x)\n        return x\n"
        return f"{IMPORTS}\n\n{head}{indent(shown, ' ' * 8)}\n{forward}{loop}"
    prediction = "outputs" if "outputs" in shown else "model(inputs)"
    steps = {mark: step.format(prediction=prediction) for mark, step in STEPS.items()}
    missing = [step for mark, step in steps.items() if not re.search(mark, shown)]
    if "for " in shown:
        lines = re.sub(r"^( *)\.\.\.$", lambda m: indent("\n".join(missing), m[1]), shown, flags=re.MULTILINE)
        return f"{IMPORTS}\n\n{MODEL}\n\n{MAIN}{indent(lines, '    ')}"
    first = next((i for i, mark in enumerate(steps) if re.search(mark, shown)), 0)
    before = [step for step in list(steps.values())[:first] if step in missing]
    after = [step for step in missing if step not in before]
    body = "\n".join([*before, shown.rstrip(), *after])
    kept = re.search(r"(\w+_state) = ", shown)
    end = f"    model.load_state_dict({kept[1]})\n" if kept else ""
    return f"{IMPORTS}\n\n{MODEL}\n\n{MAIN}    for inputs, targets in loader:\n{indent(body, ' ' * 8)}\n{end}"

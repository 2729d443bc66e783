"""What a project says of code that cannot be seen takes effect."""

from __future__ import annotations

import pytest

from looplint import check_source
from looplint.project.config import settings

LOOP = """
import mylib
import torch

def train(model, loader, loss_fn, helper):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    total = 0.0
    for inputs, targets in loader:
        {clear}
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        {log}
    return total
"""


def names(clear: str, log: str, **known: list[str]) -> list[str]:
    keys = {key.replace("_", "-"): value for key, value in known.items()}
    found = check_source(LOOP.format(clear=clear, log=log), "train.py", settings(known=keys))
    return [finding.name for finding in found]


@pytest.mark.parametrize(
    ("clear", "known"),
    [("mylib.tidy(model)", "mylib.tidy"), ("helper.tidy()", "*.tidy")],
)
def test_a_call_that_clears_gradients(clear: str, known: str) -> None:
    assert names(clear, "pass") == ["missing-zero-grad"]
    if known.startswith("*."):
        assert names(clear, "pass", clears_gradients=["*.other"]) == ["missing-zero-grad"]
    assert names(clear, "pass", clears_gradients=[known]) == []


def test_a_class_that_is_a_module() -> None:
    code = "import mylib\n\nlayer = mylib.Layer(3)\nprint(layer.forward(1))\n"
    assert check_source(code, "x.py") == []
    found = check_source(code, "x.py", settings(known={"modules": ["mylib.Layer"]}))
    assert [finding.name for finding in found] == ["direct-forward-call"]

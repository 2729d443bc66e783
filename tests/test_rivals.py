"""Other packages' loops look like torch's and are not judged as such."""

from __future__ import annotations

import pytest

from looplint import check_source
from looplint.knowledge.torch_types import RIVALS

LOOP = """
{imports}

def train(model, optimizer, loader):
    for x, y in loader:
        loss = model(x).sub(y).square().mean()
        loss.backward()
        optimizer.step()
"""


@pytest.mark.parametrize("package", sorted(RIVALS))
def test_a_file_about_another_package_is_left_alone(package: str) -> None:
    assert check_source(LOOP.format(imports=f"from {package}.nn import optim"), "train.py") == []


@pytest.mark.parametrize("imports", ["import torch", "import torch\nimport tensorflow as tf", "from mine import data"])
def test_a_file_about_torch_is_not(imports: str) -> None:
    found = check_source(LOOP.format(imports=imports), "train.py")
    assert [finding.name for finding in found] == ["missing-zero-grad"]

"""Callers in notebooks: a helper is judged by what the notebooks that import it do with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from looplint.finding import Finding
from looplint.project.config import Configuration
from looplint.project.files_to_lint import files
from looplint.run.api import lint

HELPERS = """\
def clear(optimizer):
    {clear}


def learn(optimizer, loss):
    loss.backward()
    optimizer.step()
"""
CELLS = [
    "import torch\nfrom torch import nn\n{imports}",
    "model = nn.Linear(3, 2)\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)",
    "for x, y in loader:\n    {module}clear(optimizer)\n"
    "    {module}learn(optimizer, nn.functional.mse_loss(model(x), y))",
]
FORMS = {
    "names": ("from helpers import clear, learn", ""),
    "names on several rows": ("from helpers import (\n    clear,\n    learn,\n)", ""),
    "the module": ("import helpers", "helpers."),
}


def write(folder: Path, form: str, *, clears: bool, joined: bool) -> Path:
    imports, module = FORMS[form]
    cells = [cell.format(imports=imports, module=module) for cell in CELLS]
    book = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {},
                "outputs": [],
                "execution_count": None,
                "source": cell if joined else cell.splitlines(keepends=True),
            }
            for number, cell in enumerate(cells)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "study.ipynb").write_text(json.dumps(book, indent=1))
    helpers = folder / "helpers.py"
    helpers.write_text(HELPERS.format(clear="optimizer.zero_grad()" if clears else "print(optimizer)"))
    return helpers


def findings(*paths: Path) -> list[Finding]:
    configuration = Configuration(isolated=True)
    return lint([*files([str(path) for path in paths], configuration)], configuration).findings


@pytest.mark.parametrize("joined", [False, True], ids=["rows", "one string"])
@pytest.mark.parametrize("form", FORMS)
def test_a_mistake_that_a_notebook_makes_of_a_helper_is_found_when_the_helper_is_linted(
    form: str, joined: bool, tmp_path: Path
) -> None:
    helpers = write(tmp_path, form, clears=False, joined=joined)
    [whole] = findings(tmp_path)
    assert (whole.code, Path(whole.filename).name, whole.location.row) == ("LOOP201", "helpers.py", 6)
    assert findings(helpers) == [whole]


@pytest.mark.parametrize("form", FORMS)
def test_a_helper_that_a_notebook_calls_rightly_is_right(form: str, tmp_path: Path) -> None:
    helpers = write(tmp_path, form, clears=True, joined=False)
    assert findings(tmp_path) == findings(helpers) == []

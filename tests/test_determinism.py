"""The same findings, byte for byte, however the files are shared out, in whatever order, from the cache or not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from looplint.finding import Finding
from looplint.project.config import Configuration
from looplint.project.files_to_lint import files
from looplint.run.api import lint
from looplint.run.processes import portions
from looplint.run.result import Result

TRAIN = """\
import torch
from steps import update{number}

def train(model: torch.nn.Module, loader, loss_fn):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        loss = loss_fn(model(inputs), targets)
        update{number}(loss, optimizer)
        model.forward(inputs)
"""
UPDATE = """
def update{number}(loss, optimizer):
    loss.backward()
    optimizer.step()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Twenty files that call functions of a twenty-first, which calls back into one of them."""
    monkeypatch.chdir(tmp_path)
    Path("looplint.toml").write_text("")
    for number in range(20):
        folder = Path("part" if number % 2 else ".")
        folder.mkdir(exist_ok=True)
        (folder / f"train{number}.py").write_text(TRAIN.format(number=number))
    Path("steps.py").write_text("import train0\n" + "".join(UPDATE.format(number=n) for n in range(20)))
    return list(files(["."], Configuration()))


def text_of(finding: Finding) -> str:
    return json.dumps(finding.to_json())


def text(result: Result) -> str:
    return "\n".join(map(text_of, result.findings))


def test_findings_do_not_depend_on_how_they_are_reached(project: list[str]) -> None:
    expected = lint(project, Configuration())
    names = {(finding.filename, finding.name) for finding in expected.findings}
    assert ("steps.py", "missing-zero-grad") in names
    assert ("train0.py", "direct-forward-call") in names
    one_by_one = Result()
    for path in project:
        one_by_one.add(lint([path], Configuration()))
    # A mistake in `steps.py` is found from the file that leads to it, and from `steps.py` itself.
    one_by_one.findings = list({text_of(finding): finding for finding in one_by_one.findings}.values())
    one_by_one.findings.sort(key=lambda finding: finding.sort_key)
    runs = {
        "two processes": lint(project, Configuration(), jobs=2),
        "backwards": lint(project[::-1], Configuration()),
        "one by one": one_by_one,
        "cold": lint(project, Configuration(), cache=True),
        "warm": lint(project, Configuration(), cache=True),
        "warm, two processes": lint(project, Configuration(), jobs=2, cache=True),
    }
    assert {run: text(result) for run, result in runs.items()} == dict.fromkeys(runs, text(expected))
    assert {result.loops for result in runs.values()} == {expected.loops}


def test_each_file_is_given_to_one_process(project: list[str]) -> None:
    shared = [path for portion in portions(project, 2) for path in portion]
    assert sorted(shared) == sorted(project)

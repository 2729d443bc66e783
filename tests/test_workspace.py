"""What stays in memory between edits changes no finding: a workspace says what a fresh run says."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

from looplint.finding import Finding
from looplint.project.config import Configuration
from looplint.project.settings import ConfigError
from looplint.run.api import lint_each
from looplint.run.workspace import Workspace
from looplint.syntax import parse

MODEL = """\
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 2)

    def forward(self, x):
        return self.layer(x)


def clear(optimizer):
    optimizer.zero_grad()
"""
ENGINE = """\
import torch
from model import Model, clear


def fit(loader, loss_fn):
    model = Model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        clear(optimizer)
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
"""
STEPS = """\
def update(loss, optimizer):
    loss.backward()
    optimizer.step()
"""
LOOP = """\
import torch
from model import Model
from steps import update


def run(loader, loss_fn):
    model = Model()
    optimizer = torch.optim.Adam(model.parameters())
    for inputs, targets in loader:
        optimizer.zero_grad()
        update(loss_fn(model(inputs), targets), optimizer)
"""
FILES = {
    "pyproject.toml": "[tool.looplint]\n",
    "model.py": MODEL,
    "engine.py": ENGINE,
    "steps.py": STEPS,
    "loop.py": LOOP,
}
EDITS = {
    "model.py": [
        MODEL,
        MODEL.replace("    optimizer.zero_grad()\n", "    pass\n"),
        MODEL.replace("self.layer = nn.Linear(4, 2)", "self.layer = [nn.Linear(4, 2)]"),
        "import math\n\n\n" + MODEL,
        MODEL.replace("def clear", "def clean"),
        MODEL.replace("return self.layer(x)", "return self.layer("),
        "",
    ],
    "engine.py": [
        ENGINE,
        ENGINE.replace("        clear(optimizer)\n", ""),
        ENGINE.replace("from model import Model, clear\n", "from model import Model\n"),
        "\n\n" + ENGINE,
    ],
    "steps.py": [STEPS, STEPS.replace("    loss.backward()\n", ""), STEPS + "    optimizer.zero_grad()\n"],
    "loop.py": [
        LOOP,
        LOOP.replace("        optimizer.zero_grad()\n", ""),
        LOOP.replace("from steps import update", "from engine import fit as update"),
        LOOP.replace("    for inputs", "    model.eval()\n    for inputs"),
        "update(",
    ],
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def fresh(project: Path, name: str) -> list[Finding]:
    """What a new run over all files finds from one of them."""
    [(_, checked)] = lint_each([str(project / name)], Configuration())
    return checked.result.findings


def warm(workspace: Workspace, path: Path) -> list[Finding]:
    checked = workspace.check(str(path))
    assert checked is not None and checked.result.errors == []
    return checked.result.findings


def names(findings: list[Finding]) -> list[str]:
    return [f"{Path(f.filename).name}:{f.location.row} {f.name}" for f in findings]


@pytest.mark.parametrize("seed", range(4))
def test_after_any_edits_a_workspace_finds_what_a_fresh_run_finds(seed: int, project: Path) -> None:
    chance = random.Random(seed)
    workspace = Workspace()
    python = [name for name in FILES if name.endswith(".py")]
    known = {name: warm(workspace, project / name) for name in python}
    seen = set[str]()
    for _ in range(25):
        edited = chance.choice(python)
        text = chance.choice(EDITS[edited])
        (project / edited).write_text(text, encoding="utf-8")
        for path in workspace.changed(str(project / edited)):
            known[Path(path).name] = warm(workspace, Path(path))
        for name in python:
            expected = fresh(project, name)
            assert known[name] == expected, f"{name} after {edited} became:\n{text}"
            seen.update(finding.name for finding in expected)
    assert "missing-zero-grad" in seen


@pytest.mark.parametrize("seed", range(3))
def test_while_texts_are_typed_a_workspace_finds_what_a_fresh_run_finds(seed: int, project: Path) -> None:
    chance = random.Random(seed)
    workspace = Workspace()
    python = [name for name in FILES if name.endswith(".py")]
    known = {name: warm(workspace, project / name) for name in python}
    for _ in range(20):
        edited = chance.choice(python)
        text = chance.choice([text for text in EDITS[edited] if parse.parses(text)])
        for path in workspace.hold(str(project / edited), text.encode()):
            known[Path(path).name] = warm(workspace, Path(path))
        (project / edited).write_text(text, encoding="utf-8")
        for name in python:
            assert known[name] == fresh(project, name), f"{name} after {edited} became:\n{text}"


def test_an_edit_renews_the_findings_of_files_that_call_it_and_that_it_calls(project: Path) -> None:
    workspace = Workspace()
    engine, model, steps, loop = (str(project / name) for name in ("engine.py", "model.py", "steps.py", "loop.py"))
    assert [warm(workspace, project / name) for name in ("engine.py", "steps.py")] == [[], []]
    affected = workspace.hold(model, MODEL.replace("    optimizer.zero_grad()\n", "    pass\n").encode())
    assert engine in affected
    assert names(warm(workspace, project / "engine.py")) == ["engine.py:11 missing-zero-grad"]
    affected = workspace.hold(loop, LOOP.replace("        optimizer.zero_grad()\n", "").encode())
    assert steps in affected
    assert names(warm(workspace, project / "steps.py")) == ["steps.py:2 missing-zero-grad"]
    assert engine in workspace.hold(model, None)
    assert warm(workspace, project / "engine.py") == []


def test_half_a_statement_in_one_file_changes_nothing_in_the_others(project: Path) -> None:
    workspace = Workspace()
    assert warm(workspace, project / "engine.py") == []
    assert workspace.hold(str(project / "model.py"), MODEL.replace("zero_grad()", "zero_grad(").encode()) == {
        str(project / "model.py")
    }
    assert warm(workspace, project / "engine.py") == []
    checked = workspace.check(str(project / "model.py"))
    assert checked is not None
    assert names(checked.result.findings) == ["model.py:14 syntax-error"]


def test_a_check_that_nobody_waits_for_is_left(project: Path) -> None:
    superseded = False
    workspace = Workspace(superseded=lambda: superseded)
    superseded = True
    assert workspace.check(str(project / "engine.py")) is None
    superseded = False
    assert warm(workspace, project / "engine.py") == []


def test_a_changed_configuration_is_noticed(project: Path) -> None:
    workspace = Workspace()
    paths = {str(project / "engine.py")}
    assert not workspace.settings(str(project / "engine.py")).preview
    assert not workspace.reconfigured(paths)
    assert not workspace.reconfigured(paths)
    (project / "pyproject.toml").write_text("[tool.looplint]\npreview = true\n", encoding="utf-8")
    assert workspace.reconfigured(paths)
    workspace.reset()
    assert workspace.settings(str(project / "engine.py")).preview


def test_wrong_options_are_refused_and_those_before_stay(project: Path) -> None:
    workspace = Workspace()
    workspace.set_options({"preview": True})
    with pytest.raises(ConfigError, match="unknown key `previw`; did you mean `preview`"):
        workspace.set_options({"previw": True})
    assert workspace.settings(str(project / "engine.py")).preview


def test_folders_may_have_options_of_their_own(project: Path) -> None:
    (project / "inner" / "deep").mkdir(parents=True)
    workspace = Workspace()
    workspace.set_options({}, {str(project): {"preview": True}, str(project / "inner"): {"ignore": ["LOOP2"]}})
    assert workspace.settings(str(project / "engine.py")).preview
    assert not workspace.settings(str(project / "inner" / "deep" / "engine.py")).preview
    assert not workspace.settings(str(project.parent / "engine.py")).preview
    with pytest.raises(ConfigError, match=r"settings of the editor for .*inner: unknown key"):
        workspace.set_options({}, {str(project / "inner"): {"previw": True}})


def test_an_edited_text_is_parsed_once_and_only_the_statement_that_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "engine.py"
    parsed: list[str] = []
    by_interpreter = parse._by_interpreter
    monkeypatch.setattr(parse, "default", "auto")

    def counted(text: str) -> ast.Module:
        parsed.append(text)
        return by_interpreter(text)

    monkeypatch.setattr(parse, "_by_interpreter", counted)
    workspace = Workspace()
    for text in (ENGINE, ENGINE.replace("0.1", "0.2"), ENGINE):
        workspace.hold(str(path), text.encode())
        assert workspace.check(str(path)) is not None
    function = ENGINE[ENGINE.index("def fit") :]
    assert [text.strip("\n") + "\n" for text in parsed] == [ENGINE, function.replace("0.1", "0.2"), function]

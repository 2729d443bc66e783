"""Mistakes that lie in another file than the loop: found whichever file is named, once, with a fix that can be made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from looplint.cli.commands import main
from looplint.finding import Action, Finding, Fix, Location, Severity, Span
from looplint.fix import fix_files
from looplint.project.config import Configuration
from looplint.project.files_to_lint import files
from looplint.run import fruitless
from looplint.run.api import lint
from looplint.sources.replace_file import NotWritten, replace_file

LOOP = """\
import torch
from torch import nn
from {module} import {names}


def fit(loader):
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
{before}
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
{after}
"""
KEEPER = """\
class Keeper:
    def __init__(self):
        self.values = []
        self.total = 0

    def add(self, value):
        self.total += value  # here

    def keep(self, value):
        self.values.append(value)  # here
"""
BOUND = """\
from torch.nn.utils import clip_grad_norm_


def bound(model):
    clip_grad_norm_(model.parameters(), 1.0)  # here
"""
AGENT = """\
import torch
from torch import nn


class Agent:
    def __init__(self):
        self.net = nn.Linear(3, 1)
        self.optimizer = torch.optim.Adam(self.net.parameters())

    def learn(self, x):
        self.optimizer.zero_grad()
        loss = self.net(x).pow(2).mean()
        loss.backward()
        self.optimizer.step()
        return loss
"""
PLAY = """\
{imports}


def play(rounds):
    agent = {agent}
    total = 0
    for x in rounds:
        total += agent.learn(x)  # here
    return total
"""
OWN_STEP = """\
import torch
from runner import Runner
from torch import nn


class Own(Runner):
    def __init__(self):
        self.net = nn.Linear(3, 1)
        self.optimizer = torch.optim.Adam(self.net.parameters())

    def learn(self, x):
        self.net(x).pow(2).mean().backward()  # here
        self.optimizer.step()


if __name__ == "__main__":
    Own().play([])
"""
ADD = LOOP.format(module="keeper", names="Keeper", before="    meter = Keeper()", after="        meter.add(loss)")
KEEP = LOOP.format(module="keeper", names="Keeper", before="    meter = Keeper()", after="        meter.keep(loss)")
LATE = LOOP.format(module="bound", names="bound", before="", after="        bound(model)")
PROGRAMS: dict[str, tuple[dict[str, str], str, int]] = {
    "a sum in a meter": ({"keeper.py": KEEPER, "main.py": ADD}, "LOOP701", 7),
    "a list in a meter": ({"keeper.py": KEEPER, "main.py": KEEP}, "LOOP701", 10),
    "a helper that clips": ({"bound.py": BOUND, "main.py": LATE}, "LOOP603", 5),
    "a loop without a word of training": (
        {"agent.py": AGENT, "main.py": PLAY.format(imports="from agent import Agent", agent="Agent()")},
        "LOOP701",
        8,
    ),
    "a loop over what a package hands on": (
        {
            "agents/__init__.py": "from .agent import Agent\n",
            "agents/agent.py": AGENT,
            "main.py": PLAY.format(imports="import agents", agent="agents.Agent()"),
        },
        "LOOP701",
        8,
    ),
    "a loop in a base class over a method of a class": (
        {
            "runner.py": "class Runner:\n    def play(self, xs):\n        for x in xs:\n            self.learn(x)\n",
            "main.py": OWN_STEP,
        },
        "LOOP201",
        12,
    ),
    "a loop over a method of a base class": (
        {
            "agent.py": AGENT,
            "own.py": "from agent import Agent\n\n\nclass Own(Agent):\n    pass\n",
            "main.py": PLAY.format(imports="from own import Own", agent="Own()"),
        },
        "LOOP701",
        8,
    ),
}


def findings(*paths: Path) -> list[Finding]:
    configuration = Configuration(isolated=True, options={"preview": True})
    result = lint([*files([str(path) for path in paths], configuration)], configuration)
    assert not result.errors
    return result.findings


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_mistake_is_found_once_whichever_file_is_named(program: str, tmp_path: Path) -> None:
    texts, code, row = PROGRAMS[program]
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    [whole] = findings(tmp_path)
    assert (whole.code, whole.location.row) == (code, row)
    assert "# here" in Path(whole.filename).read_text().splitlines()[row - 1]
    loop = str(tmp_path / "main.py")
    assert whole.filename == loop or any(step.filename == loop for step in whole.trace)
    assert findings(*sorted(tmp_path.rglob("*.py"))) == [whole]
    assert findings(tmp_path / "main.py") == [whole]
    # A page that only hands names on has no part in it.
    for name in texts.keys() - {"main.py", "agents/__init__.py", "own.py"}:
        assert findings(tmp_path / name) == [whole], name


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_summary_counts_the_loop_once_whichever_file_is_named(
    program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts, _, _ = PROGRAMS[program]
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "other.py").write_text(LOOP.format(module="math", names="pi", before="", after=""))
    named = [str(tmp_path / name) for name in texts if not name.endswith(("__init__.py", "own.py"))]
    for paths in ([name] for name in named):
        assert main(["--isolated", "--preview", "--no-cache", *paths]) == 1
        assert ", 1 training loop." in capsys.readouterr().err, paths
    assert main(["--isolated", "--preview", "--no-cache", str(tmp_path)]) == 1
    assert ", 2 training loops." in capsys.readouterr().err


def test_a_file_decides_for_itself_what_is_reported_of_it(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(ADD)
    (tmp_path / "keeper.py").write_text(KEEPER.replace("# here", "# looplint: ignore[LOOP701]", 1))
    assert findings(tmp_path / "main.py") == []
    (tmp_path / "lib").mkdir()
    (tmp_path / "main.py").write_text(ADD.replace("from keeper", "from lib.keeper"))
    (tmp_path / "keeper.py").rename(tmp_path / "lib/keeper.py")
    (tmp_path / "lib/keeper.py").write_text(KEEPER)
    assert len(findings(tmp_path / "main.py")) == 1
    (tmp_path / "looplint.toml").write_text('extend-exclude = ["lib"]\n')
    configuration = Configuration()
    assert lint([str(tmp_path / "main.py")], configuration).findings == []


def test_a_loop_over_something_else_is_still_none(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text(AGENT)
    text = PLAY.format(imports="from agent import Agent", agent="Agent()").replace(
        "agent.learn(x)", "agent.learn(x).item()"
    )
    (tmp_path / "main.py").write_text(text)
    assert findings(tmp_path) == []


NETWORK = """\
from torch import nn
from torch.nn import functional as F


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 3)

    def forward(self, x):
        return F.softmax(self.linear(x), dim=1)
"""
GRADED = """\
import torch
from torch import nn
from network import Network


def fit(loader):
    model = Network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
"""


@pytest.fixture
def graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("network.py").write_text(NETWORK)
    Path("main.py").write_text(GRADED)
    return tmp_path


def run(*arguments: str) -> int:
    return main(["--isolated", "--no-cache", *arguments])


def test_a_fix_is_made_in_the_file_that_needs_it(graded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("main.py", "--output-format", "json") == 1
    [found] = json.loads(capsys.readouterr().out)
    assert [(step["filename"], step["row"]) for step in found["trace"]] == [("network.py", 11), ("main.py", 11)]
    [edit] = found["fix"]["edits"]
    assert (found["filename"], edit["filename"], edit["content"]) == ("main.py", "network.py", "self.linear(x)")
    assert run("main.py", "--output-format", "sarif") == 1
    [result] = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    [change] = result["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "network.py"
    assert run("main.py", "--diff", "--unsafe-fixes") == 1
    assert "+++ network.py" in capsys.readouterr().out
    assert Path("network.py").read_text() == NETWORK
    assert run("main.py", "--fix", "--unsafe-fixes") == 0
    assert "Fixed 1 mistake" in capsys.readouterr().err
    assert Path("network.py").read_text() == NETWORK.replace("F.softmax(self.linear(x), dim=1)", "self.linear(x)")
    assert Path("main.py").read_text() == GRADED


def test_a_fix_in_another_file_mends_every_finding_that_needs_it(
    graded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("second.py").write_text(GRADED)
    assert run(".", "--fix", "--unsafe-fixes") == 0
    assert "is not fixed" not in capsys.readouterr().err
    assert "softmax" not in Path("network.py").read_text()


def test_a_fix_of_several_files_is_made_whole_or_not_at_all(graded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = (
        Action("replace", Span(7, 13, 7, 22), "Other()"),
        Action("replace", Span(11, 26, 11, 40, "network.py"), "x"),
    )
    fix = Fix("Rename", "unsafe", (here, there))
    finding = Finding("X001", "x", Severity.ERROR, "wrong", "main.py", Location(1, 1), Location(1, 2), fix=fix)

    def lint_again(held: Mapping[str, bytes], name: str) -> list[Finding]:
        return [] if b"Other" in held.get(name, b"") else [finding]

    real = replace_file

    def full(path: Path, *rest: Any, **more: Any) -> None:
        if path.name == "network.py":
            raise NotWritten("network.py cannot be written (No space left on device)")
        real(path, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(fix_files, "replace_file", full)
        result = fix_files.fix_files([finding], lint_again, write=True)
    assert result.applied == [] and "No space left" in result.notes[0]
    assert (Path("main.py").read_text(), Path("network.py").read_text()) == (GRADED, NETWORK)
    result = fix_files.fix_files([finding], lint_again, write=True)
    assert result.applied == [finding] and not result.notes
    assert "model = Other()" in Path("main.py").read_text()
    assert "F.softmax(x, dim=1)" in Path("network.py").read_text()


VALIDATED = """\
import torch
from torch import nn

import parts


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = parts.Body(), parts.Head()

    def forward(self, x):
        return self.head(self.body(x))


def fit(train_loader, val_loader):
    model = Network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        for x, y in train_loader:
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
        with torch.no_grad():
            for x, y in val_loader:
                print(nn.functional.mse_loss(model(x), y).item())
"""
PARTS = """\
from torch import nn


class Body(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = {layer}

    def forward(self, x):
        return self.layer(x)


class Head(nn.Linear):
    pass
"""


@pytest.mark.parametrize(("layer", "expected"), [("nn.Linear(2, 2)", []), ("nn.BatchNorm1d(2)", ["missing-eval-mode"])])
def test_blocks_of_an_imported_module_decide_whether_a_network_has_a_mode(
    tmp_path: Path, layer: str, expected: list[str]
) -> None:
    (tmp_path / "parts.py").write_text(PARTS.format(layer=layer))
    (tmp_path / "train.py").write_text(VALIDATED)
    assert [finding.name for finding in findings(tmp_path)] == expected


def test_imports_that_are_not_followed_to_training_code_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    loop = "def main(loader, net, opt):\n    for x, y in loader:\n        run_a(net, opt, x, y)\n"
    Path("start.py").write_text(f"from a import run_a\n\n\n{loop}")
    for name, following in zip("abc", "bcd", strict=True):
        call = f"def run_{name}(net, opt, x, y):\n    run_{following}(net, opt, x, y)\n"
        Path(f"{name}.py").write_text(f"from {following} import run_{following}\n\n\n{call}")
    step = "def run_d(net, opt, x, y):\n    (net(x) - y).pow(2).mean().backward()\n    opt.step()\n"
    Path("d.py").write_text(step)
    assert main(["--isolated", "--no-cache", "start.py"]) == 0
    shown = capsys.readouterr()
    assert "the imports of 1 file were not all followed to training code: -v lists it" in shown.err
    assert main(["--isolated", "--no-cache", "--output-format", "sarif", "start.py"]) == 0
    assert "not analysed: its imports lead to training code only through" in capsys.readouterr().out
    assert main(["--isolated", "--no-cache", "--output-format", "json", "start.py"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["--isolated", "--no-cache", "-v", "start.py"]) == 0
    assert "start.py: not analysed: its imports lead to training code only through" in capsys.readouterr().err
    assert main(["--isolated", "--no-cache", "--output-format", "sarif", "."]) == 1
    assert "not analysed" not in capsys.readouterr().out
    # With the files in between its loop is analysed as a caller of the last one.
    assert main(["--isolated", "--no-cache", "."]) == 1
    shown = capsys.readouterr()
    assert "LOOP201" in shown.out and "not all followed" not in shown.err
    # A file less, and it is followed.
    Path("a.py").write_text(Path("b.py").read_text().replace("run_b", "run_a"))
    assert main(["--isolated", "--no-cache", "start.py"]) == 1
    shown = capsys.readouterr()
    assert "LOOP201" in shown.out and "not all followed" not in shown.err


def test_functions_that_are_given_up_before_the_training_code_that_they_call_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("steps.py").write_text("def fit(loss, optimizer):\n    loss.backward()\n    optimizer.step()\n")
    named = "".join(f"def named_{i}():\n    return [fit, {i} + 1, {i} + 2]\n\n\n" for i in range(3))
    Path("use.py").write_text(f"import torch\nfrom steps import fit\n\n\n{named}for name in 'abc':\n    print(name)\n")
    arguments = ["--isolated", "--no-cache", "-v", "use.py"]
    main(arguments)
    assert "not all" not in capsys.readouterr().err
    monkeypatch.setattr(fruitless, "FRUITLESS_ELSEWHERE", 12)
    main(arguments)
    shown = " ".join(capsys.readouterr().err.split())
    assert "use.py: not all that it calls in other files was analysed: it takes more than 12 expressions" in shown
    assert "the imports of 1 file were not all followed to training code" in shown


COUNTS = """\
import torch


@torch.no_grad()
def grade(net, batches):
    return sum((net(x).argmax(1) == y).sum().item() for x, y in batches)


@torch.no_grad()
def grade_all(net, loader):
    right = 0
    for x, y in loader:
        right += (net(x).argmax(1) == y).sum().item()
    return right
"""
COUNTED = """\
import torch
from torch import nn
from grades import grade_all


def run(loader, held_out):
    net = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(3):
        for x, y in loader:
            opt.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            opt.step()
        print(grade_all(net, held_out))
"""


@pytest.mark.parametrize("named", [".", "grades.py", "run.py"])
def test_a_mistake_that_callers_make_of_a_helper_is_found_whichever_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("grades.py").write_text(COUNTS)
    Path("run.py").write_text(COUNTED)
    assert [(Path(f.filename).name, f.code) for f in findings(Path(named))] == [("grades.py", "LOOP801")]


def test_a_helper_that_a_caller_without_any_step_passes_through_is_still_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    helper = "from torch import nn\n\n\ndef head():\n    layer = nn.Linear(2, 2)\n    layer.requires_grad = False\n"
    Path("helper.py").write_text(f"{helper}    return layer\n")
    Path("main.py").write_text("from helper import head\n\n\ndef build():\n    return [head() for _ in range(2)]\n")
    for named in (["helper.py"], ["."], ["main.py", "helper.py"]):
        assert main([*named, "--isolated", "--no-cache", "--output-format", "concise"]) == 1
        assert capsys.readouterr().out.startswith("helper.py:6:5: LOOP610"), named

"""What a reading may spend: hundreds of loops are judged alike, building code costs nothing, and a cut is said."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from counted_work import counted

from looplint import check_source
from looplint.cli.commands import main
from looplint.events import search
from looplint.finding import Action, Span
from looplint.fix.program_text import ProgramText
from looplint.fix.rewrite import changes, rewrite
from looplint.interpreter import budget
from looplint.project.config import settings
from looplint.syntax.parse import parses

HEAD = """\
import torch
from torch import nn


def train(loader):
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
"""
LOOP = """\
    for x, y in loader:
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
"""


@pytest.mark.parametrize("number", [1, 60, 400])
def test_each_of_many_loops_is_found(number: int) -> None:
    findings = check_source(HEAD + LOOP * number, "train.py")
    assert [(f.code, f.location.row) for f in findings] == [("LOOP201", 10 + 4 * index) for index in range(number)]


CLIPPED = """\
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
"""
GRADED = """\
    model.eval()
    for x, y in loader:
        print(nn.functional.mse_loss(model(x), y).item())
"""


SCALED = """\
    for x, y in loader:
        optimizer.zero_grad()
        scaler.scale(nn.functional.mse_loss(model(x), y)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
"""
KEPT = """\
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        if x.sum() > best:
            best, state = x.sum(), model.state_dict()
    model.load_state_dict(state)
"""
CLIPPED_EARLY = """\
    for x, y in loader:
        optimizer.zero_grad()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
"""


CLEARED_LATE = """\
    for x, y in loader:
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.zero_grad()
        optimizer.step()
"""
TRAINED_AND_GRADED = """\
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
    with torch.no_grad():
        for x, y in val_loader:
            print(nn.functional.mse_loss(model(x), y).item())
"""
TWO_PLAYERS = """\
    g, d = nn.Linear(2, 2), nn.Linear(2, 1)
    of_g, of_d = torch.optim.SGD(g.parameters(), lr=0.1), torch.optim.SGD(d.parameters(), lr=0.1)
    for x, y in loader:
        of_g.zero_grad()
        fake = g(x)
        d(fake).mean().backward()
        of_g.step()
        d(fake.detach()).pow(2).mean().backward()
        of_d.step()
        of_d.zero_grad()
"""


@pytest.mark.parametrize(
    ("code", "loop", "number"),
    [("LOOP504", CLIPPED_EARLY, 300), ("LOOP202", CLEARED_LATE, 300), ("LOOP207", TWO_PLAYERS, 40)],
)
def test_each_of_many_loops_is_found_by_rules_that_ask_about_steps(code: str, loop: str, number: int) -> None:
    own = "".join(re.sub(r"\b(g|d|of_g|of_d)\b", rf"\1_{index}", loop) for index in range(number))
    findings = check_source(HEAD + own, "train.py", settings(select=[code]))
    assert [f.code for f in findings] == [code] * number


def test_each_of_many_validations_is_found() -> None:
    head = HEAD.replace("nn.Linear(2, 2)", "nn.Sequential(nn.Linear(2, 2), nn.Dropout())")
    findings = check_source(head + TRAINED_AND_GRADED * 250, "train.py", settings(select=["LOOP801"]))
    assert [f.code for f in findings] == ["LOOP801"] * 250


@pytest.mark.parametrize(("code", "loop"), [("LOOP502", SCALED), ("LOOP504", CLIPPED_EARLY), ("LOOP901", KEPT)])
def test_each_of_many_loops_is_found_by_rules_about_pairs_of_events(code: str, loop: str) -> None:
    head = HEAD + "    scaler, best, state = torch.amp.GradScaler(), 0, None\n"
    findings = check_source(head + loop * 120, "train.py", settings(select=[code]))
    assert [f.code for f in findings] == [code] * 120


@pytest.mark.parametrize(("code", "loop"), [("LOOP603", CLIPPED), ("LOOP802", GRADED)])
def test_each_of_many_loops_is_found_by_rules_that_ask_from_many_places(code: str, loop: str) -> None:
    findings = check_source(HEAD + loop * 600, "train.py", settings(select=[code]))
    assert [f.code for f in findings] == [code] * 600


def test_each_of_many_loops_over_a_network_of_its_own_is_found() -> None:
    code = "\n".join(HEAD.split("\n")[5:]) + LOOP
    own = "".join(re.sub("(model|optimizer)", rf"\1_{index}", code) for index in range(200))
    findings = check_source(HEAD + own, "train.py", settings(preview=True))
    assert [f.code for f in findings] == ["LOOP201"] * 200


def test_the_edits_of_a_fix_cost_what_its_loop_costs_however_many_others_there_are() -> None:
    def work(number: int) -> float:
        text = HEAD + LOOP * number
        action = Action("insert", Span(10, 9, 10, 24), "optimizer.zero_grad()")
        return counted(lambda: rewrite(text, [action]))[1]

    work(1)  # The first one loads libcst.
    assert work(400) < 2 * work(40)


def test_a_fix_around_one_of_many_statements_costs_what_these_cost() -> None:
    def work(number: int) -> float:
        text = HEAD + GRADED * number
        action = Action("wrap", Span(9, 5, 10, 58), "torch.no_grad()")
        assert "    with torch.no_grad():\n        for x, y in loader:" in rewrite(text, [action])
        return counted(lambda: rewrite(text, [action]))[1]

    work(1)  # The first one loads libcst.
    assert work(200) < 2 * work(20)


def test_of_many_loops_only_the_changed_one_is_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    code, parsed = ProgramText(HEAD + LOOP * 400), list[str]()
    action = Action("insert", Span(10, 9, 10, 24), "optimizer.zero_grad()")
    changes(code, [action])

    def parses_and_notes(text: str) -> bool:
        parsed.append(text)
        return parses(text)

    monkeypatch.setattr(sys.modules[changes.__module__], "parses", parses_and_notes)
    changes(code, [action])
    cleared = LOOP.replace("        loss.b", "        optimizer.zero_grad()\n        loss.b")
    assert parsed == [f"if True:\n{cleared.removesuffix(chr(10))}"]


def test_each_of_many_cells_is_found() -> None:
    cell: dict[str, object] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    codes = [
        HEAD.replace("def train(loader):\n", "").replace("    ", ""),
        *["\n".join(r[4:] for r in LOOP.split("\n"))] * 150,
    ]
    cells = [{**cell, "id": f"c{number}", "source": code} for number, code in enumerate(codes)]
    book = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    assert [f.cell for f in check_source(book, "train.ipynb") if f.code == "LOOP201"] == list(range(1, 151))


@pytest.mark.parametrize(("clear_before", "code"), [("loss = ", "LOOP701"), ("optimizer.step", "LOOP202")])
def test_each_of_many_blocks_of_a_page_is_analysed_to_its_end(
    clear_before: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    head = HEAD.replace("def train(loader):\n", "").replace("    ", "") + "total = 0\n"
    rows = "\n".join(row[4:] for row in LOOP.split("\n")) + "    total += loss\n"
    block = rows.replace(f"    {clear_before}", f"    optimizer.zero_grad()\n    {clear_before}")
    monkeypatch.chdir(tmp_path)
    Path("page.md").write_text(f"```python\n{head}```\n\n" + f"```python\n{block}```\n\n" * 300)
    assert main(["--isolated", "--no-cache", "page.md"]) == 1
    shown = capsys.readouterr()
    assert shown.out.count(f" {code} ") == 300 and "not analysed" not in shown.err


BUILDER = """\
def part(name):
    return {"name": name, "first": name[0], "last": name[-1], "both": (name, name), "list": [name, name, name]}


def four(name):
    return [part(name + "a"), part(name + "b"), part(name + "c"), part(name + "d")]


def many(name):
    return [four(name + "a"), four(name + "b"), four(name + "c"), four(name + "d"), four(name + "e"), four(name + "f")]


"""


def test_code_in_which_nothing_of_a_loop_happens_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "PATIENCE", 300)
    helper = "def update(loss, optimizer):\n    loss.backward()\n    optimizer.step()\n\n\n"
    loop = LOOP.replace("        loss.backward()\n        optimizer.step()\n", "        update(loss, optimizer)\n")
    settings = '    settings = many("x")\n' + '    more = many("y")\n' * 2
    text = HEAD.replace("def train", BUILDER + helper + "def train").replace("    model", settings + "    model") + loop
    assert [f.code for f in check_source(text, "train.py")] == ["LOOP201"]


def test_a_call_that_builds_much_leaves_the_loop_its_budget() -> None:
    """The call evaluates more than 24,000 expressions, more than the budget of a graph, and holds no event."""
    tens = "".join(
        f"def {outer}(name):\n    return [{', '.join([f'{inner}(name)'] * 7)}]\n\n\n"
        for outer, inner in (("tens", "many"), ("hundreds", "tens"))
    )
    helper = "def update(loss, optimizer):\n    loss.backward()\n    optimizer.step()\n\n\n"
    loop = LOOP.replace("        loss.backward()\n        optimizer.step()\n", "        update(loss, optimizer)\n")
    settings = '    settings = hundreds("x")\n    model'
    text = HEAD.replace("def train", BUILDER + tens + helper + "def train").replace("    model", settings) + loop
    assert [f.code for f in check_source(text, "train.py")] == ["LOOP201"]


def test_what_is_not_followed_to_its_end_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text(HEAD + LOOP * 3)
    monkeypatch.setattr(search, "WORK_LIMIT", 3)
    assert main(["--isolated", "--no-cache", "train.py"]) == 0
    err = capsys.readouterr().err
    assert "1 of 3 loops was not analysed completely: -v lists it" in err and "train.py:5" not in err
    main(["--isolated", "--no-cache", "-v", "train.py"])
    assert (
        "train.py:5: `train` was not analysed completely: it takes more than the work of one" in capsys.readouterr().err
    )
    main(["--isolated", "--no-cache", "--output-format", "json", "train.py"])
    notices = json.loads(capsys.readouterr().out)
    assert {(n["code"], n["name"], n["filename"], n["location"]["row"]) for n in notices} == {
        ("", "cut", "train.py", 5)
    }


def test_calls_that_are_nested_too_deep_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    steps = "".join(f"def step{n}(loss):\n    step{n + 1}(loss)\n\n\n" for n in range(20))
    loop = LOOP.replace("        loss.backward()\n", "        step0(loss)\n")
    last = "def step20(loss):\n    loss.backward()\n\n\n"
    Path("train.py").write_text(HEAD.replace("def train", steps + last + "def train") + loop)
    main(["--isolated", "--no-cache", "-v", "train.py"])
    assert "its calls are nested more than 12 deep" in capsys.readouterr().err


def test_callers_that_are_not_analysed_are_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("steps.py").write_text("def step(loss, optimizer):\n    loss.backward()\n    optimizer.step()\n")
    loop = LOOP.replace("        loss.backward()\n        optimizer.step()\n", "        step(loss, optimizer)\n")
    for number in range(20):
        Path(f"train{number}.py").write_text("from steps import step\n" + HEAD + loop)
    main(["--isolated", "--no-cache", "steps.py"])
    assert "the callers of 1 file were not all analysed: -v lists it" in capsys.readouterr().err
    main(["--isolated", "--no-cache", "-v", "steps.py"])
    assert "steps.py: not all of its callers were analysed: there are more than 16 files" in capsys.readouterr().err
    main(["--isolated", "--no-cache", "-v", "--output-format", "json", "steps.py"])
    assert [n["name"] for n in json.loads(capsys.readouterr().out) if n["code"] == ""] == ["callers"]
    main(["--isolated", "--no-cache", "--output-format", "json", "steps.py"])
    assert [n["name"] for n in json.loads(capsys.readouterr().out) if n["code"] == ""] == []


def test_a_block_of_a_page_that_is_no_python_is_reported_with_v(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.md").write_text("```python\nx = = 1\n```\n")
    assert main(["--isolated", "--no-cache", "page.md"]) == 0
    assert "page.md:2" not in capsys.readouterr().err
    assert main(["--isolated", "--no-cache", "-v", "page.md"]) == 0
    assert "page.md:2:5: not valid Python" in capsys.readouterr().err


DEEP = {
    "a chain of 250 elif": "        if k == 0:\n            w = 0\n"
    + "".join(f"        elif k == {n}:\n            w = {n}\n" for n in range(1, 250)),
    "a sum of 800 terms": f"        w = {' + '.join(['k'] * 800)}\n",
}


@pytest.mark.parametrize("code", DEEP.values(), ids=DEEP)
def test_long_chains_and_sums_are_followed(code: str) -> None:
    loop = LOOP.replace("        loss.backward()\n", code + "        loss.backward()\n")
    assert [f.code for f in check_source(HEAD.replace("(loader)", "(loader, k)") + loop, "train.py")] == ["LOOP201"]


def test_what_a_function_gives_that_is_not_read_may_hold_no_graph() -> None:
    """Calls deeper than are followed: what comes back beside the loss was detached on the way."""
    calls = "".join(f"def f{n}(x, y):\n    return f{n + 1}(x, y)\n" for n in range(20))
    code = f"""\
import torch.nn.functional as F

def f20(x, y):
    loss = F.cross_entropy(x, y)
    return loss, loss.detach()

{calls}
def fit(model, loader, optimizer):
    mean = 0.0
    for i, (x, y) in enumerate(loader):
        loss, loss_part = f0(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean = (mean * i + loss_part) / (i + 1)
"""
    assert [finding.name for finding in check_source(code, "deep.py")] == []


def test_what_a_loop_binds_is_looked_for_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The body of the outer loop is evaluated twice. The first time must not spend what the training in it needs."""
    monkeypatch.chdir(tmp_path)
    for name, value in (("PATIENCE", 2_000), ("BUDGET", 2_000), ("IDLE", 4_000), ("LEARNING", 1_000)):
        monkeypatch.setattr(budget, name, value)
    tens = f"def tens(name):\n    return [{', '.join(['many(name)'] * 3)}]\n\n\n"
    runs = "\n\nfor seed in range(3):\n    tens(str(seed))\n    tens(str(seed))\n    train(torch.load(str(seed)))\n"
    clear = LOOP.replace("        loss.b", "        optimizer.zero_grad()\n        loss.b")
    Path("runs.py").write_text(HEAD.replace("def train", BUILDER + tens + "def train") + clear + runs)
    assert main(["--isolated", "--no-cache", "-v", "runs.py"]) == 0
    shown = " ".join(capsys.readouterr().err.split())
    assert "1 training loop in 1 file, nothing wrong" in shown and "not analysed completely" not in shown
    # The calls that were left out bind nothing, as their second evaluation has shown.
    assert "were not checked" not in shown
    notes = "class Notes:\n    def keep(self, seed):\n        self.last = seed\n\n\n"
    runs = runs.replace("\n\nfor", "\n\nnotes = Notes()\nnotes.keep(None)\nfor") + "    notes.keep(seed)\n"
    Path("runs.py").write_text(HEAD.replace("def train", BUILDER + tens + notes + "def train") + clear + runs)
    assert main(["--isolated", "--no-cache", "-v", "runs.py"]) == 0
    shown = " ".join(capsys.readouterr().err.split())
    assert (
        "runs.py:14: calls from here on, in loops of `<module>`, were not checked for variables that they change:"
        in shown
    )
    assert main(["--isolated", "--no-cache", "runs.py"]) == 0
    assert "in 1 loop not every call was checked for variables that it changes: -v lists it" in capsys.readouterr().err
    main(["--isolated", "--no-cache", "--output-format", "json", "runs.py"])
    assert [notice["name"] for notice in json.loads(capsys.readouterr().out)] == []
    main(["--isolated", "--no-cache", "--output-format", "sarif", "runs.py"])
    assert "calls from here on" in capsys.readouterr().out
    main(["graph", "runs.py"])
    assert (
        "runs.py: <module> (calls from runs.py:14 on not checked for variables that they change)"
        in capsys.readouterr().out
    )


def test_a_function_that_does_not_reach_a_step_is_reported_with_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(budget, "PATIENCE_ELSEWHERE", 40)
    make = "def make(data):\n    many('x')\n    many('y')\n    return DistributedSampler(data)\n"
    Path("data.py").write_text("from torch.utils.data import DistributedSampler\n\n\n" + BUILDER + make)
    main(["--isolated", "--no-cache", "-v", "data.py"])
    shown = " ".join(capsys.readouterr().err.split())
    assert "`make` was not analysed completely: it takes more than 40 expressions to reach the first step" in shown
    assert "0 training loops in 1 file, nothing wrong 1 function was not analysed completely" in shown

"""`--profile` names the parts of a run and the rules that were asked; how long each took is nobody's promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from looplint import profile
from looplint.cli.commands import main

LOOP = """\
import torch
from torch import nn


def train(loader):
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in loader:
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
"""


def test_each_part_and_each_slow_rule_has_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(profile, "LEAST", 0.0)
    Path("train.py").write_text(LOOP)
    assert main(["--isolated", "--profile", "--output-format", "concise", "."]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("train.py:10:9: LOOP201 ")
    head, parts, rules = re.split(r"seconds  part\n|\nseconds  rule\n", err)
    assert head.startswith("Found 1 mistake")
    seconds = {name: float(number) for number, name in re.findall(r"^ *([\d.]+)  (.+)$", parts, re.M)}
    assert {"prefilter", "parse", "event graphs", "rules", "report", profile.REST} < seconds.keys()
    # Each second is counted once.
    assert seconds.pop("all") == pytest.approx(sum(seconds.values()), abs=0.02)
    assert "  LOOP201 missing-zero-grad\n" in rules and "under" not in rules


def test_rules_that_take_no_time_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    running = profile.Profile()
    running.rules = {"LOOP1 one": 2.0, "LOOP2 two": 3.0, "LOOP3 three": 0.0}
    assert running.rows()[-4:] == [
        "seconds  rule",
        "  3.000  LOOP2 two",
        "  2.000  LOOP1 one",
        f"         1 under {profile.LEAST} s each",
    ]


def test_what_is_inside_another_part_does_not_count_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 1.0, 3.0, 7.0, 15.0, 15.0])
    monkeypatch.setattr("time.process_time", lambda: next(clock))
    running = profile.start()
    with profile.timed("outer"), profile.timed("inner"):
        pass
    profile.stop()
    assert running.parts == {
        "start of Python and of the command line": 0.0,
        profile.REST: 1.0,
        "outer": 10.0,
        "inner": 4.0,
    }


def test_a_run_without_it_counts_nothing() -> None:
    with profile.timed("anything"):
        pass
    assert profile.start().parts.keys() == {"start of Python and of the command line"}
    profile.stop()


def test_watching_is_not_timed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--watch", "--profile"]) == 2
    assert "`--profile` times a single run: it cannot be combined with `--watch`" in capsys.readouterr().err

"""CONTRIBUTING.md leads to a rule that works: its steps are carried out in a copy of the project, to the letter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from project_copy import ROOT, copy_project

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
GUIDE = TEXT[TEXT.index("## A first rule") : TEXT.index("## A rule of your own")]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


def test_the_guide_leads_to_a_rule_that_finds_its_mistake_and_is_proved(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs looplint[reference]")
    copy = copy_project(tmp_path / "looplint")
    # An editable installation makes this package of it; the copy is not installed.
    (copy / "looplint" / "reference").symlink_to(copy / "reference")
    functions, question = blocks("python")
    begin, _, lint, prove, *_ = (command.removeprefix(".venv/bin/").split() for command in blocks("sh"))
    (shown,) = blocks("text")

    def run(command: list[str]) -> str:
        env = {**os.environ, "PYTHONPATH": str(copy)}
        done = subprocess.run([sys.executable, "-m", *command], cwd=copy, env=env, capture_output=True, text=True)
        return done.stdout + done.stderr

    assert len(run(begin).split()) == 3
    (copy / "fixtures" / "repeated_step.py").write_text(f'"""Two updates for one batch."""\n\n\n{functions}', "utf-8")
    rule = copy / "rules" / "repeated_step.py"
    head, _, _ = rule.read_text(encoding="utf-8").partition("    for step in loop.all")
    rule.write_text(head + question, encoding="utf-8")
    code = re.compile("LOOP[0-9]{3}")
    first, *_ = run(lint).splitlines()
    assert code.sub("LOOP107", first) == shown.strip()
    assert "1 of 1 proofs hold" in run(prove)


def test_the_folders_that_it_names_are_there() -> None:
    rows = re.findall(r"^\| `([\w/]+)` \|", TEXT, re.MULTILINE)
    assert len(rows) == 7
    assert [folder for folder in rows if not (ROOT / folder).is_dir()] == []

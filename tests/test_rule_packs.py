"""Rules of others: an installed pack, a folder named in the configuration, and the skeletons of `looplint new-rule`."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project_copy import ROOT, clean_environment, copy_project, unreachable_registry

PACK = ROOT / "tests" / "example_pack"
UNCLIPPED = """\
import torch


def train(model, loader, loss_fn):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss_fn(model(inputs), targets).backward()
        optimizer.step()
"""
CLIPPED = UNCLIPPED.replace(
    "        optimizer.step", "        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n        optimizer.step"
)


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)), cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=600
    )


def looplint(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "looplint", *arguments, folder=folder)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a fresh environment with looplint and the example pack."""
    if problem := unreachable_registry():
        pytest.skip(problem)
    folder = tmp_path_factory.mktemp("environment")
    shutil.copytree(PACK, folder / "pack")
    project = copy_project(folder / "looplint")
    made = run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", folder=folder)
    assert made.returncode == 0, made.stderr
    pip = (sys.executable, "-m", "pip", "--python", folder / "venv/bin/python")
    done = run(*pip, "install", "-q", project, folder / "pack", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder / "venv/bin"


def test_an_installed_pack_finds_its_mistake(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(UNCLIPPED)
    found = run(installed / "looplint", "--output-format", "concise", folder=tmp_path)
    assert found.returncode == 1, found.stderr
    assert found.stdout.startswith(
        "train.py:9:9: HOUSE001 unclipped-step (note): the gradients of this update were not clipped"
    )
    assert (
        "in this house gradients are clipped" in run(installed / "looplint", "rule", "HOUSE001", folder=tmp_path).stdout
    )
    (tmp_path / "train.py").write_text(CLIPPED)
    assert run(installed / "looplint", folder=tmp_path).returncode == 0


def test_a_folder_of_rules_named_in_the_configuration(tmp_path: Path) -> None:
    shutil.copytree(PACK / "house_rules", tmp_path / "lint" / "rules")
    (tmp_path / "looplint.toml").write_text('rule-packs = ["lint/rules"]\nseverity = { HOUSE001 = "error" }\n')
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text(UNCLIPPED)
    found = looplint("--output-format", "concise", "src", folder=tmp_path)
    assert (found.returncode, "src/train.py:9:9: HOUSE001 unclipped-step" in found.stdout) == (1, True), found.stderr
    assert "unclipped-step" in looplint("rule", folder=tmp_path).stdout
    (tmp_path / "src" / "train.py").write_text(CLIPPED)
    assert looplint("src", folder=tmp_path).returncode == 0


ASKS_ABOUT_A_FILE = """
from looplint.rule import NOTE, rule

@rule("HOUSE001", severity=NOTE)
def unclipped_step(file: "File"):
    yield
"""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("import no_such_module\n", "cannot be loaded: ModuleNotFoundError"),
        ("def (:\n", "cannot be loaded: SyntaxError"),
        ("\n", "expected exactly one rule, named unclipped-step; found none"),
        (ASKS_ABOUT_A_FILE, "its parameter is a `File`; a rule takes an `EventGraph`"),
        (None, "there is no such folder of rules"),
    ],
)
def test_a_folder_that_holds_no_rules_is_wrong_use(content: str | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "lint").mkdir()
        (tmp_path / "lint" / "unclipped_step.py").write_text(content)
    (tmp_path / "looplint.toml").write_text('rule-packs = ["lint"]\n')
    (tmp_path / "train.py").write_text(UNCLIPPED)
    done = looplint("train.py", folder=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr and "lint" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("code", "file", "word"),
    [
        ("LOOP201", "unclipped_step", "LOOP201"),
        ("LOOP001", "unclipped_step", "LOOP001"),
        ("HOUSE001", "missing_step", "missing-step"),
    ],
)
def test_a_rule_of_a_project_takes_no_code_or_name_that_is_taken(
    code: str, file: str, word: str, tmp_path: Path
) -> None:
    text = ASKS_ABOUT_A_FILE.replace('"File"', "EventGraph").replace("HOUSE001", code).replace("unclipped_step", file)
    (tmp_path / "lint").mkdir()
    (tmp_path / "lint" / f"{file}.py").write_text(f"from looplint.events import EventGraph\n{text}")
    (tmp_path / "looplint.toml").write_text('rule-packs = ["lint"]\n')
    (tmp_path / "train.py").write_text(UNCLIPPED)
    done = looplint("train.py", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"looplint: lint/{file}.py: `{word}` is LOOP"), done.stderr
    assert "already; choose another" in done.stderr


def test_an_error_in_a_rule_of_a_project_is_that_rules_own(tmp_path: Path) -> None:
    text = ASKS_ABOUT_A_FILE.replace('"File"', "EventGraph").replace("    yield", "    yield loop.nowhere")
    (tmp_path / "lint").mkdir()
    (tmp_path / "lint" / "unclipped_step.py").write_text(
        "from looplint.events import EventGraph\n" + text.replace("(file:", "(loop:")
    )
    (tmp_path / "looplint.toml").write_text('rule-packs = ["lint"]\n')
    (tmp_path / "train.py").write_text(UNCLIPPED)
    done = looplint("train.py", folder=tmp_path)
    assert done.returncode == 2
    first, second, *_ = done.stderr.splitlines()
    assert first.startswith(
        "looplint: lint/unclipped_step.py:7: HOUSE001 unclipped-step failed on `train`: AttributeError"
    )
    assert first.endswith(", in train.py") and "repair the rule" in second
    assert "report" not in done.stderr


def test_a_rule_of_a_project_has_no_page_of_looplint(tmp_path: Path) -> None:
    shutil.copytree(PACK / "house_rules", tmp_path / "lint" / "rules")
    (tmp_path / "looplint.toml").write_text('rule-packs = ["lint/rules"]\n')
    (tmp_path / "train.py").write_text(UNCLIPPED)
    found = json.loads(looplint("--output-format", "json", folder=tmp_path).stdout)
    assert [(finding["code"], finding["url"]) for finding in found] == [("HOUSE001", None)]
    done = looplint("rule", "--all", "--output-format", "markdown", "pages", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "pages" / "unclipped-step.md").read_text()
    assert page.startswith("# unclipped-step (HOUSE001)\n\nOther rules · ") and "History" not in page
    assert "[unclipped-step](unclipped-step.md)" in (tmp_path / "pages" / "README.md").read_text()


def test_a_new_rule_of_a_project_can_be_asked_at_once(tmp_path: Path) -> None:
    made = looplint("new-rule", "step-without-backward", "--folder", "lint/rules", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    files = ["lint/rules/step_without_backward.py", "lint/fixtures/step_without_backward.py"]
    assert made.stdout.splitlines() == files
    assert made.stderr.startswith('Next 1: put `rule-packs = ["lint/rules"]` into looplint.toml')
    for file in files:
        ast.parse((tmp_path / file).read_text())
    (tmp_path / "looplint.toml").write_text('rule-packs = ["lint/rules"]\n')
    assert "OWN001 step-without-backward" in looplint("rule", "OWN001", folder=tmp_path).stdout
    assert looplint(files[1], folder=tmp_path).returncode == 0
    assert "OWN001" in looplint("--show-settings", folder=tmp_path).stdout, "it is off"
    second = looplint("new-rule", "another", "--folder", "lint/rules", folder=tmp_path)
    assert "rule-packs" not in second.stderr and "Next 1: write the question" in second.stderr
    assert '@rule("OWN002"' in (tmp_path / "lint/rules/another.py").read_text(), second.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Missing_Step"], "expected words in lower case"),
        (["missing-zero-grad"], "there is a rule `missing-zero-grad` already"),
        (["brand-new", "--code", "LOOP201"], "the code LOOP201 is taken"),
        (["brand-new", "--code", "x1"], "expected capitals and three digits"),
        (["there-already"], "is there already; choose another name"),
    ],
)
def test_a_new_rule_takes_the_place_of_none(arguments: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "lint").mkdir()
    (tmp_path / "lint" / "there_already.py").write_text("mine = 1\n")
    done = looplint("new-rule", *arguments, "--folder", "lint", folder=tmp_path)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert [file.name for file in tmp_path.rglob("*.py")] == ["there_already.py"]


def test_the_tests_say_what_a_new_rule_of_looplint_still_lacks(tmp_path: Path) -> None:
    copy = copy_project(tmp_path / "looplint")
    env = {**os.environ, "PYTHONPATH": str(copy)}

    def python(*arguments: str) -> str:
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, timeout=600)
        return done.stdout + done.stderr

    assert len(python("looplint", "new-rule", "brand-new", "--code", "LOOP199").splitlines()) == 3
    tests = ("tests/test_project.py", "tests/test_fixtures.py", "-k", "brand or changelog", "-p", "no:cacheprovider")
    said = python("pytest", *tests)
    for failed in ("test_the_example_of_a_page", "test_every_finding_stands_where", "test_the_changelog_names"):
        assert f"FAILED tests/{'test_fixtures' if 'finding' in failed else 'test_project'}.py::{failed}" in said, said
    (copy / "reference" / "proofs" / "brand_new.py").unlink()
    assert "brand-new lacks brand_new.py there" in python("pytest", *tests)


SAVED = '''"""HOUSE002: see `saved_whole`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind
from looplint.rule import NOTE, Mistake, rule


@rule("HOUSE002", severity=NOTE)
def saved_whole(loop: EventGraph) -> Iterator[Mistake]:
    """Something is saved."""
    for event in loop.all(Kind.SAVE):
        yield Mistake(event, "it is saved")
'''
NAMED = '''"""HOUSE003: see `name_of_class`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind
from looplint.rule import NOTE, Mistake, rule


@rule("HOUSE003", severity=NOTE, needs=[Kind.DEFINE])
def name_of_class(graph: EventGraph) -> Iterator[Mistake]:
    """A module class."""
    for define in graph.all(Kind.DEFINE):
        yield Mistake(define, f"it is called {define.name}")
'''
WITHOUT_TRAINING = """\
import torch


class Scale(torch.nn.Module):
    def forward(self, x):
        return 2 * x


def keep(value, path):
    torch.save(value, path)
"""


def test_a_rule_of_a_project_is_asked_about_code_in_which_no_other_rule_finds_anything(tmp_path: Path) -> None:
    (tmp_path / "lint").mkdir()
    (tmp_path / "lint" / "saved_whole.py").write_text(SAVED)
    (tmp_path / "lint" / "name_of_class.py").write_text(NAMED)
    (tmp_path / "files.py").write_text(WITHOUT_TRAINING)
    assert looplint("files.py", folder=tmp_path).stdout == ""
    (tmp_path / "looplint.toml").write_text('rule-packs = ["lint"]\n')
    for named in ("files.py", "."):
        found = looplint("--output-format", "concise", named, folder=tmp_path).stdout.splitlines()
        assert [line.split(" (")[0] for line in found] == [
            "files.py:4:1: HOUSE003 name-of-class",
            "files.py:10:5: HOUSE002 saved-whole",
        ]

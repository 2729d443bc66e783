"""The hooks, run by the real `pre-commit` in a git repository: it refuses a mistake and lets its correction through.

pre-commit installs looplint and what it needs with pip, so this needs a package registry.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from project_copy import ROOT, clean_environment, copy_project, unreachable_registry

MISTAKEN = """\
import torch
from torch import nn


def train(loader):
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        loss = nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
"""
RIGHT = MISTAKEN.replace("        loss.backward()", "        optimizer.zero_grad()\n        loss.backward()")
DIRECT = RIGHT.replace("model(inputs)", "model.forward(inputs)")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[str, str]]:
    """A git repository that holds the hooks, its revision, and the environment in which git and pre-commit run."""
    if problem := unreachable_registry():
        pytest.skip(problem)
    folder = tmp_path_factory.mktemp("pre-commit")
    env = clean_environment(
        PRE_COMMIT_HOME=str(folder / "cache"),
        GIT_CONFIG_GLOBAL=str(folder / "gitconfig"),
        GIT_CONFIG_NOSYSTEM="1",
        PATH=f"{Path(sys.executable).parent}:{clean_environment()['PATH']}",
    )
    (folder / "gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n")
    repository = copy_project(folder / "looplint")
    for command in ("init -q", "add -A", "commit -q -m looplint"):
        subprocess.run(["git", *command.split()], cwd=repository, env=env, check=True)
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=repository, env=env, check=True, capture_output=True, text=True
    ).stdout.strip()
    return repository, revision, env


@pytest.fixture
def commit(hooks: tuple[Path, str, dict[str, str]], tmp_path: Path, request: pytest.FixtureRequest) -> Run:
    """Commits everything in `tmp_path`, a repository with the hook named by the test installed."""
    repository, revision, env = hooks
    config = {"repos": [{"repo": str(repository), "rev": revision, "hooks": [{"id": request.param}]}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=600)

    assert run("git", "init", "-q").returncode == 0
    installed = run("pre-commit", "install")
    assert installed.returncode == 0, installed.stderr

    def commit_all() -> subprocess.CompletedProcess[str]:
        assert run("git", "add", "-A").returncode == 0
        return run("git", "commit", "-m", "change")

    return commit_all


def notebook(code: str) -> str:
    cell: dict[str, Any] = {"cell_type": "code", "id": "c1", "metadata": {}, "outputs": [], "execution_count": None}
    book = {"cells": [{**cell, "source": code.splitlines(keepends=True)}], "metadata": {}, "nbformat": 4}
    return json.dumps({**book, "nbformat_minor": 5}, indent=1)


@pytest.mark.parametrize("commit", ["looplint"], indirect=True)
def test_a_commit_with_a_mistake_is_refused(commit: Run, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(MISTAKEN)
    (tmp_path / "notes.txt").write_text(MISTAKEN)
    (tmp_path / "book.ipynb").write_text(notebook(MISTAKEN))
    refused = commit()
    assert refused.returncode == 1, refused.stderr
    assert "train.py:10:9: LOOP201 missing-zero-grad" in refused.stderr
    assert "book.ipynb:cell 1:10:9: LOOP201" in refused.stderr and "notes.txt" not in refused.stderr
    (tmp_path / "train.py").write_text(RIGHT)
    (tmp_path / "book.ipynb").write_text(notebook(RIGHT))
    accepted = commit()
    assert accepted.returncode == 0, accepted.stderr
    # pre-commit names every changed file, also those that the project leaves out.
    (tmp_path / "looplint.toml").write_text('extend-exclude = ["third_party"]\n')
    (tmp_path / "third_party").mkdir()
    (tmp_path / "third_party/train.py").write_text(MISTAKEN)
    accepted = commit()
    assert accepted.returncode == 0, accepted.stderr


@pytest.mark.parametrize("commit", ["looplint-fix"], indirect=True)
def test_the_fixing_hook_mends_and_then_lets_through(commit: Run, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(DIRECT)
    refused = commit()
    assert refused.returncode == 1, refused.stderr
    assert "files were modified by this hook" in refused.stderr, refused.stderr
    assert (tmp_path / "train.py").read_text() == RIGHT
    accepted = commit()
    assert accepted.returncode == 0, accepted.stderr


CALLER = """\
import torch
from torch import nn
from helpers import prepare


def train(loader):
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        prepare(optimizer)
        loss = nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
"""
HELPER = "def prepare(optimizer):\n    optimizer.zero_grad()\n"


@pytest.mark.parametrize("commit", ["looplint"], indirect=True)
def test_a_commit_that_breaks_the_caller_of_what_it_changes_is_refused(commit: Run, tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text(HELPER)
    (tmp_path / "train.py").write_text(CALLER)
    accepted = commit()
    assert accepted.returncode == 0, accepted.stderr
    (tmp_path / "helpers.py").write_text(HELPER.replace("optimizer.zero_grad()", "print(optimizer)"))
    refused = commit()
    assert refused.returncode == 1, refused.stderr
    assert "train.py:12:9: LOOP201 missing-zero-grad" in refused.stderr


def test_the_manifest_is_valid_for_pre_commit() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout

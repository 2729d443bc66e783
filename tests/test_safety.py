"""The promises of the README, kept by the program as it is installed: what it lints is data."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from readme_parts import SHOWN

from looplint.cli.commands import main

LEAVE_A_TRACE = "from pathlib import Path\nPath(__file__).with_suffix('.ran').touch()\n"


def looplint(*arguments: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the installed program: unlike `python -m`, it does not look for its own modules in the current folder."""
    command = [str(Path(sys.executable).parent / "looplint"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=600)


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


@pytest.mark.parametrize("form", ["full", "concise", "grouped"])
def test_control_characters_do_not_reach_the_terminal(form: str, tmp_path: Path) -> None:
    said = SHOWN.replace("loss.backward()", "loss.backward()  # \x1b]0;owned\x07\x9b31m \u202e")
    for name in ("train.py", "tr\x1b[31main.py", "tr\nain.py", os.fsdecode(b"tr\xffain.py")):
        (tmp_path / name).write_text(said, encoding="utf-8")
    done = looplint("--output-format", form, "--color", "never", ".", folder=tmp_path)
    assert done.returncode == 1, done.stderr.decode()
    for stream in (done.stdout, done.stderr):
        shown = stream.decode("utf-8")
        assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere\x1b[31m.py"],
        ["--config", "x\x1b[31m"],
        ["--select", "LOOP\x1b[31m"],
        ["--stdin-filename", "x\x1b[31m.ipynb", "-"],
        ["graph", "tr\x1b[31main.py"],
        ["graph", "nowhere\x1b[31m.py"],
        ["--fix", "--unsafe-fixes", "--show-fixes", "."],
        ["--write-baseline", "--baseline", "b\x1b[31m.json", "."],
    ],
)
def test_control_characters_do_not_reach_the_terminal_in_any_other_message(
    arguments: list[str], tmp_path: Path
) -> None:
    said = SHOWN.replace("loss.backward()", "loss.backward()  # \x1b]0;owned\x07\x9b31m \u202e")
    (tmp_path / "tr\x1b[31main.py").write_text(said, encoding="utf-8")
    (tmp_path / "bro\x1b[31mken.py").write_text("import torch\nloss.backward(\n", encoding="utf-8")
    done = looplint(*arguments, folder=tmp_path)
    assert done.stdout or done.stderr
    for stream in (done.stdout, done.stderr):
        assert not [char for char in stream.decode() if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"]


WRITES_OUTSIDE = {
    "baseline": ("baseline = '{outside}/kept.json'", ["--write-baseline"]),
    "baseline above": ("baseline = '../kept.json'", ["--write-baseline"]),
    "baseline through a link": ("baseline = 'link/kept.json'", ["--write-baseline"]),
    "cache": ("cache-dir = '{outside}'", []),
    "cache through a link": ("cache-dir = 'link'", []),
    "cache in a variable": ("cache-dir = '$OUTSIDE'", []),
    "rules": ("rule-packs = ['{outside}']", []),
    "rules through a link": ("rule-packs = ['link']", []),
    "extended": ("extend = '{outside}/other.toml'", []),
}


@pytest.mark.parametrize("case", WRITES_OUTSIDE)
def test_a_configuration_does_not_write_or_run_anything_outside_of_its_project(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, arguments = WRITES_OUTSIDE[case]
    outside, project = tmp_path / "outside", tmp_path / "project"
    outside.mkdir()
    project.mkdir()
    (outside / "rule.py").write_text(LEAVE_A_TRACE)
    (outside / "other.toml").write_text("password = 'hunter2'\n")
    (project / "link").symlink_to(outside)
    (project / "train.py").write_text(SHOWN)
    (project / "looplint.toml").write_text(keys.format(outside=outside) + "\n")
    monkeypatch.setenv("OUTSIDE", str(outside))
    monkeypatch.setenv("TMPDIR", str(project))
    done = looplint(*arguments, ".", folder=project)
    assert done.returncode == 2
    assert b"hunter2" not in done.stdout + done.stderr
    assert sorted(path.name for path in outside.iterdir()) == ["other.toml", "rule.py"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside", "project"]


def test_what_the_user_names_may_lie_anywhere(tmp_path: Path) -> None:
    outside, project = tmp_path / "outside", tmp_path / "project"
    project.mkdir()
    (project / "train.py").write_text(SHOWN)
    os.utime(project / "train.py", (0, 0))  # what was written just now is not kept
    assert looplint("--cache-dir", str(outside / "cache"), ".", folder=project).returncode == 1
    assert looplint("--baseline", str(outside / "kept.json"), "--write-baseline", ".", folder=project).returncode == 0
    assert looplint("--baseline", str(outside / "kept.json"), ".", folder=project).returncode == 0
    assert sorted(path.name for path in outside.iterdir()) == ["cache", "kept.json"]


def test_a_cache_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    outside, project = tmp_path / "outside", tmp_path / "project"
    outside.mkdir()
    project.mkdir()
    (project / ".looplint_cache").symlink_to(outside)
    (project / "train.py").write_text(SHOWN)
    assert looplint(".", folder=project).returncode == 1
    assert looplint("clean", ".", folder=project).returncode == 0
    assert list(outside.iterdir()) == []


def test_a_system_file_in_place_of_a_configuration_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SHOWN)
    (tmp_path / "looplint.toml").write_text("extend = '/etc/passwd'\n")
    done = looplint(".", folder=tmp_path)
    assert done.returncode == 2
    assert b"root:" not in done.stdout + done.stderr
    assert b"/etc/passwd" in done.stderr


def test_no_other_program_s_cache_is_removed(tmp_path: Path) -> None:
    cache = tmp_path / "theirs"
    cache.mkdir()
    (cache / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n# Theirs.\n")
    (tmp_path / "looplint.toml").write_text("cache-dir = 'theirs'\n")
    looplint("clean", ".", folder=tmp_path)
    assert cache.is_dir()


DIES = """
import os, signal, sys
left = int(sys.argv.pop(1))
where = sys.argv.pop(1)

def die(event, arguments):
    global left
    left -= event == where
    if left == 0 and event == where:
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(die)
from looplint.__main__ import main
main()
"""


@pytest.mark.parametrize("time", [1, 2, 3])
@pytest.mark.parametrize("where", ["tempfile.mkstemp", "os.chmod", "os.rename", "os.remove"])
def test_a_run_that_is_killed_leaves_whole_files(
    where: str, time: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "looplint.toml").touch()
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_text(SHOWN, encoding="utf-8")
        os.utime(tmp_path / name, (0, 0))  # what was written just now is not kept
    command = [sys.executable, "-c", DIES, str(time), where, "--fix", "--unsafe-fixes", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=600)
    assert done.returncode == -signal.SIGKILL or where == "os.remove"
    held = {(tmp_path / name).read_text(encoding="utf-8") for name in ("a.py", "b.py", "c.py")}
    monkeypatch.chdir(tmp_path)
    assert main(["--fix", "--unsafe-fixes", "."]) == 0
    [fixed] = {(tmp_path / name).read_text(encoding="utf-8") for name in ("a.py", "b.py", "c.py")}
    assert held <= {SHOWN, fixed}

"""The cache answers only what is still true, and its loss costs nothing but time."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from looplint.project.config import Configuration
from looplint.project.files_to_lint import files
from looplint.run.api import lint
from looplint.run.cache_folder import MARKS
from looplint.run.check_file import Checker
from looplint.run.result import Result

LOOP = """\
import torch
from update import update

def train(model: torch.nn.Module, loader, loss_fn):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        update(optimizer)
"""
CLEARS = "def update(optimizer):\n    optimizer.step()\n    optimizer.zero_grad()\n"
FORGETS = "def update(optimizer):\n    optimizer.step()\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A loop, the function in another file that it calls, and a file without a loop."""
    monkeypatch.chdir(tmp_path)
    for name, content in (("looplint.toml", ""), ("train.py", LOOP), ("update.py", CLEARS), ("other.py", "x = 1\n")):
        write(tmp_path / name, content)
    return tmp_path


def write(path: Path, content: str) -> None:
    """As if it had been written a while ago: what has just been written to is not kept."""
    path.write_text(content)
    write.clock += 1  # type: ignore[attr-defined]
    past = time.time_ns() - 10**12 + write.clock * 10**9  # type: ignore[attr-defined]
    os.utime(path, ns=(past, past))


write.clock = 0  # type: ignore[attr-defined]


def run(**options: object) -> Result:
    configuration = Configuration(options=options)
    return lint(list(files(["."], configuration)), configuration, cache=True)


def names(result: Result) -> set[tuple[str, str]]:
    return {(finding.filename, finding.name) for finding in result.findings}


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were not answered from the cache."""
    seen: list[str] = []
    check_file: Callable[..., object] = Checker.check_file

    def noted(self: Checker, path: str) -> object:
        seen.append(path)
        return check_file(self, path)

    monkeypatch.setattr(Checker, "check_file", noted)
    return seen


def test_what_has_not_changed_is_not_checked_again(project: Path, checked: list[str]) -> None:
    first = run()
    assert sorted(checked) == ["other.py", "train.py", "update.py"]
    checked.clear()
    again = run()
    assert (checked, again.findings, again.loops, again.files) == ([], first.findings, first.loops, first.files)


@pytest.mark.parametrize(
    "change",
    [
        lambda: write(Path("update.py"), FORGETS),
        lambda: Path("update.py").unlink() or write(Path("update.py"), FORGETS),  # type: ignore[func-returns-value]
    ],
)
def test_a_file_that_took_part_changes_what_is_found(project: Path, change: Callable[[], None]) -> None:
    assert ("train.py", "missing-zero-grad") not in names(run())
    change()
    assert names(run()) == names(lint(list(files(["."], Configuration())), Configuration()))
    assert ("train.py", "missing-zero-grad") in names(run())


def test_a_file_that_begins_to_train_changes_what_its_importers_are(project: Path) -> None:
    write(Path("update.py"), "def update(model, loader, optimizer):\n    return None\n")
    main = "from update import update\n\ndef main(model, loader, optimizer):\n    for _ in range(3):\n"
    write(Path("train.py"), main + "        update(model, loader, optimizer)\n")
    configuration = Configuration()
    assert lint(["train.py"], configuration, cache=True).findings == []
    steps = "    for x in loader:\n        model(x).mean().backward()\n        optimizer.step()\n"
    write(Path("update.py"), "def update(model, loader, optimizer):\n" + steps)
    assert names(lint(["train.py"], configuration, cache=True)) == {("update.py", "missing-zero-grad")}


def test_a_new_caller_changes_what_is_found(project: Path) -> None:
    write(Path("lone.py"), LOOP.replace("from update import update", "def update(optimizer):\n    optimizer.step()"))
    assert ("lone.py", "missing-zero-grad") in names(run())
    caller = "import lone\n\ndef main(model, optimizer):\n    lone.update(optimizer)\n    optimizer.zero_grad()\n"
    write(Path("caller.py"), caller)
    assert names(run()) == names(lint(list(files(["."], Configuration())), Configuration()))


def test_a_touched_file_counts_by_its_content(project: Path, checked: list[str]) -> None:
    run()
    checked.clear()
    os.utime("other.py", ns=(1, 1))
    run()
    assert "other.py" not in checked


def test_settings_have_results_of_their_own(project: Path) -> None:
    write(Path("update.py"), FORGETS)
    assert names(run())
    assert not names(run(ignore=["ALL"]))
    assert names(run())


def test_no_cache_leaves_nothing_behind(project: Path) -> None:
    run(cache=False)
    assert not Path(".looplint_cache").exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: b"\x80garbage",
        lambda whole: b"[]",
        lambda whole: b'{"train.py": {"stamp": []}}',
        lambda whole: whole[:-1],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole.replace(b'"row":', b'"wor":', 1),
        lambda whole: whole.replace(b'"column":9', b'"column":5'),
        lambda whole: b"[" * 100_000,
    ],
)
def test_a_corrupted_cache_is_as_good_as_none(damage: Callable[[bytes], bytes], project: Path) -> None:
    write(Path("update.py"), FORGETS)
    first = run()
    assert first.findings
    kept = list(Path(".looplint_cache").rglob("*.json"))
    assert kept
    for path in kept:
        whole = path.read_bytes()
        path.write_bytes(damage(whole))
        assert path.read_bytes() != whole
    again = run()
    assert (again.findings, again.notes) == (first.findings, first.notes)


def test_times_that_are_set_by_hand_hide_no_change(project: Path) -> None:
    Path("update.py").write_text(CLEARS)
    os.utime("update.py", (0, 0))
    assert ("train.py", "missing-zero-grad") not in names(run())
    Path("update.py").write_text(FORGETS + "#" * (len(CLEARS) - len(FORGETS)))
    os.utime("update.py", (0, 0))
    assert ("train.py", "missing-zero-grad") in names(run())


@pytest.fixture
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder on a disk without any room left."""
    folder = tmp_path_factory.mktemp("full")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("needs a file system of its own, which only root may mount")
    try:
        with contextlib.suppress(OSError):
            (folder / "fills").write_bytes(bytes(1 << 16))
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_costs_the_cache_and_leaves_nothing_in_parts(project: Path, full: Path) -> None:
    home = full / "cache"
    result = run(**{"cache-dir": str(home)})
    assert len([note for note in result.notes if "No space left" in str(note)]) == 1
    assert not [path for path in home.rglob("*") if path.is_file()]
    (full / "fills").unlink()
    assert not run(**{"cache-dir": str(home)}).notes
    assert (home / "CACHEDIR.TAG").read_text() == MARKS["CACHEDIR.TAG"]


def test_a_folder_that_cannot_be_written_is_reported_once(project: Path) -> None:
    Path("taken").write_text("a file")
    write(Path("update.py"), FORGETS)
    result = run(**{"cache-dir": "taken"})
    assert names(result)
    assert len([note for note in result.notes if "--cache-dir" in str(note)]) == 1


def test_runs_at_the_same_time_and_killed_ones_leave_whole_files(project: Path) -> None:
    command = [sys.executable, "-m", "looplint", "--output-format", "json", "."]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    runs[0].kill()
    outputs = {each.communicate()[0] for each in runs[1:]}
    assert len(outputs) == 1
    for path in Path(".looplint_cache").rglob("*.json"):
        assert isinstance(json.loads(path.read_text()), dict)


def test_what_is_kept_is_marked_as_a_cache(project: Path) -> None:
    run()
    assert Path(".looplint_cache", "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert Path(".looplint_cache", ".gitignore").read_text() == "*\n"

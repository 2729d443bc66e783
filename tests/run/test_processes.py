"""Files distributed over processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from looplint.run import processes
from looplint.run.processes import TURNS, portions


def sized(folder: Path, **sizes: int) -> list[str]:
    for name, size in sizes.items():
        place = folder / name.replace("_", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"#" * size)
    return [str(folder / name.replace("_", "/")) for name in sizes]


def test_each_file_is_in_one_portion_and_the_largest_comes_first(tmp_path: Path) -> None:
    files = sized(tmp_path, a_1=10, b_1=4000, a_2=10, b_2=10)
    found = portions(files, 1)
    assert sorted(path for portion in found for path in portion) == sorted(files)
    assert found[0] == [files[1]]


def test_files_of_one_folder_stay_together(tmp_path: Path) -> None:
    files = sized(tmp_path, **{f"{folder}_{i}": 10 for i in range(TURNS) for folder in "ab"})
    *whole, _ = portions(files, 1)
    assert whole
    assert [portion for portion in whole if len({Path(path).parent for path in portion}) != 1] == []


def test_no_portion_is_larger_than_a_process_can_share(tmp_path: Path) -> None:
    big = processes.PORTION // 2 + 1
    found = portions(sized(tmp_path, **{f"a_{i}": big for i in range(60)}), 1)
    assert {len(portion) for portion in found} == {1}


def test_a_file_that_is_gone_counts_nothing(tmp_path: Path) -> None:
    assert portions([str(tmp_path / "gone.py")], 2) == [[str(tmp_path / "gone.py")]]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_the_processes_of_a_killed_run_end(name: str, tmp_path: Path) -> None:
    # Larger than a pipe: a process that is left over waits for somebody to read what it has found.
    body = "def train_{}(model, optimizer, loader):\n    for x in loader:\n        model(x).backward()\n"
    body += "        optimizer.step()\n"
    for number in range(40):
        (tmp_path / f"train_{number}.py").write_text("".join(body.format(each) for each in range(60)))
    command = [sys.executable, "-m", "looplint", "--no-cache", "--jobs", "2", "--output-format", "concise"]
    with subprocess.Popen([*command, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.send_signal(signal.Signals[name])
        # It ends when nobody can write any more, so when the last process has ended.
        while os.read(run.stdout.fileno(), 1 << 16):
            pass
    assert run.returncode == -signal.Signals[name]

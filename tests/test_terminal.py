"""What a terminal of 80 columns shows: rows that fit, words that are whole, a bar that goes away."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from test_cli import WRONG

from looplint.cli.terminal import filled


def on_terminal(folder: Path, *command: str, columns: int = 80) -> str:
    """What a command prints on a terminal, stdout and stderr together."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    hidden = ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "CI")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    process = subprocess.Popen(
        command, cwd=folder, stdin=slave, stdout=slave, stderr=slave, env={**environment, "TERM": "xterm"}
    )
    os.close(slave)
    shown = b""
    try:
        while part := os.read(master, 65536):
            shown += part
    except OSError:
        pass  # The other end is closed.
    os.close(master)
    process.wait()
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["train.py"],
        ["--statistics", "train.py"],
        ["nowhere-at-all/and-not-in-any-other-folder-either/training_script.py"],
        ["--write-baseline", "--baseline", "a/folder/with/a/name/that/is/long/enough/looplint-baseline.json", "."],
        ["rule"],
        ["rule", "missing-zero-grad"],
        ["rule", "softmax-before-cross-entropy"],
        ["graph", "train.py"],
    ],
)
def test_rows_fit_and_words_are_whole(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WRONG)
    command = (sys.executable, "-m", "looplint", *arguments)
    shown = re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", on_terminal(tmp_path, *command))
    rows = shown.splitlines()
    assert rows
    assert [row for row in rows if len(row) > 80 and " " in row.strip("- ")] == []
    piped = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    if arguments[0] == "rule":
        assert set(shown.split()) == set(piped.stdout.split())


def test_a_line_in_a_pipe_stays_one() -> None:
    text = "word " * 40
    assert filled(text, None) == text
    assert filled("`a b` " * 9, 20).split("\n")[0] == "`a b` `a b` `a b`"


_SLOW = """
import sys, time
from looplint.cli.progress import progress
with progress(4, on=True) as bar:
    for done in range(4):
        time.sleep(0.6)
        bar and bar.advance(done + 1, 4)
print("done")
"""


def test_a_long_run_has_a_bar_that_goes_away(tmp_path: Path) -> None:
    shown = on_terminal(tmp_path, sys.executable, "-c", _SLOW)
    assert "Linting" in shown
    assert "4/4" in shown
    assert shown.endswith("\x1b[1A\x1b[2Kdone\n")
    piped = subprocess.run([sys.executable, "-c", _SLOW], capture_output=True, text=True)
    assert (piped.stdout, piped.stderr) == ("done\n", "")

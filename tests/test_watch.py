"""`--watch`, as a user runs it: files change, and what depends on them is reported anew."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest
from test_workspace import ENGINE, FILES, MODEL

BROKEN = MODEL.replace("    optimizer.zero_grad()\n", "    pass\n")


def _heeds_interrupts() -> None:
    """A shell that runs the tests in the background hands down that interrupts are ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Watching:
    """A running `looplint --watch`."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = [sys.executable, "-m", "looplint", "--watch", "--output-format", "concise", *options]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            preexec_fn=_heeds_interrupts,
        )
        self._rows: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for row in self.process.stdout:
            self._rows.put(row.rstrip("\n"))

    def report(self, end: str = "Watching for changes") -> list[str]:
        """The rows up to the one with these words."""
        rows: list[str] = []
        while not rows or end not in rows[-1]:
            try:
                rows.append(self._rows.get(timeout=120))
            except Empty:
                raise AssertionError(f"nothing more after {rows}; ended: {self.process.poll()}") from None
        return rows[:-1]

    def until(self, words: str) -> list[str]:
        """The first report with these words in it: one change may come as several."""
        while True:
            rows = self.report()
            if any(words in row for row in rows):
                return rows

    def end(self) -> tuple[int, list[str]]:
        """Interrupt it. Returns the exit status, and what it printed after its last report."""
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(timeout=120)
        self._reader.join(timeout=120)
        return status, [self._rows.get() for _ in range(self._rows.qsize())]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def watching(project: Path) -> Iterator[Watching]:
    found = Watching(project)
    yield found
    found.process.kill()
    found.process.wait()


def test_what_depends_on_a_changed_file_is_reported_and_an_interrupt_ends_it(project: Path, watching: Watching) -> None:
    assert watching.report()[-1].endswith("nothing wrong")
    (project / "model.py").write_text(BROKEN, encoding="utf-8")
    rows = watching.until("mistake")
    assert rows[0].endswith("model.py: Linting again.")
    assert rows[1].startswith("engine.py:11:9: LOOP201 missing-zero-grad: ")
    assert "\x1b" not in "".join(rows)
    (project / "model.py").write_text(MODEL, encoding="utf-8")
    watching.until("nothing wrong")
    assert watching.end() == (0, [])


def test_files_that_come_and_go_and_the_configuration_are_noticed(project: Path, watching: Watching) -> None:
    watching.report()
    (project / "more.py").write_text(ENGINE + "print(\n", encoding="utf-8")
    watching.until("more.py:13:6: LOOP002 syntax-error")
    (project / "more.py").unlink()
    assert not any(row.startswith("more.py:") for row in watching.until("in 4 files"))
    (project / "model.py").write_text(BROKEN, encoding="utf-8")
    watching.until("LOOP201")
    (project / "pyproject.toml").write_text("[tool.looplint]\nignor = []\n", encoding="utf-8")
    watching.report("unknown key `ignor`; did you mean `ignore`?")
    (project / "pyproject.toml").write_text('[tool.looplint]\nignore = ["LOOP201"]\n', encoding="utf-8")
    watching.until("nothing wrong")


@pytest.mark.parametrize("option", ["--fix", "--write-baseline", "-"])
def test_what_has_no_place_in_watching_is_refused(option: str, project: Path) -> None:
    command = [sys.executable, "-m", "looplint", "--watch", option]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, input="")
    assert done.returncode == 2
    assert done.stderr.startswith("looplint: `--watch` only reports findings in files")

"""Supervises the linting process: it is killed when it hangs or takes too much memory, and replaced."""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from typing import Any

from looplint.corpus.job import Job
from looplint.version import VERSION

ATTEMPTS = 2
"""Processes that try a unit: if it fails in a second one as well, the cause is not what the first had done before."""

START = 60.0
"""Seconds for the start of a process, added to the limit for a file."""

LOOK = 0.1
"""Seconds between two checks of the process's memory."""


@dataclasses.dataclass(slots=True)
class Attempt:
    """The result of one process for a unit. `state`: as in `schema.STATES`. `reading`: the file at which it ended."""

    state: str = "died"
    error: str = ""
    reading: str = ""
    peak_memory: int = 0
    files: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    findings: list[dict[str, Any]] = dataclasses.field(default_factory=list)


class Linter:
    """Lints repositories in a process of its own, one after the other. `reading`: the current file."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._errors: Any = None
        self.reading = ""

    def lint(self, repository: str, folder: str, source: str) -> dict[str, Any]:
        """Lint the repository in a folder; returns a row of `schema.PART`."""
        started = time.monotonic()
        failures: list[str] = []
        attempt = self._attempt(repository, folder)
        while attempt.state != "done":
            failures.append(attempt.error)
            self.stop()
            if len(failures) == ATTEMPTS:
                break
            attempt = self._attempt(repository, folder)
        return part(
            repository,
            source,
            attempt.state,
            attempts=min(ATTEMPTS, len(failures) + 1),
            files=attempt.files,
            findings=attempt.findings,
            seconds=time.monotonic() - started,
            peak_memory=attempt.peak_memory,
            error="; then ".join(dict.fromkeys(failures)),
        )

    def stop(self) -> None:
        """End the process; the next unit starts a new one."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()
            self._process = None
        for opened in (self._connection, self._errors):
            if opened is not None:
                opened.close()
        self._connection = self._errors = None

    def _attempt(self, repository: str, folder: str) -> Attempt:
        attempt = Attempt()
        self.reading = ""  # no longer the file at which the process before it ended
        try:
            connection = self._started()
            connection.send((repository, folder, self._job))
            # The time of its imports is not charged to a file.
            last = time.monotonic() + START
            while True:
                if connection.poll(LOOK):
                    message = connection.recv()
                    last = time.monotonic()
                    attempt.reading = self.reading = message.get("next", "")
                    if "file" in message:
                        attempt.files.append(message["file"])
                        attempt.findings += message["findings"]
                    if "end" in message:
                        attempt.state = "done"
                        attempt.peak_memory = max(attempt.peak_memory, message["peak_memory"])
                        return attempt
                attempt.peak_memory = max(attempt.peak_memory, self._memory())
                if attempt.peak_memory > self._job.memory:
                    attempt.state = "memory"
                    attempt.error = f"took more than {self._job.memory >> 20} MiB of memory{_at(attempt)}"
                    return attempt
                if time.monotonic() - last > self._job.timeout:
                    attempt.state = "hung"
                    attempt.error = f"finished no file within {self._job.timeout:g} seconds{_at(attempt)}"
                    return attempt
        except (EOFError, OSError):
            attempt.error = f"{self._how_it_ended()}{_at(attempt)}"
            return attempt

    def _started(self) -> Connection:
        if self._connection is None:
            self._connection, theirs = multiprocessing.Pipe()
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115
            # -P: do not import from the current folder.
            command = [sys.executable, "-P", "-m", "looplint.corpus.lint_process", str(theirs.fileno())]
            here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
            path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), here)))
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"},
            )
            theirs.close()
        return self._connection

    def _memory(self) -> int:
        """Current resident memory of the process in bytes; 0 if the system does not say."""
        assert self._process is not None
        try:
            with open(f"/proc/{self._process.pid}/statm", encoding="ascii") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError, IndexError):
            return 0

    def _how_it_ended(self) -> str:
        if self._process is None:
            return "the process could not be started"
        status = self._process.wait()
        self._errors.seek(0)
        last = self._errors.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return f"the process ended with {how}" + (f" ({last})" if last else "")


def _at(attempt: Attempt) -> str:
    return f" at {attempt.reading}" if attempt.reading else ""


def part(
    repository: str,
    source: str,
    state: str,
    *,
    attempts: int = 0,
    files: list[dict[str, Any]] | None = None,
    findings: list[dict[str, Any]] | None = None,
    seconds: float = 0.0,
    peak_memory: int = 0,
    error: str = "",
) -> dict[str, Any]:
    """A row of `schema.PART`."""
    files = files or []
    return {
        "of": 1,
        "unit": {
            "repository": repository,
            "source": source,
            "state": state,
            "attempts": attempts,
            "files": len(files),
            "lines": sum(file["lines"] for file in files),
            "loops": sum(file["loops"] for file in files),
            "findings": len(findings or []),
            "seconds": seconds,
            "peak_memory": peak_memory,
            "error": error,
            "version": VERSION,
        },
        "files": files,
        "findings": findings or [],
    }

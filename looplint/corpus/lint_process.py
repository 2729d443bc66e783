"""The linting process: one repository after the other, each in a fresh state, with all imports done.

It uses neither Ray nor Arrow. Its supervisor (`supervise`) may kill it at any time; it ends when its parent is gone.
"""

from __future__ import annotations

import faulthandler
import gc
import io
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

from looplint.corpus.job import Job
from looplint.finding import Finding
from looplint.findings.source_texts import Texts
from looplint.project.catalog import rules_with
from looplint.project.config import Configuration
from looplint.project.files_to_lint import files
from looplint.report import Context, write
from looplint.run.api import lint_each, without_repeats
from looplint.sources import bytes_of
from looplint.version import VERSION

WIDTH = 100
"""Columns of a finding's code frame."""

GRACE = 60.0
"""Seconds after the time limit at which the process ends by itself, if nobody has killed it."""


def lint_repository(repository: str, job: Job) -> Iterator[dict[str, Any]]:
    """Lint the current folder. Yields a message with the number of files, one when each file is started and one when it
    is finished, and one at the end."""
    configuration = Configuration(job.config, isolated=job.config is None, options=job.options)
    names = list(files(["."], configuration))
    preview = {rule.code for rule in rules_with(configuration.for_folder(".").rule_packs) if rule.preview}
    reported: set[tuple[object, ...]] = set()
    started = time.process_time()
    yield {"files": len(names), "next": names[0] if names else ""}
    for number, (name, checked) in enumerate(lint_each(names, configuration), 1):
        result, now = without_repeats(checked.result, reported), time.process_time()
        data = bytes_of(name)
        yield {
            "file": {
                "repository": repository,
                "path": _plain(name),
                "digest": checked.digest,
                "lines": data.count(b"\n") + (data[-1:] not in (b"", b"\n")),
                "loops": sum(place[0] == os.path.abspath(name) for place in result.followed),
                "findings": len(result.findings),
                "notes": [_clean(note.message) for note in result.notes],
                "errors": [_clean(error.what) for error in result.errors],
                "seconds": now - started,
                "cut_off": checked.given_up,
                "version": VERSION,
            },
            "findings": _rows(repository, result.findings, preview),
            "next": names[number] if number < len(names) else "",
        }
        started = now
    yield {"end": True, "peak_memory": _peak_memory()}


def _rows(repository: str, findings: list[Finding], preview: set[str]) -> list[dict[str, Any]]:
    texts = Texts()
    return [
        {
            "repository": repository,
            "path": _plain(finding.filename),
            "cell": _cell(finding.cell),
            "row": finding.location.row,
            "column": finding.location.column,
            "end_row": finding.end_location.row,
            "end_column": finding.end_location.column,
            "code": finding.code,
            "name": finding.name,
            "severity": str(finding.severity),
            "message": _clean(finding.message),
            "trace": [
                {
                    "path": _plain(step.filename),
                    "cell": _cell(step.cell),
                    "row": step.location.row,
                    "column": step.location.column,
                    "end_row": step.end_location.row,
                    "end_column": step.end_location.column,
                    "message": _clean(step.message),
                }
                for step in finding.trace
            ],
            "preview": finding.code in preview,
            "picture": _picture(finding, texts),
            "version": VERSION,
        }
        for finding in findings
    ]


def _cell(index: int | None) -> int | None:
    """Cells count from 1 in all of looplint's output."""
    return None if index is None else index + 1


def _picture(finding: Finding, texts: Texts) -> str:
    stream = io.StringIO()
    write("full", [finding], stream, Context(version=VERSION, width=WIDTH, lines=texts.lines, edits=texts.edits))
    return _clean(stream.getvalue().rstrip("\n"))


def _plain(name: str) -> str:
    return _clean(os.path.normpath(name).replace(os.sep, "/"))


def _clean(text: str) -> str:
    """Text that UTF-8 can encode: file names may contain undecodable bytes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _forget_peak_memory() -> None:
    """Reset the peak of the resident memory, where the system can do that (Linux: proc(5), clear_refs)."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def _peak_memory() -> int:
    """The peak of resident memory in bytes."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _end_with(parent: int) -> None:
    """Exit when the parent is gone: nobody reads the result."""
    while os.getppid() == parent:
        time.sleep(2)
    os._exit(1)


def serve(connection: Connection, lint: Callable[[str, Job], Iterator[dict[str, Any]]] = lint_repository) -> None:
    """Lint what the connection requests (name, folder, job), until it is closed."""
    gc.disable()
    gc.collect()
    gc.freeze()
    while True:
        try:
            repository, folder, job = connection.recv()
        except EOFError:
            return
        os.chdir(folder)
        _forget_peak_memory()
        for message in lint(repository, job):
            faulthandler.dump_traceback_later(job.timeout + GRACE, exit=True)
            connection.send(message)
        faulthandler.cancel_dump_traceback_later()
        os.chdir(os.path.dirname(os.path.abspath(os.sep)))
        gc.collect()


def main() -> None:
    from looplint.findings import suppress  # noqa: F401
    from looplint.project import catalog, selection  # noqa: F401
    from looplint.run import analysis, check_file  # noqa: F401

    catalog.rules()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    serve(Connection(int(sys.argv[1])))


if __name__ == "__main__":
    main()

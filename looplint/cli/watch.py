"""`looplint --watch`: lint again whenever a file changes, together with what depends on it."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import click

from looplint.cli.failure import Failure
from looplint.cli.terminal import say
from looplint.cli.write_report import write_report
from looplint.finding import Finding
from looplint.findings.source_texts import Texts
from looplint.project.config import FILE_NAMES
from looplint.project.settings import WrongUse
from looplint.run.result import Result
from looplint.run.workspace import Workspace
from looplint.sources import DEFAULT_EXTENSIONS

STEP = 200
"""Milliseconds between checks for an interrupt."""

if TYPE_CHECKING:
    from looplint.cli.lint import Run


def watch(begin: Callable[[], Run]) -> int:
    """Lint until interrupted. `begin`: creates a run, with the current files and configuration. Returns the exit
    status. Raises Failure on a usage error."""
    if importlib.util.find_spec("watchfiles") is None:
        raise Failure("`--watch` needs watchfiles, which is not installed here: pip install 'looplint[watch]'")
    from watchfiles import watch as changes_in

    try:
        watched = _Watched(begin)
        # The first report waits until changes are being watched, so that none is missed.
        noticed = changes_in(
            *watched.folders,
            watch_filter=lambda _, path: _matters(path),
            yield_on_timeout=True,
            rust_timeout=STEP,
        )
        for number, changes in enumerate(noticed):
            if not number:
                watched.everything()
            elif changes:
                watched.changed({path for _, path in changes})
    except KeyboardInterrupt:
        pass
    return 0


class _Watched:
    """The watched files, and the findings in each."""

    def __init__(self, begin: Callable[[], Run]) -> None:
        self._begin = begin
        self._run = begin()
        self._workspace = Workspace(lambda: self._run.configure())
        self._found: dict[str, Result] = {}
        self.folders = sorted({os.path.abspath(path) for path in self._run.request.paths or (".",)})

    def everything(self) -> None:
        """Lint all files, and report."""
        self._workspace.reset()
        self._found.clear()
        self._lint(self._names())

    def changed(self, paths: Collection[str]) -> None:
        """Lint changed files and what depends on them, and report."""
        if not self._run.request.quiet:
            say(f"[{time.strftime('%H:%M:%S')}] {', '.join(sorted(map(os.path.relpath, paths)))}: Linting again.")
        try:
            files_moved = any((path in self._found) != os.path.exists(path) for path in paths)
            if files_moved or any(os.path.basename(path) in FILE_NAMES for path in paths):
                self._run = self._begin()
                self.everything()
            else:
                self._lint({other for path in paths for other in self._workspace.changed(path)})
        except WrongUse as error:
            # The configuration is being edited: the next change may correct it.
            click.clear()
            say(f"looplint: {error}")

    def _names(self) -> dict[str, str]:
        """The files by absolute path, with the names to show."""
        return {os.path.abspath(name): name for name in self._run.files}

    def _lint(self, paths: Collection[str]) -> None:
        started = time.perf_counter()
        names = self._names()
        for path in [path for path in names if path in paths]:
            checked = self._workspace.check(path)
            if checked is not None:
                self._found[path] = _shown(checked.result, names)
        self._workspace.tidy()
        click.clear()
        result = Result()
        for path in names:
            result.add(self._found[path])
        texts = Texts()
        # A mistake is found from each file that leads to it.
        found = sorted(dict.fromkeys(result.findings), key=lambda finding: finding.sort_key)
        findings = self._run.known_findings.new(found, texts)
        self._run.messages.print_notices(result)
        write_report(self._run, findings, texts)
        self._run.messages.summary(findings, result, time.perf_counter() - started, texts)
        if not self._run.request.quiet:
            say(f"[{time.strftime('%H:%M:%S')}] Watching for changes; Ctrl-C ends it.")


def _matters(path: str) -> bool:
    name = os.path.basename(path)
    return name in FILE_NAMES or os.path.splitext(name)[1].lower() in DEFAULT_EXTENSIONS


def _shown(result: Result, names: dict[str, str]) -> Result:
    """The result with the file names to show: as they were passed, others relative to the current folder."""

    def name(path: str) -> str:
        return names.get(path) or (os.path.relpath(path) if os.path.isabs(path) else path)

    def shown(finding: Finding) -> Finding:
        trace = tuple(dataclasses.replace(step, filename=name(step.filename)) for step in finding.trace)
        return dataclasses.replace(finding, filename=name(finding.filename), trace=trace)

    notes = []
    for note in result.notes:
        path = note.path if note.path in names else ""
        shown_note = dataclasses.replace(note, text=name(path) + note.text.removeprefix(path), path=name(path))
        notes.append(shown_note if path else note)
    return dataclasses.replace(result, findings=list(map(shown, result.findings)), notes=notes)

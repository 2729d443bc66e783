"""Linting in its own thread: the last edit comes first, and checks whose answer is no longer needed are dropped.

Requests to the worker are queued and handled between two checks, since a workspace is not thread-safe. An error in a
request ends only that request.
"""

from __future__ import annotations

import dataclasses
import os
import threading
import time
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from looplint.finding import Finding
from looplint.findings import baseline
from looplint.findings.source_texts import Texts
from looplint.notice import DETAILS
from looplint.project.files_to_lint import files, is_excluded
from looplint.project.settings import WrongUse
from looplint.project.syntax_error import SYNTAX_ERROR
from looplint.run.workspace import Workspace

QUIET = 0.005
"""Seconds without a keystroke after which linting begins."""

LONGEST = 0.2
"""Seconds after which it begins in any case."""

PATIENCE = 1.0
"""Seconds after which a check is completed although more was typed: someone who never pauses needs results, too."""

EDITED, OPEN, RELATED, SCANNED = range(4)
"""Priorities, highest first."""

FIRST_LOOK = 4000
"""Files that are linted without having been opened, at most; further ones show findings once opened."""

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """The result of linting a file. `text`: the linted content. `notes`: what could not be read."""

    path: str
    text: bytes
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Listener:
    """Callbacks, called in the worker's thread. `answered`: the result of a file. `scanned`: how many of how many files
    a scan of folders has done; the last report has all of them. `wrong`: a mistake in the configuration. `failed`:
    another error, such as an internal one."""

    answered: Callable[[Answer], None]
    scanned: Callable[[int, int], None]
    wrong: Callable[[str], None]
    failed: Callable[[str], None]


class Worker(threading.Thread):
    """Checks files and reports to a listener. `options`: keys of the configuration that override files."""

    def __init__(self, listener: Listener, options: Mapping[str, Any] | None = None) -> None:
        super().__init__(name="looplint", daemon=True)
        self._listener = listener
        self._workspace = Workspace(superseded=self._is_superseded)
        self._changed = threading.Condition()
        self._orders: list[Callable[[], None]] = []
        self._edits: dict[str, bytes | None] = {}
        self._last_edit = 0.0
        self._unanswered = 0.0
        self._closing = False
        # The rest belongs to the worker's own thread.
        self._waiting: dict[str, int] = {}
        self._answers: dict[str, Answer] = {}
        self._open: set[str] = set()
        self._stamps: dict[str, tuple[int, int] | None] = {}
        self._to_scan: set[str] = set()
        self._scanned = 0
        self._said_wrong = ""
        if options:
            self.set_options(options)

    # Requests, from any thread

    def edit(self, path: str, text: bytes | None) -> None:
        """Set the text of a file; None: use the file on disk."""
        with self._changed:
            self._edits[path] = text
            self._last_edit = time.monotonic()
            self._unanswered = self._unanswered or self._last_edit
            self._changed.notify()

    def recheck(self) -> None:
        """Check whether known files have changed on disk."""
        self._order(self._recheck)

    def files_moved(self, paths: Collection[str]) -> None:
        """Files were created or deleted."""
        self._order(lambda: self._came_or_went(paths))

    def scan(self, folders: Sequence[str]) -> None:
        """Lint the files in these folders when there is nothing else to do."""
        self._order(lambda: self._begin_scan(folders))

    def set_options(self, options: Mapping[str, Any], folders: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Set keys of the configuration that override configuration files."""
        self._order(lambda: self._set_options(options, folders))

    def ask(self, path: str, question: Callable[[Workspace, Answer | None], T]) -> Future[T]:
        """Call a function with a file's up-to-date result, in the worker's thread."""
        future: Future[T] = Future()

        def answer() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                if path in self._waiting:
                    self._check(path)
                future.set_result(question(self._workspace, self._answers.get(path)))
            except Exception as error:
                future.set_exception(error)

        self._order(answer)
        return future

    def close(self) -> None:
        """Stop once the check at hand is done or dropped."""
        with self._changed:
            self._closing = True
            self._changed.notify()

    def _order(self, order: Callable[[], None]) -> None:
        with self._changed:
            self._orders.append(order)
            self._changed.notify()

    # The worker's own thread

    def run(self) -> None:
        """Carry out orders until it is closed."""
        while True:
            with self._changed:
                while not (self._closing or self._orders or self._edits or self._waiting):
                    self._changed.wait()
                if self._closing:
                    return
            try:
                self._next()
            except WrongUse as error:
                self._wrong(str(error))
            except Exception:
                self._listener.failed(f"internal error, please report it:\n{traceback.format_exc()}")

    def _next(self) -> None:
        """Do one thing: apply edits, answer a request, or check one file."""
        if self._edits:
            self._take_edits()
        elif self._orders:
            with self._changed:
                order = self._orders.pop(0)
            order()
        else:
            self._check(min(self._waiting, key=lambda path: (self._waiting[path], path)))
        if not self._waiting:
            self._workspace.tidy()

    def _take_edits(self) -> None:
        latest = time.monotonic() + LONGEST
        while (rest := min(self._last_edit + QUIET, latest) - time.monotonic()) > 0:
            time.sleep(rest)
        with self._changed:
            edits, self._edits = self._edits, {}
        for path, text in edits.items():
            known = path in self._answers or path in self._waiting
            (self._open.discard if text is None else self._open.add)(path)
            affected = self._workspace.hold(path, text)
            if not known and not os.path.lexists(path):
                self._workspace.reset()  # An import may resolve to a file of that name.
            self._wait_for(affected, RELATED)
            self._waiting[path] = EDITED
        if self._workspace.reconfigured(self._open):
            self._renew()

    def _wait_for(self, paths: Collection[str], priority: int) -> None:
        for path in paths:
            if path in self._answers or path in self._open or path in self._waiting:
                wanted = min(priority, OPEN) if path in self._open else priority
                self._waiting[path] = min(wanted, self._waiting.get(path, wanted))

    def _renew(self) -> None:
        """Check everything again."""
        self._workspace.reset()
        self._said_wrong = ""
        self._wait_for({*self._answers, *self._open}, RELATED)

    def _recheck(self) -> None:
        if self._workspace.reconfigured(self._open):
            self._renew()
        for path in [
            path for path, before in self._stamps.items() if path not in self._open and _stamp(path) != before
        ]:
            if os.path.exists(path):
                self._wait_for(self._workspace.changed(path) | {path}, RELATED)
            else:
                self._came_or_went([path])

    def _came_or_went(self, paths: Collection[str]) -> None:
        for path in paths:
            if path not in self._open and not os.path.exists(path):
                self._stamps.pop(path, None)
                self._done_with(path)
                if self._answers.pop(path, None):
                    self._listener.answered(Answer(path, b""))
            else:
                self._waiting[path] = RELATED
        self._renew()

    def _begin_scan(self, folders: Sequence[str]) -> None:
        found = [os.path.abspath(file) for file in files(folders, self._workspace.configuration)] if folders else []
        new = [path for path in found[:FIRST_LOOK] if path not in self._answers and path not in self._waiting]
        if len(found) > FIRST_LOOK:
            self._listener.failed(f"only {FIRST_LOOK} of {len(found)} files are linted before they are opened")
        self._waiting.update(dict.fromkeys(new, SCANNED))
        self._to_scan.update(new)
        if new:
            self._listener.scanned(self._scanned, self._scanned + len(self._to_scan))

    def _set_options(self, options: Mapping[str, Any], folders: Mapping[str, Mapping[str, Any]] | None) -> None:
        self._workspace.set_options(options, folders)
        self._renew()

    def _check(self, path: str) -> None:
        edited = self._waiting[path] == EDITED
        if path not in self._open and self._stamps.get(path, now := _stamp(path)) != now:
            self._stamps[path] = now
            self._wait_for(self._workspace.changed(path), RELATED)
        text = self._workspace.text(path)
        try:
            answer = self._answer(path, text)
        except Exception:
            self._done_with(path)
            raise
        if answer is None:
            return
        self._done_with(path)
        before = self._answers.get(path)
        self._answers[path] = answer
        for part in self._workspace.parts(path):
            if part not in self._stamps:
                self._stamps[part] = _stamp(part)
        if path in self._open or answer.findings or answer.notes or (before and (before.findings or before.notes)):
            self._listener.answered(answer)
        if edited:
            with self._changed:
                self._unanswered = time.monotonic() if self._edits else 0.0

    def _done_with(self, path: str) -> None:
        """Remove a file from the queue: it was checked, cannot be checked, or does not exist any more."""
        self._waiting.pop(path, None)
        if path in self._to_scan:
            self._to_scan.remove(path)
            self._scanned += 1
            self._listener.scanned(self._scanned, self._scanned + len(self._to_scan))
            if not self._to_scan:
                self._scanned = 0

    def _answer(self, path: str, text: bytes) -> Answer | None:
        """The result of a file, None if it is no longer needed. Raises WrongUse."""
        settings = self._workspace.settings(path)
        if is_excluded(path, settings):
            return Answer(path, text)
        checked = self._workspace.check(path)
        if checked is None:
            return None
        for error in checked.result.errors:
            self._listener.failed(str(error))
        findings = [finding for finding in checked.result.findings if finding.filename == path]
        if self._workspace.is_broken(path):
            # Someone is typing: the previous findings most likely still apply.
            before = self._answers.get(path, Answer(path, text)).findings
            findings += (finding for finding in before if finding.code != SYNTAX_ERROR.code)
        elif findings and settings.baseline:
            findings = _not_in(settings.baseline, findings, Texts({path: text}))
        return Answer(
            path, text, tuple(findings), tuple(str(note) for note in checked.result.notes if note.kind not in DETAILS)
        )

    def _wrong(self, message: str) -> None:
        if message != self._said_wrong:
            self._said_wrong = message
            self._listener.wrong(message)

    def _is_superseded(self) -> bool:
        return self._closing or (bool(self._edits) and time.monotonic() - self._unanswered < PATIENCE)


def _not_in(file: str, findings: list[Finding], texts: Texts) -> list[Finding]:
    from pathlib import Path

    known = Path(file)
    described = baseline.describe(findings, known.parent, texts.sources)
    return baseline.compare(baseline.read(known), findings, described).new


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size

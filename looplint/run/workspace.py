"""Files that are linted again and again while they change: for editors and `--watch`.

What was parsed and read stays in memory. When a file changes, only what was read through it is let go, so that the
findings are those of a fresh run at a fraction of its time.
"""

from __future__ import annotations

import functools
import gc
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from looplint import prefilter
from looplint.project.config import FILE_NAMES, Configuration, Settings
from looplint.run.api import Result
from looplint.run.check_file import Checked, Checker
from looplint.sources import Unreadable, bytes_of, from_text, kind_of
from looplint.sources.readable import readable
from looplint.syntax.parse import parses

ROWS = 150_000
"""Rows of parsed code that stay in memory; a row takes about a kilobyte."""

COLLECTED = 200
"""Checks after which cycles are looked for: a tree of code has none to speak of, what was read of it has."""


class Workspace:
    """Checks files and remembers what it read of them. Not for several threads at once.

    `configure`: makes the configuration, and makes it anew when it may have changed. `superseded`: whether nobody waits
    for the answer of a check any more. Paths are absolute.
    """

    def __init__(
        self,
        configure: Callable[[], Configuration] = Configuration,
        superseded: Callable[[], bool] = lambda: False,
    ) -> None:
        self._configure = configure
        self._superseded = superseded
        self._held: dict[str, bytes] = {}
        self._parsed: dict[str, bytes] = {}
        self._parts: dict[str, frozenset[str]] = {}
        self._configured: tuple[tuple[str, int, int], ...] | None = None
        self._checks = 0
        self.reset()

    def reset(self) -> None:
        """Let go of everything but what is held: the configuration changed, or files came and went."""
        self.configuration = self._configure()
        self._checker = Checker(self.configuration, self._contents, self._superseded, ROWS, alone=False)

    def set_options(self, options: Mapping[str, Any]) -> None:
        """Other options from now on. Raises ConfigError for a key or value that a file could not have either, and
        goes on with those before."""
        Configuration(isolated=True, options=options).for_folder(".")
        self._configure = functools.partial(Configuration, options=dict(options))
        self.reset()

    def text(self, path: str) -> bytes:
        """What stands in a file: what is held of it, else what is on the disk."""
        return self._held[path] if path in self._held else bytes_of(path)

    def hold(self, path: str, text: bytes | None) -> set[str]:
        """Take a text for a file's instead of what is on the disk; None: what is on the disk again. Returns the files
        whose findings may change with it."""
        before = self._contents(path)
        if text is None:
            self._held.pop(path, None)
            self._parsed.pop(path, None)
        else:
            self._held[path] = text
            if kind_of(path) == "python" and not _parses(text, path):
                # Half of a statement has been typed: the other files go on with what was there before.
                self._parsed[path] = before
                return {path}
            self._parsed[path] = text
        return {path} if self._contents(path) == before else self.changed(path)

    def changed(self, path: str) -> set[str]:
        """Read a file anew. Returns the files whose findings may change with it."""
        asked = {other for other, parts in self._parts.items() if path in parts}
        return self._checker.drop(path) | asked

    def settings(self, path: str) -> Settings:
        """The settings for a file. Raises ConfigError when the file they come from is wrong."""
        return self.configuration.for_file(path)

    def check(self, path: str) -> Checked | None:
        """Everything about one file as it is now, None when nobody waits for it any more. Raises ConfigError."""
        self._checks += 1
        if self.is_broken(path):
            return Checked(self._faults(path))
        collecting = gc.isenabled()
        gc.disable()
        try:
            checked = self._checker.check_file(path)
        finally:
            if collecting:
                gc.enable()
        if checked.given_up and self._superseded():
            return None
        self._parts[path] = frozenset((path, *checked.parts))
        return checked

    def is_broken(self, path: str) -> bool:
        """Whether the text that is held of a file does not parse, so that another one stands for it: its check gives
        the places that do not, and nothing else."""
        return path in self._held and self._parsed[path] != self._held[path]

    def _faults(self, path: str) -> Result:
        from looplint.findings.suppress import apply as suppressed
        from looplint.findings.syntax_error import syntax_errors
        from looplint.project.catalog import rules_with
        from looplint.project.selection import always_on
        from looplint.project.syntax_error import SYNTAX_ERROR

        settings = self.settings(path)
        on = always_on(path, settings)
        result = Result(files=1)
        if prefilter.need(self._held[path]) is not prefilter.Need.NOTHING and SYNTAX_ERROR.code in on:
            for source in from_text(self._held[path], path):
                source = readable(source, settings.parser)
                found = list(syntax_errors(source, on[SYNTAX_ERROR.code]))
                result.findings += suppressed(found, source, rules_with(settings.rule_packs), on)
        return result

    def parts(self, path: str) -> frozenset[str]:
        """The files that had a say in what was found in one when it was checked, itself included."""
        return self._parts.get(path, frozenset((path,)))

    def tidy(self) -> None:
        """Free what is not needed any more, at a time when nobody waits."""
        if self._checks >= COLLECTED:
            self._checks = 0
            gc.collect()

    def reconfigured(self, paths: set[str]) -> bool:
        """Whether a configuration file that holds for one of these files has come, gone or changed since last asked."""
        folders = {folder for path in paths for folder in Path(path).parents}
        stamps = []
        for folder in sorted(folders):
            for name in FILE_NAMES:
                try:
                    found = os.stat(folder / name)
                except OSError:
                    continue
                stamps.append((str(folder / name), found.st_mtime_ns, found.st_size))
        before, self._configured = self._configured, tuple(stamps)
        return before is not None and before != self._configured

    def _contents(self, path: str) -> bytes:
        return self._parsed[path] if path in self._parsed else self.text(path)


def _parses(text: bytes, path: str) -> bool:
    try:
        return all(parses(source.text) for source in from_text(text, path))
    except Unreadable:
        # Said of the file by its check, which finds nothing else.
        return True

"""Files that are linted repeatedly while they change: for editors and `--watch`.

Parsed and evaluated code stays in memory. When a file changes, only what depends on it is dropped, so that the findings
are those of a fresh run at a fraction of its time.
"""

from __future__ import annotations

import ast
import functools
import gc
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from looplint import prefilter
from looplint.project.config import FILE_NAMES, Configuration
from looplint.project.folder_settings import FolderSettings
from looplint.project.settings import Settings
from looplint.run.check_file import Checked, Checker
from looplint.run.result import Result
from looplint.sources import Unreadable, bytes_of, from_text, kind_of
from looplint.sources.readable import readable
from looplint.syntax.parse import Parser, parse
from looplint.syntax.unchanged import keep_unchanged, parse_again

ROWS = 150_000
"""Rows of parsed code kept in memory; a row takes about a kilobyte."""

COLLECTED = 200
"""Checks between two runs of the garbage collector: syntax trees have hardly any cycles, event graphs have."""


class Workspace:
    """Checks files and keeps what it parsed. Not thread-safe.

    `configure`: makes the configuration, and again when it may have changed. `superseded`: whether the answer of a
    check is no longer needed. Paths are absolute.
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
        self._tree: tuple[str, ast.Module] | None = None
        self._typed: dict[str, tuple[ast.Module, str]] = {}
        self._configured: tuple[tuple[str, int, int], ...] | None = None
        self._checks = 0
        self.reset()

    def reset(self) -> None:
        """Drop everything but the open texts: the configuration changed, or files appeared or disappeared."""
        self.configuration = self._configure()
        self._checker = Checker(
            self.configuration, self._contents, self._superseded, ROWS, alone=False, parse=self._parse
        )

    def set_options(self, options: Mapping[str, Any], folders: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Use other options from now on. `folders`: those of folders that have options of their own instead. Raises
        ConfigError for a key or value that a file could not have either, and keeps the previous ones."""
        given_by = "settings of the editor"
        configure = functools.partial(Configuration, options=dict(options), given_by=given_by)
        apart = {
            folder: functools.partial(Configuration, options=dict(own), given_by=f"{given_by} for {folder}")
            for folder, own in (folders or {}).items()
        }
        for each in (configure, *apart.values()):
            each(isolated=True).for_folder(".")
        self._configure = lambda: FolderSettings({f: make() for f, make in apart.items()}, configure())
        self.reset()

    def text(self, path: str) -> bytes:
        """The content of a file: the open text, else the file on disk."""
        return self._held[path] if path in self._held else bytes_of(path)

    def hold(self, path: str, text: bytes | None) -> set[str]:
        """Open a text in place of the file on disk; None closes it. Returns the files whose findings may change with
        it."""
        before = self._contents(path)
        if text is None:
            self._held.pop(path, None)
            self._parsed.pop(path, None)
            self._typed.pop(path, None)
        else:
            self._held[path] = text
            if kind_of(path) == "python" and not self._parses(text, path):
                # A statement is half typed: the other files keep seeing the previous text.
                self._parsed[path] = before
                return {path}
            self._parsed[path] = text
        return {path} if self._contents(path) == before else self.changed(path)

    def changed(self, path: str) -> set[str]:
        """Read a file again. Returns the files whose findings may change with it."""
        affected = {other for other, parts in self._parts.items() if path in parts}
        return self._checker.drop(path) | affected

    def settings(self, path: str) -> Settings:
        """The settings for a file. Raises ConfigError if the configuration file is wrong."""
        return self.configuration.for_file(path)

    def check(self, path: str) -> Checked | None:
        """The result of one file as it is now, None if the answer is no longer needed. Raises ConfigError."""
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
        """Whether the open text of a file does not parse, so that its previous one is used: a check reports the syntax
        errors and nothing else."""
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
        """The files that affected the last result of a file, itself included."""
        return self._parts.get(path, frozenset((path,)))

    def tidy(self) -> None:
        """Free memory that is no longer needed, at an idle time."""
        if self._checks >= COLLECTED:
            self._checks = 0
            gc.collect()

    def reconfigured(self, paths: set[str]) -> bool:
        """Whether a configuration file of one of these files appeared, disappeared or changed since the last call."""
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

    def _parses(self, text: bytes, path: str) -> bool:
        try:
            for source in from_text(text, path):
                before = self._typed.get(path)
                tree = parse(source.text) if before is None else parse_again(source.text, *before)
                if before is not None:
                    keep_unchanged(tree, source.text, *before)
                self._typed[path] = tree, source.text
                self._tree = source.text, tree
        except SyntaxError:
            return False
        except Unreadable:
            # Its check reports that, and nothing else.
            pass
        return True

    def _parse(self, text: str, parser: Parser | None) -> ast.Module:
        """Parse a text, or use up the tree that was made of it when it was typed: half of what an edit costs beside the
        evaluation."""
        if self._tree is not None and self._tree[0] == text and parser != "libcst":
            tree, self._tree = self._tree[1], None
            return tree
        return parse(text, parser)

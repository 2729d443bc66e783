"""What a run says beside its findings, on stderr: its summary, and notices with their remedy."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from looplint.cli.terminal import say
from looplint.notice import Notice, NoticeKind
from looplint.profile import timed
from looplint.project.nearest_word import nearest

if TYPE_CHECKING:
    from looplint.cli.lint import Run
    from looplint.finding import Finding
    from looplint.findings.source_texts import Texts
    from looplint.run.result import Result

COMMANDS = ("clean", "completion", "config-schema", "corpus", "graph", "new-rule", "prove", "rule", "server")
# Commands of other linters, and their equivalents here.
ELSEWHERE = {
    "check": "`looplint PATHS` lints",
    "lint": "`looplint PATHS` lints",
    "explain": "`looplint rule RULE` is the page of a rule",
    "linter": "`looplint rule` lists the rules",
    "rules": "`looplint rule` lists the rules",
    "fix": "`looplint --fix PATHS` fixes",
    "format": "looplint does not format code",
    "config": "`looplint --show-settings` prints the settings in force",
    "schema": "`looplint config-schema` prints it",
    "serve": "`looplint server` starts the language server",
    "lsp": "`looplint server` starts the language server",
    "version": "`looplint --version`",
    "help": "`looplint -h`",
}
_VERBOSE = ("cut", "cut-function", "bindings", "callers", "imports", "block")
"""Kinds of notices that are listed with `-v` only."""
TRIED = 10
"""Fixes that are tried in memory to count those that can be applied; further ones are assumed to work."""


class Messages:
    """Says how a run went."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def summary(self, findings: list[Finding], result: Result, seconds: float, texts: Texts | None = None) -> None:
        """One friendly line on stderr."""
        if self._run.request.quiet:
            return
        loops, files = count(result.loops, "training loop"), count(result.files, "file")
        if not self._run.files:
            line = f"Nothing to lint: {self._why_nothing()}"
        elif not result.files:
            return
        elif not findings or texts is None:
            excused = self._run.request.since or any(each.baseline for each in self._run.every)
            line = f"{loops} in {files}, nothing {'new' if excused else 'wrong'}"
            if known := self._run.known_findings.known:
                line += f" besides {count(known, 'finding')} in the baseline (`--no-baseline` shows them)"
            if any(note.kind not in _VERBOSE for note in result.notes) or result.errors:
                line += " in the code that could be read"
        else:
            wrong = len({finding.filename for finding in findings})
            # Findings may lie in files that the named ones import or are imported by.
            where = f"{wrong} of {files}" if wrong <= result.files else f"{count(wrong, 'file')} ({files} named)"
            line = f"Found {count(len(findings), 'mistake')} in {where}, {loops}."
            with_fix = [f for f in findings if f.fix]
            with timed("fixes tried"):
                tried = [f for f in with_fix[:TRIED] if texts.fixable(f)] + with_fix[TRIED:]
            fixable = [f.fix.applicability for f in tried if f.fix]
            safe, unsafe = fixable.count("safe"), fixable.count("unsafe")
            if safe:
                line += f" {safe} fixable with `--fix`."
            if unsafe:
                line += f" {unsafe}{' more' if safe else ''} fixable with `--fix --unsafe-fixes`."
        say(line)
        if cut := _not_analysed_completely(result):
            hint = "" if self._run.request.verbose else f": -v lists {'it' if ' was ' in cut else 'them'}"
            say(f"{cut}{hint}")
        if many := min(_places(result, "bindings"), result.loops):
            hint = "" if self._run.request.verbose else f": -v lists {'it' if many == 1 else 'them'}"
            say(f"in {count(many, 'loop')} not every call was checked for variables that it changes{hint}")
        if many := len({note.path for note in result.notes if note.kind == "callers"}):
            hint = "" if self._run.request.verbose else f": -v lists {'it' if many == 1 else 'them'}"
            say(f"the callers of {count(many, 'file')} were not all analysed{hint}")
        if far := {note.path for note in far_imports(result)}:
            hint = "" if self._run.request.verbose else f": -v lists {'it' if len(far) == 1 else 'them'}"
            say(f"the imports of {count(len(far), 'file')} were not all followed to training code{hint}")
        if self._run.request.verbose:
            say(f"{seconds:.2f} s; configuration: {self._run.settings.origin or 'none'}")

    def _why_nothing(self) -> str:
        paths = self._run.request.paths
        if paths and all(os.path.isfile(path) for path in paths):
            return "everything named is excluded (`--show-settings` prints the patterns)"
        return "no Python file, notebook or Markdown file here that is not excluded (`--show-files`)"

    def print_notices(self, result: Result) -> None:
        """Print selections without effect, what could not be read, and internal errors, each with the remedy."""
        if any(settings.selections for settings in (self._run.settings, *self._run.every)):
            self.notes(self._without_effect())
        self.notes([str(note) for note in result.notes if note.kind not in _VERBOSE or self._run.request.verbose])
        left_out = "it holds Python files and is excluded by its name: to lint it, name it or set `exclude`"
        self.notes([f"{folder}: {left_out}" for folder in self._run.left_out])
        word = self._run.request.paths[0] if self._run.missing else ""
        if re.fullmatch(r"[a-z-]+", word) and not os.path.lexists(word):
            right = ELSEWHERE.get(word) or nearest(word, COMMANDS, "`looplint -h` lists the commands")
            self.note(f"there is no command `{word}` either: {right}")
        self.notes([str(error) for error in result.errors])
        if any(error.rule_at for error in result.errors):
            self.note("the rest was linted; repair the rule, or turn it off with `--ignore` and its code")
        own = [error for error in result.errors if not error.rule_at]
        if own:
            import shlex

            from looplint.rule import HOME

            file = shlex.quote(own[0].path)
            named = file if self._run.stdin is None else f"--stdin-filename {file} - < {file}"
            self.note(
                f"the rest was linted. Please report this, with the file or the part of it that triggers it, at "
                f"{HOME}/issues ; to reproduce it: `looplint --no-cache --preview {named}`"
            )

    def notes(self, notes: Sequence[str]) -> None:
        """Print several notices."""
        for note in notes:
            self.note(note)

    def note(self, text: str) -> None:
        """Print a notice, even when quiet: it is not a finding, but says that some may be missing."""
        say(f"looplint: {text}")

    def _without_effect(self) -> list[str]:
        """A sentence for each selection that turns nothing on."""
        from looplint.project.catalog import rules_with
        from looplint.project.selection import without_effect

        every = dict.fromkeys((self._run.settings, *self._run.every))
        return list(dict.fromkeys(n for each in every for n in without_effect(each, rules_with(each.rule_packs))))


def far_imports(result: Result) -> list[Notice]:
    """The notices of files whose imports were not all followed to training code; none if their loops were followed as
    those of a caller."""
    seen = {path for path, _, _ in result.followed}
    return [note for note in result.notes if note.kind == "imports" and os.path.abspath(note.path) not in seen]


def _not_analysed_completely(result: Result) -> str:
    """What was not analysed completely, as a sentence: loops of those that were counted, and other functions. Empty if
    there is nothing."""
    # A loop that several entry points reach may be cut in each of them.
    loops = min(_places(result, "cut"), result.loops)
    functions = _places(result, "cut-function")
    parts = [f"{loops} of {count(result.loops, 'loop')}"] if loops else []
    if functions:
        parts.append(count(functions, "other function" if loops else "function"))
    were = "was" if loops + functions == 1 else "were"
    return f"{' and '.join(parts)} {were} not analysed completely" if parts else ""


def _places(result: Result, kind: NoticeKind) -> int:
    return len({(note.path, note.cell, note.row) for note in result.notes if note.kind == kind})


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"

"""The linter as functions: check a text, check paths.

    findings = looplint.check_source("...", path="train.py")
    for finding in looplint.check_paths(["src"]): ...
"""

from __future__ import annotations

import ast
import dataclasses
import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from looplint import catalog, prefilter
from looplint.config import Configuration, Settings
from looplint.finding import Finding
from looplint.selection import ignored_in, rules_on
from looplint.sources import Source, Unreadable, discover, from_text, kind_of, syntax_note
from looplint.sources import read as read_sources
from looplint.suppress import apply as suppressed


@dataclasses.dataclass(slots=True)
class Result:
    """What a run found. `notes`: one sentence for each thing that could not be read; `errors`: defects of looplint."""

    findings: list[Finding] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    errors: list[str] = dataclasses.field(default_factory=list)
    loops: int = 0
    files: int = 0

    def add(self, other: Result) -> None:
        self.findings += other.findings
        self.notes += other.notes
        self.errors += other.errors
        self.loops += other.loops
        self.files += other.files


def check_source(text: str | bytes, path: str = "<string>", settings: Settings | None = None) -> list[Finding]:
    """The findings in one text: Python, or a notebook or Markdown page by the suffix of `path`.

    Nothing else of a project is read. Raises SyntaxError if the text is not Python.
    """
    checker = Checker(Configuration.fixed(settings or Settings()))
    result = Result()
    for source in from_text(text, path):
        ast.parse(source.text)
        result.add(checker.check(source, "", settings or Settings()))
    return result.findings


def check_paths(paths: Iterable[str | Path], settings: Settings | None = None) -> Iterator[Finding]:
    """The findings in files and folders, by file and place. `settings`: in place of the projects' own configuration.

    Files that cannot be read or parsed are passed over; `lint` says which.
    """
    configuration = Configuration() if settings is None else Configuration.fixed(settings)
    yield from lint([str(path) for path in paths], configuration).findings


def lint(
    paths: Sequence[str],
    configuration: Configuration,
    *,
    stdin: bytes | None = None,
    stdin_filename: str | None = None,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Lint files and folders (or what stands on stdin) and say everything that there is to say about it."""
    checker = Checker(configuration)
    result = Result()
    if stdin is not None:
        shown = stdin_filename or "<stdin>"
        result.add(checker.check_bytes(stdin, shown))
    else:
        files = [str(path) for path in checker.files(paths)]
        for index, path in enumerate(files):
            result.add(checker.check_file(path))
            if progress is not None:
                progress(index + 1, len(files))
    result.findings.sort(key=lambda finding: finding.sort_key)
    return result


class Checker:
    """Checks files one after the other; what several of them need is read once."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._analyses: dict[tuple[str, ...], object] = {}

    def files(self, paths: Sequence[str]) -> Iterator[Path]:
        settings = self.configuration.for_folder(".")
        return discover(
            paths, exclude=settings.excluded, respect_gitignore=settings.respect_gitignore, root=settings.root or "."
        )

    def check_file(self, path: str) -> Result:
        """Everything about one file."""
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError:
            data = None
        if data is not None and kind_of(path) == "python" and not prefilter.may_matter(data):
            return Result(files=1)
        settings = self.configuration.for_file(path)
        result = Result(files=1)
        try:
            sources = read_sources(Path(path), path)
        except Unreadable as error:
            return Result(notes=[str(error)], files=1)
        for source in sources:
            result.add(self.check(source, os.path.abspath(path), settings))
        return result

    def check_bytes(self, data: bytes, shown: str) -> Result:
        """Everything about a text that stands for the file `shown`."""
        result = Result(files=1)
        settings = self.configuration.for_file(shown)
        try:
            for source in from_text(data, shown):
                result.add(self.check(source, os.path.abspath(shown), settings))
        except Unreadable as error:
            result.notes.append(str(error))
        return result

    def check(self, source: Source, path: str, settings: Settings) -> Result:
        """Everything about one source. `path`: where it lies, empty if it stands alone."""
        from looplint.analysis import Analysis, findings
        from looplint.program import Program

        result = Result(notes=list(source.notes))
        rules = catalog.rules_with(settings.rule_packs)
        on = rules_on(settings, rules)
        off = ignored_in(source.path, settings, rules)
        severity = {code: level for code, level in on.items() if code not in off}
        asked = [rule for rule in rules if rule.code in severity]
        key = tuple(rule.code for rule in asked)
        analysis = self._analyses.get(key)
        if analysis is None:
            gc.disable()
            analysis = self._analyses[key] = Analysis(Program(shown=_shown), asked)
        assert isinstance(analysis, Analysis)
        try:
            module = analysis.program.add(source, path)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            result.notes.append(syntax_note(source.path, error, source.text))
            return result
        try:
            mistakes, outcome = analysis.of(module)
        except RecursionError:
            result.notes.append(f"{source.path}: nested too deeply to be followed; the file was skipped")
            return result
        result.loops = outcome.loops
        result.errors = [f"{source.path}: {error}" for error in outcome.errors]
        sources = {module.source.path: module.source for module in analysis.program.modules()}
        result.findings = suppressed(findings(mistakes, sources, severity), source, rules, severity)
        return result


def _shown(path: str) -> str:
    """A file that an import led to, as the user would name it."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative

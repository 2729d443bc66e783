"""Checks one file: reads it, runs the rules, drops suppressed findings."""

from __future__ import annotations

import dataclasses
import gc
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from looplint import prefilter
from looplint.notice import Notice, NoticeKind
from looplint.profile import REST, timed
from looplint.project import packs
from looplint.project.config import Configuration
from looplint.project.settings import Settings, WrongUse
from looplint.run.result import Defect, Result
from looplint.sources import Contents, Source, Unreadable, bytes_of, digest, from_text, kind_of
from looplint.sources import read as read_sources
from looplint.sources.decode import decode
from looplint.syntax.parse import Parse, parse

if TYPE_CHECKING:
    from looplint.finding import Finding
    from looplint.program.program import Program
    from looplint.rule import Rule
    from looplint.run.analysis import Analysis
    from looplint.run.outcome import Cut

ROWS = 100_000
"""Rows of parsed code kept for the next files; a row takes about a kilobyte."""


@dataclasses.dataclass(slots=True)
class Checked:
    """The result of one file. `digest`: of its bytes, empty if they could not be read. `parts`: the other files that
    affected it, by absolute path. `root`: the folder of the project whose files might have, empty if only the file
    itself matters. `given_up`: it took too long."""

    result: Result
    digest: str = ""
    parts: tuple[str, ...] = ()
    root: str = ""
    given_up: bool = False


class Checker:
    """Checks files one after the other; what several of them need is parsed once.

    `contents`: reads a file. `superseded`: whether the answer is no longer needed. `rows`: how many rows of parsed code
    to keep. `alone`: the callers of these files are not checked, so mistakes in what they inline are reported here.
    `parse`: parses a text.
    """

    def __init__(
        self,
        configuration: Configuration,
        contents: Contents = bytes_of,
        superseded: Callable[[], bool] = lambda: False,
        rows: int = ROWS,
        alone: bool = True,
        parse: Parse = parse,
    ) -> None:
        self.configuration = configuration
        self.alone = alone
        self._contents = contents
        self._superseded = superseded
        self._rows = rows
        self._parse = parse
        self._analyses: dict[tuple[object, ...], Analysis] = {}
        self._program: Program | None = None

    @property
    def _files(self) -> Program:
        """Knows the files and resolves imports; nothing is parsed in it."""
        from looplint.program.program import Program

        if self._program is None:
            self._program = Program(contents=self._contents, parse=self._parse)
        return self._program

    def check_file(self, path: str) -> Checked:
        """The result of one file. An internal error costs only this file."""
        try:
            with timed(REST):
                return self._check_file(path)
        except WrongUse:
            raise
        except Exception as error:
            return Checked(Result(errors=[_defect(path, error)], files=1))

    def _check_file(self, path: str) -> Checked:
        data = self._contents(path)
        need = prefilter.Need.ALL
        if data and kind_of(path) == "python":
            with timed("prefilter"):
                need = self._need(data, os.path.abspath(path))
            if need is prefilter.Need.NOTHING:
                root = self._files.root(os.path.dirname(os.path.abspath(path))) if self._may_be_joined(data) else ""
                notes = [*_undecodable(data, path), *self._not_followed(data, path)]
                return Checked(Result(notes=notes, files=1), digest(data), root=root)
        checked = Checked(Result(files=1), digest(data) if data else "")
        try:
            sources = from_text(data, path) if data else read_sources(Path(path), path)
        except Unreadable as error:
            # A page about something else is skipped silently, unless it was named explicitly.
            other = kind_of(path) == "markdown" and data and prefilter.need(data) is prefilter.Need.NOTHING
            checked.result.notes.append(Notice(str(error), error.path, "aside" if other else "unreadable"))
            checked.result.files = int(other)
            return checked
        if not data and kind_of(path) == "python":
            return checked  # It is readable, and empty.
        settings = self.configuration.for_file(path)
        need = self._need_in_use(need, data, path, settings)
        for source in sources:
            found = self.check(_about_training(source, data), os.path.abspath(path), settings, need)
            checked.result.add(found.result)
            checked.parts, checked.root, checked.given_up = found.parts, found.root, found.given_up
        return checked

    def _need(self, data: bytes, path: str, kinds: Collection[str] | None = None) -> prefilter.Need:
        """What of a file has to be analysed, by its words, by those of the files that it imports, and by the rules of
        others, which may ask about any code that uses torch. `kinds`: what the rules in use need (None: every rule)."""
        need = prefilter.need(data, kinds)
        if need is not prefilter.Need.ALL and prefilter.about_torch(data):
            need |= self._asked_by_others(path)
        if prefilter.Need.LOOPS not in need and prefilter.loops_over_calls(data):
            need |= prefilter.Need.LOOPS if self._files.step_names.imported(path, data) else need
        if prefilter.Need.LOOPS not in need and self.alone and b"def " in data:
            need |= prefilter.Need.LOOPS if self._files.joins_steps(path) else need
        return need

    def _need_in_use(self, need: prefilter.Need, data: bytes, path: str, settings: Settings) -> prefilter.Need:
        """What of a file that some rule needs is needed by the rules in use, and by those that they yield to."""
        if not data or kind_of(path) != "python":
            return need
        from looplint.project.catalog import rules_with
        from looplint.project.selection import rules_on, with_causes

        rules = rules_with(settings.rule_packs)
        selected = with_causes(rules_on(settings, rules), rules)
        kinds = {kind for rule in selected for group in rule.needs for kind in group}
        return need & self._need(data, os.path.abspath(path), kinds)

    def _not_followed(self, data: bytes, path: str) -> Iterator[Notice]:
        if prefilter.loops_over_calls(data) and self._files.step_names.ends_before(os.path.abspath(path), data):
            from looplint.program.step_names import HOPS

            why = f"its imports lead to training code only through more than {HOPS} files"
            yield Notice(f"{path}: not analysed: {why}; pass the files in between as well", path, "imports")

    def _asked_by_others(self, path: str) -> prefilter.Need:
        folders = self.configuration.for_file(path).rule_packs
        if not folders and not packs.installed():
            return prefilter.Need.NOTHING
        from looplint.project.catalog import rules_of_others

        others = rules_of_others(folders)
        loops = prefilter.Need.LOOPS if any(rule.about_loops for rule in others) else prefilter.Need.NOTHING
        return loops | (
            prefilter.Need.CLASSES if any(rule.about_classes for rule in others) else prefilter.Need.NOTHING
        )

    def _may_be_joined(self, data: bytes) -> bool:
        """Whether the need for a file's analysis depends on other files, whose changes have to be noticed."""
        return prefilter.loops_over_calls(data) or (self.alone and b"def " in data)

    def check_bytes(self, data: bytes, shown: str) -> Result:
        """The result of a text that stands in for the file `shown`."""
        try:
            return self._check_bytes(data, shown)
        except WrongUse:
            raise
        except Exception as error:
            return Result(errors=[_defect(shown, error)], files=1)

    def _check_bytes(self, data: bytes, shown: str) -> Result:
        result = Result(files=1)
        settings = self.configuration.for_file(shown)
        try:
            sources = from_text(data, shown)
            need = self._need(data, os.path.abspath(shown)) if kind_of(shown) == "python" else prefilter.Need.ALL
            need = self._need_in_use(need, data, shown, settings)
            for source in sources if need is not prefilter.Need.NOTHING else ():
                result.add(self.check(_about_training(source, data), os.path.abspath(shown), settings, need).result)
        except Unreadable as error:
            result.notes.append(Notice(str(error), error.path, "unreadable"))
            result.files = 0
        result.findings.sort(key=lambda finding: finding.sort_key)
        return result

    def check(
        self, source: Source, path: str, settings: Settings, need: prefilter.Need = prefilter.Need.ALL
    ) -> Checked:
        """The result of one source. `path`: its file, empty if it stands alone."""
        with timed("engine and rules loaded"):
            from looplint.findings.suppress import apply as suppressed
            from looplint.findings.syntax_error import syntax_errors
            from looplint.project import catalog
            from looplint.project.selection import always_on, ignored_in, rules_on, with_causes
            from looplint.project.syntax_error import SYNTAX_ERROR
            from looplint.run.to_findings import findings

            rules = catalog.rules_with(settings.rule_packs)
        result = Result(notes=[Notice(note, source.path, "unread") for note in source.notes])
        result.notes += (Notice(note, source.path, "block") for note in source.excerpts)
        checked = Checked(result)
        on = rules_on(settings, rules)
        off = ignored_in(source.path, settings, rules)
        severity = {code: level for code, level in on.items() if code not in off} | always_on(source.path, settings)
        selected = with_causes(severity, rules)
        analysis = self._analysis(settings, source, path, selected)
        module = analysis.program.at(source, path) or analysis.program.add(source, path)
        source = module.source
        try:
            mistakes, outcome = analysis.of(module, need)
        except RecursionError:
            note = f"{source.path}: nested too deeply to be analysed; the file was skipped"
            result.notes.append(Notice(note, source.path, "unread"))
            return checked
        result.followed = {(os.path.abspath(loop.path), loop.row, loop.column) for loop in outcome.loops}
        if outcome.given_up:
            checked.given_up = True
            note = f"{source.path}: took too long; the rest of the file was not read: split it, or exclude it"
            result.notes.append(Notice(note, source.path, "unread"))
        for cut in dict.fromkeys(cut for cut in outcome.cuts if cut.place.path in analysis.program.sources):
            result.notes.append(_cut_notice(cut, analysis.program.sources[cut.place.path]))
        if outcome.callers:
            note = f"{source.path}: not all of its callers were analysed: {outcome.callers}"
            result.notes.append(Notice(note, source.path, "callers"))
        if outcome.imports:
            note = f"{source.path}: not all that it calls in other files was analysed: {outcome.imports}"
            result.notes.append(Notice(note, source.path, "imports"))
        result.errors = [Defect(source.path, error.what, error.rule_at) for error in outcome.errors]
        found = findings(mistakes, analysis.program.sources, severity)
        if source.faults and SYNTAX_ERROR.code in severity:
            found += syntax_errors(source, severity[SYNTAX_ERROR.code])
            found.sort(key=lambda finding: finding.sort_key)
        own = [finding for finding in found if finding.filename == source.path]
        result.findings = suppressed(own, source, rules, severity)
        for path_of, others in _by_file(finding for finding in found if finding.filename != source.path):
            result.findings += self._in_other_file(path_of, others, analysis.program, settings)
        if path and prefilter.Need.LOOPS in need:
            checked.parts = tuple(sorted(analysis.taking_part(module) - {path}))
            checked.root = analysis.program.root(os.path.dirname(path))
        return checked

    def drop(self, path: str) -> set[str]:
        """Drop a file whose text has changed, given by its absolute path. Returns the files whose findings may change
        with it."""
        affected = {path}
        self._files.files.drop(path)
        self._files.drop(path)
        for analysis in self._analyses.values():
            affected |= analysis.callers.importers_of(path)
            analysis.drop(path)
            affected |= analysis.callers.imports_of(analysis.callers.importers_of(path))
        return affected

    def _in_other_file(self, path: str, findings: list[Finding], program: Program, settings: Settings) -> list[Finding]:
        """The findings in a file that this one calls or is called by, filtered by that file's settings."""
        from looplint.findings.suppress import apply as suppressed
        from looplint.project import catalog
        from looplint.project.files_to_lint import is_excluded
        from looplint.project.selection import ignored_in, rules_on
        from looplint.project.unused_suppression import UNUSED

        theirs = self.configuration.for_file(path) if path else settings
        if is_excluded(path, theirs):
            return []
        rules = catalog.rules_with(theirs.rule_packs)
        off = ignored_in(path, theirs, rules)
        # Unused suppressions are reported where all findings of the file are known.
        on = {code: level for code, level in rules_on(theirs, rules).items() if code not in off and code != UNUSED.code}
        known = [dataclasses.replace(f, severity=on[f.code]) for f in findings if f.code in on]
        return suppressed(known, program.sources[path], rules, on)

    def _analysis(self, settings: Settings, source: Source, path: str, rules: tuple[Rule, ...]) -> Analysis:
        """The analysis shared by files under these rules; a new one once it has grown too large. Imported files are
        named in the style of the file at hand."""
        from looplint.run.analysis import Analysis
        from looplint.run.configured import effects

        known = settings.known
        configured = effects(known.clears_gradients, known.modules, known.returns_float)
        name = _absolute if os.path.isabs(source.path) else _relative
        if path and name(path) != source.path:

            def shown(other: str) -> str:
                return source.path if other == path else name(other)

            return Analysis(self._files.unparsed(shown, configured, settings.parser), rules, self.alone)
        key = (name, known, settings.parser, *rules)
        analysis = self._analyses.get(key)
        if analysis is None or analysis.program.rows > self._rows:
            if analysis is not None:
                analysis.program.forget()
                del self._analyses[key], analysis
                gc.collect()
                gc.freeze()  # What is left is permanent; the collector need not visit it again.
            program = self._files.unparsed(name, configured, settings.parser)
            analysis = self._analyses[key] = Analysis(program, rules, self.alone)
            analysis.superseded = self._superseded
        return analysis


def _about_training(source: Source, data: bytes) -> Source:
    """The source, without its faults if it is a notebook that is not about training."""
    if source.faults and prefilter.need(data) is prefilter.Need.NOTHING:
        return dataclasses.replace(source, faults=())
    return source


def _undecodable(data: bytes, path: str) -> list[Notice]:
    """The decoding error of a file whose bytes do not mention training."""
    if data.isascii() and b"\0" not in data:
        return []
    try:
        decode(data, path)
    except Unreadable as error:
        # The bytes between the letters of UTF-16 hide the words.
        hidden = b"\0" in data and prefilter.need(data.replace(b"\0", b"")) is not prefilter.Need.NOTHING
        return [Notice(str(error), path, "unreadable" if hidden else "aside")]
    return []


def _cut_notice(cut: Cut, source: Source) -> Notice:
    at = source.locate(cut.place.row, cut.place.column)
    cell = "" if at.cell is None else f"cell {at.cell + 1}:"
    text = f"`{cut.name}` was not analysed completely: {cut.why}"
    if cut.bindings:
        text = (
            f"calls from here on, in loops of `{cut.name}`, were not checked for variables that they change: {cut.why}"
        )
    kind: NoticeKind = "bindings" if cut.bindings else "cut" if cut.loop else "cut-function"
    return Notice(f"{source.path}:{cell}{at.row}: {text}", source.path, kind, at.row, at.cell)


def _by_file(findings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.filename, []).append(finding)
    return sorted(found.items())


def _defect(path: str, error: Exception) -> Defect:
    from looplint.run.outcome import format_error

    return Defect(path, format_error(error))


def _absolute(path: str) -> str:
    return path


def _relative(path: str) -> str:
    return os.path.relpath(path)

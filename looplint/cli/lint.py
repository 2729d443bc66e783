"""The main command, step by step: settings, files, findings, fixes, report."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from looplint.cli.failure import Failure
from looplint.cli.known_findings import KnownFindings
from looplint.cli.messages import Messages, count, far_imports
from looplint.cli.progress import progress
from looplint.cli.request import Request, configured, read_stdin
from looplint.cli.terminal import say, shown, to_stdout
from looplint.cli.write_report import write_report
from looplint.notice import DETAILS, SUMMED_UP, Notice, NoticeKind
from looplint.project.config import Configuration
from looplint.project.files_to_lint import files
from looplint.project.settings import Settings, WrongUse

if TYPE_CHECKING:
    from looplint.cli.edit_files import Edits
    from looplint.finding import Finding
    from looplint.rule import Rule
    from looplint.run.result import Result

STDIN = "<stdin>"
STREAMED = ("azure", "concise", "full", "json-lines", "pylint")
"""Formats that report findings one by one."""
COMPLETE = ("sarif",)
"""Formats that name each place that the summary on stderr only counts: they keep notices apart from findings, so that
who counts the findings is not misled."""


def run(request: Request) -> int:
    """Run the command; returns the exit status. Raises Failure on a usage error."""
    try:
        if request.watch:
            from looplint.cli.watch import watch

            return watch(lambda: Run(request))
        if request.profile:
            return _profiled(request)
        return Run(request).run()
    except WrongUse as error:
        raise Failure(str(error)) from None


def _profiled(request: Request) -> int:
    """As `run`, in one process and without the cache; the time of each part and rule goes to stderr."""
    from looplint import profile

    running = profile.start()
    try:
        options = {**request.options, "cache": False}
        return Run(dataclasses.replace(request, jobs=1, options=options)).run()
    finally:
        profile.stop()
        click.echo("\n".join(running.rows()), err=True)


class Run:
    """One run of the command. Its parts hold it, and nothing of each other: `messages`, what it says on stderr;
    `known_findings`, what is not reported again."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.stdin = read_stdin() if "-" in request.paths else None
        if self.stdin is not None and len(request.paths) > 1:
            raise Failure("`-` (stdin) cannot be combined with paths")
        if request.stdin_filename is not None and self.stdin is None:
            raise Failure("`--stdin-filename` names the text on stdin: pass it as `-`")
        if request.callers and self.stdin is not None:
            raise Failure("`--callers` looks for files that import the ones passed, and `-` (stdin) is no file")
        if "" in request.paths:
            raise Failure("one of the paths is empty: name a file or folder (`.` is the current one)")
        chosen = [name for name, given in request.instead_of_reporting.items() if given]
        if request.watch and (chosen or self.stdin is not None):
            raise Failure(f"`--watch` only reports findings in files: it cannot be combined with `{(*chosen, '-')[0]}`")
        if request.watch and request.profile:
            raise Failure("`--profile` times a single run: it cannot be combined with `--watch`")
        if len(chosen) > 1:
            raise Failure(f"`{chosen[0]}` and `{chosen[1]}` cannot be combined: use one at a time")
        file, keys = configured(request.config)
        options = {**keys, **request.options}
        self.configure = functools.partial(Configuration, file, isolated=request.isolated, options=options)
        self.configuration = self.configure()
        self.name = request.stdin_filename or STDIN
        self.left_out: list[Path] = []
        if self.stdin is not None:
            self.files = {self.name: self.configuration.for_file(self.name)}
        else:
            self.files = files(request.paths, self.configuration, self.left_out if request.verbose else None)
        self.asked_for = set(self.files)
        if request.callers:
            self.files = dict(sorted({**self.files, **self.callers()}.items()))
        # The report follows the settings of the current folder; outside of a project, those of the project.
        self.settings = self.configuration.for_folder(".")
        if request.no_baseline:
            without = {settings: dataclasses.replace(settings, baseline=None) for settings in set(self.files.values())}
            self.files = {file: without[settings] for file, settings in self.files.items()}
            self.settings = dataclasses.replace(self.settings, baseline=None)
        self.every = list({id(settings): settings for settings in self.files.values()}.values())
        if not self.settings.origin and len(self.every) == 1:
            self.settings = self.every[0]
        self.messages = Messages(self)
        self.known_findings = KnownFindings(self)
        self.named = {self.name} if self.stdin is not None else {str(Path(path)) for path in request.paths}
        absent = [path for path in request.paths if self.stdin is None and not os.path.lexists(path)]
        self.missing = bool(absent)
        if absent and (request.watch or request.show_settings or request.show_files):
            raise Failure(f"{absent[0]}: there is no such file or folder: check the spelling")

    def run(self) -> int:
        """Lint, fix and report as requested; returns the exit status."""
        request = self.request
        if request.show_settings:
            from looplint.cli.show_settings import show_settings

            return show_settings(self)
        if request.show_files:
            # Another program gets the names as they are.
            names = map(shown, self.files) if sys.stdout.isatty() else self.files
            click.echo("".join(f"{file}\n" for file in names), nl=False)
            return 0
        started = time.perf_counter()
        if self.streams:
            return self.report_as_found(started)
        result = self.lint(self.stdin)
        if not result.findings and self.plain:
            return self.clean(result, time.perf_counter() - started)
        from looplint.findings.source_texts import Texts

        texts = Texts({} if self.stdin is None else {self.name: self.stdin})
        if request.write_baseline:
            return self.known_findings.write(result, texts)
        findings = self.known_findings.new(result.findings, texts, shrink=True)
        status = self.status(result)
        if request.add_ignore:
            return max(status, self.edits.add_ignores(findings, texts))
        if request.diff:
            return max(status, 1 if self.edits.fix(findings).diffs and not request.exit_zero else 0)
        if request.fix or request.fix_only:
            fixed = self.edits.fix(findings)
            if self.stdin is not None:
                to_stdout(fixed.contents.get(self.name, self.stdin))
            if fixed.mended:
                texts = Texts({} if self.stdin is None else fixed.contents)
                result = self.lint(None if self.stdin is None else fixed.contents[self.name])
                findings = self.known_findings.new(result.findings, texts, shrink=True)
            self.edits.print_fixed(fixed.mended)
            if request.fix_only:
                return status
        self.messages.print_notices(result)
        write_report(self, findings, texts, self.notices(result))
        self.messages.summary(findings, result, time.perf_counter() - started, texts)
        return max(status, 1 if findings and not request.exit_zero else 0)

    @functools.cached_property
    def edits(self) -> Edits:
        """What changes files; loaded where it is asked for."""
        from looplint.cli.edit_files import Edits

        return Edits(self)

    def status(self, result: Result) -> int:
        """The exit status apart from findings: 2 if something that was named was not read."""
        unread = any(note.kind in ("unreadable", "aside") and note.path in self.named for note in result.notes)
        return 2 if result.errors or self.missing or unread else 0

    @property
    def streams(self) -> bool:
        """Whether findings can be reported as they are found, one by one and unfiltered."""
        request = self.request
        chosen = (
            request.since,
            request.callers,
            request.statistics,
            request.output_file,
            *request.instead_of_reporting.values(),
        )
        known = any(settings.baseline for settings in self.every)
        return self.stdin is None and not any(chosen) and not known and self.settings.output_format in STREAMED

    def report_as_found(self, started: float) -> int:
        """Report the findings of each file as soon as they are known: an interrupted run keeps what it has found."""
        from looplint.run.result import Result

        result = Result()
        stopped = False

        def found() -> Iterator[Finding]:
            nonlocal stopped
            try:
                for part in self.lint_in_order():
                    result.add(part)
                    yield from part.findings
                    sys.stdout.flush()
            except KeyboardInterrupt:
                stopped = True

        findings = found()
        first = next(findings, None)
        if first is None and not stopped and self.plain:
            return self.clean(result, time.perf_counter() - started)
        from looplint.findings.source_texts import Texts

        texts = Texts()
        write_report(self, itertools.chain([] if first is None else [first], findings), texts, self.notices(result))
        self.messages.print_notices(result)
        self.messages.summary(result.findings, result, time.perf_counter() - started, texts)
        if stopped:
            say(f"looplint: interrupted after {result.files} of {count(len(self.files), 'file')}")
            return 130
        return max(self.status(result), 1 if result.findings and not self.request.exit_zero else 0)

    def notices(self, result: Result) -> Iterator[Notice]:
        """The notices for a report, complete once its findings have been iterated."""
        hidden: frozenset[NoticeKind] = frozenset() if self.request.verbose else DETAILS
        if self.settings.output_format in COMPLETE:
            hidden -= SUMMED_UP
        shown = (note for note in result.notes if note.kind not in hidden)
        far = far_imports(result)
        yield from (note for note in shown if note.kind != "imports" or note in far)
        for error in result.errors:
            yield Notice(str(error), error.path, "error")

    @property
    def plain(self) -> bool:
        """Whether a run without findings only has to print its summary."""
        request, settings = self.request, self.settings
        chosen = (
            request.fix,
            request.fix_only,
            request.write_baseline,
            request.output_file,
            request.since,
            *(each.baseline for each in self.every),
        )
        return not any(chosen) and settings.output_format in ("full", "concise", "grouped")

    def clean(self, result: Result, seconds: float) -> int:
        """Finish a run without findings as fast as possible: most runs have none."""
        if any(each.selections or each.severity or each.per_file_ignores for each in self.every):
            self.rules()
        self.messages.print_notices(result)
        self.messages.summary([], result, seconds)
        return self.status(result)

    def lint(self, stdin: bytes | None) -> Result:
        """Lint the files, or the text on stdin."""
        from looplint.run.api import lint
        from looplint.run.result import Result

        if stdin is not None:
            return lint(["-"], self.configuration, stdin=stdin, stdin_filename=self.name)
        result = Result()
        for part in self.lint_in_order():
            result.add(part)
        result.findings.sort(key=lambda finding: finding.sort_key)
        return result

    def lint_in_order(self) -> Iterator[Result]:
        """The results of the files, in order."""
        from looplint.run.api import lint_in_order

        jobs = self.request.jobs or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else [0])
        with progress(len(self.files), on=not self.request.quiet) as bar:
            advance = None if bar is None else bar.advance
            for part in lint_in_order(sorted(self.files), self.configuration, jobs=jobs, cache=True, progress=advance):
                if bar is not None and part.findings and self.streams and sys.stdout.isatty():
                    bar.close()
                part.notes = [n for n in part.notes if n.kind != "aside" or n.path in self.named]
                yield part

    def rules(self) -> list[Rule]:
        """The rules that are on for one of the files, or in the current folder."""
        from looplint.project.catalog import rules_with
        from looplint.project.selection import rules_on, selectable

        found: dict[str, Rule] = {}
        for settings in (self.settings, *self.every):
            rules = selectable(rules_with(settings.rule_packs))
            on = rules_on(settings, rules)
            found.update({rule.code: rule for rule in rules if rule.code in on})
        return sorted(found.values(), key=lambda rule: rule.code)

    def callers(self) -> dict[str, Settings]:
        """The files that import the linted ones, directly or not, unless they are excluded."""
        from looplint.program.program import Program
        from looplint.project.files_to_lint import is_excluded
        from looplint.run.analysis import Analysis

        analysis = Analysis(Program(), ())
        paths = {path for file in self.files for path in analysis.callers.importers_of(os.path.abspath(file))}
        names = {os.path.relpath(path) for path in paths - set(map(os.path.abspath, self.files))}
        found = {name: self.configuration.for_file(name) for name in names}
        return {name: settings for name, settings in found.items() if not is_excluded(name, settings)}

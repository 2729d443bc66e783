"""The main command, step by step: settings, files, findings, baseline, fixes, report."""

from __future__ import annotations

import dataclasses
import functools
import io
import itertools
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

import click

from looplint.cli.commands import Failure, close_stdout, colored
from looplint.cli.terminal import filled, say, shown, width
from looplint.notice import DETAILS, Notice, NoticeKind
from looplint.profile import timed
from looplint.project.config import Configuration, Settings, WrongUse, absolute
from looplint.project.files_to_lint import files
from looplint.sources.atomic_write import write_whole

if TYPE_CHECKING:
    from looplint.finding import Finding
    from looplint.findings.baseline import Baseline, Comparison
    from looplint.findings.source_texts import Texts
    from looplint.rule import Rule
    from looplint.run.api import Result

# Command-line options that are keys of the configuration.
KEYS = (
    "select",
    "ignore",
    "extend_select",
    "per_file_ignores",
    "preview",
    "exclude",
    "extend_exclude",
    "force_exclude",
    "respect_gitignore",
    "markdown",
    "parser",
    "baseline",
    "output_format",
    "cache",
    "cache_dir",
)
DEFAULT_BASELINE = "looplint-baseline.json"
STDIN = "<stdin>"
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
    "version": "`looplint --version`",
    "help": "`looplint -h`",
}
_VERBOSE = ("cut", "cut-function", "callers", "imports", "block")
"""Kinds of notices that are listed with `-v` only."""
TRIED = 10
"""Fixes that are tried in memory to count those that can be applied; further ones are assumed to work."""
STREAMED = ("azure", "concise", "full", "json-lines", "pylint")
"""Formats that report findings one by one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """The parsed command line; `options`: keys of the configuration that it sets."""

    paths: tuple[str, ...]
    options: Mapping[str, Any]
    config: tuple[str, ...]
    isolated: bool
    stdin_filename: str | None
    since: str | None
    callers: bool
    write_baseline: bool
    no_baseline: bool
    add_ignore: bool
    fix: bool
    unsafe_fixes: bool
    diff: bool
    fix_only: bool
    show_fixes: bool
    output_file: str | None
    statistics: bool
    color: str
    quiet: bool
    verbose: bool
    exit_zero: bool
    show_settings: bool
    show_files: bool
    jobs: int
    watch: bool
    profile: bool

    @property
    def instead_of_reporting(self) -> Mapping[str, bool]:
        """The actions that replace reporting, each by its option."""
        return {
            "--write-baseline": self.write_baseline,
            "--add-ignore": self.add_ignore,
            "--fix-only" if self.fix_only else "--diff" if self.diff else "--fix": self.fix
            or self.fix_only
            or self.diff,
        }

    @classmethod
    def of(cls, options: dict[str, Any]) -> Request:
        """From the options as click gives them."""
        keys = {key.replace("_", "-"): options.pop(key) for key in KEYS}
        return cls(options={key: value for key, value in keys.items() if value is not None}, **options)


@dataclasses.dataclass(slots=True)
class Fixed:
    """The result of fixing: new contents by file, the fixed findings, and how many diffs were printed."""

    contents: dict[str, bytes] = dataclasses.field(default_factory=dict)
    mended: list[Finding] = dataclasses.field(default_factory=list)
    diffs: int = 0


def run(request: Request) -> int:
    """Run the command; returns the exit status. Raises Failure on a usage error."""
    try:
        if request.watch:
            from looplint.cli.watch import watch

            return watch(lambda: _Run(request))
        if request.profile:
            return _profiled(request)
        return _Run(request).run()
    except WrongUse as error:
        raise Failure(str(error)) from None


def _profiled(request: Request) -> int:
    """As `run`, in one process and without the cache; the time of each part and rule goes to stderr."""
    from looplint import profile

    running = profile.start()
    try:
        options = {**request.options, "cache": False}
        return _Run(dataclasses.replace(request, jobs=1, options=options)).run()
    finally:
        profile.stop()
        click.echo("\n".join(running.rows()), err=True)


class _Run:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.stdin = _stdin() if "-" in request.paths else None
        if self.stdin is not None and len(request.paths) > 1:
            raise Failure("`-` (stdin) cannot be combined with paths")
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
        file, keys = _configured(request.config)
        options = {**keys, **request.options}
        self.configure = functools.partial(Configuration, file, isolated=request.isolated, options=options)
        self.configuration = self.configure()
        self.name = request.stdin_filename or STDIN
        if self.stdin is not None:
            self.files = {self.name: self.configuration.for_file(self.name)}
        else:
            self.files = files(request.paths, self.configuration)
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
        self.before: Baseline | None = None
        self.known = 0
        self.named = {self.name} if self.stdin is not None else {str(Path(path)) for path in request.paths}
        self.missing = self.stdin is None and not all(map(os.path.lexists, request.paths))

    def run(self) -> int:
        request = self.request
        if request.show_settings:
            return self.show_settings()
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
            return self.write_baseline(result, texts)
        findings = self.new(result.findings, texts, shrink=True)
        status = self.status(result)
        if request.add_ignore:
            return max(status, self.add_ignores(findings, texts))
        if request.diff:
            return max(status, 1 if self.fix(findings).diffs and not request.exit_zero else 0)
        if request.fix or request.fix_only:
            fixed = self.fix(findings)
            if self.stdin is not None:
                _to_stdout(fixed.contents.get(self.name, self.stdin))
            if fixed.mended:
                texts = Texts({} if self.stdin is None else fixed.contents)
                result = self.lint(None if self.stdin is None else fixed.contents[self.name])
                findings = self.new(result.findings, texts, shrink=True)
            self.print_fixed(fixed.mended)
            if request.fix_only:
                return status
        self.print_notices(result)
        self.report(findings, texts, self.notices(result))
        self.summary(findings, result, time.perf_counter() - started, texts)
        return max(status, 1 if findings and not request.exit_zero else 0)

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
        from looplint.run.api import Result

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
        self.report(itertools.chain([] if first is None else [first], findings), texts, self.notices(result))
        self.print_notices(result)
        self.summary(result.findings, result, time.perf_counter() - started, texts)
        if stopped:
            say(f"looplint: interrupted after {result.files} of {_count(len(self.files), 'file')}")
            return 130
        return max(self.status(result), 1 if result.findings and not self.request.exit_zero else 0)

    def notices(self, result: Result) -> Iterator[Notice]:
        """The notices for a report, complete once its findings have been iterated."""
        yield from (note for note in result.notes if note.kind not in DETAILS or self.request.verbose)
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
        self.print_notices(result)
        self.summary([], result, seconds)
        return self.status(result)

    def lint(self, stdin: bytes | None) -> Result:
        """Lint the files, or the text on stdin."""
        from looplint.run.api import Result, lint

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
        with _progress(len(self.files), on=not self.request.quiet) as bar:
            progress = None if bar is None else bar.advance
            for part in lint_in_order(sorted(self.files), self.configuration, jobs=jobs, cache=True, progress=progress):
                if bar is not None and part.findings and self.streams and sys.stdout.isatty():
                    bar.close()
                part.notes = [n for n in part.notes if n.kind != "aside" or n.path in self.named]
                yield part

    def new(self, findings: list[Finding], texts: Texts, *, shrink: bool = False) -> list[Finding]:
        """The findings that are neither older than `--since` nor in a baseline. `shrink`: remove fixed ones from it."""
        if self.request.since is not None:
            findings = self.since(findings, texts)
        elif self.request.callers:
            own = [finding for finding in findings if finding.filename in self.asked_for]
            others = [finding for finding in findings if finding.filename not in self.asked_for]
            findings = sorted(own + self.since_head(others, texts), key=lambda finding: finding.sort_key)
        fresh_or_known = len(findings)
        for baseline in sorted(set(filter(None, (each.baseline for each in self.every)))):
            file = Path(baseline)
            here = [f for f in findings if self.baseline_of(f) == baseline]
            comparison = self.compare(file, here, texts)
            if shrink and comparison.mended and self.stdin is None and self.request.since is None:
                self.shrink(file, comparison)
            fresh = set(map(id, comparison.new))
            findings = [f for f in findings if id(f) in fresh or self.baseline_of(f) != baseline]
        if shrink:
            self.known = fresh_or_known - len(findings)
        return findings

    def baseline_of(self, finding: Finding) -> str | None:
        return self.files.get(finding.filename, self.settings).baseline

    def shrink(self, file: Path, comparison: Comparison) -> None:
        """Remove fixed findings from a baseline; in CI, where nobody commits the change, only report them."""
        from looplint.findings import baseline

        mended = f"{_shown(file)}: {_count(comparison.mended, 'finding')} fixed"
        if os.environ.get("CI"):
            self.note(f"{mended}: run looplint and commit the file")
        else:
            baseline.write(file, comparison.remaining)
            self.note(f"{mended} and removed")

    def compare(self, file: Path, findings: list[Finding], texts: Texts) -> Comparison:
        """Compare the findings with a baseline file."""
        from looplint.findings import baseline

        return baseline.compare(
            baseline.read(file),
            findings,
            baseline.describe(findings, file.parent, texts.sources),
            linted={os.path.relpath(name, file.parent).replace(os.sep, "/") for name in self.files},
            codes={rule.code for rule in self.rules()},
            gone=lambda path: not (file.parent / path).exists(),
        )

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

    def without_effect(self) -> list[str]:
        """A sentence for each selection that turns nothing on."""
        from looplint.project.catalog import rules_with
        from looplint.project.selection import without_effect

        every = dict.fromkeys((self.settings, *self.every))
        return list(dict.fromkeys(n for each in every for n in without_effect(each, rules_with(each.rule_packs))))

    def since(self, findings: list[Finding], texts: Texts) -> list[Finding]:
        """The findings that current rules do not report at the revision."""
        from looplint.findings import baseline

        here = Path.cwd()
        if self.before is None:
            self.before = self.at_revision({finding.filename for finding in findings}, here)
        return baseline.compare(self.before, findings, baseline.describe(findings, here, texts.sources)).new

    def callers(self) -> dict[str, Settings]:
        """The files that import the linted ones, directly or not, unless they are excluded."""
        from looplint.program.program import Program
        from looplint.project.files_to_lint import is_excluded
        from looplint.run.analysis import Analysis

        analysis = Analysis(Program(), ())
        paths = {path for file in self.files for path in analysis.importers_of(os.path.abspath(file))}
        names = {os.path.relpath(path) for path in paths - set(map(os.path.abspath, self.files))}
        found = {name: self.configuration.for_file(name) for name in names}
        return {name: settings for name, settings in found.items() if not is_excluded(name, settings)}

    def since_head(self, findings: list[Finding], texts: Texts) -> list[Finding]:
        """The findings that are new since the last commit; all of them if there is no commit yet."""
        from looplint.findings.revision import RevisionError

        try:
            return self.since(findings, texts)
        except RevisionError:
            return findings

    def at_revision(self, names: set[str], here: Path) -> Baseline:
        """The findings at the revision in these files, under their current names."""
        from looplint.findings import baseline, revision
        from looplint.findings.source_texts import Texts
        from looplint.run.api import lint

        since = self.request.since or "HEAD"
        if self.request.since is not None:
            revision.commit(since)
        if not names:
            return {}
        with revision.old_code(since) as old:
            places = {name: str(place) for name in names if (place := old.before(name)) is not None}
            now_called = {place: name for name, place in places.items()}
            had = lint([*now_called], revision.NowThere(self.configuration, old)).findings if places else []
            texts = Texts({name: Path(place).read_bytes() for name, place in places.items()})
        had = [dataclasses.replace(f, filename=now_called[f.filename]) for f in had if f.filename in now_called]
        return baseline.collect(baseline.describe(had, here, texts.sources))

    def write_baseline(self, result: Result, texts: Texts) -> int:
        """Write all findings to the baseline; its entries for files that were not linted stay."""
        from looplint.findings import baseline

        self.print_notices(result)
        for name in dict.fromkeys(settings.baseline for settings in (self.every or [self.settings])):
            file = Path(name or DEFAULT_BASELINE).absolute()
            kept = self.compare(file, [], texts).remaining if file.exists() else {}
            here = [f for f in result.findings if self.baseline_of(f) == name]
            entries = baseline.describe(here, file.parent, texts.sources)
            baseline.write(file, {**kept, **baseline.collect(entries)})
            if not self.request.quiet:
                say(f"{_shown(file)}: {_count(len(entries), 'finding')} recorded in the baseline")
                if name is None:
                    say(f'To use it: baseline = "{_shown(file)}" in [tool.looplint] of pyproject.toml')
        return self.status(result)

    def add_ignores(self, findings: list[Finding], texts: Texts) -> int:
        """Suppress the findings by comments in their files."""
        from looplint.findings.suppress import add_ignores
        from looplint.project.built_in_rules import BY_NAME_ONLY
        from looplint.sources import Unreadable
        from looplint.sources.replace_file import NotWritten, replace_file

        added, failed = 0, False
        by_file: dict[str, list[Finding]] = {}
        for finding in findings:
            if finding.code not in BY_NAME_ONLY:  # A file that cannot be read takes no comments.
                by_file.setdefault(finding.filename, []).append(finding)
        for filename, here in by_file.items():
            raw = texts.raw(filename)
            try:
                new = add_ignores(raw, filename, here)
                if self.stdin is not None:
                    _to_stdout(new)
                else:
                    replace_file(Path(filename), raw, new, root=_root(filename))
                added += len(here)
            except (Unreadable, NotWritten) as error:
                failed = True
                self.note(str(error))
        if not self.request.quiet:
            say(f"{_count(added, 'finding')} suppressed by a comment")
        return 2 if failed else 0

    def fix(self, findings: list[Finding]) -> Fixed:
        """Fix the files of the findings, or print the diff."""
        from looplint.findings.source_texts import Texts
        from looplint.fix import fix_bytes, fix_file
        from looplint.run.api import lint
        from looplint.sources import Unreadable
        from looplint.sources.replace_file import remove_unfinished

        unsafe = self.request.unsafe_fixes
        fixed = Fixed()
        for folder in {os.path.dirname(file) for file in self.files} if self.stdin is None else ():
            remove_unfinished(folder)
        # Of callers only findings are wanted: a commit of other files must not change them.
        own = [f for f in findings if not self.request.callers or f.filename in self.asked_for]
        wanted = [f for f in own if f.fix and (unsafe or f.fix.applicability == "safe")]
        self.fix_across([f for f in wanted if f.fix and f.fix.elsewhere], fixed)
        for filename in sorted({f.filename for f in wanted if f.fix and not f.fix.elsewhere} - fixed.contents.keys()):

            def relint(raw: bytes, name: str = filename) -> list[Finding]:
                found = lint(["-"], self.configuration, stdin=raw, stdin_filename=name).findings
                return self.new([finding for finding in found if finding.filename == name], Texts({name: raw}))

            try:
                if self.stdin is not None:
                    result = fix_bytes(self.stdin, filename, relint, unsafe=unsafe)
                else:
                    write = not self.request.diff
                    result = fix_file(Path(filename), relint, unsafe=unsafe, write=write, root=_root(filename))
            except Unreadable as error:
                self.note(str(error))
                continue
            self.notes(result.notes)
            fixed.contents[filename] = result.new
            fixed.mended += result.applied
            self.show_diff(filename, result.old, result.new, fixed)
        if self.request.diff and not self.request.quiet:
            line = f"Would fix {_count(len(fixed.mended), 'mistake')} in {_count(fixed.diffs, 'file')}."
            left = sum(f.fix is not None and f.fix.applicability == "unsafe" for f in findings) if not unsafe else 0
            say(line + (f" {left} more with `--diff --unsafe-fixes`." if left else ""))
        return fixed

    def fix_across(self, findings: list[Finding], fixed: Fixed) -> None:
        """Apply fixes that change other files than the finding's."""
        from looplint.findings.source_texts import Texts
        from looplint.fix.fix_files import fix_files
        from looplint.run.check_file import Checker
        from looplint.sources import bytes_of

        if self.stdin is not None:
            self.notes([f"{f.filename}: {f.code} {f.name} is not fixed: its fix changes other files" for f in findings])
            return

        def relint(held: Mapping[str, bytes], name: str) -> list[Finding]:
            by_path = {os.path.abspath(path): text for path, text in held.items()}

            def contents(path: str) -> bytes:
                return by_path.get(os.path.abspath(path)) or bytes_of(path)

            found = Checker(self.configuration, contents).check_file(name).result.findings
            return self.new([finding for finding in found if finding.filename == name], Texts(held))

        result = fix_files(findings, relint, write=not self.request.diff, root=_root)
        self.notes(result.notes)
        fixed.mended += result.applied
        for path, new in result.new.items():
            fixed.contents[path] = new
            self.show_diff(path, result.old[path], new, fixed)

    def show_diff(self, filename: str, old: bytes, new: bytes, fixed: Fixed) -> None:
        """Print the diff of a file, if requested."""
        from looplint.fix import diff

        text = diff(filename, old, new, color=self.colored(sys.stdout), terminal=sys.stdout.isatty())
        if self.request.diff and text:
            fixed.diffs += 1
            _to_stdout(text.encode("utf-8", "surrogateescape"))

    def print_fixed(self, mended: Sequence[Finding]) -> None:
        if mended and not self.request.quiet:
            say(f"Fixed {_count(len(mended), 'mistake')}{':' if self.request.show_fixes else '.'}")
        if self.request.show_fixes:
            for finding in mended:
                what = finding.fix.message if finding.fix else ""
                place = f"{finding.filename}:{finding.location.row}"
                say(f"  {place}: {finding.code} {finding.name}: {what}", indent=" " * 4)

    def report(self, findings: Iterable[Finding], texts: Texts, notices: Iterable[Notice] = ()) -> None:
        """Write the findings in the requested format. `notices`: iterated after the findings."""
        from looplint.findings.measured import measured, picture
        from looplint.project.built_in_rules import BUILT_IN
        from looplint.report import Context, statistics, write
        from looplint.version import VERSION

        with timed("report"), self.output() as stream:
            if self.request.statistics:
                statistics(list(findings), stream, self.settings.output_format)
                return
            codes = {finding.code for finding in findings} if isinstance(findings, Sequence) else ()
            built_in = [rule for rule in BUILT_IN if rule.code in codes]
            context = Context(
                version=VERSION,
                rules=sorted({*self.rules(), *built_in}, key=lambda rule: rule.code),
                base=Path.cwd(),
                color=self.colored(stream),
                width=width(stream),
                lines=texts.lines,
                edits=texts.edits,
                measured=measured,
                picture=picture,
                changed=self.changed(),
                file_row=texts.file_row,
                notices=notices,
            )
            write(self.settings.output_format, findings, stream, context)

    def changed(self) -> Callable[[str], Any]:
        """The rows under review: changed since the revision, or since the target branch of a pull request on GitHub."""
        base = os.environ.get("GITHUB_BASE_REF")
        revision = self.request.since or (f"origin/{base}" if base else None)
        if revision is None:
            return lambda filename: None
        from looplint.findings.revision import changed_rows

        return lambda filename: changed_rows(filename, revision)

    @contextmanager
    def output(self) -> Iterator[TextIO]:
        """The output file, or stdout (stderr if stdout is for the fixed text)."""
        name = self.request.output_file
        if name is None:
            stream = sys.stderr if self.stdin is not None and self.request.fix else sys.stdout
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
            try:
                yield stream
                stream.flush()
            except BrokenPipeError:
                close_stdout()
            return
        try:
            place = Path(name)
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.exists() and not place.is_file():
                with place.open("w", encoding="utf-8", errors="backslashreplace") as file:
                    yield file
                return
            text = io.StringIO()
            yield text
            write_whole(place.resolve(), text.getvalue().encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise Failure(f"--output-file {name}: cannot be written: {error.strerror}") from None

    def summary(self, findings: list[Finding], result: Result, seconds: float, texts: Texts | None = None) -> None:
        """One friendly line on stderr."""
        if self.request.quiet:
            return
        loops, files = _count(result.loops, "training loop"), _count(result.files, "file")
        if not self.files:
            line = "Nothing to lint: no Python file, notebook or Markdown file here (`--show-files`)"
        elif not result.files:
            return
        elif not findings or texts is None:
            excused = self.request.since or any(each.baseline for each in self.every)
            line = f"{loops} in {files}, nothing {'new' if excused else 'wrong'}"
            if self.known:
                line += f" besides {_count(self.known, 'finding')} in the baseline (`--no-baseline` shows them)"
            if any(note.kind not in _VERBOSE for note in result.notes) or result.errors:
                line += " in the code that could be read"
        else:
            wrong = len({finding.filename for finding in findings})
            # Findings may lie in files that the named ones import or are imported by.
            where = f"{wrong} of {files}" if wrong <= result.files else f"{_count(wrong, 'file')} ({files} named)"
            line = f"Found {_count(len(findings), 'mistake')} in {where}, {loops}."
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
            hint = "" if self.request.verbose else f": -v lists {'it' if ' was ' in cut else 'them'}"
            say(f"{cut}{hint}")
        if many := len({note.path for note in result.notes if note.kind == "callers"}):
            hint = "" if self.request.verbose else f": -v lists {'it' if many == 1 else 'them'}"
            say(f"the callers of {_count(many, 'file')} were not all analysed{hint}")
        known = {path for path, _, _ in result.followed}
        far = {note.path for note in result.notes if note.kind == "imports" and os.path.abspath(note.path) not in known}
        if far:
            hint = "" if self.request.verbose else f": -v lists {'it' if len(far) == 1 else 'them'}"
            say(f"the imports of {_count(len(far), 'file')} were not all followed to training code{hint}")
        if self.request.verbose:
            say(f"{seconds:.2f} s; configuration: {self.settings.origin or 'none'}")

    def show_settings(self) -> int:
        """Print each configuration in force among the files, as TOML, and the rules that it turns on."""
        from looplint.project.catalog import rules_with
        from looplint.project.selection import rules_on

        for settings in self.every or [self.settings]:
            number = sum(each is settings for each in self.files.values())
            click.echo(f"# configuration: {settings.origin or 'none'}; applies to {_count(number, 'file')} here")
            on = rules_on(settings, rules_with(settings.rule_packs))
            click.echo(filled(f"# rules that are on: {', '.join(sorted(on))}", width(sys.stdout), "#     "))
            for field in dataclasses.fields(settings):
                click.echo(f"{field.name.replace('_', '-')} = {_toml(getattr(settings, field.name))}")
        return 0

    def print_notices(self, result: Result) -> None:
        """Print selections without effect, what could not be read, and internal errors, each with the remedy."""
        if any(settings.selections for settings in (self.settings, *self.every)):
            self.notes(self.without_effect())
        self.notes([str(note) for note in result.notes if note.kind not in _VERBOSE or self.request.verbose])
        word = self.request.paths[0] if self.missing else ""
        if re.fullmatch(r"[a-z-]+", word) and not os.path.lexists(word):
            right = ELSEWHERE.get(word, "`looplint -h` lists the commands; without one looplint lints")
            self.note(f"there is no command `{word}` either: {right}")
        self.notes([str(error) for error in result.errors])
        if any(error.rule_at for error in result.errors):
            self.note("the rest was linted; repair the rule, or turn it off with `--ignore` and its code")
        own = [error for error in result.errors if not error.rule_at]
        if own:
            import shlex

            from looplint.rule import HOME

            file = shlex.quote(own[0].path)
            named = file if self.stdin is None else f"--stdin-filename {file} - < {file}"
            self.note(
                f"the rest was linted. Please report this, with the file or the part of it that triggers it, at "
                f"{HOME}/issues ; to reproduce it: `looplint --no-cache --preview {named}`"
            )

    def notes(self, notes: Sequence[str]) -> None:
        for note in notes:
            self.note(note)

    def note(self, text: str) -> None:
        """Print a notice, even when quiet: it is not a finding, but says that some may be missing."""
        say(f"looplint: {text}")

    def colored(self, stream: IO[Any]) -> bool:
        return colored(self.request.color, stream)


def _configured(config: Sequence[str]) -> tuple[str | None, dict[str, Any]]:
    """The file and the keys given by `--config`, which takes either, as in ruff."""
    file: str | None = None
    keys: dict[str, Any] = {}
    for text in config:
        if Path(text).is_file():
            file = text
        elif "=" in text:
            import tomllib

            try:
                keys.update(tomllib.loads(text))
            except tomllib.TOMLDecodeError as error:
                raise Failure(f"--config '{text}': is neither a file nor TOML `key = value`: {error}") from None
        else:
            raise Failure(f"--config {text}: there is no such file")
    return file, keys


def _root(filename: str) -> Path | None:
    """The folder out of which no symbolic link is followed when a file is written: the current one for files in it."""
    here = Path.cwd()
    return here if absolute(filename).is_relative_to(here) else None


class _Bar:
    """A bar on the terminal's stderr that appears when a run takes longer than a second."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.started = time.monotonic()
        self.bars: list[Any] = []
        self.closed = False

    def advance(self, done: int, _: int) -> None:
        if not self.bars and not self.closed and time.monotonic() - self.started > 1:
            bar = click.progressbar(length=self.total, file=sys.stderr, label="Linting", show_pos=True)
            self.bars.append(bar.__enter__())
        for bar in self.bars:
            if done - bar.pos > self.total / 200 or done == self.total:
                bar.update(done - bar.pos)

    def close(self) -> None:
        """Remove the bar for good."""
        self.closed = True
        while self.bars:
            self.bars.pop().__exit__(None, None, None)
            click.echo("\x1b[1A\x1b[2K", nl=False, file=sys.stderr)


@contextmanager
def _progress(total: int, *, on: bool) -> Iterator[_Bar | None]:
    if not on or not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(total)
    try:
        yield bar
    finally:
        bar.close()


def _stdin() -> bytes:
    """The text on stdin. Raises Failure if it cannot be read."""
    try:
        return sys.stdin.buffer.read()
    except AttributeError:
        raise Failure("`-`: standard input is closed: pass a text, as in `looplint - < train.py`") from None
    except OSError as error:
        raise Failure(f"`-`: standard input cannot be read ({error.strerror}): pass a text") from None


def _toml(value: Any) -> str:
    import json

    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inside = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        shown = (f"{name.replace('_', '-')} = {_toml(item)}" for name, item in inside.items() if item is not None)
        return f"{{ {', '.join(shown)} }}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return '""' if value is None else json.dumps(value)


def _to_stdout(text: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()


def _shown(file: Path) -> str:
    return os.path.relpath(file)


def _not_analysed_completely(result: Result) -> str:
    """What was not analysed completely, as a sentence: loops of those that were counted, and other functions. Empty if
    there is nothing."""

    def places(kind: NoticeKind) -> int:
        return len({(note.path, note.cell, note.row) for note in result.notes if note.kind == kind})

    # A loop that several entry points reach may be cut in each of them.
    loops = min(places("cut"), result.loops)
    functions = places("cut-function")
    parts = [f"{loops} of {_count(result.loops, 'loop')}"] if loops else []
    if functions:
        parts.append(_count(functions, "other function" if loops else "function"))
    were = "was" if loops + functions == 1 else "were"
    return f"{' and '.join(parts)} {were} not analysed completely" if parts else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

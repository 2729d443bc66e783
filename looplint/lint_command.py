"""The main call, step by step: settings, files, findings, what is known of them already, fixes, report."""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

import click

from looplint.cli import Failure, close_stdout
from looplint.config import Configuration, ConfigError, Settings

if TYPE_CHECKING:
    from looplint.baseline import Comparison
    from looplint.check import Result
    from looplint.finding import Finding
    from looplint.rule import Rule
    from looplint.texts import Texts

# Options of the command line that are keys of the configuration.
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
    "baseline",
    "output_format",
    "cache",
    "cache_dir",
)
DEFAULT_BASELINE = "looplint-baseline.json"
STDIN = "<stdin>"


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for; `options`: keys of the configuration given there."""

    paths: tuple[str, ...]
    options: Mapping[str, Any]
    config: str | None
    isolated: bool
    stdin_filename: str | None
    since: str | None
    write_baseline: bool
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

    @classmethod
    def of(cls, options: dict[str, Any]) -> Request:
        """From the options as click gives them."""
        keys = {key.replace("_", "-"): options.pop(key) for key in KEYS}
        return cls(options={key: value for key, value in keys.items() if value is not None}, **options)

    @property
    def fixes(self) -> bool:
        return self.fix or self.fix_only or self.diff


def run(request: Request) -> int:
    """Carry it out; returns the exit status. Raises Failure on wrong use."""
    from looplint.baseline import BaselineError
    from looplint.catalog import BadRule
    from looplint.revision import RevisionError

    try:
        return _Run(request).run()
    except (ConfigError, BaselineError, RevisionError, BadRule) as error:
        raise Failure(str(error)) from None


class _Run:
    def __init__(self, request: Request) -> None:
        self.request = request
        self.stdin = sys.stdin.buffer.read() if "-" in request.paths else None
        if self.stdin is not None and len(request.paths) > 1:
            raise Failure("`-` (stdin) stands alone: name either it or paths")
        file = request.config
        if file is not None and not os.path.isfile(file):
            raise Failure(f"--config {file}: there is no such file")
        self.configuration = Configuration(file, isolated=request.isolated, options=request.options)
        self.settings = self.configuration.for_folder(".")
        self.name = request.stdin_filename or STDIN
        self.missing = [] if self.stdin is not None else [p for p in request.paths if not os.path.lexists(p)]

    def run(self) -> int:
        request = self.request
        plan = self.plan()
        if request.show_settings:
            return _show_settings(plan)
        if request.show_files:
            return _print(sorted(file for _, files in plan for file in files))
        started = time.perf_counter()
        from looplint.texts import Texts

        result = self.lint(plan)
        texts = Texts({} if self.stdin is None else {self.name: self.stdin})
        if request.write_baseline:
            return self.write_baseline(result, texts, plan)
        findings = self.new(result.findings, texts, plan, shrink=True)
        status = 2 if result.errors or self.missing else 0
        if request.add_ignore:
            return max(status, self.add_ignores(findings, texts))
        if request.fixes:
            fixed, diffs, mended = self.fix(findings, plan)
            if request.diff:
                return max(status, 1 if diffs and not request.exit_zero else 0)
            if self.stdin is not None:
                _to_stdout(fixed.get(self.name, self.stdin))
                texts = Texts({self.name: fixed.get(self.name, self.stdin)})
            elif mended:
                texts = Texts()
            if mended:
                result = self.lint(plan, texts.raw(self.name) if self.stdin is not None else None)
                findings = self.new(result.findings, texts, plan, shrink=True)
            self.tell_fixes(mended)
            if request.fix_only:
                return status
        self.notes(result.notes)
        self.report(findings, texts, plan)
        self.summary(findings, result, time.perf_counter() - started)
        return max(status, 1 if findings and not request.exit_zero else 0)

    def plan(self) -> list[tuple[Settings, list[str]]]:
        """The files to lint, by the settings that hold for them."""
        if self.stdin is not None:
            return [(self.configuration.for_file(self.name), [self.name])]
        from looplint.selection import fits
        from looplint.sources import DEFAULT_EXTENSIONS, discover, kind_of

        starts: dict[Settings, list[str]] = {}
        for path in self.request.paths or (".",):
            folder = path if os.path.isdir(path) else os.path.dirname(path)
            starts.setdefault(self.configuration.for_folder(folder or "."), []).append(path)
        named = {os.path.normpath(path) for path in self.request.paths}
        by_folder: dict[str, Settings] = {}
        groups: dict[Settings, dict[str, None]] = {}
        for start, paths in starts.items():
            kinds = [e for e in DEFAULT_EXTENSIONS if start.markdown or kind_of(f"x{e}") != "markdown"]
            root = Path(start.root) if start.root else None
            for found in discover(
                paths,
                exclude=start.excluded,
                respect_gitignore=start.respect_gitignore,
                extensions=kinds,
                root=root,
            ):
                file = str(found)
                folder = os.path.dirname(file)
                if folder not in by_folder:
                    by_folder[folder] = self.configuration.for_folder(folder or ".")
                settings = by_folder[folder]
                # What was walked is clear of its start's patterns; not of those of a file further down.
                judged = settings.force_exclude if file in named else settings is not start
                if judged and any(fits(os.path.abspath(file), pattern, settings.root) for pattern in settings.excluded):
                    continue
                groups.setdefault(settings, {})[file] = None
        return [(settings, list(files)) for settings, files in groups.items()]

    def lint(self, plan: Sequence[tuple[Settings, list[str]]], stdin: bytes | None = None) -> Result:
        """One result for all groups."""
        from looplint.check import Result, lint

        stdin = self.stdin if stdin is None else stdin
        total = sum(len(files) for _, files in plan)
        results: list[Result] = []
        with _progress(total, on=self.stdin is None and not self.request.quiet) as advance:
            for settings, files in plan:
                before = sum(len(done) for _, done in plan[: len(results)])
                results.append(
                    lint(
                        ["-"] if stdin is not None else files,
                        settings,
                        stdin=stdin,
                        stdin_filename=self.name,
                        jobs=self.request.jobs,
                        progress=lambda done, _, before=before: advance(before + done),  # type: ignore[misc]
                    )
                )
        if len(results) == 1:
            return results[0]
        return Result(
            findings=sorted((f for r in results for f in r.findings), key=lambda finding: finding.sort_key),
            notes=[note for r in results for note in r.notes],
            loops=sum(r.loops for r in results),
            files=sum(r.files for r in results),
            errors=sum(r.errors for r in results),
        )

    def new(
        self, findings: list[Finding], texts: Texts, plan: Sequence[tuple[Settings, list[str]]], *, shrink: bool = False
    ) -> list[Finding]:
        """The findings that are neither older than `--since` nor in the baseline. `shrink`: mended ones leave it."""
        if self.request.since is not None:
            findings = self.since(findings, texts, plan)
        if self.settings.baseline is None:
            return findings
        from looplint import baseline

        file = Path(self.settings.baseline)
        known = self.compare(file, findings, texts, plan)
        if shrink and known.mended and self.stdin is None and self.request.since is None:
            if os.environ.get("CI"):
                self.note(f"{_shown(file)}: {_count(known.mended, 'finding')} in it mended; run looplint to take them out")
            else:
                baseline.write(file, known.remaining)
                self.note(f"{_shown(file)}: {_count(known.mended, 'finding')} mended and taken out")
        return known.new

    def compare(
        self, file: Path, findings: list[Finding], texts: Texts, plan: Sequence[tuple[Settings, list[str]]]
    ) -> Comparison:
        from looplint import baseline
        from looplint.selection import rules_on

        codes = {code for settings, _ in plan for code in rules_on(settings, _rules(settings))}
        seen = {os.path.relpath(name, file.parent).replace(os.sep, "/") for _, files in plan for name in files}
        return baseline.compare(
            baseline.read(file),
            findings,
            baseline.describe(findings, file.parent, texts.sources),
            seen=seen,
            codes=codes,
            gone=lambda path: not (file.parent / path).exists(),
        )

    def since(
        self, findings: list[Finding], texts: Texts, plan: Sequence[tuple[Settings, list[str]]]
    ) -> list[Finding]:
        """Findings that the code at the revision did not have, by the rules of today."""
        from looplint import baseline, revision
        from looplint.texts import Texts as OldTexts

        assert self.request.since is not None
        with revision.old_code(self.request.since) as old:
            names = {f.filename: str(b) for f in findings if (b := old.before(f.filename)) is not None}
            then = {before: now for now, before in names.items()}
            had: list[Finding] = []
            for settings, files in plan:
                if wanted := [names[file] for file in files if file in names]:
                    root = str(old.folder / Path(settings.root).relative_to(old.top)) if (
                        Path(settings.root).is_relative_to(old.top)
                    ) else settings.root
                    had += self.lint([(dataclasses.replace(settings, root=root, force_exclude=False), wanted)]).findings
            old_texts = OldTexts({now: Path(before).read_bytes() for now, before in names.items()})
        had = [dataclasses.replace(finding, filename=then.get(finding.filename, finding.filename)) for finding in had]
        here = Path.cwd()
        return baseline.compare(
            baseline.collect(baseline.describe(had, here, old_texts.sources)),
            findings,
            baseline.describe(findings, here, texts.sources),
            seen=(),
            codes=(),
            gone=lambda path: False,
        ).new

    def write_baseline(self, result: Result, texts: Texts, plan: Sequence[tuple[Settings, list[str]]]) -> int:
        """All findings into the baseline; what it has for files that were not linted stays."""
        from looplint import baseline

        file = Path(self.settings.baseline or DEFAULT_BASELINE).absolute()
        entries = baseline.describe(result.findings, file.parent, texts.sources)
        kept: baseline.Baseline = {}
        if file.exists():
            known = self.compare(file, [], texts, plan)
            kept = known.remaining
        baseline.write(file, {**kept, **baseline.collect(entries)})
        self.notes(result.notes)
        if not self.request.quiet:
            click.echo(f"{_shown(file)}: {_count(len(result.findings), 'finding')} to live with", err=True)
            if self.settings.baseline is None:
                click.echo(f'To use it: baseline = "{_shown(file)}" in [tool.looplint] of pyproject.toml', err=True)
        return 2 if result.errors or self.missing else 0

    def add_ignores(self, findings: list[Finding], texts: Texts) -> int:
        """Silence the findings by comments in their files."""
        from looplint.fix.replace_file import NotWritten, replace_file
        from looplint.sources import Unreadable
        from looplint.suppress import add_ignores

        added, failed = 0, False
        by_file: dict[str, list[Finding]] = {}
        for finding in findings:
            by_file.setdefault(finding.filename, []).append(finding)
        for filename, here in by_file.items():
            raw = texts.raw(filename)
            try:
                new = add_ignores(raw, filename, here)
                if self.stdin is not None:
                    _to_stdout(new)
                else:
                    replace_file(Path(filename), raw, new)
                added += len(here)
            except (Unreadable, NotWritten) as error:
                failed = True
                click.echo(f"looplint: {error}", err=True)
        if not self.request.quiet:
            click.echo(f"{_count(added, 'finding')} silenced by a comment", err=True)
        return 2 if failed else 0

    def fix(
        self, findings: list[Finding], plan: Sequence[tuple[Settings, list[str]]]
    ) -> tuple[dict[str, bytes], int, list[Finding]]:
        """Fix the files of the findings, or show how: new contents by name, number of diffs, findings mended."""
        from looplint.fix import diff, fix_bytes, fix_file
        from looplint.sources import Unreadable
        from looplint.texts import Texts

        request = self.request
        contents: dict[str, bytes] = {}
        diffs = 0
        mended: list[Finding] = []
        settings_of = {file: settings for settings, files in plan for file in files}
        wanted = {f.filename for f in findings if f.fix and (request.unsafe_fixes or f.fix.applicability == "safe")}
        for filename in sorted(wanted):

            def relint(raw: bytes, name: str = filename) -> list[Finding]:
                from looplint.check import lint

                settings = settings_of[name]
                found = lint(["-"], settings, stdin=raw, stdin_filename=name, jobs=1).findings
                here = [finding for finding in found if finding.filename == name]
                return self.new(here, Texts({name: raw}), [(settings, [name])])

            try:
                if self.stdin is not None:
                    result = fix_bytes(self.stdin, filename, relint, unsafe=request.unsafe_fixes)
                else:
                    path = Path(filename)
                    result = fix_file(path, relint, unsafe=request.unsafe_fixes, write=not request.diff, root=Path.cwd())
            except Unreadable as error:
                self.note(str(error))
                continue
            self.notes(result.notes)
            contents[filename] = result.new
            mended += result.applied
            if request.diff and (text := diff(filename, result.old, result.new, color=self.colored(sys.stdout))):
                diffs += 1
                _to_stdout(text.encode("utf-8", "surrogateescape"))
        if request.diff and not request.quiet:
            click.echo(f"Would fix {_count(len(mended), 'finding')} in {_count(diffs, 'file')}", err=True)
        return contents, diffs, mended

    def tell_fixes(self, mended: list[Finding]) -> None:
        if self.request.show_fixes and mended:
            click.echo("Fixed:", err=True)
            for finding in mended:
                place = f"{finding.filename}:{finding.location.row}"
                click.echo(f"  {place}: {finding.code} {finding.name}: {finding.fix.message if finding.fix else ''}", err=True)
        elif mended and not self.request.quiet:
            click.echo(f"Fixed {_count(len(mended), 'mistake')}.", err=True)

    def report(self, findings: list[Finding], texts: Texts, plan: Sequence[tuple[Settings, list[str]]]) -> None:
        """The findings, where they were asked for."""
        with self.output() as stream:
            if self.request.statistics:
                from looplint.report import statistics

                statistics(findings, stream)
                return
            from looplint.report import Context, write
            from looplint.selection import rules_on
            from looplint.version import VERSION

            settings = plan[0][0] if plan else self.settings
            on = {code for each, _ in plan for code in rules_on(each, _rules(each))} if plan else set()
            terminal = stream.isatty()
            context = Context(
                version=VERSION,
                rules=[rule for rule in _rules(settings) if rule.code in on],
                base=Path.cwd(),
                color=self.colored(stream),
                width=_width() if terminal else None,
                lines=texts.lines,
                edits=texts.edits,
                measured=_measured,
                changed=self.changed(),
                file_row=texts.file_row,
            )
            write(self.settings.output_format, findings, stream, context)

    def changed(self) -> Callable[[str], Any]:
        """The rows under review: since the revision, or the branch that a pull request on GitHub wants to change."""
        base = os.environ.get("GITHUB_BASE_REF")
        revision = self.request.since or (f"origin/{base}" if base else None)
        if revision is None:
            return lambda filename: None
        from looplint.revision import changed_rows

        return lambda filename: changed_rows(filename, revision)

    @contextmanager
    def output(self) -> Iterator[TextIO]:
        """The file asked for, or stdout (stderr where that is for the fixed text)."""
        name = self.request.output_file
        if name is None:
            stream = sys.stderr if self.stdin is not None and self.request.fixes else sys.stdout
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
            try:
                yield stream
                stream.flush()
            except BrokenPipeError:
                close_stdout()
            return
        try:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            with open(name, "w", encoding="utf-8", errors="backslashreplace") as file:
                yield file
        except OSError as error:
            raise Failure(f"--output-file {name}: cannot be written: {error.strerror}") from None

    def summary(self, findings: list[Finding], result: Result, seconds: float) -> None:
        """One friendly line on stderr."""
        if self.request.quiet:
            return
        loops, files = _count(result.loops, "training loop"), _count(result.files, "file")
        if not result.files and not self.missing:
            line = "Nothing to lint: no Python file, notebook or Markdown file here (`--show-files`)"
        elif not findings:
            line = f"{loops} in {files}, nothing wrong"
        else:
            wrong = len({finding.filename for finding in findings})
            line = f"Found {_count(len(findings), 'mistake')} in {wrong} of {files}, {loops}."
            safe = sum(f.fix is not None and f.fix.applicability == "safe" for f in findings)
            unsafe = sum(f.fix is not None and f.fix.applicability == "unsafe" for f in findings)
            if safe:
                line += f" {safe} fixable with `--fix`."
            if unsafe:
                line += f" {unsafe}{' more' if safe else ''} fixable with `--fix --unsafe-fixes`."
        click.echo(line, err=True)
        if self.request.verbose:
            click.echo(f"{seconds:.2f} s; configuration: {_origins(self.settings)}", err=True)

    def notes(self, notes: Sequence[str]) -> None:
        for note in notes:
            self.note(note)

    def note(self, text: str) -> None:
        """Files that were not read are said even when quiet: what is said there is no finding, but its absence."""
        click.echo(f"looplint: {text}", err=True)

    def colored(self, stream: IO[Any]) -> bool:
        return colored(self.request.color, stream)


def colored(choice: str, stream: IO[Any]) -> bool:
    """Whether to colour: the option, else NO_COLOR (https://no-color.org), FORCE_COLOR, else on a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _rules(settings: Settings) -> tuple[Rule, ...]:
    from looplint.catalog import rules_with

    return rules_with(settings.rule_packs)


def _measured(name: str) -> str | None:
    from looplint.measured import measured

    return measured(name)


def _width() -> int:
    import shutil

    return shutil.get_terminal_size().columns


@contextmanager
def _progress(total: int, *, on: bool) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal's stderr that appears when a run takes longer than a second."""
    if not on or not sys.stderr.isatty():
        yield lambda done: None
        return
    started = time.monotonic()
    bars: list[Any] = []

    def advance(done: int) -> None:
        if not bars and time.monotonic() - started > 1:
            bars.append(click.progressbar(length=total, file=sys.stderr, label="Linting", show_pos=True).__enter__())
        if bars:
            bars[0].update(done - bars[0].pos)

    try:
        yield advance
    finally:
        for bar in bars:
            bar.__exit__(None, None, None)
            click.echo("\x1b[1A\x1b[2K", nl=False, file=sys.stderr)


def _print(lines: Sequence[str]) -> int:
    for line in lines:
        click.echo(line)
    return 0


def _show_settings(plan: Sequence[tuple[Settings, list[str]]]) -> int:
    for settings, files in plan:
        click.echo(f"# {_count(len(files), 'file')}; configuration: {_origins(settings)}")
        for field in dataclasses.fields(settings):
            click.echo(f"{field.name.replace('_', '-')} = {_toml(getattr(settings, field.name))}")
        click.echo()
    return 0


def _origins(settings: Settings) -> str:
    return settings.origin or "none"


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


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

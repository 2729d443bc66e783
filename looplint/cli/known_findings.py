"""Which findings are new: neither in a baseline nor older than a revision."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from looplint.cli.messages import count
from looplint.cli.terminal import say

if TYPE_CHECKING:
    from looplint.cli.lint import Run
    from looplint.finding import Finding
    from looplint.findings.baseline import Baseline, Comparison
    from looplint.findings.source_texts import Texts
    from looplint.run.result import Result

DEFAULT_BASELINE = "looplint-baseline.json"


class KnownFindings:
    """The findings of a run that were known before. `known`: how many of the last ones are in a baseline."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._before: Baseline | None = None
        self.known = 0

    def new(self, findings: list[Finding], texts: Texts, *, shrink: bool = False) -> list[Finding]:
        """The findings that are neither older than `--since` nor in a baseline. `shrink`: remove fixed ones from it."""
        if self._run.request.since is not None:
            findings = self._since(findings, texts)
        elif self._run.request.callers:
            own = [finding for finding in findings if finding.filename in self._run.asked_for]
            others = [finding for finding in findings if finding.filename not in self._run.asked_for]
            findings = sorted(own + self._since_head(others, texts), key=lambda finding: finding.sort_key)
        fresh_or_known = len(findings)
        for baseline in sorted(set(filter(None, (each.baseline for each in self._run.every)))):
            file = Path(baseline)
            here = [f for f in findings if self.baseline_of(f) == baseline]
            comparison = self._compare(file, here, texts)
            if shrink and comparison.mended and self._run.stdin is None and self._run.request.since is None:
                self._shrink(file, comparison)
            fresh = set(map(id, comparison.new))
            findings = [f for f in findings if id(f) in fresh or self.baseline_of(f) != baseline]
        if shrink:
            self.known = fresh_or_known - len(findings)
        return findings

    def baseline_of(self, finding: Finding) -> str | None:
        """The baseline file of the settings for a finding's file; None without one."""
        return self._run.files.get(finding.filename, self._run.settings).baseline

    def _shrink(self, file: Path, comparison: Comparison) -> None:
        """Remove fixed findings from a baseline; in CI, where nobody commits the change, only report them."""
        from looplint.findings import baseline

        mended = f"{os.path.relpath(file)}: {count(comparison.mended, 'finding')} fixed"
        if os.environ.get("CI"):
            self._run.messages.note(f"{mended}: run looplint and commit the file")
        else:
            baseline.write(file, comparison.remaining)
            self._run.messages.note(f"{mended} and removed")

    def _compare(self, file: Path, findings: list[Finding], texts: Texts) -> Comparison:
        """Compare the findings with a baseline file."""
        from looplint.findings import baseline

        return baseline.compare(
            baseline.read(file),
            findings,
            baseline.describe(findings, file.parent, texts.sources),
            linted={os.path.relpath(name, file.parent).replace(os.sep, "/") for name in self._run.files},
            codes={rule.code for rule in self._run.rules()},
            gone=lambda path: not (file.parent / path).exists(),
        )

    def _since(self, findings: list[Finding], texts: Texts) -> list[Finding]:
        """The findings that current rules do not report at the revision."""
        from looplint.findings import baseline

        here = Path.cwd()
        if self._before is None:
            self._before = self._at_revision({finding.filename for finding in findings}, here)
        return baseline.compare(self._before, findings, baseline.describe(findings, here, texts.sources)).new

    def _since_head(self, findings: list[Finding], texts: Texts) -> list[Finding]:
        """The findings that are new since the last commit; all of them if there is no commit yet."""
        from looplint.findings.revision import RevisionError

        try:
            return self._since(findings, texts)
        except RevisionError:
            return findings

    def _at_revision(self, names: set[str], here: Path) -> Baseline:
        """The findings at the revision in these files, under their current names."""
        from looplint.findings import baseline, revision
        from looplint.findings.source_texts import Texts
        from looplint.run.api import lint

        since = self._run.request.since or "HEAD"
        if self._run.request.since is not None:
            revision.commit(since)
        if not names:
            return {}
        with revision.old_code(since) as old:
            places = {name: str(place) for name in names if (place := old.before(name)) is not None}
            now_called = {place: name for name, place in places.items()}
            had = lint([*now_called], revision.NowThere(self._run.configuration, old)).findings if places else []
            texts = Texts({name: Path(place).read_bytes() for name, place in places.items()})
        had = [dataclasses.replace(f, filename=now_called[f.filename]) for f in had if f.filename in now_called]
        return baseline.collect(baseline.describe(had, here, texts.sources))

    def write(self, result: Result, texts: Texts) -> int:
        """Write all findings to the baseline; its entries for files that were not linted stay."""
        from looplint.findings import baseline

        self._run.messages.print_notices(result)
        for name in dict.fromkeys(settings.baseline for settings in (self._run.every or [self._run.settings])):
            file = Path(name or DEFAULT_BASELINE).absolute()
            kept = self._compare(file, [], texts).remaining if file.exists() else {}
            here = [f for f in result.findings if self.baseline_of(f) == name]
            entries = baseline.describe(here, file.parent, texts.sources)
            baseline.write(file, {**kept, **baseline.collect(entries)})
            if not self._run.request.quiet:
                say(f"{os.path.relpath(file)}: {count(len(entries), 'finding')} recorded in the baseline")
                if name is None:
                    say(f'To use it: baseline = "{os.path.relpath(file)}" in [tool.looplint] of pyproject.toml')
        return self._run.status(result)

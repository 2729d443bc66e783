"""Fixes and suppression comments: the files of a run are changed, or the changes are shown."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from looplint.cli.messages import count
from looplint.cli.terminal import colored, say, to_stdout
from looplint.project.paths import absolute

if TYPE_CHECKING:
    from looplint.cli.lint import Run
    from looplint.finding import Finding
    from looplint.findings.source_texts import Texts


@dataclasses.dataclass(slots=True)
class Fixed:
    """The result of fixing: new contents by file, the fixed findings, and how many diffs were printed."""

    contents: dict[str, bytes] = dataclasses.field(default_factory=dict)
    mended: list[Finding] = dataclasses.field(default_factory=list)
    diffs: int = 0


class Edits:
    """Changes the files of a run."""

    def __init__(self, run: Run) -> None:
        self._run = run

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
                if self._run.stdin is not None:
                    to_stdout(new)
                else:
                    replace_file(Path(filename), raw, new, root=_root(filename))
                added += len(here)
            except (Unreadable, NotWritten) as error:
                failed = True
                self._run.messages.note(str(error))
        if not self._run.request.quiet:
            say(f"{count(added, 'finding')} suppressed by a comment")
        return 2 if failed else 0

    def fix(self, findings: list[Finding]) -> Fixed:
        """Fix the files of the findings, or print the diff."""
        from looplint.findings.source_texts import Texts
        from looplint.fix import fix_bytes, fix_file
        from looplint.run.api import lint
        from looplint.sources import Unreadable
        from looplint.sources.replace_file import remove_unfinished

        unsafe = self._run.request.unsafe_fixes
        fixed = Fixed()
        for folder in {os.path.dirname(file) for file in self._run.files} if self._run.stdin is None else ():
            remove_unfinished(folder)
        # Of callers only findings are wanted: a commit of other files must not change them.
        own = [f for f in findings if not self._run.request.callers or f.filename in self._run.asked_for]
        wanted = [f for f in own if f.fix and (unsafe or f.fix.applicability == "safe")]
        self._fix_across([f for f in wanted if f.fix and f.fix.elsewhere], fixed)
        for filename in sorted({f.filename for f in wanted if f.fix and not f.fix.elsewhere} - fixed.contents.keys()):

            def relint(raw: bytes, name: str = filename) -> list[Finding]:
                found = lint(["-"], self._run.configuration, stdin=raw, stdin_filename=name).findings
                return self._run.known_findings.new(
                    [finding for finding in found if finding.filename == name], Texts({name: raw})
                )

            try:
                if self._run.stdin is not None:
                    result = fix_bytes(self._run.stdin, filename, relint, unsafe=unsafe)
                else:
                    write = not self._run.request.diff
                    result = fix_file(Path(filename), relint, unsafe=unsafe, write=write, root=_root(filename))
            except Unreadable as error:
                self._run.messages.note(str(error))
                continue
            self._run.messages.notes(result.notes)
            fixed.contents[filename] = result.new
            fixed.mended += result.applied
            self._show_diff(filename, result.old, result.new, fixed)
        if self._run.request.diff and not self._run.request.quiet:
            line = f"Would fix {count(len(fixed.mended), 'mistake')} in {count(fixed.diffs, 'file')}."
            left = sum(f.fix is not None and f.fix.applicability == "unsafe" for f in findings) if not unsafe else 0
            say(line + (f" {left} more with `--diff --unsafe-fixes`." if left else ""))
        return fixed

    def _fix_across(self, findings: list[Finding], fixed: Fixed) -> None:
        """Apply fixes that change other files than the finding's."""
        from looplint.findings.source_texts import Texts
        from looplint.fix.fix_files import fix_files
        from looplint.run.check_file import Checker
        from looplint.sources import bytes_of

        if self._run.stdin is not None:
            self._run.messages.notes(
                [f"{f.filename}: {f.code} {f.name} is not fixed: its fix changes other files" for f in findings]
            )
            return

        def relint(held: Mapping[str, bytes], name: str) -> list[Finding]:
            by_path = {os.path.abspath(path): text for path, text in held.items()}

            def contents(path: str) -> bytes:
                return by_path.get(os.path.abspath(path)) or bytes_of(path)

            found = Checker(self._run.configuration, contents).check_file(name).result.findings
            return self._run.known_findings.new([finding for finding in found if finding.filename == name], Texts(held))

        result = fix_files(findings, relint, write=not self._run.request.diff, root=_root)
        self._run.messages.notes(result.notes)
        fixed.mended += result.applied
        for path, new in result.new.items():
            fixed.contents[path] = new
            self._show_diff(path, result.old[path], new, fixed)

    def _show_diff(self, filename: str, old: bytes, new: bytes, fixed: Fixed) -> None:
        """Print the diff of a file, if requested."""
        from looplint.fix import diff

        text = diff(
            filename, old, new, color=colored(self._run.request.color, sys.stdout), terminal=sys.stdout.isatty()
        )
        if self._run.request.diff and text:
            fixed.diffs += 1
            to_stdout(text.encode("utf-8", "surrogateescape"))

    def print_fixed(self, mended: Sequence[Finding]) -> None:
        """Print how many findings were fixed and, if requested, which."""
        if mended and not self._run.request.quiet:
            say(f"Fixed {count(len(mended), 'mistake')}{':' if self._run.request.show_fixes else '.'}")
        if self._run.request.show_fixes:
            for finding in mended:
                what = finding.fix.message if finding.fix else ""
                place = f"{finding.filename}:{finding.location.row}"
                say(f"  {place}: {finding.code} {finding.name}: {what}", indent=" " * 4)


def _root(filename: str) -> Path | None:
    """The folder out of which no symbolic link is followed when a file is written: the current one for files in it."""
    here = Path.cwd()
    return here if absolute(filename).is_relative_to(here) else None

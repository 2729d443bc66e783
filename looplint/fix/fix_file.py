"""Fixes one file: pass after pass, until linting finds nothing more to fix."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from looplint.finding import Finding
from looplint.fix.program_text import ProgramText
from looplint.fix.rewrite import changes
from looplint.fix.splice import Change, Refused
from looplint.fix.write_actions import with_changes
from looplint.sources import from_text, read_bytes
from looplint.sources.readable import readable
from looplint.sources.replace_file import NotWritten, replace_file

PASSES = 10

Lint = Callable[[bytes], Sequence[Finding]]


@dataclasses.dataclass(frozen=True, slots=True)
class FixResult:
    """`old` and `new`: the file's bytes. `applied`: findings whose fix was applied; `left`: the findings in `new`.
    `notes`: one sentence per fix that was not applied."""

    old: bytes
    new: bytes
    applied: tuple[Finding, ...]
    left: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class _Prepared:
    """A finding with the changes that fix it. `rows`: first and last row of these and of the mistake."""

    finding: Finding
    changes: tuple[Change, ...]
    rows: tuple[int, int]


def fix_file(path: Path, lint: Lint, *, unsafe: bool, write: bool, root: Path | None = None) -> FixResult:
    """Fix one file: safe fixes only, or all with `unsafe`; without `write` the file is left alone.

    `lint`: the findings of a content of this file. `root`: the linted folder, out of which no symbolic link is followed
    (default: the file's own). Raises Unreadable.
    """
    old = read_bytes(path, str(path))
    result = fix_bytes(old, str(path), lint, unsafe=unsafe)
    if not write or result.new == old:
        return result
    try:
        replace_file(path, old, result.new, root=root)
    except NotWritten as error:
        return FixResult(old, old, (), tuple(lint(old)), (*result.notes, str(error)))
    return result


def fix_bytes(raw: bytes, path: str, lint: Lint, *, unsafe: bool) -> FixResult:
    """Fix the content of a file, as `fix_file` without writing. `path`: its suffix says what it is. Raises Unreadable.

    Fixes that touch the same lines are applied one after the other, each to the findings after the one before. A fix is
    reverted if its rule then finds as much as before.
    """
    old, applied, passes = raw, list[Finding](), 0
    found, refused, useless = tuple(lint(raw)), dict[Finding, str](), set[Finding]()
    while wanted := [
        f
        for f in found
        if f.fix and not f.fix.elsewhere and (unsafe or f.fix.applicability == "safe") and f not in useless
    ]:
        if passes == PASSES:
            refused = dict.fromkeys(wanted, f"{PASSES} passes were not enough: run again")
            break
        new, done, refused = _one_pass(raw, path, sorted(wanted, key=lambda finding: finding.sort_key))
        if not done:
            break
        found_after = tuple(lint(new))
        if now_useless := _useless(raw, path, lint, done, found, found_after):
            useless |= now_useless
            continue
        raw, found, useless, passes = new, found_after, set(), passes + 1
        applied += done
    else:
        refused = {}
    refused |= dict.fromkeys(useless, "its fix has no effect here: change the code by hand")
    notes = [note(path, finding, refused[finding]) for finding in found if finding in refused]
    return FixResult(old, raw, tuple(applied), found, tuple(notes))


def _useless(
    raw: bytes,
    path: str,
    lint: Lint,
    done: Sequence[Finding],
    before: Sequence[Finding],
    after: Sequence[Finding],
) -> set[Finding]:
    """The applied fixes of `raw` after which their rule reports the same as often as before, or more findings. A
    different finding is progress: with one of two optimizers fixed, the rule reports the other."""
    had, have, mended = (Counter(map(_content, findings)) for findings in (before, after, done))
    codes_had, codes_have = (Counter(finding.code for finding in findings) for findings in (before, after))
    useless = set()
    for finding in done:
        what = _content(finding)
        if have[what] > had[what] - mended[what] or codes_have[finding.code] > codes_had[finding.code]:
            alone = lint(_one_pass(raw, path, [finding])[0]) if len(done) > 1 else after
            same = sum(_content(other) == what for other in alone)
            if same >= had[what] or sum(other.code == finding.code for other in alone) > codes_had[finding.code]:
                useless.add(finding)
    return useless or {
        finding
        for finding in done
        if have[_content(finding)] >= had[_content(finding)] or codes_have[finding.code] > codes_had[finding.code]
    }


def _content(finding: Finding) -> tuple[str, str]:
    """The content of a finding, independent of its place."""
    return finding.code, finding.message


def note(path: str, finding: Finding, reason: str) -> str:
    """One sentence on a finding that is not fixed."""
    cell = "" if finding.cell is None else f"cell {finding.cell + 1}:"
    place = f"{path}:{cell}{finding.location.row}:{finding.location.column}"
    return f"{place}: {finding.code} {finding.name} is not fixed: {reason}"


def _one_pass(raw: bytes, path: str, findings: Sequence[Finding]) -> tuple[bytes, list[Finding], dict[Finding, str]]:
    """The new content, the findings whose fixes are in it, and the reasons why others can never be fixed."""
    [source] = from_text(raw, path)
    source = readable(source)
    code = ProgramText(source.text, source.segments)
    refused: dict[Finding, str] = {}
    chosen: list[_Prepared] = []
    for finding in findings:
        try:
            prepared = _prepare(code, finding)
        except Refused as reason:
            refused[finding] = str(reason)
            continue
        if not any(prepared.rows[0] <= other.rows[1] and other.rows[0] <= prepared.rows[1] for other in chosen):
            chosen.append(prepared)
    try:
        return with_changes(raw, path, code, _parts(chosen)), [item.finding for item in chosen], refused
    except Refused:
        pass
    # One of them breaks the text, alone or together with others: apply them one by one.
    new, good = raw, list[_Prepared]()
    for item in chosen:
        try:
            new = with_changes(raw, path, code, _parts([*good, item]))
        except Refused as reason:
            if not good:
                refused[item.finding] = str(reason)
        else:
            good.append(item)
    return new, [item.finding for item in good], refused


def _prepare(code: ProgramText, finding: Finding) -> _Prepared:
    assert finding.fix is not None
    parts = tuple(changes(code, finding.fix.actions))
    spans = [action.span for action in finding.fix.actions]
    first = min([code.row(part.start) for part in parts] + [span.row for span in spans])
    last = max([code.row(part.end) for part in parts] + [span.end_row for span in spans])
    return _Prepared(finding, parts, (first, last))


def _parts(chosen: Sequence[_Prepared]) -> list[Change]:
    return [part for item in chosen for part in item.changes]

"""Fixes a finding whose fix changes several files: all of them or none."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from looplint.finding import Finding
from looplint.fix.fix_file import note
from looplint.fix.splice import Refused
from looplint.fix.write_actions import with_actions
from looplint.sources import Unreadable, read_bytes
from looplint.sources.replace_file import NotWritten, replace_file

Lint = Callable[[Mapping[str, bytes], str], Sequence[Finding]]
"""The findings in a file, given the contents of some files."""


@dataclasses.dataclass(slots=True)
class FilesResult:
    """`old` and `new`: the bytes of each changed file. `applied`: findings whose fix was applied. `notes`: one sentence
    for each fix that was not."""

    old: dict[str, bytes] = dataclasses.field(default_factory=dict)
    new: dict[str, bytes] = dataclasses.field(default_factory=dict)
    applied: list[Finding] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)


def fix_files(
    findings: Sequence[Finding], lint: Lint, *, write: bool, root: Callable[[str], Path | None] = lambda _: None
) -> FilesResult:
    """Apply these fixes one after the other, each to the findings after the one before.

    `write`: whether files are changed; `root(path)`: the folder out of which no symbolic link is followed.
    """
    result = FilesResult()
    for finding in findings:
        same = [f for f in lint(result.new, finding.filename) if _is_same(f, finding)] if result.new else [finding]
        if not same:
            continue  # Another fix has fixed it, too.
        try:
            old, changed = contents(same[0], result.new)
            before = sum(f.code == finding.code for f in lint(result.new, finding.filename))
            after = sum(f.code == finding.code for f in lint({**result.new, **changed}, finding.filename))
            if after >= before:
                raise Refused("its fix has no effect here")
            if write:
                _write(old, changed, root)
        except (Refused, Unreadable, NotWritten) as reason:
            result.notes.append(note(finding.filename, finding, getattr(reason, "reason", None) or str(reason)))
            continue
        for path, raw in old.items():
            result.old.setdefault(path, raw)
        result.new |= changed
        result.applied.append(finding)
    return result


def _is_same(one: Finding, other: Finding) -> bool:
    return (one.code, one.location, one.cell) == (other.code, other.location, other.cell) and one.fix is not None


def contents(finding: Finding, held: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The bytes of each file that a fix changes, before it and after it. `held`: the bytes of some files, in place of
    those on disk. Raises Refused and Unreadable."""
    assert finding.fix is not None
    old: dict[str, bytes] = {}
    new: dict[str, bytes] = {}
    for path in dict.fromkeys(action.path for action in finding.fix.actions):
        file = path or finding.filename
        old[file] = held[file] if file in held else read_bytes(Path(file), file)
        new[file] = with_actions(old[file], file, [action for action in finding.fix.actions if action.path == path])
    return old, new


def _write(old: Mapping[str, bytes], new: Mapping[str, bytes], root: Callable[[str], Path | None]) -> None:
    """Replace the files, all or none. Raises NotWritten."""
    done: list[str] = []
    try:
        for path in new:
            replace_file(Path(path), old[path], new[path], root=root(path))
            done.append(path)
    except NotWritten:
        for path in done:
            replace_file(Path(path), new[path], old[path], root=root(path))
        raise

"""A fix as text edits in the user's file, for editors and output formats."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

from looplint.finding import Action, Fix, Location
from looplint.fix.program_text import ProgramText
from looplint.fix.rewrite import changes
from looplint.fix.splice import Refused
from looplint.sources.readable import readable
from looplint.sources.source import Source


@dataclasses.dataclass(frozen=True, slots=True)
class Edit:
    """The text between the two locations (end exclusive) becomes `content`; in a notebook they count within `cell`.
    `filename`: empty for the finding's own file."""

    location: Location
    end_location: Location
    content: str
    cell: int | None = None
    filename: str = ""


def edits(source: Source, fix: Fix, path: str | None = None) -> list[Edit]:
    """The edits of a file that apply a fix there, in source order; newlines in `content` are `\\n`. `path`: the file as
    the actions name it, empty for the finding's own; by default all of them must be in it.

    Empty if the fix cannot be applied, or if new lines would need a prefix that only the file has (code inside lists
    and quotes of Markdown; `--fix` writes these, too).
    """
    if path is None and fix.elsewhere:
        return []
    path = path or ""
    try:
        code = _code(source)
        parts = changes(code, [action for action in fix.actions if action.path == path])
    except (Refused, SyntaxError):
        return []
    found = []
    for part in parts:
        start_row, end_row = code.row(part.start), code.row(part.end)
        start = source.locate(start_row, part.start - code.start(start_row) + 1)
        end = source.locate(end_row, part.end - code.start(end_row) + 1)
        if "\n" in part.content and source.locate(start_row, 1).column > 1:
            return []
        location, end_location = Location(start.row, start.column), Location(end.row, end.column)
        found.append(Edit(location, end_location, part.content, start.cell, path))
    return found


def can_be_applied(source: Source, actions: Sequence[Action]) -> bool:
    """Whether these actions can be applied to a file."""
    try:
        changes(_code(source), actions)
    except (Refused, SyntaxError):
        return False
    return True


@functools.lru_cache(maxsize=4)
def _code(source: Source) -> ProgramText:
    # Findings come file by file.
    source = readable(source)
    return ProgramText(source.text, source.segments)

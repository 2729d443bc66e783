"""Python text to lint, and the mapping back to the user's file, cell, row and column."""

from __future__ import annotations

import bisect
import dataclasses
from typing import Literal

from looplint.syntax.in_part import Fault

Kind = Literal["python", "notebook", "markdown"]


class Unreadable(Exception):
    """A file cannot be read. `reason`: one sentence with the cause and the remedy."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class Unwritable(Unreadable):
    """A changed text cannot be written back to its file without harm. The file is unchanged."""


@dataclasses.dataclass(frozen=True, slots=True)
class Position:
    """A place as the user sees it: row and column from 1, the column in characters.

    In a notebook they count within the cell. `cell`: the index in the notebook's list of all cells, from 0, as in
    `nbformat.read(...).cells[cell]`; `cell_id`: its id in nbformat 4.5. Both are None elsewhere.
    """

    cell: int | None
    cell_id: str | None
    row: int
    column: int


@dataclasses.dataclass(frozen=True, slots=True)
class Segment:
    """Rows [row, row + rows) of `Source.text` that come from one place of the file: a notebook's cell, a block of
    Markdown.

    `origin_row`: the row of the first one in the file (Markdown) or in the cell (notebook). `indent`: characters
    removed on the left of each row; `indents` has one number per row where they differ. `file`: the Python file that a
    notebook's cell writes (`%%writefile`) instead of running it.
    """

    row: int
    rows: int
    origin_row: int
    indent: int = 0
    cell: int | None = None
    cell_id: str | None = None
    indents: tuple[int, ...] = ()
    file: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """Python text to parse: newlines are `\\n`, no byte order mark, notebook magics neutralised.

    `path`: as shown to the user. `segments`: the origin of the rows, in their order, without gaps; empty if the text is
    the file. `notes`: one sentence for each block of a page that could not be read; `excerpts`: the same for blocks
    without training code. `faults`: the unreadable parts of a file or notebook; the text has blanks there.
    """

    path: str
    text: str
    kind: Kind = "python"
    segments: tuple[Segment, ...] = ()
    notes: tuple[str, ...] = ()
    excerpts: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    def segment(self, row: int) -> Segment | None:
        """The segment of a row of `text`, the nearest one for a row outside; None if the text is the file."""
        if not self.segments:
            return None
        return self.segments[max(0, bisect.bisect_right(self.segments, row, key=lambda segment: segment.row) - 1)]

    def locate(self, row: int, column: int) -> Position:
        """The user's coordinates for a place in `text`, given as row and column from 1, the column in characters."""
        segment = self.segment(row)
        if segment is None:
            return Position(None, None, row, column)
        inside = min(max(row - segment.row, 0), segment.rows - 1)
        indent = segment.indents[inside] if segment.indents else segment.indent
        return Position(segment.cell, segment.cell_id, segment.origin_row + inside, column + indent)

"""Source ranges."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Place:
    """A range of a source text: rows and columns from 1, columns in characters, the end exclusive.

    `path`: the file, as findings name it. `text`: the source text of a range in one row, or of a statement that is not
    compound; else empty. It is not compared.
    """

    path: str
    row: int
    column: int
    end_row: int
    end_column: int
    text: str = dataclasses.field(default="", compare=False)

    def before(self, other: Place) -> bool:
        """Whether this range ends before the other one begins, in the same file."""
        return self.path == other.path and (self.end_row, self.end_column) <= (other.row, other.column)

    def encloses(self, other: Place) -> bool:
        """Whether the other range lies inside this one, in the same file."""
        begins = (self.row, self.column) <= (other.row, other.column)
        ends = (other.end_row, other.end_column) <= (self.end_row, self.end_column)
        return self.path == other.path and begins and ends

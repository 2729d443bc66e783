"""Source ranges."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Place:
    """A range of a source text: rows and columns from 1, columns in characters, the end exclusive.

    `path`: the file, as findings name it. `text`: the source text of the range, or empty; it is not compared.
    """

    path: str
    row: int
    column: int
    end_row: int
    end_column: int
    text: str = dataclasses.field(default="", compare=False)

"""The rows of a notebook's code in its file, for formats that have files and rows but no cells."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

Key = tuple[str | int, ...]


def file_row(filename: str, cell: int, row: int) -> int | None:
    """The row of the .ipynb file that holds row `row` (from 1) of the cell with index `cell` (from 0).

    None when the file cannot be read, is not a notebook or has no such cell.
    """
    try:
        text = Path(filename).read_text(encoding="utf-8-sig")
        places = _places(text)
    except (OSError, ValueError, LookupError):
        return None
    for key in (("cells", cell, "source"), ("worksheets", 0, "cells", cell, "input")):
        if key in places:
            return text.count("\n", 0, _begin(text, places, key, row)) + 1
    return None


def _begin(text: str, places: dict[Key, tuple[int, int]], key: Key, row: int) -> int:
    """The offset of the JSON string with that row of the cell: usually each row is a string of its own."""
    begin, ended, part = places[key][0], 0, 0
    while ended < row and (*key, part) in places:
        begin, end = places[*key, part]
        ended += str(json.loads(text[begin:end])).count("\n")
        part += 1
    return begin


@lru_cache(maxsize=1)
def _places(text: str) -> dict[Key, tuple[int, int]]:
    from looplint.sources.notebook import spans

    json.loads(text)
    return spans(text)

"""A source of which every part can be parsed: what cannot be is left out, and said."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from looplint.sources.source import Source
from looplint.syntax.in_part import Fault, read_in_part
from looplint.syntax.parse import Parser


def readable(source: Source, parser: Parser | None = None) -> Source:
    """The source itself when its text parses, else one with blanks where it does not and with the faults named."""
    text, faults = read_in_part(source.text, parser)
    if not faults:
        return source
    return dataclasses.replace(source, text=text, faults=(*source.faults, *_placed(source, faults)))


def _placed(source: Source, faults: tuple[Fault, ...]) -> Iterator[Fault]:
    """The faults where the user sees them."""
    for fault in faults:
        start, end = source.locate(fault.row, fault.column), source.locate(fault.end_row, fault.end_column)
        first, last = (source.locate(row, 1) for row in fault.rows)
        yield Fault(
            start.row,
            start.column,
            end.row,
            end.column,
            fault.reason,
            (first.row, last.row if last.cell == first.cell else first.row),
            start.cell,
            start.cell_id,
        )

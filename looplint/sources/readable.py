"""A source of which every part parses: the rest is blanked out and reported as faults."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from looplint.sources.source import Source
from looplint.syntax.in_part import Fault, read_in_part
from looplint.syntax.parse import Parser


def readable(source: Source, parser: Parser | None = None) -> Source:
    """The source itself if its text parses, else one with blanks in place of the faulty parts, which are listed as
    faults."""
    text, faults = read_in_part(source.text, parser)
    if not faults:
        return source
    return dataclasses.replace(source, text=text, faults=(*source.faults, *_placed(source, faults)))


def _placed(source: Source, faults: tuple[Fault, ...]) -> Iterator[Fault]:
    """The faults in the user's coordinates."""
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

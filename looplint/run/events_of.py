"""The event graphs of one text, without its project."""

from __future__ import annotations

from collections.abc import Iterator

from looplint.events import EventGraph
from looplint.finding import Severity
from looplint.program.program import Program
from looplint.rule import Mistake, Rule
from looplint.run.analysis import Analysis
from looplint.sources import Source


def event_graphs(source: Source) -> list[EventGraph]:
    """One graph per entry point of a source, and one per module class. No other file is read. Raises RecursionError."""
    found: list[EventGraph] = []

    def collect(graph: EventGraph) -> Iterator[Mistake]:
        found.append(graph)
        return iter(())

    program = Program()
    Analysis(program, [Rule("LOOP000", "graph", Severity.NOTE, collect, "")]).of(program.add(source, ""))
    return found

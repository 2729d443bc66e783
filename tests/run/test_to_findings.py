"""Mistakes as findings."""

from __future__ import annotations

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Kind, Place, Trace
from looplint.finding import Severity
from looplint.rule import Mistake, Rule
from looplint.run.to_findings import findings
from looplint.sources import from_text


def never(graph: EventGraph) -> Iterator[Mistake]:
    yield from ()


RULE = Rule("LOOP900", "sample", Severity.WARNING, never, "")
ON = {"LOOP900": Severity.ERROR}


def event(path: str, row: int, *calls: Place) -> Event:
    return Event(Kind.STEP, (AbstractObject(name="opt"),), Place(path, row, 5, row, 9), calls=calls)


def test_each_place_once_and_in_order() -> None:
    first, second = event("a.py", 3), event("a.py", 2)
    made = findings([(RULE, Mistake(at, "wrong")) for at in (first, second, first)], {}, ON)
    assert [(finding.location.row, finding.severity) for finding in made] == [(2, Severity.ERROR), (3, Severity.ERROR)]


def test_a_rule_that_is_off_finds_nothing() -> None:
    assert findings([(RULE, Mistake(event("a.py", 3), "wrong"))], {}, {}) == []


def test_the_path_is_printed_by_its_notes() -> None:
    path = Trace((event("a.py", 1), event("a.py", 2), event("a.py", 3)), ("begins", "", "ends"))
    (finding,) = findings([(RULE, Mistake(event("a.py", 3), "wrong", path))], {}, ON)
    assert [(step.location.row, step.message) for step in finding.trace] == [(1, "begins"), (3, "ends")]


def test_the_call_from_another_file_is_a_step() -> None:
    at = event("a.py", 3, Place("main.py", 7, 1, 7, 4))
    (finding,) = findings([(RULE, Mistake(at, "wrong"))], {}, ON)
    assert [(step.filename, step.location.row) for step in finding.trace] == [("main.py", 7)]


def test_places_in_a_notebook_are_those_of_its_cells() -> None:
    book = '{"cells": [{"cell_type": "code", "source": "x = 1"}, {"cell_type": "code", "source": "y = 2\\ny = 33333"}]}'
    (source,) = from_text(book, "a.ipynb")
    row = source.text.split("\n").index("y = 33333") + 1
    (finding,) = findings([(RULE, Mistake(event("a.ipynb", row), "wrong"))], {"a.ipynb": source}, ON)
    assert (finding.cell, finding.location.row) == (1, 2)

"""Entry points: where the evaluation of a program begins."""

from __future__ import annotations

import pytest
from hand_made import NoLibrary

from looplint.events import EventGraph, Kind
from looplint.interpreter.entries import Reading, entries, loops_of, read
from looplint.program.program import Program
from looplint.sources import from_text


def graphs(code: str) -> dict[str, EventGraph]:
    program = Program()
    (source,) = from_text(code, "code.py")
    return {graph.name: graph for graph in loops_of(program, program.add(source, ""), NoLibrary)}


LOOP = "for x in loader:\n        weight.grad = None\n"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (f"def fit(loader, weight):\n    {LOOP}", ["fit"]),
        (f"def fit(loader, weight):\n    {LOOP}\ndef main():\n    fit(data, opt)\n", ["main"]),
        (
            f"class Trainer:\n    def fit(self, loader, weight):\n        {LOOP.replace('    ', '        ')}",
            ["Trainer.fit"],
        ),
    ],
    ids=["a function", "a function that another one calls", "a method"],
)
def test_what_nobody_calls_is_an_entry(code: str, names: list[str]) -> None:
    assert [name for name, graph in graphs(code).items() if graph.iterations] == names


def test_the_statements_of_a_file_come_first() -> None:
    code = f"if True:\n    {LOOP}\ndef unused(loader, weight):\n    {LOOP}"
    assert [graph.iterations != [] for graph in graphs(code).values()] == [True, True]


def test_a_parameter_without_a_caller_comes_from_outside() -> None:
    (graph,) = [one for one in graphs(f"def fit(loader, weight):\n    {LOOP}").values() if one.iterations]
    (scope,) = (one for one in graph.iterations if one.kind == "for")
    assert scope.over is not None and (scope.over.name, scope.over.external) == ("loader", True)
    assert [event.subject.name for event in graph.all(Kind.CLEAR)] == ["weight"]


def reading_of_set_up(code: str, *, whole: bool) -> Reading:
    program = Program()
    (source,) = from_text(code, "code.py")
    module = program.add(source, "")
    (entry,) = (one for one in entries(module, everywhere=True) if one.exported_name == "set_up")
    return read(program, module, entry, NoLibrary, whole=whole)


SETS = "def set_up(loader):\n    for x in loader:\n        kept.append(double(x))\n"


@pytest.mark.parametrize(
    ("helper", "evaluated"),
    [
        ("def double(x):\n    return x * 2\n", False),
        ("def double(x):\n    x.grad = None\n    return x * 2\n", True),
        ("def double(x):\n    x.requires_grad = False\n    return x * 2\n", True),
    ],
    ids=["nothing", "an event", "a form of a mistake"],
)
def test_an_entry_that_reaches_nothing_is_evaluated_for_its_values_alone(helper: str, evaluated: bool) -> None:
    code = helper + SETS
    reading, whole = reading_of_set_up(code, whole=False), reading_of_set_up(code, whole=True)
    assert (reading.loop.all(*Kind) != []) == evaluated
    assert (reading.work < whole.work) == (not evaluated)
    assert len(reading.in_vain) == (0 if evaluated else 2)
    assert len(reading.covered | reading.in_vain) == len(whole.covered) == 2, "neither needs a graph of its own"

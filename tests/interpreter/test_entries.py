"""Entry points: where the evaluation of a program begins."""

from __future__ import annotations

import pytest
from hand_made import NoLibrary

from looplint.events import EventGraph, Kind
from looplint.interpreter.entries import loops_of
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

"""Schedulers: whose rates they move, and in which loop."""

from __future__ import annotations

from textwrap import indent

import pytest
from events.graph_of import TRAINED, graph_of

from looplint.events import Kind
from looplint.events.queries.steps import schedules as queries

MADE = "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)\n"


@pytest.mark.parametrize("steps", ["scheduler.step()", "for each in [scheduler]:\n    each.step()"])
def test_the_loop_that_steps_a_scheduler_is_none_over_schedulers(steps: str) -> None:
    code = MADE + "for epoch in range(3):\n" + indent(TRAINED + steps, "    ")
    graph = graph_of(code)
    (schedule,), (step,) = graph.all(Kind.SCHEDULE), graph.all(Kind.STEP)
    assert queries.stepping_loop(graph, schedule).target == "epoch"
    assert queries.moves_rates_of(schedule, step)


def test_a_schedule_begins_anew_where_the_epoch_comes_from_a_checkpoint() -> None:
    code = "saved = torch.load('a')\noptimizer.load_state_dict(saved['optimizer'])\n" + MADE
    code += "for epoch in range({}, 3):\n" + indent(TRAINED + "scheduler.step()", "    ")
    for begin, anew in (("saved['epoch']", True), ("0", False)):
        graph = graph_of(code.format(begin))
        make = next(make for make in graph.all(Kind.MAKE) if make.subject.name == "scheduler")
        assert (queries.resumes_anew(graph, make, graph.all(Kind.LOAD)) is not None) is anew


SCHEDULED = """
import torch
from torch import nn

one, two = nn.Linear(2, 2), nn.Linear(2, 2)
first, second = torch.optim.SGD(one.parameters(), lr=1), torch.optim.SGD(two.parameters(), lr=1)
a = torch.optim.lr_scheduler.StepLR(first, 3)
b = torch.optim.lr_scheduler.StepLR({held}, 3)
for epoch in range(3):
    first.step()
    second.step()
    a.step()
    b.step()
"""


@pytest.mark.parametrize(("held", "number"), [("first", 1), ("second", 0)])
def test_two_schedulers_of_one_optimizer(held: str, number: int) -> None:
    graph = graph_of(SCHEDULED.format(held=held))
    assert len(list(queries.schedulers_of_one(graph))) == number
    assert [make.subject.name for make in queries.without_scheduler(graph)] == ["second"] * number


@pytest.mark.parametrize(("again", "number"), [("optimizer = torch.optim.SGD(model.parameters(), lr=1)", 1), ("", 0)])
def test_an_optimizer_that_is_made_anew_behind_its_scheduler(again: str, number: int) -> None:
    graph = graph_of(f"""
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)
        {again}
        for x, y in loader:
            model(x).sum().backward()
            optimizer.step()
            scheduler.step()
    """)
    assert [make.subject.name for make, _, _ in queries.replaced_behind(graph)] == ["scheduler"] * number

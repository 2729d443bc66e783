"""Schedulers: whose rates they move, and in which loop."""

from __future__ import annotations

from textwrap import indent

import pytest
from events.graph_of import TRAINED, graph_of

from looplint.events import Kind
from looplint.events import schedules as queries

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

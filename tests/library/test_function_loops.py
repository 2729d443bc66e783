"""Loops of a library around functions that it is given."""

from __future__ import annotations

from hand_made import happened
from with_library import reading

from looplint.events import Kind

ENGINE = """\
from ignite.engine import Engine, Events
def update(engine, batch):
    opt.zero_grad()
    loss.backward()
    opt.step()
trainer = Engine(update)
"""


def test_the_function_of_an_engine_runs_once_a_batch() -> None:
    graph = reading(ENGINE + "trainer.run(loader, max_epochs=3)").graph
    (step,) = graph.all(Kind.STEP)
    assert len(step.loops) == 2
    assert graph.path(step, to=Kind.STEP) is not None, "the next batch steps again"


def test_nothing_happens_before_it_runs() -> None:
    assert happened(reading(ENGINE), Kind.STEP) == []


def test_functions_at_events_run_behind_the_batch_or_behind_the_epoch() -> None:
    code = (
        ENGINE
        + """\
@trainer.on(Events.ITERATION_COMPLETED)
def each(engine):
    batches.step()
def last(engine):
    schedule.step()
trainer.add_event_handler(Events.EPOCH_COMPLETED, last)
trainer.run(loader, max_epochs=3)
"""
    )
    events = reading(code).graph.all(Kind.STEP, Kind.SCHEDULE)
    assert [(event.subject.name, len(event.loops)) for event in events] == [("opt", 2), ("schedule", 1)]

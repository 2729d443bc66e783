"""Lookups in the events of a graph, which may grow between two of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from events.graph_of import TRAINED, graph_of

from looplint.events import Event, EventGraph, Kind, LoopScope, Place

TWICE = TRAINED + "for x, y in val_loader:\n    loss = F.cross_entropy(model(x), y)\n"


def rows(events: list[Event]) -> list[int]:
    return [event.place.row for event in events]


@pytest.mark.parametrize(
    "asked",
    [
        lambda graph, step: graph.all(Kind.STEP),
        lambda graph, step: graph.all(Kind.STEP, Kind.CLEAR),
        lambda graph, step: graph.all(Kind.STEP, about=step.subject),
        lambda graph, step: graph.all(Kind.STEP, concerning=step.subject),
        lambda graph, step: graph.nested_with(step, Kind.STEP),
        lambda graph, step: [] if graph.path(step, to=Kind.STEP, about=step.subject) is None else [step],
    ],
)
def test_an_event_that_is_added_is_found(asked: Callable[[EventGraph, Event], list[Event]]) -> None:
    graph = graph_of("optimizer.step()")
    (step,) = graph.all(Kind.STEP)
    before = len(asked(graph, step))
    added = Event(Kind.STEP, step.subjects, Place("train.py", 99, 1, 99, 2), node=len(graph.nodes))
    graph.edges[-1].append(type_of_edge(graph)(len(graph.nodes)))
    graph.nodes.append(added)
    graph.edges.append([])
    assert len(asked(graph, step)) == before + 1


def type_of_edge(graph: EventGraph) -> type:
    return type(next(edge for edges in graph.edges for edge in edges))


def test_events_inside_one_loop_by_subject_and_manner() -> None:
    graph = graph_of(TWICE)
    training, validation = (scope for scope in graph.iterations if scope.kind == "for")
    (optimizer,) = graph.subjects(Kind.STEP)
    model = graph.all(Kind.PREDICT)[0].subject

    def inside(scope: LoopScope) -> list[int]:
        return [len(graph.in_iteration(scope, *kinds)) for kinds in ([Kind.STEP], [Kind.PREDICT], [Kind.GRADE])]

    assert (inside(training), inside(validation)) == ([1, 1, 1], [0, 1, 1])
    assert len(graph.in_iteration(training, Kind.STEP, about=optimizer)) == 1
    assert graph.in_iteration(training, Kind.STEP, about=model) == []
    assert len(graph.in_iteration(training, Kind.STEP, concerning=model)) == 1
    assert graph.in_iteration(training, Kind.STEP, how="elsewhere") == []


def test_predictions_lead_to_what_is_computed_from_them() -> None:
    graph = graph_of(TWICE)
    trained, validated = graph.all(Kind.PREDICT)
    assert graph.leading_to(graph.losses()) == graph.trainings() == [trained]
    assert rows(graph.backwards_through(trained)) == rows(graph.all(Kind.BACKWARD))
    assert graph.backwards_through(validated) == []


def test_each_subject_is_named_once_and_alternatives_share_a_place() -> None:
    graph = graph_of("other = torch.optim.SGD(model.parameters(), lr=1)\nif sample:\n    optimizer = other\n" + TRAINED)
    assert sorted(map(str, graph.subjects(Kind.STEP))) == ["optimizer", "other"]
    steps = graph.all(Kind.STEP)
    assert [len(step.subjects) for step in steps] in ([2], [1, 1])
    assert graph.alternatives(steps[0]) == steps


@pytest.mark.parametrize(
    ("inner", "encloses"),
    [((2, 5, 3, 1), True), ((1, 1, 9, 9), True), ((1, 1, 9, 10), False), ((0, 9, 2, 2), False)],
)
def test_a_range_encloses_what_lies_inside_it(inner: tuple[int, int, int, int], encloses: bool) -> None:
    outer = Place("train.py", 1, 1, 9, 9)
    assert outer.encloses(Place("train.py", *inner)) is encloses
    assert not outer.encloses(Place("other.py", *inner))

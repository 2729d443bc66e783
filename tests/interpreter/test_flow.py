"""Control flow: nodes and edges in the order of evaluation."""

from __future__ import annotations

from looplint.events import AbstractObject, Event, EventGraph, Guard, Kind, Place
from looplint.interpreter.flow import Flow, Target

HERE = Place("code.py", 1, 1, 1, 2)


def begun() -> tuple[EventGraph, Flow]:
    graph = EventGraph("code", HERE)
    return graph, Flow(graph)


def event() -> Event:
    return Event(Kind.STEP, (AbstractObject(name="opt"),), HERE)


def edges(graph: EventGraph) -> set[tuple[int, int]]:
    return {(start, edge.target) for start, ends in enumerate(graph.edges) for edge in ends}


def test_nodes_follow_each_other() -> None:
    graph, flow = begun()
    assert [flow.add(event()), flow.add(event())] == [1, 2]
    assert edges(graph) == {(0, 1), (1, 2)}


def test_the_arms_of_a_branch_meet() -> None:
    graph, flow = begun()

    def act() -> None:
        flow.add(event())

    flow.branch([(Guard("a", True, 0), act), (Guard("a", False, 0), lambda: None)])
    last = flow.add(event())
    (branch,) = graph.branches
    ends = {high - 1 for _, high in branch.arms}
    assert {(end, last) for end in ends} <= edges(graph)


def test_behind_a_jump_nothing_is_reached_until_its_target() -> None:
    _, flow = begun()
    target = Target()
    flow.jump(target)
    assert flow.ends == [] and not flow.alive
    flow.join(target)
    assert flow.alive and target.ends == []


def test_a_loop_goes_back_to_its_head() -> None:
    graph, flow = begun()
    with flow.iteration("for", HERE, None, endless=False, again=Target(), leave=Target()):
        flow.add(event())
    (scope,) = graph.iterations
    assert (scope.nodes[1] - 1, scope.head) in edges(graph)
    assert flow.loops == () and flow.ends


def test_an_endless_loop_is_left_by_a_jump_only() -> None:
    _, flow = begun()
    with flow.iteration("while", HERE, None, endless=True, again=Target(), leave=Target()):
        pass
    assert flow.ends == []


def test_silently_nothing_is_added_and_the_flow_goes_on_from_where_it_was() -> None:
    graph, flow = begun()
    before = list(flow.ends)
    with flow.silently():
        flow.add(event())
        flow.jump(Target())
    assert (len(graph.nodes), flow.ends) == (1, before)

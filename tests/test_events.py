"""The questions that rules ask, on graphs made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from looplint.events import (
    EVERYTHING,
    AbstractObject,
    Context,
    Event,
    EventGraph,
    Guard,
    Kind,
    LoopScope,
    Place,
    Trace,
    Type,
    derivation,
)
from looplint.interpreter.flow import Flow, Target

HERE = Place("train.py", 1, 1, 1, 2)
CLEAR, BACKWARD, STEP = Kind.CLEAR, Kind.BACKWARD, Kind.STEP


class Maker:
    """A graph that grows event by event."""

    def __init__(self) -> None:
        self.loop = EventGraph("train", HERE)
        self.flow = Flow(self.loop)
        self.optimizer = AbstractObject(Type.OPTIMIZER, "optimizer", certain=True)

    def event(self, kind: Kind, thing: AbstractObject | None = None, *contexts: Context) -> Event:
        subject = thing if thing is not None else self.optimizer
        event = Event(kind, (subject,), HERE, contexts=frozenset(contexts), loops=self.flow.loops)
        self.flow.add(event)
        return event

    def each(self, body: Callable[[], object]) -> LoopScope:
        """A `for` around what `body` adds."""
        again, leave = Target(), Target()
        index = len(self.loop.iterations)
        with self.flow.iteration("for", HERE, None, endless=False, again=again, leave=leave):
            body()
        self.flow.join(leave)
        return self.loop.iterations[index]

    def when(
        self, condition: str, then: Callable[[], object], otherwise: Callable[[], object] | None = None, since: int = -1
    ) -> None:
        """An `if` on a condition that was last bound before the node `since`."""

        def arm(body: Callable[[], object] | None) -> Callable[[], None]:
            def walk() -> None:
                if body is not None:
                    body()

            return walk

        arms: list[tuple[Guard | None, Callable[[], None]]] = [
            (Guard(condition, True, since), arm(then)),
            (Guard(condition, False, since), arm(otherwise)),
        ]
        self.flow.branch(arms)

    def way(self, start: Event, **rest: bool) -> Trace | None:
        """From a step to the next one without a clear."""
        return self.loop.path(start, to=STEP, avoiding=CLEAR, **rest)  # type: ignore[arg-type]


@pytest.fixture
def graph() -> Maker:
    return Maker()


def test_a_path_goes_round_the_loop_and_ends_at_the_goal(graph: Maker) -> None:
    graph.event(CLEAR)
    graph.each(lambda: graph.event(STEP))
    (step,) = graph.loop.all(STEP)
    path = graph.way(step)
    assert path is not None
    assert path.events == (step, step)


def test_a_step_without_a_loop_does_not_come_again(graph: Maker) -> None:
    assert graph.way(graph.event(STEP)) is None


def test_of_several_starts_the_first_that_has_a_path_gives_it(graph: Maker) -> None:
    clear, step, late = graph.event(CLEAR), graph.event(STEP), graph.event(CLEAR)
    assert graph.loop.path([], to=STEP) is None
    assert graph.loop.path([late], to=STEP) is None
    assert graph.loop.path([late, clear], to=STEP) == Trace((clear, step))


@pytest.mark.parametrize("inside", [True, False])
def test_a_clear_counts_only_in_the_same_loop(graph: Maker, inside: bool) -> None:

    def batch() -> None:
        if inside:
            graph.event(CLEAR)
        graph.event(STEP)

    def epoch() -> None:
        graph.event(CLEAR)
        graph.each(batch)

    graph.each(epoch)
    assert (graph.way(graph.loop.all(STEP)[0]) is None) == inside


def test_a_clear_of_another_optimizer_does_not_count(graph: Maker) -> None:
    model, other_model = AbstractObject(Type.MODULE, "model"), AbstractObject(Type.MODULE, "other")
    graph.optimizer.operands = (model,)
    other = AbstractObject(Type.OPTIMIZER, "other", operands=(other_model,))
    graph.each(lambda: (graph.event(CLEAR, other), graph.event(STEP)))
    assert graph.way(graph.loop.all(STEP)[0]) is not None


@pytest.mark.parametrize("over", ["the model", "a wrapper of the model", "another model", "everything"])
def test_a_module_concerns_the_optimizers_over_it(graph: Maker, over: str) -> None:
    model = AbstractObject(Type.MODULE, "model")
    graph.optimizer.operands = (AbstractObject(Type.PARAMETERS, operands=(model,)),)
    cleared = {
        "the model": model,
        "a wrapper of the model": AbstractObject(Type.MODULE, "ddp", operands=(model,)),
        "another model": AbstractObject(Type.MODULE, "other"),
        "everything": EVERYTHING,
    }[over]
    graph.each(lambda: (graph.event(CLEAR, cleared), graph.event(STEP)))
    assert (graph.way(graph.loop.all(STEP)[0]) is None) == (over != "another model")


def test_an_escape_or_a_new_object_ends_every_path(graph: Maker) -> None:
    for kind in (Kind.ESCAPE, Kind.MAKE):
        made = Maker()

        def body(made: Maker = made, kind: Kind = kind) -> None:
            made.event(kind)
            made.event(STEP)

        made.each(body)
        assert made.way(made.loop.all(STEP)[0]) is None


def test_a_conditional_clear_gets_the_benefit_of_the_doubt(graph: Maker) -> None:

    def batch() -> None:
        graph.when("every tenth", lambda: graph.event(CLEAR))
        graph.event(STEP)

    graph.each(batch)
    assert graph.way(graph.loop.all(STEP)[0]) is None
    assert graph.way(graph.loop.all(STEP)[0], doubt=False) is not None


def test_a_clear_in_the_other_arm_than_the_step_does_not_count(graph: Maker) -> None:
    graph.each(lambda: graph.when("amp", lambda: graph.event(CLEAR), lambda: graph.event(STEP)))
    assert graph.way(graph.loop.all(STEP)[0]) is not None


@pytest.mark.parametrize("rebound", [False, True])
def test_tests_of_one_condition_go_together_until_it_is_bound_anew(graph: Maker, rebound: bool) -> None:
    """Clear if `a`, step if `a`: the step is never without its clear, in this pass or the next."""

    def batch() -> None:
        graph.event(BACKWARD)
        graph.when("a", lambda: graph.event(CLEAR))
        since = graph.flow.now if rebound else -1
        graph.when("a again" if rebound else "a", lambda: graph.event(STEP), since=since)

    graph.each(batch)
    (backward,), (step,), clears = graph.loop.all(BACKWARD), graph.loop.all(STEP), graph.loop.all(CLEAR)
    for start in (backward, step):
        assert (graph.loop.path(start, to=step, avoiding=clears, doubt=False) is not None) == rebound


def test_an_unchanged_condition_holds_in_the_next_pass(graph: Maker) -> None:
    graph.each(lambda: graph.when("a", lambda: graph.event(STEP), lambda: graph.event(BACKWARD)))
    (step,), (backward,) = graph.loop.all(STEP), graph.loop.all(BACKWARD)
    assert graph.loop.path(step, to=backward) is None


def test_within_one_iteration(graph: Maker) -> None:
    index = graph.each(lambda: (graph.event(BACKWARD), graph.event(STEP)))
    backward, step = graph.loop.all(BACKWARD, STEP)
    assert graph.loop.path(backward, to=step, within=index)
    assert graph.loop.path(step, to=backward) is not None
    assert graph.loop.path(step, to=backward, within=index) is None


def test_paths_are_joined_where_they_meet(graph: Maker) -> None:
    graph.each(lambda: (graph.event(STEP), graph.event(BACKWARD)))
    step, backward = graph.loop.all(STEP, BACKWARD)
    there, back = graph.loop.path(step, to=backward), graph.loop.path(backward, to=step)
    assert there is not None
    assert back is not None
    assert (there.with_notes("a", "b") + back.with_notes("", "c")).events == (step, backward, step)
    assert (there.with_notes("a", "b") + back.with_notes("", "c")).notes == ("a", "b", "c")


def test_events_of_a_kind_that_may_be_the_next(graph: Maker) -> None:
    optimizer = AbstractObject(Type.OPTIMIZER, "optimizer")
    clip = graph.event(Kind.CLIP, optimizer)
    first, second = graph.event(STEP, optimizer), graph.event(STEP, optimizer)
    assert graph.loop.reached(clip, STEP, optimizer) == {first}
    assert graph.loop.reached(clip, STEP, optimizer, avoiding=BACKWARD) == {first, second}


def test_what_is_carried_from_one_iteration_into_the_next(graph: Maker) -> None:
    before, inside = AbstractObject(Type.COLLECTION, "losses"), AbstractObject(Type.COLLECTION, "parts")

    def body() -> None:
        inside.loops = graph.flow.loops
        graph.event(Kind.KEEP, before)
        graph.event(Kind.KEEP, inside)

    graph.each(body)
    graph.event(Kind.KEEP, before)
    assert [graph.loop.carried(event) for event in graph.loop.all(Kind.KEEP)] == [True, False, False]


@pytest.mark.parametrize(("updates", "emptied", "carried"), [(1, 0, True), (1, 1, False), (0, 0, False)])
def test_what_is_emptied_in_every_iteration_is_not_carried(
    updates: int, emptied: int, carried: bool, graph: Maker
) -> None:
    kept = AbstractObject(Type.COLLECTION, "losses")

    def batch() -> None:
        graph.event(Kind.KEEP, kept)
        for _ in range(updates):
            graph.event(Kind.STEP)
        for _ in range(emptied):
            graph.event(Kind.EMPTY, kept)

    def epoch() -> None:
        graph.each(batch)
        graph.event(Kind.EMPTY, kept)

    graph.each(epoch)
    assert [graph.loop.carried(event) for event in graph.loop.all(Kind.KEEP)] == [carried]


def test_past_a_conditional_event_in_this_pass_or_a_later_one(graph: Maker) -> None:
    def phase() -> None:
        start = graph.flow.now
        graph.event(Kind.MAKE)
        graph.when("train", lambda: graph.event(Kind.TRAIN), since=start)
        graph.when("train", lambda: graph.event(BACKWARD), since=start)
        graph.event(STEP)

    around = graph.each(phase)
    loop = graph.loop
    ((train,), (backward,), (step,)) = (loop.all(kind) for kind in (Kind.TRAIN, BACKWARD, STEP))
    assert not loop.bypasses(train, backward, within=around)
    assert loop.bypasses(train, backward)
    assert not loop.bypasses(train, backward, avoiding=[step])
    assert not loop.bypasses(train, step)


def test_conditional_and_unlike(graph: Maker) -> None:
    graph.when(
        "a",
        lambda: (graph.event(CLEAR), graph.event(STEP)),
        lambda: graph.event(BACKWARD),
    )
    clear, step, backward = graph.loop.all(CLEAR, STEP, BACKWARD)
    after = graph.event(STEP)
    ask = graph.loop.conditional
    assert [ask(clear), ask(after)] == [True, False]
    assert [ask(clear, unlike=step), ask(clear, unlike=backward), ask(clear, unlike=after)] == [False, True, True]


def test_conditional_within_a_loop(graph: Maker) -> None:
    def body() -> None:
        graph.event(CLEAR)
        graph.when("b", lambda: graph.event(STEP))

    loops: list[LoopScope] = []
    graph.when("a", lambda: loops.append(graph.each(body)))
    clear, step = graph.loop.all(CLEAR, STEP)
    ask = graph.loop.conditional
    assert [ask(clear), ask(step)] == [True, True]
    assert [ask(clear, within=loops[0]), ask(step, within=loops[0])] == [False, True]


def test_inside_common_origin_and_kinds(graph: Maker) -> None:
    made = graph.event(Kind.MAKE)
    inner: list[LoopScope] = []

    def epoch() -> None:
        inner.append(graph.each(lambda: graph.event(STEP, None, Context.NO_GRAD, Context.AUTOCAST)))
        inner.append(graph.each(lambda: graph.event(STEP)))

    outer = graph.each(epoch)
    one, two = graph.loop.all(STEP)
    loop = graph.loop
    assert loop.inside(one, Context.INFERENCE_MODE, Context.NO_GRAD)
    assert not loop.inside(two, Context.NO_GRAD)
    assert loop.common(one, two) == (outer,)
    assert loop.common(one) == (outer, inner[0])
    assert loop.common(one, made) == ()
    assert (loop.innermost(one), loop.innermost(one, two), loop.innermost(one, made)) == (inner[0], outer, None)
    assert loop.origin(graph.optimizer) is made
    assert loop.origin(AbstractObject()) is None
    assert loop.in_iteration(inner[1], STEP) == [two]
    assert loop.all(STEP, Kind.MAKE) == [made, one, two]
    assert loop.all(STEP, about=graph.optimizer) == loop.all(STEP, concerning=graph.optimizer) == [one, two]
    assert loop.all(STEP, about=AbstractObject()) == []


def test_things_are_related_by_what_they_are_made_of() -> None:
    model = AbstractObject(Type.MODULE, "model")
    layer, other_layer = (
        AbstractObject(Type.MODULE, "layer", owner=model),
        AbstractObject(Type.MODULE, "head", owner=model),
    )
    optimizer = AbstractObject(Type.OPTIMIZER, operands=(AbstractObject(Type.PARAMETERS, operands=(model,)),))
    over_layer = AbstractObject(Type.OPTIMIZER, operands=(layer,))
    assert optimizer.comes_from(model)
    assert optimizer.related(model)
    assert model.related(over_layer)
    assert over_layer.related(optimizer)
    assert not over_layer.related(other_layer)
    cycle = AbstractObject()
    cycle.operands = (cycle,)
    assert list(cycle.ancestry()) == [cycle]


def test_derivation_goes_back_once_from_each_object_as_far_as_it_is_asked_to() -> None:
    batch, model = AbstractObject(name="batch"), AbstractObject(Type.MODULE, "model")
    output = AbstractObject(name="output", operands=(batch, model))
    loss = AbstractObject(name="loss", operands=(output, batch))
    part = AbstractObject(name="part", owner=loss)

    def names(**how: Any) -> list[str]:
        return sorted(one.name for one in derivation(part, **how))

    assert names() == ["batch", "loss", "model", "output", "part"]
    assert names(until=lambda one: one is output) == ["batch", "loss", "part"]
    assert names(through=lambda one: one.operands) == ["part"]
    assert names(through=lambda one: [] if one is output else one.origins) == ["batch", "loss", "output", "part"]


def test_what_is_made_under_the_opposite_condition_does_not_meet(graph: Maker) -> None:
    made = [AbstractObject(Type.CRITERION, name) for name in ("one", "other")]
    graph.when("a", lambda: graph.event(Kind.MAKE, made[0]), lambda: graph.event(Kind.MAKE, made[1]))
    graph.when("a", lambda: graph.event(Kind.GRADE, made[0]), lambda: graph.event(Kind.GRADE, made[0]))
    holds, fails = graph.loop.all(Kind.GRADE)
    after = graph.event(Kind.GRADE, made[0])
    ask = graph.loop.can_meet
    assert [ask(grade, made[0]) for grade in (holds, fails, after)] == [True, False, True]
    of_the_other = AbstractObject(Type.TENSOR, "prediction", operands=(made[1],))
    assert [ask(grade, of_the_other) for grade in (holds, fails, after)] == [False, True, True]
    assert not ask(after, made[0], made[1])


def test_events_of_one_manner_and_the_loop_around_them(graph: Maker) -> None:
    graph.event(Kind.READ).how = "grad"

    def body() -> None:
        graph.event(Kind.READ).how = "detach"
        graph.event(Kind.ASSIGN).how = "requires_grad_"
        graph.event(Kind.PREDICT, None, Context.NO_GRAD)

    scope = graph.each(body)
    first, second = graph.loop.all(Kind.READ)
    assert graph.loop.all(Kind.READ, how="grad") == [first]
    assert graph.loop.all(Kind.READ, how=("grad", "detach")) == [first, second]
    assert graph.loop.all(Kind.READ, about=AbstractObject(), how="grad") == []
    assert (first.written_loop, second.written_loop) == (None, scope)
    assert [event.how for event in graph.loop.gradient_switches()] == ["requires_grad_"]
    assert [event for event in (first, *graph.loop.all(Kind.PREDICT)) if graph.loop.unrecorded(event)] == (
        graph.loop.all(Kind.PREDICT)
    )


def test_what_is_made_of_a_type(graph: Maker) -> None:
    guessed = AbstractObject(Type.OPTIMIZER)
    makes = [graph.event(Kind.MAKE, one) for one in (graph.optimizer, guessed, AbstractObject(Type.MODULE))]
    assert graph.loop.made(Type.OPTIMIZER) == makes[:2]
    assert graph.loop.made(Type.OPTIMIZER, certain=True) == makes[:1]

"""The reader: four methods through which its parts call each other, and where it is."""

from __future__ import annotations

import ast

from hand_made import happened, reading

from looplint.events import AbstractObject, Context, Graph, How, Kind, Type
from looplint.interpreter.values import Const

OPTIMIZER = AbstractObject(Type.OPTIMIZER, "optimizer", certain=True)


def test_each_expression_costs() -> None:
    reader = reading("pass")
    left, work = reader.budget.left, reader.budget.work
    assert reader.evaluate(ast.Constant(1)) == Const(1)
    assert (left - reader.budget.left, reader.budget.work - work) == (1, 1)


def test_nothing_runs_behind_a_return() -> None:
    assert happened(reading("def f():\n    return\n    use(v.grad)\nf()\nuse(w.grad)"), Kind.READ) == [(Kind.READ, "w")]


def test_an_event_has_its_subjects_place_and_contexts() -> None:
    reader = reading("pass")
    node = reader.now.module.tree.body[0]
    assert reader.emit(Kind.STEP, (), node) is None
    with reader.within(Context.NO_GRAD):
        event = reader.emit(Kind.STEP, (OPTIMIZER,), node, how="step")
    assert event is not None and (event.subject, event.place.row, event.how) == (OPTIMIZER, 1, "step")
    assert event.contexts == {Context.NO_GRAD} and reader.now.contexts == frozenset()


def test_clearing_some_parameters_only_is_no_clear() -> None:
    reader = reading("pass")
    with reader.within(Context.SOME_PARAMETERS):
        event = reader.emit(Kind.CLEAR, (OPTIMIZER,), reader.now.module.tree.body[0])
    assert event is not None and (event.kind, event.how) == (Kind.READ, How.SOME_CLEARED)


def test_silently_there_are_no_events_but_the_effect_counts() -> None:
    reader = reading("pass")
    effects = reader.record.effects
    with reader.flow.silently():
        assert reader.emit(Kind.STEP, (OPTIMIZER,), reader.now.module.tree.body[0]) is None
    assert reader.record.effects == effects + 1 and reader.graph.all(Kind.STEP) == []


def test_events_of_a_loop_grant_the_budget_and_others_do_not() -> None:
    reader = reading("pass")
    node = reader.now.module.tree.body[0]
    reader.emit(Kind.READ, (OPTIMIZER,), node)
    assert not reader.budget.granted
    reader.emit(Kind.STEP, (OPTIMIZER,), node)
    assert reader.budget.granted


def test_objects_of_two_calls_of_one_place_differ_by_their_chain() -> None:
    reader = reading("f()\ng()")
    first, second = (statement.value for statement in reader.now.module.tree.body if isinstance(statement, ast.Expr))
    assert reader.called_from(first).chain != reader.called_from(second).chain
    assert reader.called_from(first).chain == reader.called_from(first).chain
    assert [site.row for site in reader.called_from(second).sites] == [2]


def test_a_closed_reader_holds_nothing() -> None:
    reader = reading("pass")
    assert reader.now.gradients is Graph.YES
    reader.close()
    assert vars(reader) == {}

"""Abstract objects by allocation site."""

from __future__ import annotations

import pytest
from hand_made import object_of, reading

from looplint.events import AbstractObject, Fact, Graph, Type
from looplint.interpreter.objects import cut_off
from looplint.interpreter.values import Collection, Const, Either

YES = AbstractObject(Type.TENSOR, "yes", graph=Graph.YES)
NO = AbstractObject(Type.TENSOR, "no", graph=Graph.NO)
UNKNOWN = AbstractObject(Type.UNKNOWN, "unknown")


def test_one_place_makes_one_object_and_another_call_of_it_another_one() -> None:
    reader = reading("def f():\n    return given()\na = f()\nb = f()\nfor i in n:\n    c = given()\nd = c")
    assert object_of(reader, "a") is not object_of(reader, "b")
    assert object_of(reader, "c") is object_of(reader, "d")


@pytest.mark.parametrize(
    ("values", "graph"),
    [
        ([NO, YES], Graph.YES),
        ([NO, UNKNOWN], Graph.UNKNOWN),
        ([NO, Const(1)], Graph.NO),
        ([Either((YES, NO))], Graph.UNKNOWN),
        ([Collection(Type.COLLECTION, items={0: YES})], Graph.YES),
        ([AbstractObject(Type.PARAMETERS, facts=frozenset((Fact.TRAINED,)))], Graph.YES),
    ],
)
def test_the_graph_of_what_is_computed(values: list[AbstractObject], graph: Graph) -> None:
    assert reading("pass").objects.graph_of(values) is graph


def test_nothing_holds_a_graph_where_none_is_recorded() -> None:
    reader = reading("with anything.no_grad():\n    x = given + 1", given=YES)
    assert object_of(reader, "x").graph is Graph.NO


def test_what_is_taken_out_of_a_graph_had_one() -> None:
    assert cut_off(YES) == {Fact.CUT_OFF} and cut_off(NO) == set()


def test_a_type_that_is_known_comes_before_the_name() -> None:
    objects = reading("pass").objects
    named = AbstractObject(name="optimizer")
    known = AbstractObject(Type.MODULE, "optimizer")
    assert objects.is_like(named, Type.OPTIMIZER) and not objects.is_like(known, Type.OPTIMIZER)


def test_a_name_that_is_used_like_a_module() -> None:
    objects = reading("thing.zero_grad()\nthing.named_parameters()\nother.append(1)").objects
    assert (objects.module_by_use("thing"), objects.module_by_use("other")) == (True, False)


def test_objects_in_collections_are_subjects_as_well() -> None:
    both = Collection(Type.COLLECTION, items={0: YES, 1: NO})
    assert reading("pass").objects.flat((both,)) == (YES, NO, both)

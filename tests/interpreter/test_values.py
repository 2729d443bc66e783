"""Values of the interpretation: alternatives, and the objects in them."""

from __future__ import annotations

from looplint.events import AbstractObject
from looplint.interpreter.values import (
    CHOICES,
    Collection,
    Const,
    Either,
    Member,
    Method,
    Partial,
    alternatives,
    either,
    objects_in,
)

A, B = AbstractObject(name="a"), AbstractObject(name="b")


def test_alternatives_are_flat_and_each_once() -> None:
    assert either([A, Either((B, A))]) == Either((A, B))
    assert either([A, A]) is A
    assert alternatives(A) == (A,) and alternatives(Either((A, B))) == (A, B)


def test_too_many_alternatives_are_the_first_ones() -> None:
    found = either(map(Const, range(CHOICES + 3)))
    assert isinstance(found, Either) and found.values[-1] == Const(CHOICES - 1)


def test_objects_stand_behind_methods_and_partials() -> None:
    made = Partial(Method(A, "f"), (B, Const(1)), (("c", A),))
    assert list(objects_in(made)) == [B, A]
    assert list(objects_in(Either((Method(A, "f"), Const(1), B)))) == [A, B]
    assert list(objects_in(None)) == []


def test_a_collection_has_entries_and_other_elements() -> None:
    assert Collection(items={"k": A}, more=(B,)).elements() == [A, B]


def test_members_of_an_enumeration_are_equal_by_name() -> None:
    assert Member("Mode", "TRAIN", Const(1)) == Member("Mode", "TRAIN", Const(2)) != Member("Mode", "TEST", Const(1))

"""Streams and collections that are made of others."""

from __future__ import annotations

import pytest
from hand_made import happened, object_of, value
from with_library import reading

from looplint.events import Fact, Kind, Option, Type
from looplint.interpreter.values import Collection, Const


@pytest.mark.parametrize("over", ["range(7)", "range(0, 7)", "range(1, 7 + 1)"])
def test_how_often_a_range_is_gone_through(over: str) -> None:
    assert object_of(reading(f"r = {over}"), "r").options[Option.LENGTH] == 7


def test_a_range_from_an_unknown_start_has_no_known_length() -> None:
    assert object_of(reading("r = range(first, 7 + 1)"), "r").options[Option.LENGTH] is None


def test_streams_hold_what_they_are_made_of() -> None:
    reader = reading("a, b = [1], [2]\npairs = list(zip(a, b))\nnumbered = next(iter(enumerate(b)))")
    assert value(reader, "pairs[0][1]") == Const(2)
    assert value(reader, "numbered[1]") == Const(2)
    assert object_of(reader, "numbered[0]").type is Type.NUMBER


def test_a_dict_of_zipped_names_has_these_entries() -> None:
    reader = reading('parts = dict(zip(["train", "val"], [1, 2]))')
    assert value(reader, 'parts["val"]') == Const(2)


def test_map_calls_its_function() -> None:
    reader = reading("made = list(map(nn.Linear, [3], [4]))")
    assert object_of(reader, "made[0]").constructor == "torch.nn.Linear"


def test_the_parameters_of_one_network_beside_themselves_are_noticed() -> None:
    code = "net = nn.Linear(2, 2)\ntarget = net\nfor a, b in zip(target.parameters(), net.parameters()):\n    pass"
    assert happened(reading(code), Kind.READ) == [(Kind.READ, "net")]
    apart = code.replace("target = net", "target = nn.Linear(2, 2)")
    assert happened(reading(apart), Kind.READ) == []


def test_a_deque_is_bounded_by_its_length() -> None:
    reader = reading("import collections\nlast = collections.deque(maxlen=3)\nall_of_them = collections.deque()")
    assert isinstance(object_of(reader, "last"), Collection)
    assert Fact.BOUNDED in object_of(reader, "last").facts
    assert Fact.BOUNDED not in object_of(reader, "all_of_them").facts

"""Python's built-in functions, and functions that iterate over their arguments."""

from __future__ import annotations

import pytest
from hand_made import happened, object_of, value
from with_library import reading

from looplint.events import Fact, Kind, Option, Type
from looplint.interpreter.values import Collection, Const


def test_the_length_of_a_loader_counts_batches_and_what_is_computed_of_it_does() -> None:
    reader = reading("loader = data.DataLoader(dataset, batch_size=4)\nsteps = int(len(loader)) * 3")
    assert Fact.COUNTS_BATCHES in object_of(reader, "steps").facts
    assert Fact.COUNTS_BATCHES not in object_of(reading("steps = len(names)"), "steps").facts


@pytest.mark.parametrize(("size", "counts"), [("batch_size=4", True), ("batch_size=1", False), ("", False)])
def test_the_length_of_a_dataset_counts_samples_where_batches_have_several(size: str, counts: bool) -> None:
    reader = reading(f"whole = make()\nloader = data.DataLoader(whole, {size})\nn = len(loader.dataset)")
    assert (Fact.COUNTS_SAMPLES in object_of(reader, "n").facts) is counts


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


@pytest.mark.parametrize(
    ("made", "asked", "known"),
    [
        ("nn.Linear(1, 1)", "torch.Tensor", Const(False, argument=True)),
        ("nn.MSELoss()", "nn.MSELoss", Const(True, argument=True)),
        ("nn.MSELoss()", "nn.L1Loss", Const(False, argument=True)),
    ],
)
def test_what_isinstance_returns_of_known_classes(made: str, asked: str, known: Const) -> None:
    assert value(reading(f"thing = {made}\nx = isinstance(thing, {asked})"), "x") == known


def test_what_isinstance_returns_of_others_is_not_known() -> None:
    assert not isinstance(value(reading("x = isinstance(thing, nn.MSELoss)"), "x"), Const)


def test_a_deque_is_bounded_by_its_length() -> None:
    reader = reading("import collections\nlast = collections.deque(maxlen=3)\nall_of_them = collections.deque()")
    assert isinstance(object_of(reader, "last"), Collection)
    assert Fact.BOUNDED in object_of(reader, "last").facts
    assert Fact.BOUNDED not in object_of(reader, "all_of_them").facts

"""Python's built-in functions, and functions that iterate over their arguments."""

from __future__ import annotations

import pytest
from hand_made import object_of, value
from with_library import reading

from looplint.events import Fact
from looplint.interpreter.values import Const


def test_the_length_of_a_loader_counts_batches_and_what_is_computed_of_it_does() -> None:
    reader = reading("loader = data.DataLoader(dataset, batch_size=4)\nsteps = int(len(loader)) * 3")
    assert Fact.COUNTS_BATCHES in object_of(reader, "steps").facts
    assert Fact.COUNTS_BATCHES not in object_of(reading("steps = len(names)"), "steps").facts


@pytest.mark.parametrize(("size", "counts"), [("batch_size=4", True), ("batch_size=1", False), ("", False)])
def test_the_length_of_a_dataset_counts_samples_where_batches_have_several(size: str, counts: bool) -> None:
    reader = reading(f"whole = make()\nloader = data.DataLoader(whole, {size})\nn = len(loader.dataset)")
    assert (Fact.COUNTS_SAMPLES in object_of(reader, "n").facts) is counts


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

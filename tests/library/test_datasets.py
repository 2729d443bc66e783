"""Datasets: parts of a whole, and streams that are the same in each worker."""

from __future__ import annotations

import pytest
from hand_made import happened, object_of
from with_library import reading

from looplint.events import Fact, Kind


def test_the_dataset_of_a_part_is_the_whole() -> None:
    reader = reading("train, val = data.random_split(whole, [8, 2])\nx = val.dataset")
    assert Fact.RANDOM_PART in object_of(reader, "train").facts
    assert object_of(reader, "train") is not object_of(reader, "val")
    assert Fact.WHOLE_DATASET in object_of(reader, "x").facts
    assert happened(reader, Kind.READ)[0][0] is Kind.READ


def test_the_dataset_of_a_loader_is_the_part_that_it_was_made_with() -> None:
    reader = reading("part = data.Subset(whole, rows)\nloader = data.DataLoader(part)\nx = loader.dataset")
    assert object_of(reader, "x") is object_of(reader, "part")


@pytest.mark.parametrize(
    ("body", "same"),
    [
        ("yield from self.rows", True),
        ("for row in self.rows:\n            yield row", True),
        ("info = data.get_worker_info()\n        yield from self.rows", False),
        ("yield from self.read()", False),
    ],
)
def test_streams_that_are_the_same_in_each_worker(body: str, same: bool) -> None:
    code = f"""\
class Own(data.IterableDataset):
    def __init__(self):
        self.rows = [1, 2]
    def __iter__(self):
        {body}
own = Own()
"""
    assert (Fact.SAME_IN_WORKERS in object_of(reading(code), "own").facts) is same


@pytest.mark.parametrize(
    ("arguments", "undivided"), [("whole", True), ("whole, sampler=sampler", False), ("given", False)]
)
def test_loaders_that_give_everything_to_each_process(arguments: str, undivided: bool) -> None:
    code = f"from torchvision import datasets\nwhole = datasets.MNIST('d')\nloader = data.DataLoader({arguments})"
    assert (Fact.UNDIVIDED in object_of(reading(code), "loader").facts) is undivided

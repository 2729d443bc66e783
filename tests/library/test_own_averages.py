"""Averages of weights that a program computes itself."""

from __future__ import annotations

import pytest
from hand_made import happened
from with_library import reading

from looplint.events import Kind

NETS = """\
net, average = nn.Linear(2, 2), nn.Linear(2, 2)
for a, w in zip(average.parameters(), net.parameters()):
    {}
"""


@pytest.mark.parametrize(
    "statement",
    [
        "a.data.mul_(0.99).add_(w.data, alpha=1 - 0.99)",
        "a.data = 0.99 * a.data + 0.01 * w.data",
        "a.data = d * a.data + (1 - d) * w.data",
        "a.data.lerp_(w.data, 0.01)",
    ],
)
def test_weights_that_enter_an_average(statement: str) -> None:
    assert [kind for kind, _ in happened(reading(NETS.format(statement)), Kind.TRACK)] == [Kind.TRACK]


@pytest.mark.parametrize(
    "statement",
    [
        "a.data = 0.99 * a.data + 0.5 * w.data",
        "a.data = 0.9 * a.data + 0.1 * w.grad",
        "a.data.mul_(0.99).add_(3, alpha=0.01)",
    ],
    ids=["shares that do not add up", "a gradient", "a number"],
)
def test_sums_that_are_none(statement: str) -> None:
    assert happened(reading(NETS.format(statement)), Kind.TRACK) == []

"""Activations: which tensors hold the values of a softmax or a sigmoid."""

from __future__ import annotations

import pytest
from hand_made import object_of
from with_library import reading

from looplint.events import Fact, Option


@pytest.mark.parametrize(
    ("code", "fact"),
    [
        ("y = F.softmax(x, dim=1)", Fact.SOFTMAX),
        ("y = x.sigmoid()", Fact.SIGMOID),
        ("y = nn.Softmax(dim=1)(x)", Fact.SOFTMAX),
        ("y = torch.sigmoid(x).reshape(-1)", Fact.SIGMOID),
        ("y = torch.cat([torch.sigmoid(x), torch.sigmoid(x)])", Fact.SIGMOID),
    ],
)
def test_what_returns_them_and_what_keeps_them(code: str, fact: Fact) -> None:
    y = object_of(reading(code), "y")
    assert fact in y.facts
    assert Option.ACTIVATION in y.options


@pytest.mark.parametrize(
    "code",
    [
        "y = torch.sigmoid(x) * 2",
        "y = torch.cat([torch.sigmoid(x), x])",
        "y = torch.softmax(torch.randn(3, 4), dim=1)",
        "y = (F.log_softmax if logs else F.softmax)(x, dim=1)",
    ],
    ids=["computed on", "joined with others", "of random numbers", "one of two"],
)
def test_what_does_not_hold_them_for_certain(code: str) -> None:
    assert not object_of(reading(code), "y").facts & {Fact.SOFTMAX, Fact.SIGMOID}

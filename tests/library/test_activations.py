"""Activations: which tensors hold the values of a softmax or a sigmoid."""

from __future__ import annotations

import pytest
from hand_made import object_of
from with_library import reading

from looplint.events import Fact, Kind, Option, Place


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


@pytest.mark.parametrize(
    ("code", "logits"),
    [
        ("y = F.softmax(x, dim=1)", "x"),
        ("y = x.softmax(dim=1)", "x"),
        ("y = x.softmax(1)", "x"),
        ("y = unseen.softmax(x, dim=1)", "x"),
        ("y = unseen.softmax(x, 1)", "x"),
        ("y = unseen.sigmoid(x)", "x"),
    ],
)
def test_what_it_is_applied_to(code: str, logits: str) -> None:
    activated = object_of(reading(code), "y").options[Option.ACTIVATED]
    assert isinstance(activated, Place) and activated.text == logits


@pytest.mark.parametrize(
    ("code", "once"),
    [
        ("y = F.softmax(x, dim=1)\nloss = F.cross_entropy(y, t)", True),
        ("y = F.softmax(x, dim=1)\nloss = F.cross_entropy(y, t)\nright = y.argmax(1) == torch.argmax(y, 1)", True),
        ("y = F.softmax(x, dim=1)\nloss = F.cross_entropy(y, t)\ny = y + 1\nz = y * 2", False),
        ("y = F.softmax(x, dim=1)\nloss = F.cross_entropy(y, t)\ny = 1\nz = y * 2", True),
        ("y = F.softmax(x, dim=1)\nloss = F.cross_entropy(y, t) + y.log().mean()", False),
    ],
    ids=["once", "its order", "before it is bound again", "after it is bound again", "twice"],
)
def test_a_fix_passes_the_logits_only_where_nothing_else_needs_the_probabilities(code: str, once: bool) -> None:
    options = [event.inputs[0].options for event in reading(code).graph.all(Kind.GRADE)]
    assert [Option.ACTIVATED in given for given in options] == [once]

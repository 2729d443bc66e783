"""Accumulation: what is added to what, and keeps whose graph."""

from __future__ import annotations

import pytest
from hand_made import happened, reading

from looplint.events import AbstractObject, Graph, Kind, Type


@pytest.mark.parametrize(
    ("code", "into"),
    [
        ("total = 0\nfor x in data:\n    total += loss", ""),
        ("total = 0\nfor x in data:\n    total = total + loss", ""),
        ("seen = []\nfor x in data:\n    seen += [loss]", "seen"),
        ("table = {}\nfor x in data:\n    table['sum'] += loss", "table['sum']"),
    ],
    ids=["augmented", "written out", "a list", "an entry"],
)
def test_what_has_a_graph_is_kept(code: str, into: str) -> None:
    loss = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES)
    (keep,) = reading(code, loss=loss).graph.all(Kind.KEEP)
    assert keep.object is loss
    assert into in keep.subject.name


def test_a_number_is_not_kept() -> None:
    loss = AbstractObject(Type.NUMBER, "loss", certain=True, graph=Graph.NO)
    assert happened(reading("total = 0\nfor x in data:\n    total += loss", loss=loss), Kind.KEEP) == []


def test_nothing_has_a_graph_where_none_is_recorded() -> None:
    loss = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES)
    code = "total = 0\nwith anything.no_grad():\n    for x in data:\n        total += loss"
    assert happened(reading(code, loss=loss), Kind.KEEP) == []


def test_what_is_joined_with_what_was_there_is_kept() -> None:
    loss = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES)
    code = "every = None\nfor x in data:\n    every = anything.cat([every, loss])"
    assert len(reading(code, loss=loss).graph.all(Kind.KEEP)) == 1

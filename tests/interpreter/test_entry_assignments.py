"""Assignments to entries."""

from __future__ import annotations

from hand_made import reading, value

from looplint.events import AbstractObject, Type
from looplint.interpreter.values import Const


def test_an_entry_is_set_under_its_key() -> None:
    reader = reading('table = {"a": 1}\ntable["b"] = 2')
    assert value(reader, 'table["a"]') == Const(1)
    assert value(reader, 'table["b"]') == Const(2)


def test_a_tensor_is_made_of_what_is_written_into_it() -> None:
    row, loss = AbstractObject(Type.TENSOR, "row"), AbstractObject(Type.TENSOR, "loss")
    reading("row[0] = loss", row=row, loss=loss)
    assert row.operands == (loss,)

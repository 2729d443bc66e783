"""States of modules that are kept."""

from __future__ import annotations

from hand_made import happened, reading, value

from looplint.events import AbstractObject, Fact, Kind, Type
from looplint.interpreter.values import Const

NET = AbstractObject(Type.MODULE, "net")
STATE = AbstractObject(Type.OTHER, "state", operands=(NET,), facts=frozenset((Fact.STATE,)))


def test_a_state_is_kept_by_a_name_an_attribute_and_an_entry() -> None:
    holder = AbstractObject(Type.MODULE, "holder", certain=True)
    reader = reading("best = state\nholder.best = state\ntable = {}\ntable['best'] = state", state=STATE, holder=holder)
    assert happened(reader, Kind.SNAPSHOT) == [(Kind.SNAPSHOT, "net")] * 3


def test_a_state_in_a_dict_that_is_kept() -> None:
    assert happened(reading("best = {'net': state}", state=STATE), Kind.SNAPSHOT) == [(Kind.SNAPSHOT, "net")]
    assert value(reading("best = 3"), "best") == Const(3)

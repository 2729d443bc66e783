"""Slots of sums in the bindings."""

from __future__ import annotations

from looplint.events import AbstractObject
from looplint.interpreter.slots import slot_of_attribute, slot_of_variable


def test_a_slot_is_no_name_of_a_variable_and_differs_by_owner() -> None:
    one, other = AbstractObject(name="one"), AbstractObject(name="other")
    slots = {slot_of_variable("total"), slot_of_attribute(one, "total"), slot_of_attribute(other, "total")}
    assert len(slots) == 3 and not any(slot.isidentifier() for slot in slots)

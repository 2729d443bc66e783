"""Slots: names in the bindings, beside variables and attributes, under which a sum that they hold is kept.

The value of a variable says what was added last; its slot says since which loop it is added up. No variable has such a
name.
"""

from __future__ import annotations

from looplint.events import AbstractObject


def slot_of_variable(name: str) -> str:
    """Where the sum in a variable is kept, in the variable's own scope."""
    return f"@{name}"


def slot_of_attribute(owner: AbstractObject, name: str) -> str:
    """Where the sum in an attribute is kept, in a scope that all owners share."""
    return f"{id(owner)}.{name}"

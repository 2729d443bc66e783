"""What kind of code a call stands in."""

from __future__ import annotations

from enum import StrEnum


class Caller(StrEnum):
    """Who calls a module, seen from that module."""

    CODE = "code"  # training, validation or inference code
    ITSELF = "itself"  # a method of the same object: `self.forward(x)`
    NETWORK = "network"  # a method of another module, which is a part of a network itself
    TEST = "test"  # a test case

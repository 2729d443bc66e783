"""The kind of code that calls a module."""

from __future__ import annotations

from enum import StrEnum


class Caller(StrEnum):
    """Who calls a module, from that module's point of view."""

    CODE = "code"  # training, validation or inference code
    ITSELF = "itself"  # a method of the same object: `self.forward(x)`
    NETWORK = "network"  # a method of another module that is part of a network
    TEST = "test"  # a test case

"""What a recognized call does: the form of the rows in the tables of this package."""

from __future__ import annotations

import dataclasses
from enum import Enum, auto

from looplint.events import How, Kind


class Returns(Enum):
    """What comes back from a call, as far as it matters."""

    NOTHING = auto()
    SELF = auto()  # the receiver itself
    ARGUMENT = auto()  # the argument itself; several: a tuple of them
    WRAPPED = auto()  # the same, in wrappers whose `forward` calls what is inside
    COMPILED = auto()  # the first argument, in a wrapper whose `forward` runs its hooks
    FIRST = auto()  # the first argument itself
    DERIVED = auto()  # computed from receiver and arguments: holds a graph if one of them does
    NUMBER = auto()  # a Python number or string: no graph
    DETACHED = auto()  # a tensor without a graph
    DATA = auto()  # a tensor fresh from data: no graph
    PARAMETERS = auto()  # the parameters of the receiver
    PARTS = auto()  # sub-modules of the receiver, one after the other
    STATE = auto()  # the state_dict of the receiver, sharing its memory
    MODULE = auto()  # a new torch module
    COPY = auto()  # an independent copy of the argument
    ELEMENTS = auto()  # goes over the same things as the argument
    LOADED = auto()  # what loading a state gave: a report, never the receiver
    NEW = auto()  # an object that nothing is known of, made of the arguments


@dataclasses.dataclass(frozen=True, slots=True)
class Effect:
    """One event, who it is about, and what the call returns.

    `subject` and `object`: "self" for the receiver, a number for that argument, or "" for none. `keyword`: the name
    under which the argument may be given instead. `flag`: `(name, kind)` of an argument that, where it is true,
    makes a second event of that kind. `asked`: an argument that, where it is False, leaves the event out. `made_with`:
    `(name, default, unseen)` of an argument of the constructor, or of the function itself: the row counts where it is
    true; `unseen` says whether it is taken to be so where it is not written out. `makes`: the call is taken for one of
    this constructor, of which the rows then say what it makes of the receiver and the arguments.
    `how`: how the event happens, where that is not the name of the call.
    """

    kind: Kind | None = None
    subject: str | int = "self"
    object: str | int = ""
    keyword: str = ""
    returns: Returns = Returns.NOTHING
    flag: tuple[str, Kind] | None = None
    then: Kind | None = None
    asked: str = ""
    how: How | None = None
    makes: str = ""
    made_with: tuple[str, bool, bool] | None = None

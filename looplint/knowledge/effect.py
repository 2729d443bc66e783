"""The effect of a known call: the form of the rows in the tables of this package."""

from __future__ import annotations

import dataclasses
from enum import Enum, auto

from looplint.events import How, Kind


class Returns(Enum):
    """What a call returns, in the terms that rules need."""

    NOTHING = auto()
    SELF = auto()  # the receiver itself
    ARGUMENT = auto()  # the argument itself; of several a tuple
    WRAPPED = auto()  # the same, in wrappers whose `forward` calls what is inside
    COMPILED = auto()  # the first argument, in a wrapper whose `forward` runs its hooks
    FIRST = auto()  # the first argument itself
    DERIVED = auto()  # computed from receiver and arguments: holds a graph if one of them does
    NUMBER = auto()  # a Python number or string: no graph
    DETACHED = auto()  # a tensor without a graph
    DATA = auto()  # a tensor fresh from data: no graph
    PARAMETERS = auto()  # the parameters of the receiver
    PARTS = auto()  # an iterator over the sub-modules of the receiver
    STATE = auto()  # the state_dict of the receiver, sharing its memory
    MODULE = auto()  # a new torch module
    OUTPUT = auto()  # the output of the receiver, a module
    COPY = auto()  # an independent copy of the argument
    ELEMENTS = auto()  # an iterator over the elements of the argument
    MAPPED = auto()  # the second argument, each of its leaves replaced by what the first, a function, returns for it
    LOADED = auto()  # the result of loading a state: a report, never the receiver
    NEW = auto()  # an unknown object that derives from the arguments


@dataclasses.dataclass(frozen=True, slots=True)
class Effect:
    """One event, its subject, and the result of the call.

    `subject` and `object`: "self" for the receiver, a number for that argument, or "" for none. `keyword`: the keyword
    of that argument. `flag`: `(name, kind)` of an argument that, if true, adds a second event of that kind; ASSIGN only
    if it is true for certain.
    `enabled_by`: an argument that, if False, omits the event. `made_with`: `(name, default, otherwise)` of an
    argument of the constructor, or of the function itself: the row applies if it is true; `otherwise`: whether to
    assume so if it is not a literal. `makes`: the call is treated as one of this constructor, whose rows then apply
    to the receiver and the arguments. `how`: how the event happens, if that is not the name of the call. `named`:
    the result is a tuple of these keyword arguments, as far as they are passed. `older`: arguments of the
    constructor and methods of the subject that only versions before the described one know; the row does not apply
    to code that has one.
    """

    kind: Kind | None = None
    subject: str | int = "self"
    object: str | int = ""
    keyword: str = ""
    returns: Returns = Returns.NOTHING
    flag: tuple[str, Kind] | None = None
    then: Kind | None = None
    enabled_by: str = ""
    how: How | None = None
    makes: str = ""
    made_with: tuple[str, bool, bool] | None = None
    named: tuple[str, ...] = ()
    older: frozenset[str] = frozenset()

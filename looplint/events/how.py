"""How something happens, where that is no method, function, attribute or operator as written."""

from __future__ import annotations

from enum import StrEnum


class How(StrEnum):
    """A value of `Event.how` that stands in no code."""

    CALLER = "caller"  # ESCAPE: unknown code that calls the entry may do anything
    CLOSURE = "closure"  # ESCAPE: the step calls an unknown closure
    ELSEWHERE = "elsewhere"  # EMPTY: another method of the class does it
    GENERATOR = "generator"  # ESCAPE: a generator that trains is in the midst of the loop
    LEFT_OUT = "left out"  # ESCAPE: `...` in an excerpt
    RETURNED = "returned"  # ESCAPE: the entry returns it
    UNKNOWN_RESULT = "unseen"  # MAKE: unknown code gives another one each time
    GRADIENT = "grad"  # READ: its gradients are looked at; BACKWARD, CLEAR: they are written by hand
    SOME_CLEARED = "some cleared"  # READ: the gradients of some parameters are cleared, those of others stay
    GRADIENT_SCALED = "grad scaled"  # READ: its gradients are multiplied by a number
    FRAMEWORK = "framework"  # CLEAR, BACKWARD, STEP: a framework does it with what a method returned
    HANDED_OVER = "handed over"  # READ: unknown code gets it
    IS_NONE = "is None"  # READ: it is compared with None
    SCALE_READ = "get_scale"  # READ: its scale is looked at, or what tells it
    NEW_PARAMETERS = "new parameters"  # ASSIGN: other parameters take the place of its own
    FIRST_BATCH = "next(iter)"  # FETCH: the first batch of a fresh iterator
    BEGINS = "begins"  # RECORD: a best value is set to a constant, a counter to anything
    BETTER = "better"  # RECORD: a better value takes the place of the best one
    COUNTS = "counts"  # RECORD: a counter goes up
    STOPS = "stops"  # RECORD: a condition on a counter ends the loop
    NEXT = "next"  # FETCH: the next one of an iterator made in the same pass

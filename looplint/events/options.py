"""Options: what an event or an object says beside its subjects, under names of its own.

Other keys of `options` are arguments of the call, by name or position: `shuffle`, `momentum`, `retain_graph`.
"""

from __future__ import annotations

from enum import StrEnum


class Option(StrEnum):
    """A key of `Event.options` or `AbstractObject.options` that is no argument: what stands under it, and at what."""

    ACTIVATED = "activated"  # the place of what a softmax or sigmoid was applied to [tensor]
    ACTIVATION = "activation"  # the place of that softmax or sigmoid [tensor]
    ARGUMENTS = "arguments"  # the places of what a criterion was given by position [GRADE]
    ARGUMENT = "argument"  # whether a scheduler is told a number [SCHEDULE]
    BY = "by"  # the scaler as written [BACKWARD, STEP, UNSCALE; tensor]
    BY_USE = "by use"  # whether the file uses the object as only a module is used [FORWARD]
    CALLEE = "callee"  # the place of what is called [PREDICT, FORWARD]
    CALLER = "caller"  # whose code the call stands in, a `Caller` [FORWARD]
    CHANGES = "changes"  # whether the seed may be another one in each pass [SEED]
    CLOSURE = "closure"  # whether the step is given a closure whose code is read [STEP]
    IDLE_CLOSURE = "idle closure"  # whether that closure computes nothing [STEP]
    DRAWN_FROM_BY = "drawn from by"  # the methods that draw from a random state set once [ASSIGN]
    DROPPED = "dropped"  # whether nothing of the prediction is kept [PREDICT]
    FOR_OTHERS = "for others"  # whether the file itself never looks at the attribute [SNAPSHOT]
    LEFT = "left"  # whether the loop may be left before its end [ITERATE]
    MAX_NORM = "max_norm"  # the limit, where it is written out [CLIP]
    MEANT = "meant"  # the attribute that a misspelt one stands for [ASSIGN]
    PLAIN = "plain"  # whether the object may be of a class that is no module [FORWARD]
    OVER = "over"  # what an iterator goes over, as written [iterator]
    RATE_WRITTEN = "rate written"  # the learning rate as written [optimizer]
    READ_AGAIN = "read again"  # whether later code reads the same expression [DISCARD, REBIND]
    TAKEN = "taken"  # whether it replaces an entry that is read before [KEEP]
    TENSOR = "tensor"  # whether what is dropped surely is a tensor [DISCARD]
    VALUE = "value"  # the constant that is set [ASSIGN], or the part of a sum that has a graph [KEEP]
    WRITTEN = "written"  # the value that is set, as written [ASSIGN, READ]

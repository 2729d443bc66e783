"""Options: attributes of an event or an object that are not arguments of the call.

Other keys of `options` are arguments, by name or position: `shuffle`, `momentum`, `retain_graph`.
"""

from __future__ import annotations

from enum import StrEnum


class Option(StrEnum):
    """A key of `Event.options` or `AbstractObject.options`: its value and, in brackets, where it is set."""

    ACTIVATED = "activated"  # the place of the operand of a softmax or sigmoid [tensor]
    ACTIVATION = "activation"  # the place of that softmax or sigmoid [tensor]
    ACTIVATES = "activates"  # the place of a statement `scores = softmax(scores)`, which does nothing else [tensor]
    ARGUMENTS = "arguments"  # the places of a criterion's positional arguments [GRADE]
    ARGUMENT = "argument"  # whether a number is passed to a scheduler [SCHEDULE]
    BASES = "bases"  # the dotted names of its bases [module class]
    BEGINS = "begins"  # the objects of the first number of a `range` with a start [iterator]
    BY = "by"  # the scaler, as written [BACKWARD, STEP, UNSCALE; tensor]
    BY_USE = "by use"  # whether the file uses the object in a manner that only a module supports [FORWARD]
    BY_UNKNOWN_CODE = "by unknown code"  # whether unknown code may turn gradients on or off [ASSIGN]
    FIXED = "fixed"  # options that each command line leaves as they are, by name, or None [parser]
    CALLEE = "callee"  # the place of the callee [PREDICT, FORWARD]
    CALLER = "caller"  # the kind of code that calls it, a `Caller` [FORWARD]
    CHANGES = "changes"  # whether the seed may differ between iterations [SEED]
    CLOSURE = "closure"  # whether a closure with known source is passed to the step [STEP]
    IDLE_CLOSURE = "idle closure"  # whether that closure computes nothing [STEP]
    CURE = "cure"  # the argument that makes the dropout depend on the mode [DROPOUT]
    DIVISOR = "divisor"  # the place of what a sum is divided by [AVERAGE]
    DRAWN_FOR_SAMPLES = "drawn for samples"  # whether a random state set once is drawn from for each sample [ASSIGN]
    COPY_OF = "copy of"  # the object that it is a deep copy of [copy]
    CHANGES_AVERAGING = "changes averaging"  # whether the attribute says how statistics are averaged [ASSIGN]
    CHANGES_SAMPLES = "changes samples"  # whether the attribute's name says that it changes samples [ASSIGN]
    DROPPED = "dropped"  # whether the prediction is discarded [PREDICT]
    ENTRIES = "entries"  # the dict that a `zip` of names and values makes [iterator]
    ENTRY = "entry"  # the entry of a dictionary or list that it is stored in, as written [SNAPSHOT]
    FRAMEWORK = "framework"  # the framework that performs or prepared it [BACKWARD, CLIP, UNSCALE; object]
    FOR_OTHERS = "for others"  # whether the file itself never reads the attribute [SNAPSHOT]
    LEFT = "left"  # whether the loop may be left early [ITERATE]
    LOCAL = "local"  # whether the name is local to a function, and lives as long as one call of it [SNAPSHOT]
    LINEAR_OUTPUT = "linear output"  # whether the prediction is what a linear layer returns, on each path [GRADE]
    LENGTH = "length"  # iterations of a `range`, steps that a scheduler is made for: a constant, or a number's object
    LOADER = "loader"  # the loader, as written, the length of whose dataset is the divisor [AVERAGE]
    MAX_NORM = "max_norm"  # the limit, where it is a literal [CLIP]
    MADE_ONCE = "made once"  # whether a condition keeps a layer from being constructed again [BUILD]
    MENDED = "mended"  # the code without the mistake, if it can be written [OFFSET, definition of a class]
    MEANT = "meant"  # the attribute that a misspelt one most likely means [ASSIGN]
    PAIRED = "paired"  # whether the other processes call it elsewhere in the same function or class [COLLECTIVE]
    PLAIN = "plain"  # whether the object may be an instance of a class that is no module [FORWARD]
    ON_PURPOSE = "on purpose"  # whether a name or a comment says that it is meant [DROPOUT, UNSWITCHED, SHARE]
    OVER = "over"  # the iterable of an iterator, as written [iterator]
    RATE = "rate"  # the value that is passed as the learning rate [optimizer]
    RATE_WRITTEN = "rate written"  # the learning rate as written [optimizer]
    READ_FOR_SAMPLES = "read for samples"  # whether a dataset reads the attribute when it gives a sample [ASSIGN]
    READ_AGAIN = "read again"  # whether later code reads the same expression [DISCARD, REBIND]
    REGISTERED = "registered"  # whether the class registers it otherwise [HOLD, DERIVE]
    RESTORED = "restored"  # whether the mode is the one that was read from a module before [TRAIN]
    RETURNED = "returned"  # whether the statement returns what is read [READ]
    SHAPES = "shapes"  # what is certain of the shapes of prediction and target [GRADE], of both sides [BROADCAST]
    TAKEN = "taken"  # whether it replaces an entry that is read first [KEEP]
    TENSOR = "tensor"  # whether the discarded value is certainly a tensor [DISCARD]
    VALUE = "value"  # the constant that is set [ASSIGN], or the part of a sum that has a graph [KEEP]
    WRITTEN = "written"  # the value that is set, as written [ASSIGN, READ]

"""The words of training: what can happen, what an object can be, and whether a value holds a graph."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What happens. In brackets: the event's subject; then its object, where it has one."""

    FETCH = "FETCH"  # [loader] an iterator is made anew and asked once: `next(iter(loader))`
    ITERATE = "ITERATE"  # [iterator] what can be gone through once is gone through; `how`: in a `for`, or by a call
    SET_EPOCH = "SET_EPOCH"  # [sampler or loader]
    SEED = "SEED"  # [generator or torch] the random state is set
    CLEAR = "CLEAR"  # [optimizer, module or parameters] gradients are zeroed or dropped
    PREDICT = "PREDICT"  # [module]; the output
    FORWARD = "FORWARD"  # [module]; the output: `.forward(...)` called directly
    GRADE = "GRADE"  # [criterion]; the loss: `inputs` hold what was graded
    BACKWARD = "BACKWARD"  # [loss]; the scaler that scaled it, if one did
    CLIP = "CLIP"  # [module or parameters] gradients are clipped
    UNSCALE = "UNSCALE"  # [optimizer]; the scaler
    STEP = "STEP"  # [optimizer]; the scaler that steps it, if one does
    SCALER_UPDATE = "SCALER_UPDATE"  # [scaler]
    SCHEDULE = "SCHEDULE"  # [scheduler] its `step` is called
    TRAIN = "TRAIN"  # [module] switched to training mode
    EVAL = "EVAL"  # [module] switched to evaluation mode
    KEEP = "KEEP"  # [accumulator]; the value added, appended or stored
    RECORD = "RECORD"  # [best value or counter] `how`: it begins, is better, counts up, stops the loop
    EMPTY = "EMPTY"  # [collection] what was put into it is dropped, all of it
    MAKE = "MAKE"  # [the object that is made]
    REFERENCE = "REFERENCE"  # [object] a method is named as a statement, not called; `how` is the method
    DISCARD = "DISCARD"  # [object] a call's result is dropped as a statement; `how` is the method or function
    ASSIGN = "ASSIGN"  # [object]; the value: an attribute of it is set; `how` is the attribute
    REBIND = "REBIND"  # [object]; the value: its name is bound to what was computed from it, or to what loading it gave
    LEAF = "LEAF"  # [tensor]; what it was made of: a result is made a leaf of its own graph
    SNAPSHOT = "SNAPSHOT"  # [module]; the state: `state_dict()` bound to a name that lives on
    SAVE = "SAVE"  # [the thing saved]
    LOAD = "LOAD"  # [module or optimizer]
    READ = "READ"  # [object] something of it is looked at that makes a rule unsure: `how` says what
    ESCAPE = "ESCAPE"  # [object] it is handed to code that is not seen


class Type(StrEnum):
    """What an object is, as far as training goes."""

    OPTIMIZER = "optimizer"
    MODULE = "module"
    PARAMETERS = "parameters"
    CRITERION = "criterion"
    TENSOR = "tensor"
    SCALER = "scaler"
    SCHEDULER = "scheduler"
    LOADER = "loader"
    SAMPLER = "sampler"
    ENGINE = "engine"  # module, optimizer and clear in one (DeepSpeed)
    FRAMEWORK = "framework"  # Accelerator, Fabric, LightningModule: runs steps on behalf of the loop
    NUMBER = "number"
    COLLECTION = "collection"
    OTHER = "other"  # known, and none of these
    UNKNOWN = "unknown"


class Graph(StrEnum):
    """Whether a value holds an autograd graph."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

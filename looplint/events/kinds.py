"""The vocabulary of training: kinds of events, types of objects, and whether a value holds an autograd graph."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What happens. In brackets: the event's subject; after it the event's `object`, if it has one."""

    FETCH = "FETCH"  # [loader] a new iterator is created and advanced once: `next(iter(loader))`
    ITERATE = "ITERATE"  # [iterator or loader] a one-shot iterator is consumed, or a loader once more; see `how`
    SET_EPOCH = "SET_EPOCH"  # [sampler or loader] its `set_epoch` is called
    SEED = "SEED"  # [generator or torch] the random state is set
    CLEAR = "CLEAR"  # [optimizer, module or parameters] gradients are zeroed or dropped
    PREDICT = "PREDICT"  # [module]; the output: the module is called
    FORWARD = "FORWARD"  # [module]; the output: `.forward(...)` called directly
    GRADE = "GRADE"  # [criterion]; the loss: it is computed from `inputs`
    BACKWARD = "BACKWARD"  # [loss]; the scaler that scaled it, if any: gradients are computed
    CLIP = "CLIP"  # [module or parameters] gradients are clipped
    UNSCALE = "UNSCALE"  # [optimizer]; the scaler: gradients are divided by the scale
    STEP = "STEP"  # [optimizer]; the scaler that steps it, if any: parameters are updated
    SCALER_UPDATE = "SCALER_UPDATE"  # [scaler] its `update` is called
    SCHEDULE = "SCHEDULE"  # [scheduler] its `step` is called
    TRACK = "TRACK"  # [average] averaged weights are moved towards those of a module; `inputs`: what it is passed
    WEIGHTS = "WEIGHTS"  # [optimizer] it puts its averaged weights into the module, or those that it trains; see `how`
    TRAIN = "TRAIN"  # [module] switched to training mode
    EVAL = "EVAL"  # [module] switched to evaluation mode
    RUN = "RUN"  # [module, parts of it] a library runs it in the mode that it is in: `how` says what for
    KEEP = "KEEP"  # [accumulator]; the value added, appended or stored
    BROADCAST = "BROADCAST"  # [result] (N, 1) meets (N,) in what is computed element by element; `inputs`: the two
    OFFSET = "OFFSET"  # [result] a small number is added to it, which keeps it from being zero
    MEASURE = "MEASURE"  # [metric] `how`: it is updated with a batch, or computed of all so far
    CHANGE = "CHANGE"  # [dataset] its code changes in place what it keeps, when a sample is asked for
    AVERAGE = "AVERAGE"  # [sum of means over batches]; the count that it is divided by
    RECORD = "RECORD"  # [best value or counter] `how`: it begins, improves, counts up, stops the loop
    EMPTY = "EMPTY"  # [collection] all of its elements are dropped
    MAKE = "MAKE"  # [the object that is created]
    REFERENCE = "REFERENCE"  # [object] a method is named as a statement, not called; `how` is the method
    DISCARD = "DISCARD"  # [object] a call's result is dropped as a statement; `how` is the method or function
    ASSIGN = "ASSIGN"  # [object]; the value: its attribute `how` is set
    REBIND = "REBIND"  # [object]; the value: its name is bound to a value computed from it or returned by loading it
    LEAF = "LEAF"  # [tensor]; its source: a computed tensor is made a leaf of a new graph
    SNAPSHOT = "SNAPSHOT"  # [module]; the state: its `state_dict()` is bound to a name that outlives the iteration
    SAVE = "SAVE"  # [the object saved]
    LOAD = "LOAD"  # [module or optimizer] its state is loaded
    HAND_OVER = "HAND OVER"  # [module] unknown code gets it, and may change its weights
    MAY_SWITCH = "MAY SWITCH"  # [module, or what may hold one] unknown code may set its mode, or an assertion says it
    COST = "COST"  # [device, tensor or autograd] it takes time and changes no result; `how` says what it is
    COUNT = "COUNT"  # [framework] it counts a micro-batch: the body of `with accelerator.accumulate(model)` begins
    COLLECTIVE = "COLLECTIVE"  # [processes] all of them have to call it; `how` is the function
    READ = "READ"  # [object] a read that leaves a rule in doubt: `how` says of what
    ESCAPE = "ESCAPE"  # [object] it is passed to unknown code

    # The definition of a module class, a graph of its own: `object` is the class, `function` the method
    DEFINE = "DEFINE"  # [class] its definition begins
    BUILD = "BUILD"  # [layer]; the class: code that a forward pass runs constructs a layer
    DROPOUT = "DROPOUT"  # [function]; the class: a forward pass calls a function of torch that drops values
    UNSWITCHED = "UNSWITCHED"  # [dropout or noise]; the class: `train()` and `eval()` do not control it; see `how`
    HOLD = "HOLD"  # [collection]; the class: an attribute holds layers in a plain list, tuple or dict, its `how`
    DERIVE = "DERIVE"  # [tensor]; the class: an attribute is computed from a parameter by the operation `how`
    SHARE = "SHARE"  # [layer]; the class: a list contains the layer several times
    PICK = "PICK"  # [layer]; the class: its output, time first, is indexed as if the batch came first

    @property
    def of_classes(self) -> bool:
        """Whether the event is part of the definition of a module class."""
        return self in _OF_CLASSES


_OF_CLASSES = frozenset(
    (Kind.DEFINE, Kind.BUILD, Kind.DROPOUT, Kind.UNSWITCHED, Kind.HOLD, Kind.DERIVE, Kind.SHARE, Kind.PICK)
)


class Type(StrEnum):
    """The role of an object in training."""

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
    OTHER = "other"  # known to be none of these
    UNKNOWN = "unknown"


class Graph(StrEnum):
    """Whether a value holds an autograd graph."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

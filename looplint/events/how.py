"""How an event happens, where no method, function, attribute or operator in the source says it."""

from __future__ import annotations

from enum import StrEnum


class How(StrEnum):
    """A value of `Event.how` that is not spelled in the source."""

    AVERAGED = "averaged"  # WEIGHTS: the averaged ones, for validation
    UNAVERAGED = "unaveraged"  # WEIGHTS: those that the next step needs
    CONTEXT = "context"  # REFERENCE: a context manager whose code is unknown gets it
    IN_BACKWARD = "in backward"  # STEP, CLEAR: `backward()` does it, for each parameter at once
    UPDATES = "updates"  # READ: a scheduler gets the number of updates as an argument
    CALLER = "caller"  # ESCAPE: unknown code that calls the entry may do anything
    CLOSURE = "closure"  # ESCAPE: the step calls an unknown closure
    ELSEWHERE = "elsewhere"  # EMPTY: done by another method of the class
    STEPPED_ELSEWHERE = "stepped elsewhere"  # READ: another method of the class steps it, as its `__init__` left it
    GENERATOR = "generator"  # ESCAPE: the loop iterates over a generator that trains between two elements
    LEFT_OUT = "left out"  # ESCAPE: `...` in an excerpt
    RETURNED = "returned"  # ESCAPE: the entry returns it
    UNKNOWN_RESULT = "unknown result"  # MAKE: unknown code returns a new one each time
    GRADIENT = "grad"  # READ: its gradients are read; BACKWARD, CLEAR: they are written by hand
    SOME_CLEARED = "some cleared"  # READ: the gradients of some parameters are cleared, those of others stay
    GRADIENT_SCALED = "grad scaled"  # READ: its gradients are multiplied by a number
    AVERAGE_SCALED = "average scaled"  # READ: a sum of means, divided by a number of samples, is multiplied
    FRAMEWORK = "framework"  # CLEAR, BACKWARD, STEP: a framework does it with the result of a method
    PER_EPOCH = "per epoch"  # SCHEDULE, MEASURE: a framework does it once per epoch
    NOT_RETURNED = "not returned"  # DISCARD: a method ends without the loss that its framework back-propagates
    AS_ARGUED = "as argued"  # RUN: in the mode that the argument `training` of the call asks for
    EVALUATED = "evaluated"  # READ: a framework evaluates with it
    TRAINED = "trained"  # RUN: to train it
    SIDE_EFFECT = "side effect"  # EVAL: a library predicts with it, and leaves it in evaluation mode
    EXPLAINED = "explained"  # RUN: to say which inputs its results come from
    PACKED = "packed"  # SNAPSHOT: a function returned it inside a dict
    HANDED_OVER = "handed over"  # READ: it is passed to unknown code
    BESIDE_ITSELF = "beside itself"  # READ: its parameters are paired with its own, under another name
    IS_NONE = "is None"  # READ: it is compared with None
    SCALE_READ = "get_scale"  # READ: its scale, or a value derived from it, is read
    OF_SAMPLES = "of samples"  # ASSIGN: an optimizer steps with the gradients of single samples
    NEW_PARAMETERS = "new parameters"  # ASSIGN: its parameters are replaced
    REPEATED = "repeated"  # ITERATE: a loop creates a new iterator over a loader
    FIRST_BATCH = "next(iter)"  # FETCH: the first batch of a fresh iterator
    BEGINS = "begins"  # RECORD: a best value is set to a constant, a counter to anything
    BETTER = "better"  # RECORD: a better value replaces the best one
    COUNTS = "counts"  # RECORD: a counter is incremented
    STOPS = "stops"  # RECORD: a condition on a counter ends the loop
    UPDATED = "updated"  # MEASURE: the metric is updated with a batch
    COMPUTED = "computed"  # MEASURE: its value over all batches so far is asked for
    DEVICE_STOPPED = "device stopped"  # COST: the program waits for the device, or gives its memory back
    ELEMENT_READ = "element read"  # COST: a loop reads a tensor from the device, one element in each pass
    AUTOGRAD_WATCHED = "autograd watched"  # COST: anomaly detection is switched on
    CONSTRUCTED = "constructed"  # UNSWITCHED: a forward pass constructs a dropout, always in training mode
    MASK_DRAWN = "mask drawn"  # UNSWITCHED: a class draws a dropout mask itself and never reads the mode
    NOISE_ADDED = "noise added"  # UNSWITCHED: a class adds noise, for training, and never reads the mode
    RATE_SET = "rate set"  # UNSWITCHED: the rate is set to 0 in evaluation mode and never restored
    NEXT = "next"  # FETCH: the next batch of an iterator created in the same iteration

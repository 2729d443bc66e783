"""Contexts of an event: context managers, decorators, and conditions that matter to a rule."""

from __future__ import annotations

from enum import StrEnum


class Context(StrEnum):
    """A context that encloses an event; `EventGraph.inside` takes them."""

    # Whether gradients are recorded
    NO_GRAD = "no_grad"  # `torch.no_grad()`, or `set_grad_enabled(False)`
    INFERENCE_MODE = "inference_mode"  # `torch.inference_mode()`
    ENABLE_GRAD = "enable_grad"  # `torch.enable_grad()`: cancels the ones above inside it
    SET_GRAD_ENABLED = "set_grad_enabled"  # with an unknown flag: recorded or not

    # Other context managers
    AUTOCAST = "autocast"  # mixed precision
    ACCUMULATE = "accumulate"  # gradient accumulation by a framework
    NO_SYNC = "no_sync"  # gradients are not averaged over processes
    SCALE_LOSS = "scale_loss"  # apex: its `as` target is the scaled loss
    DIST_AUTOGRAD = "dist_autograd"  # distributed autograd, which has a backward and step of its own
    DETECT_ANOMALY = "detect_anomaly"  # autograd's search for the operation that made a NaN
    SAVE_ON_CPU = "save_on_cpu"  # saved tensors are moved to the CPU
    FORK_RNG = "fork_rng"  # the random state is restored at the end
    PROFILER = "profiler"  # the code inside is measured

    # Code around the event
    ARGUED = "argued"  # the arm of an `if` that a literal argument of the call chose
    PERIODIC = "periodic"  # an `if` that holds in every k-th iteration
    GRAPH_ASKED_FOR = "graph asked for"  # an `if` that tests whether a graph exists or is being recorded
    SOME_PARAMETERS = "some parameters"  # an `if` in a loop over parameters that selects some of them
    BY_MODE = "by mode"  # an `if`, or an argument, that depends on whether a module is in training mode
    ONE_RANK = "one rank"  # an `if` that holds in one process of several
    OTHER_RANKS = "other ranks"  # one that holds in the others
    HANDLER = "handler"  # an `except` clause, where something failed
    FORWARD = "forward"  # the `forward` of a module, inlined or in its class

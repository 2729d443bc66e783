"""What may be around an event: context managers and decorators, and conditions that matter."""

from __future__ import annotations

from enum import StrEnum


class Context(StrEnum):
    """Something around an event, as `EventGraph.inside` takes it."""

    # Whether gradients are recorded
    NO_GRAD = "no_grad"  # `torch.no_grad()`, or `set_grad_enabled(False)`
    INFERENCE_MODE = "inference_mode"  # `torch.inference_mode()`
    ENABLE_GRAD = "enable_grad"  # `torch.enable_grad()`: ends the ones above inside of it
    SET_GRAD_ENABLED = "set_grad_enabled"  # with a flag that is not known: recorded or not

    # Other context managers
    AUTOCAST = "autocast"  # mixed precision
    ACCUMULATE = "accumulate"  # gradient accumulation by a framework
    NO_SYNC = "no_sync"  # gradients are not averaged over processes
    SCALE_LOSS = "scale_loss"  # apex: what is bound is the scaled loss
    DIST_AUTOGRAD = "dist_autograd"  # distributed autograd, whose backward and step are others
    DETECT_ANOMALY = "detect_anomaly"  # autograd's search for the operation that made a NaN
    SAVE_ON_CPU = "save_on_cpu"  # saved tensors are moved to the CPU
    FORK_RNG = "fork_rng"  # the random state is restored at the end
    PROFILER = "profiler"  # what is inside is measured

    # Code around the event
    PERIODIC = "periodic"  # an `if` that holds in every k-th pass of a loop
    GRAPH_ASKED_FOR = "graph asked for"  # an `if` that asks whether there is a graph, or one is recorded
    SOME_PARAMETERS = "some parameters"  # an `if` in a loop over parameters that picks some of them
    FORWARD = "forward"  # the `forward` of a module that is called

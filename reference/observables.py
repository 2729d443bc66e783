"""Observables of a run: one small generator function each.

It registers its callbacks with the run, yields while the function runs, and returns a series of numbers, mostly one per
update or per batch. `Watch` is the type of such a generator.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from .loop import train
from .run import Run, Watch

# Gradients and parameters


def gradient_norm(run: Run) -> Watch:
    """Norm of the gradients that each update uses."""
    norms: list[float] = []
    run.before_step(lambda optimizer: norms.append(_norm(p.grad for p in _parameters(optimizer))))
    yield
    return norms


def old_gradients(run: Run) -> Watch:
    """1 for each update that uses all gradients of its optimizer's last update again, else 0.

    It does if its gradients are those of the last update plus all that backward passes have added since. Gradients
    divided in between, as a `GradScaler` does, are not recognised.
    """
    reused: list[float] = []
    used: dict[Tensor, Tensor] = {}
    watched: set[Tensor] = set()

    def arrived(parameter: Tensor, gradient: Tensor) -> None:
        if parameter in used:
            used[parameter] = used[parameter] + gradient

    def watch(module: nn.Module, _: tuple[Any, ...]) -> None:
        for parameter in set(module.parameters()) - watched:
            watched.add(parameter)
            parameter.register_hook(functools.partial(arrived, parameter))  # type: ignore[no-untyped-call]

    def compare(optimizer: torch.optim.Optimizer) -> None:
        now = {p: p.grad for p in _parameters(optimizer) if p.grad is not None and p.grad.any()}
        size = _norm(now[p] for p in now if p in used)
        difference = _norm(now[p] - used[p] for p in now if p in used)
        reused.append(float(size > 0 and difference < 1e-4 * size))
        used.update({p: gradient.clone() for p, gradient in now.items()})

    run.on_forward(watch)
    run.after_step(compare)
    yield
    return reused


def parameter_change(run: Run) -> Watch:
    """Distance of the model's parameters from their initial values, after each iteration over a loader."""
    start, changes = run.parameters(), list[float]()
    run.on_batch(lambda: changes.append(float((run.parameters() - start).norm())))
    yield
    return changes


def parameter_distance(run: Run) -> Watch:
    """Distance of the model's parameters from those of the reference loop, after each update."""
    right: list[Tensor] = []
    reference = Run(train, run.device, like=run.function)

    def record(reference: Run) -> Watch:
        reference.after_step(lambda _: right.append(reference.parameters()))
        yield
        return []

    reference.watch(record)
    mine: list[Tensor] = []
    run.after_step(lambda _: mine.append(run.parameters()))
    yield
    return [float((a - b).norm()) for a, b in zip(mine, right, strict=False)]


def update_size(run: Run) -> Watch:
    """The distance by which each update moves the parameters of its optimizer."""
    sizes: list[float] = []
    before: list[Tensor] = []

    def remember(optimizer: torch.optim.Optimizer) -> None:
        before[:] = [p.detach().clone() for p in _parameters(optimizer)]

    def compare(optimizer: torch.optim.Optimizer) -> None:
        sizes.append(_norm(p.detach() - old for p, old in zip(_parameters(optimizer), before, strict=True)))

    run.before_step(remember)
    run.after_step(compare)
    yield
    return sizes


def updates(run: Run) -> Watch:
    """How many updates were made, after each of them."""
    counts: list[float] = []
    run.after_step(lambda _: counts.append(len(counts) + 1.0))
    yield
    return counts or [0.0]


def learning_rate(run: Run) -> Watch:
    """Learning rate of each update."""
    rates: list[float] = []
    run.before_step(lambda optimizer: rates.append(float(optimizer.param_groups[0]["lr"])))
    yield
    return rates


# Losses and results


def loss(run: Run) -> Watch:
    """Value of each tensor that `backward()` is called on (mean over its elements)."""
    values: list[float] = []
    run.on_backward(lambda tensor: values.append(float(tensor.detach().mean())))
    yield
    return values


def returned(run: Run) -> Watch:
    """The number, numbers, or tensor of numbers that the function returns."""
    yield
    return _numbers(run.result)


def raised(run: Run) -> Watch:
    """1 if the function ends with an exception, else 0. The exception is in `{mistaken.error}`."""
    yield
    return [0.0 if run.take_error() is None else 1.0]


def distinct_batches(run: Run) -> Watch:
    """How many different inputs the model has been called with, after each call."""
    seen: set[tuple[float, ...]] = set()
    counts: list[float] = []

    def look(module: nn.Module, arguments: tuple[Any, ...]) -> None:
        if module is run.model:
            seen.add(tuple(arguments[0].flatten().tolist()))
            counts.append(float(len(seen)))

    run.on_forward(look)
    yield
    return counts


# Modes and hooks


def hooks_run(run: Run) -> Watch:
    """How many times a forward hook on the model has run, after each iteration over a loader."""
    ran: list[int] = []
    run.model.register_forward_hook(lambda *_: ran.append(1))
    counts: list[float] = []
    run.on_batch(lambda: counts.append(float(len(ran))))
    yield
    return counts or [float(len(ran))]


def training_mode(run: Run) -> Watch:
    """Share of the model's modules that are in training mode, at each update."""
    shares: list[float] = []
    run.before_step(lambda _: shares.append(_share_training(run.model)))
    yield
    return shares


def running_mean(run: Run) -> Watch:
    """Norm of the batch norms' running means, after each iteration over a loader."""
    norms: list[float] = []

    def look() -> None:
        norms.append(_norm(m.running_mean for m in run.model.modules() if isinstance(m, nn.BatchNorm1d)))

    run.on_batch(look)
    yield
    return norms


# What stays alive


def kept_nodes(run: Run) -> Watch:
    """Autograd nodes reachable from any tensor alive, after each iteration over a loader."""
    counts: list[float] = []
    run.during(_objects_of_this_run())
    run.on_batch(lambda: counts.append(float(_live_nodes())))
    yield
    return counts


def kept_bytes(run: Run) -> Watch:
    """Bytes saved for a backward pass that has not come, after each iteration over a loader, without parameters."""
    alive: weakref.WeakSet[_Saved] = weakref.WeakSet()
    sizes: list[float] = []

    def pack(tensor: Tensor) -> _Saved:
        # A detached view: a saved output would hold the graph that saved it, and nothing would ever be freed.
        saved = _Saved(tensor if isinstance(tensor, nn.Parameter) else tensor.detach())
        alive.add(saved)
        return saved

    def look() -> None:
        storages = [saved.tensor.untyped_storage() for saved in alive if not isinstance(saved.tensor, nn.Parameter)]
        sizes.append(float(sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())))

    run.during(saved_tensors_hooks(pack, lambda saved: saved.tensor))
    run.on_batch(look)
    yield
    return sizes


class _Saved:
    """Held by the autograd graph in place of the tensor it saved: freed together with the graph."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


@contextlib.contextmanager
def _objects_of_this_run() -> Iterator[None]:
    gc.freeze()  # what is there before is out of sight of gc.get_objects()
    try:
        yield
    finally:
        gc.unfreeze()


def _live_nodes() -> int:
    gc.collect()
    reached: set[Any] = set()
    to_visit = [t.grad_fn for t in gc.get_objects() if isinstance(t, Tensor) and t.grad_fn is not None]
    while to_visit:
        node = to_visit.pop()
        if node not in reached:
            reached.add(node)
            to_visit.extend(following for following, _ in node.next_functions if following is not None)
    return len(reached)


def _parameters(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _norm(tensors: Iterable[Tensor | None]) -> float:
    present = [t.detach().flatten().double() for t in tensors if t is not None]
    return float(torch.cat(present).norm()) if present else 0.0


def _share_training(model: nn.Module) -> float:
    modes = [module.training for module in model.modules()]
    return sum(modes) / len(modes)


def _numbers(value: Any) -> list[float]:
    if isinstance(value, Tensor):
        return [float(number) for number in value.detach().flatten()]
    if isinstance(value, list | tuple):
        return [number for item in value for number in _numbers(item)]
    return [float(value)]

"""What accelerate 1.15.0 does in one process with gradients that are accumulated, and with fp16, as it was run.

Loss and gradients of each function of `fixtures/accumulation_without_accumulate.py` and its neighbours are the same
with `accelerate.Accelerator` itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader


class Accelerator:
    """Divides losses, and has what it prepared wait for the last of the micro-batches of an update."""

    def __init__(self, *, gradient_accumulation_steps: int = 1, mixed_precision: str | None = None) -> None:
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.sync_gradients = True
        self.scaler = torch.amp.GradScaler("cpu", init_scale=1024.0, enabled=mixed_precision == "fp16")
        self.last_batch = False
        self._step = 0

    def prepare(self, *objects: Any) -> Any:
        """The same objects, in wrappers where it has to have a hand in what they do."""
        prepared = tuple(map(self._prepared, objects))
        return prepared if len(prepared) > 1 else prepared[0]

    def _prepared(self, one: Any) -> Any:
        if isinstance(one, torch.optim.Optimizer):
            return _Optimizer(one, self)
        if isinstance(one, torch.optim.lr_scheduler.LRScheduler):
            return _Scheduler(one, self)
        return _Loader(one, self) if isinstance(one, DataLoader) else one

    @contextlib.contextmanager
    def accumulate(self, *models: nn.Module) -> Iterator[None]:
        """One micro-batch."""
        self._step += 1
        self.sync_gradients = self.last_batch or self._step % self.gradient_accumulation_steps == 0
        yield

    @contextlib.contextmanager
    def no_sync(self, *models: nn.Module) -> Iterator[None]:
        """Several processes do not average their gradients."""
        yield

    def backward(self, loss: Tensor) -> None:
        """Derivatives of the loss, divided and scaled."""
        self.scaler.scale(loss / self.gradient_accumulation_steps).backward()  # type: ignore[no-untyped-call]

    def clip_grad_norm_(self, parameters: Any, max_norm: float) -> Tensor:
        """Clip, by torch's function."""
        return nn.utils.clip_grad_norm_(parameters, max_norm)


class _Optimizer:
    def __init__(self, optimizer: torch.optim.Optimizer, accelerator: Accelerator) -> None:
        self.optimizer, self.accelerator = optimizer, accelerator
        self.param_groups = optimizer.param_groups

    def step(self) -> None:
        if self.accelerator.sync_gradients:
            self.accelerator.scaler.step(self.optimizer)
            self.accelerator.scaler.update()

    def zero_grad(self) -> None:
        if self.accelerator.sync_gradients:
            self.optimizer.zero_grad()


class _Scheduler:
    def __init__(self, scheduler: torch.optim.lr_scheduler.LRScheduler, accelerator: Accelerator) -> None:
        self.scheduler, self.accelerator = scheduler, accelerator

    def step(self) -> None:
        if self.accelerator.sync_gradients:
            self.scheduler.step()


class _Loader:
    def __init__(self, loader: DataLoader[Any], accelerator: Accelerator) -> None:
        self.loader, self.accelerator = loader, accelerator

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Any]:
        number = len(self.loader)
        for index, batch in enumerate(self.loader, 1):
            self.accelerator.last_batch = index == number
            yield batch
        self.accelerator.last_batch = False

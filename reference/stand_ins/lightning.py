"""What pytorch-lightning 2.6.6 does around a LightningModule on one CPU, as it was run."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader


class LightningModule(nn.Module):
    """A module with its own training step."""

    automatic_optimization = True
    trainer: Trainer

    def training_step(self, batch: Any, index: int) -> Any:
        """The loss of a batch, by itself or under "loss"; None skips the step."""

    def configure_optimizers(self) -> Any:
        """The optimizer, or optimizers and schedulers."""

    def optimizers(self) -> Any:
        """What `configure_optimizers` gave."""
        found = self.trainer.all_optimizers
        return found[0] if len(found) == 1 else found

    def lr_schedulers(self) -> Any:
        """What `configure_optimizers` gave beside the optimizers."""
        found = [scheduler for scheduler, _ in self.trainer.schedulers]
        return found[0] if len(found) == 1 else found

    def manual_backward(self, loss: Tensor) -> None:
        """Derivatives of the loss."""
        loss.backward()  # type: ignore[no-untyped-call]

    def log(self, name: str, value: Any, **options: Any) -> None:
        """Report a value."""


class Trainer:
    """The loop over epochs and batches. It trains a module in the mode in which it finds it."""

    def __init__(self, *, max_epochs: int = 1) -> None:
        self.max_epochs = max_epochs
        self.estimated_stepping_batches = 0
        self.all_optimizers: list[torch.optim.Optimizer] = []
        self.schedulers: list[tuple[Any, str]] = []

    def fit(self, model: LightningModule, loader: DataLoader[Any]) -> None:
        """Train."""
        model.trainer = self
        self.estimated_stepping_batches = self.max_epochs * len(loader)
        self._configure(model.configure_optimizers())
        for _ in range(self.max_epochs):
            for index, batch in enumerate(loader):
                if model.automatic_optimization:
                    self._update(model, batch, index)
                else:
                    model.training_step(batch, index)
                self._schedule(model, "step")
            self._schedule(model, "epoch")

    def validate(self, model: LightningModule, loader: DataLoader[Any]) -> None:
        """Leaves everything as it was, the mode among it."""

    def _configure(self, given: Any) -> None:
        if isinstance(given, dict):
            given = [given["optimizer"]], [given["lr_scheduler"]] if "lr_scheduler" in given else []
        elif isinstance(given, torch.optim.Optimizer):
            given = [given], []
        elif isinstance(given[0], torch.optim.Optimizer):
            given = given, []
        self.all_optimizers = list(given[0])
        self.schedulers = [
            (one["scheduler"], one.get("interval", "epoch")) if isinstance(one, dict) else (one, "epoch")
            for one in given[1]
        ]

    def _update(self, model: LightningModule, batch: Any, index: int) -> None:
        def closure() -> None:
            result = model.training_step(batch, index)
            loss = result["loss"] if isinstance(result, dict) else result
            self.all_optimizers[0].zero_grad()
            if loss is not None:
                loss.backward()

        self.all_optimizers[0].step(closure)  # type: ignore[arg-type]

    def _schedule(self, model: LightningModule, interval: str) -> None:
        for scheduler, every in self.schedulers:
            if model.automatic_optimization and every == interval:
                scheduler.step()

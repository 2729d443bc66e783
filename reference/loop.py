"""The correct training loop in the plainest PyTorch: copy it, rename nothing, change what your task needs.

Six steps, repeated in this order:

    Fetch         a batch, on the device of the model
    Clear         the gradients of the last update
    Predict       by calling the model (not its `forward`)
    Grade         the prediction with the loss
    Derivatives   of the loss, by backward
    Update        the parameters, by the optimizer's step

and around them: log numbers (not tensors), validate in evaluation mode without gradients, save checkpoints that can
be resumed from. The caller creates model, data, loss and optimizer.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor, nn


def train(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loader: Iterable[tuple[Tensor, Tensor]],
    loss_fn: nn.Module,
    val_loader: Iterable[tuple[Tensor, Tensor]] | None = None,
    epochs: int = 1,
    device: torch.device | str = "cpu",
    checkpoint: str | Path | None = None,
) -> list[dict[str, float]]:
    """Train `model` in place; returns the mean loss per epoch.

    model: on `device` already, its parameters held by `optimizer`. loader, val_loader: iterables that can be iterated
    once per epoch and yield (inputs, targets), batch first. loss_fn: from (prediction, targets) to the mean loss over
    the batch, a scalar. checkpoint: file that is replaced after each epoch; continue with `resume`. Returns one dict
    per epoch: "train" and, with `val_loader`, "validation", mean loss per sample.
    """
    history = []
    for epoch in range(epochs):
        model.train()
        total, samples = 0.0, 0
        for inputs, targets in loader:  # Fetch
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()  # Clear
            prediction = model(inputs)  # Predict
            loss = loss_fn(prediction, targets)  # Grade
            loss.backward()  # Derivatives
            optimizer.step()  # Update
            total += loss.item() * len(inputs)  # Log: a number, so that the graph can be freed
            samples += len(inputs)
        history.append({"train": total / samples})
        if val_loader is not None:
            history[-1]["validation"] = validate(model, val_loader, loss_fn, device)
        if checkpoint is not None:
            save(checkpoint, model, optimizer, epoch + 1)
    return history


@torch.no_grad()
def validate(
    model: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    loss_fn: nn.Module,
    device: torch.device | str = "cpu",
) -> float:
    """Mean loss per sample over `loader`; the mode of the model is restored."""
    was_training = model.training
    model.eval()
    total, samples = 0.0, 0
    for inputs, targets in loader:
        inputs, targets = inputs.to(device), targets.to(device)
        total += loss_fn(model(inputs), targets).item() * len(inputs)
        samples += len(inputs)
    model.train(was_training)
    return total / samples


def save(path: str | Path, model: nn.Module, optimizer: torch.optim.Optimizer, epoch: int) -> None:
    """Write everything needed to continue after `epoch` epochs; an interrupted write leaves the old file intact."""
    unfinished = Path(f"{path}.unfinished")
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}, unfinished)
    unfinished.replace(path)


def resume(path: str | Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    """Load what `save` wrote into `model` and `optimizer`; returns the number of finished epochs."""
    device = next(model.parameters()).device
    state = torch.load(path, map_location=device, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    epoch: int = state["epoch"]
    return epoch

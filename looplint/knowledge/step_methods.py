"""Methods that a framework runs as one step of its own training loop."""

from __future__ import annotations

import dataclasses
import re


@dataclasses.dataclass(frozen=True, slots=True)
class StepMethod:
    """A framework runs the method `step` of classes with a base `base` once per batch: it clears the gradients,
    back-propagates the loss that the method returns (itself, or under `loss`), and steps. `optimizers`: the method
    that creates the optimizers, which `self.<given>()` returns. `manual`: the attribute that is False if the method
    does all this itself. `per_epoch`: methods that are called once per epoch, not between two steps.
    The method of optimizers may return schedulers, too, which the framework steps once per `epoch`: by themselves,
    under `schedule`, or under `scheduler` beside an `interval` that may say something else. `self.<given_schedulers>()`
    returns them; `steps_scheduler` is the method that steps one."""

    base: re.Pattern[str]
    step: str
    loss: str
    optimizers: str
    given: str
    manual: str
    per_epoch: frozenset[str]
    schedule: str
    scheduler: str
    interval: str
    epoch: str
    given_schedulers: str
    steps_scheduler: str


PLAIN_BASES = ("builtins.", "abc.", "typing.", "torch.nn.")
"""Beginnings of the names of base classes that change nothing about a framework's loop."""

STEP_METHODS = (
    # pytorch-lightning 2.6.6, run: zero_grad, backward and step around each training_step; a scheduler steps once per
    # epoch, unless its dictionary says {"interval": "step"}; with manual optimization nothing is done by itself.
    StepMethod(
        re.compile(r"(?:^|\.)LightningModule$"),
        step="training_step",
        loss="loss",
        optimizers="configure_optimizers",
        given="optimizers",
        manual="automatic_optimization",
        per_epoch=frozenset(
            (
                "on_train_epoch_start",
                "on_train_epoch_end",
                "training_epoch_end",
                "on_validation_epoch_end",
                "on_fit_end",
            )
        ),
        schedule="lr_scheduler",
        scheduler="scheduler",
        interval="interval",
        epoch="epoch",
        given_schedulers="lr_schedulers",
        steps_scheduler="lr_scheduler_step",
    ),
)

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
    returns them; `steps_scheduler` is the method that steps one. `given_batches`: methods whose first argument is a
    batch of a loader. `given_result`: the method whose result is the first argument of `step`."""

    base: re.Pattern[str]
    step: str
    loss: str
    optimizers: str
    given: str
    manual: str
    per_epoch: frozenset[str] = frozenset()
    schedule: str = ""
    scheduler: str = ""
    interval: str = ""
    epoch: str = ""
    given_schedulers: str = ""
    steps_scheduler: str = ""
    given_batches: frozenset[str] = frozenset()
    given_result: str = ""


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
        given_batches=frozenset(("training_step", "validation_step", "test_step")),
    ),
    # speechbrain 1.1.2, run: `fit_batch` clears, back-propagates and steps around compute_objectives, which is passed
    # what compute_forward returns; validation calls both, too, without gradients.
    StepMethod(
        re.compile(r"^speechbrain\.(?:core\.)?Brain$"),
        step="compute_objectives",
        loss="",
        optimizers="init_optimizers",
        given="optimizer",
        manual="fit_batch",
        given_result="compute_forward",
    ),
    # transformers 5.24.0, run: `training_step` clears, back-propagates and steps around compute_loss.
    StepMethod(
        re.compile(r"^transformers\.(?:trainer\.)?Trainer$"),
        step="compute_loss",
        loss="",
        optimizers="create_optimizer",
        given="optimizer",
        manual="training_step",
    ),
    # skorch 1.4.0, run: `train_step` clears, back-propagates and steps around get_loss; validation calls it, too.
    StepMethod(
        re.compile(r"^skorch\.(?:\w+\.)*NeuralNet\w*$"),
        step="get_loss",
        loss="",
        optimizers="initialize_optimizer",
        given="optimizer_",
        manual="train_step_single",
    ),
)


PER_EPOCH: frozenset[str] = frozenset().union(*(kind.per_epoch for kind in STEP_METHODS))
"""Methods that a framework calls once per epoch."""


@dataclasses.dataclass(frozen=True, slots=True)
class Callback:
    """A framework calls one of these `methods` of classes with a base `base` after each batch of training, or between
    its backward and its step. `losses`: the parameter, or the attribute of the receiver, that is the loss of the batch;
    it still holds its graph."""

    base: re.Pattern[str]
    methods: frozenset[str]
    losses: frozenset[str]


CALLBACKS = (
    # skorch 1.4.0, run: the loss has a graph, the history holds a float.
    Callback(re.compile(r"^skorch\.(?:\w+\.)*\w+$"), frozenset(("on_batch_end",)), frozenset(("loss",))),
    # speechbrain 1.1.2, run: the loss has a graph, the average that is logged is of floats.
    Callback(re.compile(r"^speechbrain\.(?:core\.)?Brain$"), frozenset(("on_fit_batch_end",)), frozenset(("loss",))),
    # fastai 2.8.12, run: the loss has a graph in each event of a batch.
    Callback(
        re.compile(r"^(?:fastai\.(?:\w+\.)*|\?\.)Callback$"),
        frozenset(("after_loss", "before_backward", "after_backward", "before_step", "after_step", "after_batch")),
        frozenset(("self.loss", "self.learn.loss", "self.loss_grad", "self.learn.loss_grad")),
    ),
)

GIVES_LOADERS = re.compile(r"(?:^|\.)Lightning(?:Data)?Module$")
"""Base classes whose methods give loaders to the framework."""

EVALUATION_LOADERS = frozenset(("val_dataloader", "test_dataloader", "predict_dataloader"))
"""Methods of theirs that give the loaders on which the framework evaluates."""

CALLBACK_PACKAGES = ("fastai", "skorch", "speechbrain")
"""Packages one of which a file with a callback imports."""

BY_HAND = frozenset(("manual_backward", "backward", "NotImplementedError"))
"""Names in a step method that returns no loss on purpose."""

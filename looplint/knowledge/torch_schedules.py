"""Schedulers of the learning rate, by name: what they count, and what they do to the rate of their optimizer.

Sources: the reference page of torch.optim 2.13, and those of the packages named in the rows.
"""

from __future__ import annotations

BATCHES = {
    "torch.optim.lr_scheduler.OneCycleLR": (4, "steps_per_epoch", True),
    "torch.optim.lr_scheduler.CyclicLR": (3, "step_size_up", False),
}
"""Schedulers that count batches if an argument (by position and name) is passed, or if it is not."""

LENGTHS = {
    "torch.optim.lr_scheduler.CosineAnnealingLR": (1, "T_max"),
    "torch.optim.lr_scheduler.LinearLR": (3, "total_iters"),
    "torch.optim.lr_scheduler.PolynomialLR": (1, "total_iters"),
    "transformers.get_linear_schedule_with_warmup": (2, "num_training_steps"),
    "transformers.get_cosine_schedule_with_warmup": (2, "num_training_steps"),
    "transformers.get_polynomial_decay_schedule_with_warmup": (2, "num_training_steps"),
    "transformers.get_scheduler": (3, "num_training_steps"),
    "diffusers.optimization.get_scheduler": (4, "num_training_steps"),
}
"""Schedulers that are made for a number of steps, with the argument (by position and name) that says how many."""

SCHEDULED_BY_NAME = frozenset(("transformers.get_scheduler", "diffusers.optimization.get_scheduler"))
"""Functions whose first argument is the name of a schedule, and whose second one the optimizer."""

NUMBERS_OF_BATCHES = frozenset(("estimated_stepping_batches", "num_training_batches"))
"""Attributes that are a number of batches, on whatever object (Lightning's trainer)."""

SETS_RATE = frozenset(
    f"torch.optim.lr_scheduler.{name}"
    for name in (
        "ConstantLR",
        "CosineAnnealingWarmRestarts",
        "CyclicLR",
        "LambdaLR",
        "LinearLR",
        "OneCycleLR",
        "SequentialLR",
    )
)
"""Schedulers that set the rate of a resumed optimizer in their constructor (measured with torch 2.13; the others leave
it as loaded)."""

KEEPS_RATE = frozenset(("torch.optim.lr_scheduler.ReduceLROnPlateau",))
"""Schedulers that multiply the rate that the optimizer has at the time: only their patience begins anew."""

SET_RATE = ("transformers.",)
"""Beginnings of the names of functions whose schedulers do so too (they are `LambdaLR`)."""

MULTIPLIES_RATE = frozenset(("torch.optim.lr_scheduler.LambdaLR",))
"""Schedulers whose function returns a factor for the rate, not the rate."""

SCHEDULER_LOOKS = frozenset(
    ("get_last_lr", "get_lr", "state_dict", "load_state_dict", "last_epoch", "optimizer", "base_lrs", "print_lr")
)
"""Methods and attributes of a scheduler that do not change a rate."""

EPOCH_SCHEDULER_LOOKS = SCHEDULER_LOOKS | {"step_update"}
"""The same for a scheduler of timm that counts epochs."""

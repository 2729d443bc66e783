"""LOOP621: see `not_prepared`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Kind
from looplint.events.queries.ownership.prepared import (
    loaders_left_out,
    steps_of_micro_batches,
    steps_with_scaled_gradients,
    trainings_left_out,
)
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP621", severity=ERROR, preview=True, needs=[Kind.BACKWARD])
def not_prepared(loop: EventGraph) -> Iterator[Mistake]:
    """An optimizer, model or loader that Accelerate did not prepare is used in its loop.

    What it does
    ------------
    Looks for an optimizer that steps inside `accelerator.accumulate` and was not passed to `accelerator.prepare`,
    or that steps with 16-bit gradients that an `Accelerator` or a `Fabric` scales and was not prepared by it, for a
    model that is trained with a prepared optimizer and was not prepared itself, and for a prepared model that is
    trained on a loader which was not, and which gives all of its dataset to each process.

    Why is this bad?
    ----------------
    A prepared optimizer waits for the last micro-batch. One that was not prepared steps after each of them, with
    gradients that were divided for an accumulation. A model that was not prepared is trained without mixed precision,
    and by several processes without averaging their gradients: each process trains a model of its own. Without a
    prepared loader all of them train on the same samples. No error is raised.

    Example
    -------
    ```python
    from accelerate import Accelerator

    accelerator = Accelerator(gradient_accumulation_steps=2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, loader = accelerator.prepare(model, loader)
    for inputs, targets in loader:
        with accelerator.accumulate(model):
            accelerator.backward(criterion(model(inputs), targets))
            optimizer.step()
            optimizer.zero_grad()
    ```

    Use instead
    -----------
    ```python
    from accelerate import Accelerator

    accelerator = Accelerator(gradient_accumulation_steps=2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for inputs, targets in loader:
        with accelerator.accumulate(model):
            accelerator.backward(criterion(model(inputs), targets))
            optimizer.step()
            optimizer.zero_grad()
    ```

    Known limits
    ------------
    An optimizer that steps under `if accelerator.sync_gradients:` waits by itself and is not reported, nor is a model
    that is a part of a prepared one. Some loaders are split over the processes by hand: one with a sampler, or over a
    dataset that may be divided where it is made, is left alone.

    References
    ----------
    - https://huggingface.co/docs/accelerate/basic_tutorials/migration
    - https://huggingface.co/docs/accelerate/usage_guides/gradient_accumulation
    """
    for step, path in steps_of_micro_batches(loop):
        yield Mistake(
            step,
            f"`{step.name}` was not prepared: it steps with every micro-batch",
            path.with_notes("the loss of one micro-batch is divided", "the step does not wait for the others"),
            help=f"pass `{step.name}` to `prepare` and use its result",
        )
    if scaled := next(steps_with_scaled_gradients(loop), None):
        step, path = scaled
        yield Mistake(
            step,
            f"`{step.name}` was not prepared: it steps with gradients that are multiplied by the loss scale",
            path.with_notes("the framework multiplies the loss by a scale", "only prepared optimizers divide by it"),
            help=f"pass `{step.name}` where the model is prepared, and use the result",
        )
    if trained := next(trainings_left_out(loop), None):
        predict, path = trained
        yield Mistake(
            predict,
            f"`{predict.name}` was not prepared, and is trained by an optimizer that was",
            path.with_notes("the original model predicts", "the prepared optimizer trains it"),
            help=f"pass `{predict.name}` to `prepare` and use its result",
        )
        return
    for make, path in loaders_left_out(loop):
        yield Mistake(
            make,
            f"`{make.subject}` was not prepared: each process trains on all of its samples",
            path.with_notes("nothing divides it among the processes", "each of them trains on all samples"),
            help=f"pass `{make.subject}` to `prepare` and use its result",
        )

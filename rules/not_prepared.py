"""LOOP621: see `not_prepared`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, Event, EventGraph, Fact, Kind, Option, Type
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
    backwards = [event for event in loop.all(Kind.BACKWARD) if Option.FRAMEWORK in event.options]
    made = {make.subject for make in loop.all(Kind.MAKE)}
    trainings = [event for event in loop.trainings() if event.subject.type is Type.MODULE]
    prepared = [event for event in trainings if Fact.PREPARED in event.subject.facts]
    if prepared:
        left_out = [e for e in loop.all(Kind.STEP) if e.subject in made and Fact.PREPARED not in e.subject.facts]
        yield from _accumulating(loop, left_out, backwards)
        yield from _scaled(loop, left_out)
    others = [event for event in trainings if event.subject in made and event not in prepared]
    yield from list(_modules(loop, others, made, backwards)) or _loaders(loop, prepared, backwards)


def _accumulating(loop: EventGraph, steps: list[Event], backwards: list[Event]) -> Iterator[Mistake]:
    """Optimizers that step with each micro-batch."""
    for step in steps if loop.may_accumulate() else ():
        # Under a condition it may wait for the last micro-batch by itself.
        if not loop.inside(step, Context.ACCUMULATE) or loop.conditional(step, within=loop.innermost(step)):
            continue
        if path := loop.path(backwards, to=step, avoiding=Kind.CLEAR, about=step.subject):
            yield Mistake(
                step,
                f"`{step.name}` was not prepared: it steps with every micro-batch",
                path.with_notes("the loss of one micro-batch is divided", "the step does not wait for the others"),
                help=f"pass `{step.name}` to `prepare` and use its result",
            )


def _modules(
    loop: EventGraph, predictions: list[Event], made: set[AbstractObject], backwards: list[Event]
) -> Iterator[Mistake]:
    """The first network that was not prepared, and is trained with an optimizer that was."""
    switches = loop.gradient_switches()
    wholes = [one for one in made if one.type is Type.MODULE and Fact.PREPARED in one.facts]
    for predict in predictions:
        module = predict.subject
        # One whose gradients are switched is not trained; a part of a prepared network is prepared with it.
        if any(event.comes_from(module) for event in switches) or any(map(module.related, wholes)):
            continue
        steps = [step for step in loop.all(Kind.STEP) if step.subject.comes_from(module) and loop.common(step, predict)]
        goals = [step for step in steps if Fact.PREPARED in step.subject.facts]
        led = any(predict.leads_to(*backward.subjects) for backward in backwards)
        if led and (path := loop.path(predict, to=goals)):
            yield Mistake(
                predict,
                f"`{predict.name}` was not prepared, and is trained by an optimizer that was",
                path.with_notes("the original model predicts", "the prepared optimizer trains it"),
                help=f"pass `{predict.name}` to `prepare` and use its result",
            )
            return


def _scaled(loop: EventGraph, steps: list[Event]) -> Iterator[Mistake]:
    """The first optimizer that steps with gradients which the framework multiplied by the loss scale of 16 bits."""
    done_by = {event: event.options.get(Option.FRAMEWORK) for event in loop.all(Kind.BACKWARD)}
    backwards = [e for e, one in done_by.items() if isinstance(one, AbstractObject) and Fact.SCALES_LOSSES in one.facts]
    for step in steps:
        if step.object is not None:
            continue
        if path := loop.path(backwards, to=step, avoiding=Kind.CLEAR, about=step.subject):
            yield Mistake(
                step,
                f"`{step.name}` was not prepared: it steps with gradients that are multiplied by the loss scale",
                path.with_notes(
                    "the framework multiplies the loss by a scale", "only prepared optimizers divide by it"
                ),
                help=f"pass `{step.name}` where the model is prepared, and use the result",
            )
            return


def _loaders(loop: EventGraph, trainings: list[Event], backwards: list[Event]) -> Iterator[Mistake]:
    """Loaders that give all of their dataset to each process that trains a prepared network."""
    for make in loop.all(Kind.MAKE) if trainings else ():
        loader = make.subject
        if loader.type is not Type.LOADER or Fact.UNDIVIDED not in loader.facts or Fact.PREPARED in loader.facts:
            continue
        for predict in trainings:
            led = any(predict.leads_to(*backward.subjects) for backward in backwards)
            over = any(scope.over is loader for scope in predict.loops)
            if led and over and (path := loop.path(make, to=predict)):
                yield Mistake(
                    make,
                    f"`{loader}` was not prepared: each process trains on all of its samples",
                    path.with_notes("nothing divides it among the processes", "each of them trains on all samples"),
                    help=f"pass `{loader}` to `prepare` and use its result",
                )
                break

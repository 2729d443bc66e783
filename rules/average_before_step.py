"""LOOP624: see `average_before_step`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Kind
from looplint.rule import WARNING, Fix, Mistake, delete, insert_after, rule, unsafe


@rule("LOOP624", severity=WARNING, preview=True, needs=[Kind.TRACK, Kind.BACKWARD, Kind.STEP])
def average_before_step(loop: EventGraph) -> Iterator[Mistake]:
    """The average of the weights is updated between `backward()` and the step: it lags one step behind.

    What it does
    ------------
    Looks for the update of averaged weights (`AveragedModel`, the EMA classes of timm, ema-pytorch and torch-ema,
    and averages that are computed as `d * average + (1 - d) * weight`) that comes after `backward()` and before the
    `step()` of the same iteration, and not again after it.

    Why is this bad?
    ----------------
    The average takes in the weights of the last update once more, and never those of the current one: it stays one
    step behind, and the last step of the training never enters it. No error is raised.

    Example
    -------
    ```python
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    average = torch.optim.swa_utils.AveragedModel(model)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        average.update_parameters(model)
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    average = torch.optim.swa_utils.AveragedModel(model)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        average.update_parameters(model)
    ```

    Known limits
    ------------
    An update before `backward()` takes in the weights that the batch was predicted with, as some methods of
    semi-supervised training want it: it is left alone.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
    - https://github.com/lucidrains/ema-pytorch#usage
    """
    for average in loop.all(Kind.TRACK):
        for step in loop.all(Kind.STEP):
            around = loop.innermost(average, step)
            if around is None or not _moves(loop, step, average):
                continue
            backwards = loop.all(Kind.BACKWARD, concerning=step.subject)
            computed = loop.path(backwards, to=average, avoiding=Kind.STEP, about=step.subject, within=around)
            used = loop.path(average, to=step, avoiding=Kind.BACKWARD, about=step.subject, within=around)
            again = loop.path(step, to=Kind.TRACK, avoiding=Kind.BACKWARD, about=average.subject, within=around)
            if computed and used and not again:
                # Of an average that the program computes itself, the call that updates it says more.
                place = average.place if average.function == step.function else average.divergence(step)
                yield Mistake(
                    place,
                    f"`{average.name}` is updated before `{step.name}` has stepped: it lags one step behind",
                    (computed + used).with_notes(
                        "the gradients are computed", "the old weights enter the average", "the weights change"
                    ),
                    help="update the average after the step",
                    fix=_move(loop, average, step),
                )
                break


def _moves(loop: EventGraph, step: Event, average: Event) -> bool:
    """Whether the step moves the weights that are averaged. An optimizer from outside that alone steps moves those of
    the network that is trained."""
    if any(step.subject.related(one) for one in _averaged(average)):
        return True
    alone = all(other.is_subject(step.subject) for other in loop.all(Kind.STEP))
    unknown = step.subject.external and not step.subject.operands
    return alone and unknown and any(p.is_subject(one) for p in loop.trainings() for one in _averaged(average))


def _averaged(average: Event) -> list[AbstractObject]:
    """What is averaged: what the average was made of, and what the update is passed."""
    return [*average.subject.operands, *average.inputs]


def _move(loop: EventGraph, average: Event, step: Event) -> Fix | None:
    if not average.beside(step) or step.object is not None:
        return None
    if loop.conditional(average, unlike=step) or loop.conditional(step, unlike=average):
        return None
    if average.statement is None or not average.statement.text:
        return None
    return unsafe("Update the average after the step", delete(average), insert_after(step, average.statement.text))

"""LOOP207: see `gradient_leak`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Kind
from looplint.events.optimizers import predictions_behind, steps_one
from looplint.rule import ERROR, Fix, Mistake, insert_after, rule, unsafe


@rule("LOOP207", severity=ERROR, preview=True, needs=[Kind.BACKWARD, Kind.STEP])
def gradient_leak(loop: EventGraph) -> Iterator[Mistake]:
    """Gradients that one network's loss leaves in another one are not cleared before that one is updated.

    What it does
    ------------
    Looks for two optimizers over two networks of which one takes the other's output: a `backward()` back-propagates
    through both, only one of them steps, and the next step of the other one follows a `backward()` of its own, without
    a clear between the two. Either the generator's loss leaves gradients in the discriminator, or the discriminator's
    loss, with a fake batch that is not detached, leaves some in the generator.

    Why is this bad?
    ----------------
    The two losses work against each other. Part of the discriminator's update makes it easier to deceive: its gradient
    is the sum of what it should learn and of what the generator wants it to believe. Both losses still move, no error
    is raised, and the training looks unstable, as that of such networks often is.

    Example
    -------
    ```python
    optimizer_g = torch.optim.Adam(generator.parameters())
    optimizer_d = torch.optim.Adam(discriminator.parameters())
    for real, noise in loader:
        optimizer_g.zero_grad()
        optimizer_d.zero_grad()
        fake = generator(noise)
        g_loss = F.softplus(-discriminator(fake)).mean()
        g_loss.backward()
        optimizer_g.step()
        d_loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake.detach())).mean()
        d_loss.backward()
        optimizer_d.step()
    ```

    Use instead
    -----------
    ```python
    optimizer_g = torch.optim.Adam(generator.parameters())
    optimizer_d = torch.optim.Adam(discriminator.parameters())
    for real, noise in loader:
        optimizer_g.zero_grad()
        fake = generator(noise)
        g_loss = F.softplus(-discriminator(fake)).mean()
        g_loss.backward()
        optimizer_g.step()
        optimizer_d.zero_grad()
        d_loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake.detach())).mean()
        d_loss.backward()
        optimizer_d.step()
    ```

    Known limits
    ------------
    The networks of the optimizers have to be known. Loops that turn the gradients of a network off and on are not
    reported, nor are losses that are all back-propagated before the first step: two tasks may train one network
    together on purpose. An update that is never cleared at all is reported by `missing-zero-grad`.

    References
    ----------
    - https://docs.pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html
    - https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.zero_grad.html
    """
    through = {backward: predictions_behind(loop, backward) for backward in loop.all(Kind.BACKWARD)}
    shared = [b for b, predictions in through.items() if len({id(p.subject) for p in predictions}) > 1]
    steps = [step for step in loop.all(Kind.STEP) if steps_one(loop, step)] if shared else []
    # The losses that reach a network of each optimizer: a pair of them has few in common.
    reach = {
        optimizer: {leak for leak in shared if any(optimizer.related(p.subject) for p in through[leak])}
        for optimizer in dict.fromkeys(step.subject for step in steps)
    }
    for step in steps:
        mine = step.subject
        if loop.path(step, to=step, avoiding=CLEARED) or _is_switched(loop, mine):
            continue
        for other in _near(step, steps):
            others = other.subject
            common = reach[mine] & reach[others]
            if not common or mine.related(others):
                continue
            for leak in _near(other, [leak for leak in shared if leak in common]):
                first, second = _trained(through[leak], others, mine), _trained(through[leak], mine, others)
                if not first or not second or not (path := loop.path(leak, to=other, avoiding=UNUSED, about=mine)):
                    continue
                # The loss of one of them back-propagates through both; that of the other one may not.
                deceives = any(one.leads_to(*two.inputs) for one in first for two in second)
                own = [
                    backward
                    for backward in _near(other, list(through))
                    if backward is not leak
                    and _trained(through[backward], mine, others)
                    and (deceives or _trained(through[backward], others, mine))
                ]
                on = loop.path(other, to=own, avoiding=UNUSED, about=mine)
                if on and (last := loop.path(on.events[-1], to=step, avoiding=UNUSED, about=mine)):
                    yield Mistake(
                        leak,
                        f"`{step.name}` steps with gradients from `{leak.name}`, which were meant for `{other.name}` "
                        "only",
                        (path + on + last).with_notes(
                            "leaves gradients in both networks",
                            "one of them is updated",
                            "the next backward adds to those of the other one",
                            "which are used here",
                        ),
                        help=f"call `{step.name}.zero_grad()` before the next `backward()`",
                        fix=_clear(loop, leak, other, step),
                    )
                    break


MANY = 16
"""Steps or losses beyond which only those of the same loop are compared."""


def _near(event: Event, events: list[Event]) -> list[Event]:
    """The events that lie in a loop with the event; all of them, where they are few."""
    around = {scope for scope in event.loops if scope.is_written}
    return events if len(events) <= MANY else [one for one in events if not around.isdisjoint(one.loops)]


CLEARED = (Kind.CLEAR, Kind.REFERENCE)
UNUSED = (*CLEARED, Kind.STEP)


def _trained(predictions: list[Event], optimizer: AbstractObject, other: AbstractObject) -> list[Event]:
    """The predictions of an optimizer's network, and not of the other one's."""
    return [p for p in predictions if optimizer.related(p.subject) and not other.related(p.subject)]


def _is_switched(loop: EventGraph, optimizer: AbstractObject) -> bool:
    """Whether gradients are turned off and on again for the parameters of an optimizer."""
    switches = loop.gradient_switches()
    return any(e.may_concern(optimizer) for e in switches)


def _clear(loop: EventGraph, leak: Event, other: Event, step: Event) -> Fix | None:
    if not other.beside(step) or loop.conditional(other, unlike=leak):
        return None
    action = insert_after(other, f"{step.name}.zero_grad()")
    return unsafe(f"Clear the gradients after `{other.name}.step()`", action)

"""LOOP207: see `gradient_leak`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Kind
from looplint.events.queries.gradients.reach import CLEARED, Reach, is_switched
from looplint.events.queries.loops.nearby import in_same_loop
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
    reach = Reach(loop)
    for step in reach.steps:
        if loop.path(step, to=step, avoiding=CLEARED) or is_switched(loop, step.subject):
            continue
        for other in in_same_loop(step, reach.steps):
            paths = ((leak, reach.leak(leak, other, step)) for leak in reach.both(step, other))
            leak, path = next((found for found in paths if found[1]), (None, None))
            if leak and path:
                yield Mistake(
                    leak,
                    f"`{step.name}` steps with gradients from `{leak.name}`, which were meant for `{other.name}` only",
                    path.with_notes(
                        "leaves gradients in both networks",
                        "one of them is updated",
                        "the next backward adds to those of the other one",
                        "which are used here",
                    ),
                    help=f"call `{step.name}.zero_grad()` before the next `backward()`",
                    fix=_clear(loop, leak, other, step),
                )


def _clear(loop: EventGraph, leak: Event, other: Event, step: Event) -> Fix | None:
    if not other.beside(step) or loop.conditional(other, unlike=leak):
        return None
    action = insert_after(other, f"{step.name}.zero_grad()")
    return unsafe(f"Clear the gradients after `{other.name}.step()`", action)

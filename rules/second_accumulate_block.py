"""LOOP210: see `second_accumulate_block`."""

from collections.abc import Iterator

from looplint.events import Event, EventGraph, Fact, Kind, LoopScope
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP210", severity=ERROR, preview=True, needs=[Kind.COUNT, Kind.STEP])
def second_accumulate_block(loop: EventGraph) -> Iterator[Mistake]:
    """Two `accumulate` blocks in one pass count as two micro-batches: one optimizer may never step.

    What it does
    ------------
    Looks for an `Accelerator` that accumulates gradients, and two blocks `with accelerator.accumulate(...)` in one
    iteration of a loop, the first with a step of one optimizer, the second with a step of another.

    Why is this bad?
    ----------------
    Accelerate counts the blocks, not the passes of the loader: with two blocks in a pass and two steps to accumulate,
    the first block never ends an update, and the second one always does. The first network is not trained (0 updates
    in 4 passes instead of 2), and nothing is accumulated for the second one. No error is raised.

    Example
    -------
    ```python
    from accelerate import Accelerator

    accelerator = Accelerator(gradient_accumulation_steps=2)
    prepared = accelerator.prepare(generator, discriminator, optimizer_g, optimizer_d, loader)
    generator, discriminator, optimizer_g, optimizer_d, loader = prepared
    for real, _ in loader:
        with accelerator.accumulate(discriminator):
            fake = generator(torch.randn(len(real), 4)).detach()
            accelerator.backward(discriminator(fake).mean() - discriminator(real).mean())
            optimizer_d.step()
            optimizer_d.zero_grad()
        with accelerator.accumulate(generator):
            accelerator.backward(-discriminator(generator(torch.randn(len(real), 4))).mean())
            optimizer_g.step()
            optimizer_g.zero_grad()
    ```

    Use instead
    -----------
    ```python
    from accelerate import Accelerator

    accelerator = Accelerator(gradient_accumulation_steps=2)
    prepared = accelerator.prepare(generator, discriminator, optimizer_g, optimizer_d, loader)
    generator, discriminator, optimizer_g, optimizer_d, loader = prepared
    for real, _ in loader:
        with accelerator.accumulate(discriminator, generator):
            fake = generator(torch.randn(len(real), 4))
            accelerator.backward(discriminator(fake.detach()).mean() - discriminator(real).mean())
            optimizer_d.step()
            optimizer_d.zero_grad()
            discriminator.requires_grad_(False)
            accelerator.backward(-discriminator(fake).mean())
            discriminator.requires_grad_(True)
            optimizer_g.step()
            optimizer_g.zero_grad()
    ```

    Known limits
    ------------
    Nothing is reported where the number of steps and that of the blocks have no common divisor, as 3 and 2: each block
    then ends an update in its turn. Nor are blocks under a condition, or two blocks of the same optimizer.

    References
    ----------
    - https://huggingface.co/docs/accelerate/usage_guides/gradient_accumulation
    - https://huggingface.co/docs/accelerate/package_reference/accelerator#accelerate.Accelerator.accumulate
    """
    reported: set[LoopScope] = set()
    for second in loop.all(Kind.COUNT):
        scope = loop.innermost(second)
        if scope is None or scope.is_call or scope in reported or Fact.ACCUMULATES not in second.subject.facts:
            continue
        blocks = [
            one for one in loop.in_iteration(scope, Kind.COUNT, about=second.subject) if one.loops == second.loops
        ]
        steps = second.subject.options.get("gradient_accumulation_steps")
        if any(loop.conditional(one, within=scope) for one in blocks):
            continue
        if isinstance(steps, int) and not any(steps % n == len(blocks) % n == 0 for n in range(2, len(blocks) + 1)):
            continue  # each block ends an update in its turn
        for first in blocks[: blocks.index(second)]:
            if _step_apart(loop, first, second) and (path := loop.path(first, to=second, within=scope)):
                reported.add(scope)
                yield Mistake(
                    second,
                    f"`{second.subject}` counts a second micro-batch in one pass: one optimizer may never step",
                    path.with_notes("it counts a micro-batch", "it counts another one, though the batch is the same"),
                    help="enter `accumulate` once, with both networks, around both updates",
                )
                break


def _step_apart(loop: EventGraph, first: Event, second: Event) -> bool:
    """Whether one optimizer steps in the first block, and another one in the second."""
    steps = [step for step in loop.all(Kind.STEP) if step.loops == second.loops]
    before = {step.subject for step in steps if first.node < step.node < second.node}
    behind = {step.subject for step in steps if step.node > second.node}
    return bool(before) and bool(behind) and before.isdisjoint(behind)

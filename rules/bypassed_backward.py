"""LOOP507: see `bypassed_backward`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Context, Event, EventGraph, Fact, Kind, Option
from looplint.rule import ERROR, Mistake, replace, rule, unsafe


@rule("LOOP507", severity=ERROR, preview=True, needs=[Kind.BACKWARD, Kind.STEP])
def bypassed_backward(loop: EventGraph) -> Iterator[Mistake]:
    """`loss.backward()` is called in place of the framework's `backward`, which does more.

    What it does
    ------------
    Looks for `loss.backward()` on the loss of a model that an `Accelerator` or a `Fabric` has prepared, where the
    framework's own `backward` does something else: the `Accelerator` accumulates gradients or uses fp16, the `Fabric`
    uses mixed precision.

    Why is this bad?
    ----------------
    `accelerator.backward(loss)` divides the loss by the number of steps that are accumulated, and scales it with fp16.
    With `loss.backward()` the gradients are too large, twice as large with two steps, or fp16's scaler divides by a
    scale that was never applied. Fabric raises an error in mixed precision.

    Example
    -------
    ```python
    from accelerate import Accelerator

    accelerator = Accelerator(gradient_accumulation_steps=2)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for inputs, targets in loader:
        with accelerator.accumulate(model):
            loss = criterion(model(inputs), targets)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    ```

    Use instead
    -----------
    ```python
    from accelerate import Accelerator

    accelerator = Accelerator(gradient_accumulation_steps=2)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for inputs, targets in loader:
        with accelerator.accumulate(model):
            loss = criterion(model(inputs), targets)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
    ```

    Known limits
    ------------
    Where the framework's `backward` does the same as `loss.backward()`, as with 32 bits and no accumulation, nothing is
    reported, nor where options come from a file or the command line of a launcher. Outside `accumulate` a loss may be
    divided by hand, and is not reported.

    References
    ----------
    - https://huggingface.co/docs/accelerate/usage_guides/gradient_accumulation
    - https://lightning.ai/docs/fabric/stable/fundamentals/convert.html
    """
    prepared = [event for event in loop.trainings() if Fact.PREPARED in event.subject.facts]
    for backward in loop.all(Kind.BACKWARD):
        plain = Option.FRAMEWORK not in backward.options and backward.object is None
        text, called = backward.place.text, f"{backward.name}.backward("
        # `(loss / 4).backward()`: what is accumulated may be divided by hand.
        divided = text.startswith(f"({backward.name}).backward(")
        called = f"({backward.name}).backward(" if divided else called
        if not plain or not (text.startswith(called) if text else backward.how == "backward"):
            continue
        if any(_is_other_arm(event, backward) for event in loop.all(Kind.BACKWARD)):
            continue  # the function knows both, and an argument chooses
        led = [event.subject for event in prepared if event.leads_to(*backward.subjects)]
        framework = led[0].options[Option.FRAMEWORK] if led else None
        if not isinstance(framework, AbstractObject):
            continue
        accumulates = not divided and Fact.ACCUMULATES in framework.facts and loop.inside(backward, Context.ACCUMULATE)
        if not accumulates and Fact.OWN_BACKWARD not in framework.facts:
            continue
        steps = [step for step in loop.all(Kind.STEP) if Fact.PREPARED in step.subject.facts]
        if path := loop.path(backward, to=steps, avoiding=Kind.CLEAR, about=backward.subject):
            call = text.removeprefix(called)
            rest = "" if call == ")" else ", "
            yield Mistake(
                backward,
                f"`{backward.name}` is back-propagated without `{framework}.backward`, which does more",
                path.with_notes("the framework does not handle these gradients", "the step that it prepared uses them"),
                help=f"call `{framework}.backward({backward.name})`",
                fix=unsafe(
                    f"Call `{framework}.backward`",
                    replace(backward, f"{framework}.backward({backward.name}{rest}{call}"),
                )
                if text
                else None,
            )


def _is_other_arm(event: Event, plain: Event) -> bool:
    """Whether the framework back-propagates the same loss elsewhere in the function."""
    return event.function == plain.function and event.name == plain.name and Option.FRAMEWORK in event.options

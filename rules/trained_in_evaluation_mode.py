"""LOOP317: see `trained_in_evaluation_mode`."""

from collections.abc import Iterator

from looplint.events import AbstractObject, Event, EventGraph, Fact, How, Kind, Type
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP317", severity=WARNING, preview=True, needs=[(Kind.BACKWARD, Kind.RUN)])
def trained_in_evaluation_mode(loop: EventGraph) -> Iterator[Mistake]:
    """A model that is in evaluation mode when it is made is trained, and nothing switches it.

    What it does
    ------------
    Looks for a model of Transformers that `from_pretrained` gives and that is trained without `train()` before. And for
    `trainer.fit(model)` of Lightning where the model was switched to evaluation mode, or a part of it was made in it.

    Why is this bad?
    ----------------
    `from_pretrained` gives a model in evaluation mode, as a constructor never does: in all of fine-tuning dropout is
    off, and enabled gradient checkpointing saves nothing. Lightning trains each module in the mode in which it finds
    it, since version 2.2. No error is raised.

    Example
    -------
    ```python
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
    for batch in loader:
        optimizer.zero_grad()
        model(**batch).loss.backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
    model.train()
    for batch in loader:
        optimizer.zero_grad()
        model(**batch).loss.backward()
        optimizer.step()
    ```

    Known limits
    ------------
    A model that is switched to evaluation mode by the program itself, whose parameters are frozen in part, or that is
    passed to code that is not read, is left alone, as is one that is a part of another one, outside of `fit`. So is
    `fit` in code for Lightning before 2.0, with `Trainer(gpus=1)` or `validation_epoch_end`: it called `train()`.

    References
    ----------
    - https://huggingface.co/docs/transformers/main_classes/model#transformers.PreTrainedModel.from_pretrained
    - https://lightning.ai/docs/pytorch/stable/common/trainer.html
    """
    fits = loop.all(Kind.RUN, how=How.TRAINED)
    steps = loop.all(Kind.STEP)
    for make in loop.all(Kind.MAKE):
        module = make.subject
        if Fact.IN_EVALUATION not in module.facts or Fact.FROZEN in module.facts:
            continue
        trained = [e for e in loop.trainings() if _trains(e, module) and any(s.may_concern(module) for s in steps)]
        trained += [event for event in fits if event.is_subject(module)]
        if path := loop.path(make, to=trained, avoiding=_decided(loop, module), about=module):
            yield Mistake(
                path.events[-1],
                f"`{module}` is trained in evaluation mode, in which `{make.how}` gives it",
                path.with_notes("it is made in evaluation mode", "nothing has switched it to training mode"),
                help=f"call `{module}.train()` before",
            )
    for fit in fits:
        module = fit.subject
        for switch in loop.all(Kind.EVAL):
            if not switch.is_subject(module) or len(switch.subjects) > 1:
                continue
            if path := loop.path(switch, to=fit, avoiding=(Kind.TRAIN, Kind.REFERENCE), about=module):
                yield Mistake(
                    fit,
                    f"`{module}` is trained in evaluation mode",
                    path.with_notes("it is switched to evaluation mode", "`fit` does not switch it back"),
                    help=f"call `{module}.train()` before",
                )
                break


def _trains(event: Event, module: AbstractObject) -> bool:
    """Whether a prediction is made by the module, or by a wrapper around it."""
    return event.is_subject(module) or (event.subject.type is Type.MODULE and event.subject.operands[:1] == (module,))


def _decided(loop: EventGraph, module: AbstractObject) -> list[Event]:
    """What switches the mode, may do so, or shows that a part of the module is meant to stay as it is."""
    passed = loop.all(Kind.READ, about=module, how=How.HANDED_OVER)
    frozen = [event for event in loop.all(Kind.ASSIGN, concerning=module) if "requires_grad" in event.how]
    flags = loop.all(Kind.ASSIGN, how="training")
    return [*loop.all(Kind.TRAIN, Kind.EVAL, Kind.REFERENCE, concerning=module), *passed, *frozen, *flags]

"""LOOP809: see `explained_in_training_mode`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, How, Kind
from looplint.rule import WARNING, Mistake, rule


@rule("LOOP809", severity=WARNING, preview=True, needs=[Kind.RUN])
def explained_in_training_mode(loop: EventGraph) -> Iterator[Mistake]:
    """A model is explained in training mode: dropout acts, and each attribution is another one.

    What it does
    ------------
    Looks for an attribution of captum (`IntegratedGradients(model).attribute(...)`) that is reached from the training
    of the same model, from `model.train()`, or from loading its weights, without `eval()` in between.

    Why is this bad?
    ----------------
    The model runs in the mode that it is in. With dropout two attributions of the same input differ, batch
    normalisation takes the statistics of the batch that is explained, and keeps them. What is explained is not what
    validation measures.

    Example
    -------
    ```python
    from captum.attr import Saliency

    model.train()
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    attributions = Saliency(model).attribute(inputs, target=targets)
    ```

    Use instead
    -----------
    ```python
    from captum.attr import Saliency

    model.train()
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    model.eval()
    attributions = Saliency(model).attribute(inputs, target=targets)
    ```

    Known limits
    ------------
    A network whose layers are all known and have no mode is left alone, as is a model whose mode is decided by code
    that is not read.

    References
    ----------
    - https://captum.ai/api/integrated_gradients.html
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#evaluation-mode-nn-module-eval
    """
    flags = loop.all(Kind.ASSIGN, how="training")
    trainings = loop.trainings()
    for run in loop.all(Kind.RUN):
        module = run.subject
        if run.how != How.EXPLAINED or Fact.MODE_FREE in module.facts:
            continue
        starts = [e for e in (*loop.all(Kind.TRAIN, Kind.LOAD), *trainings) if e.is_subject(module)]
        ended = loop.all(Kind.EVAL, concerning=module)
        early = {event.node for event in ended}
        starts = [e for e in starts if e.kind is Kind.TRAIN or not any(node < e.node for node in early)]
        if path := loop.path(starts, to=run, avoiding=(*ended, *flags, Kind.REFERENCE), about=module):
            yield Mistake(
                run,
                f"`{module}` is explained in training mode",
                path.with_notes("the module is in training mode", "it still is when it is explained"),
                help=f"call `{module}.eval()` before",
            )

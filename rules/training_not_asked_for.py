"""LOOP318: see `training_not_asked_for`."""

from collections.abc import Iterator

from looplint.events import EventGraph, Fact, How, Kind
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP318", severity=ERROR, preview=True, needs=[Kind.RUN, Kind.BACKWARD])
def training_not_asked_for(loop: EventGraph) -> Iterator[Mistake]:
    """A Keras model is trained by a loop of PyTorch without `training=True`: dropout never acts.

    What it does
    ------------
    Looks for a Keras `Sequential` with dropout or batch normalisation that is called without `training=True`, and whose
    output is back-propagated.

    Why is this bad?
    ----------------
    A Keras model is a `torch.nn.Module`, but its layers look only at the argument `training`, which is False outside of
    `fit`. `model.train()` changes nothing: dropout is off in all of training, and the averages of batch normalisation
    stay at their start. No error is raised.

    Example
    -------
    ```python
    import keras

    model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dropout(0.5), keras.layers.Dense(3)])
    model.train()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    import keras

    model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dropout(0.5), keras.layers.Dense(3)])
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs, training=True), targets)
        loss.backward()
        optimizer.step()
    ```

    Known limits
    ------------
    Only layers of a `Sequential` or a functional model that are made here are known. Classes derived from
    `keras.Model` are left alone.

    References
    ----------
    - https://keras.io/api/layers/base_layer/
    - https://keras.io/guides/writing_a_custom_training_loop_in_torch/
    """
    for run in loop.all(Kind.RUN):
        model, asked = run.subject, run.options.get("training", False)
        if run.how != How.AS_ARGUED or asked is not False or "1" in run.options:
            continue
        if Fact.MODE_ARGUED not in model.facts:
            continue
        losses = [event for event in loop.all(Kind.BACKWARD) if run.leads_to(*event.subjects)]
        if path := loop.path(run, to=losses):
            yield Mistake(
                run,
                f"`{model}` is trained, and called without `training=True`",
                path.with_notes("its layers are in inference mode, whatever `train()` says", "the loss goes backward"),
                help="pass `training=True`",
            )

"""LOOP509: see `anomaly_detection_left_on`."""

from collections.abc import Iterator

from looplint.events import Context, EventGraph, How, Kind
from looplint.rule import NOTE, Mistake, delete, rule, unsafe


@rule("LOOP509", severity=NOTE, off=True, needs=[Kind.COST, Kind.BACKWARD])
def anomaly_detection_left_on(loop: EventGraph) -> Iterator[Mistake]:
    """Anomaly detection, which is meant for debugging, is on in a training loop.

    What it does
    ------------
    Looks for `torch.autograd.set_detect_anomaly(True)` and `torch.autograd.detect_anomaly()` before, in or around a
    loop that back-propagates. Off by default: it costs time and memory, and changes no result.

    Why is this bad?
    ----------------
    It keeps a stack trace for each operation of the graph (11 of them for one batch, instead of none), and looks for
    NaN in each gradient, which waits for the device.

    Example
    -------
    ```python
    torch.autograd.set_detect_anomaly(True)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    ```

    Known limits
    ------------
    Under a condition, or with an argument that is not literally true, it may be an option for debugging and is left
    alone.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection
    """
    backwards = [event for event in loop.all(Kind.BACKWARD) if event.written_loop]
    for switch in loop.all(Kind.COST):
        if switch.how != How.AUTOGRAD_WATCHED or loop.conditional(switch):
            continue
        # As a statement it acts on all that follows, in a `with` on what is inside.
        alone = switch.statement is not None and switch.statement == switch.place
        watched = [event for event in backwards if alone or loop.inside(event, Context.DETECT_ANOMALY)]
        if path := loop.path(switch, to=watched):
            yield Mistake(
                switch,
                "anomaly detection is on for the whole training",
                path.with_notes("it is switched on", "each gradient is examined"),
                help="switch it on while you look for the origin of a NaN only",
                fix=unsafe("Leave it out", delete(switch)) if alone else None,
            )

"""LOOP110: see `collective_on_one_rank`."""

from collections.abc import Iterator

from looplint.events import Context, Event, EventGraph, Fact, Kind, Option
from looplint.rule import ERROR, Mistake, rule


@rule("LOOP110", severity=ERROR, preview=True, needs=[(Kind.COLLECTIVE, Kind.PREDICT)])
def collective_on_one_rank(loop: EventGraph) -> Iterator[Mistake]:
    """One process calls what all processes have to call: they wait for each other for ever.

    What it does
    ------------
    Looks for `barrier`, `all_reduce` and the like under a condition such as `rank == 0` without a call of one of them
    for the other processes, and for calls of a `DistributedDataParallel` model there that speak with the others: to
    train, or to predict where the model has batch normalisation.

    Why is this bad?
    ----------------
    A collective call returns when every process has called it. The one process waits until the time-out (10 minutes or
    more) and fails, or is answered by the next collective call of the others, of which it then takes the values. A
    `DistributedDataParallel` model sends its buffers to all processes when it is called, in evaluation mode, too.

    Example
    -------
    ```python
    if torch.distributed.get_rank() == 0:
        torch.save(model.state_dict(), "last.pt")
        torch.distributed.barrier()
    ```

    Use instead
    -----------
    ```python
    if torch.distributed.get_rank() == 0:
        torch.save(model.state_dict(), "last.pt")
    torch.distributed.barrier()
    ```

    Known limits
    ------------
    Calls that are given a group or are asynchronous are left alone. A condition on the rank is recognised by the name
    of its variable, and buffers of a model only where its code is among the analysed files.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/distributed.html#collective-functions
    - https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html
    """
    collectives = loop.all(Kind.COLLECTIVE)
    trained = loop.trainings()
    meets = {context for context in OPPOSITE if any(loop.inside(event, context) for event in collectives)}
    for event in (*collectives, *loop.all(Kind.PREDICT)):
        around = next((context for context in OPPOSITE if loop.inside(event, context)), None)
        if around is None or OPPOSITE[around] in meets or event.options.get(Option.PAIRED):
            continue
        if loop.inside(event, Context.BY_MODE):
            # In evaluation, which is often one process's, it may not be run.
            continue
        if event.kind is Kind.COLLECTIVE:
            message = f"`{event.name}` is called in one process and waits for all of them"
            if around is Context.OTHER_RANKS:
                message = f"`{event.name}` is not called in one process, and waits for it in the others"
            yield Mistake(event, message, help="call it in every process: put it outside of the condition")
        elif around is Context.ONE_RANK and _synchronises(event, trained):
            yield Mistake(
                event,
                f"`{event.name}` communicates with the other processes, but only one of them calls it",
                help=f"predict with `{event.name}.module`, or in every process",
            )


def _synchronises(predict: Event, trained: list[Event]) -> bool:
    """Whether the call of a wrapped model waits for the other processes."""
    wrapper = predict.subject
    if Fact.AVERAGES_OVER_PROCESSES not in wrapper.facts:
        return False
    sends = wrapper.options.get("broadcast_buffers", True) is True and Fact.STATISTICS in wrapper.facts
    return sends or predict in trained


OPPOSITE = {Context.ONE_RANK: Context.OTHER_RANKS, Context.OTHER_RANKS: Context.ONE_RANK}

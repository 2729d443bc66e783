"""LOOP506: see `retained_graph`."""

from collections.abc import Iterator

from looplint.events import Event, Graph, Kind, Loop, Thing, Type
from looplint.rule import WARNING, Fix, Mistake, replace, rule, unsafe


@rule("LOOP506", severity=WARNING, preview=True)
def retained_graph(loop: Loop) -> Iterator[Mistake]:
    """`backward(retain_graph=True)` keeps a graph that nothing goes through again.

    What it does
    ------------
    Looks for a `backward(retain_graph=True)` in a loop whose predictions are all made anew in each iteration, from the
    batch alone, and that holds no other `backward()`.

    Why is this bad?
    ----------------
    `backward()` frees what the forward pass has saved, so that the next batch finds the memory free. Retained, it stays
    until the loss is bound anew, after the next forward pass: at its peak two batches are in memory. The argument is
    mostly there to silence an error whose cause is elsewhere (a state that was not detached).

    Example
    -------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward(retain_graph=True)
        optimizer.step()
    ```

    Use instead
    -----------
    ```python
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    ```

    Known limits
    ------------
    Loops with a second `backward()`, with `torch.autograd.grad`, or in which `.grad` is looked at are left alone, and
    so is a loss to which anything contributes that may come from outside of the iteration.

    References
    ----------
    - https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html
    - https://docs.pytorch.org/docs/stable/notes/autograd.html#saved-tensors
    """
    predictions = loop.all(Kind.PREDICT, Kind.FORWARD)
    for backward in loop.all(Kind.BACKWARD):
        around = [index for index in backward.loops if loop.iterations[index].kind in ("for", "while")]
        if backward.options.get("retain_graph") is not True or not around or "create_graph" in backward.options:
            continue
        index = around[-1]
        others = [e for e in loop.in_iteration(index, Kind.BACKWARD) if e is not backward]
        if others or any(read.how == "grad" for read in loop.in_iteration(index, Kind.READ)):
            continue
        led = [predict for predict in predictions if predict.leads_to(*backward.subjects)]
        over = loop.iterations[index].over
        if not led or over is None or any(index not in predict.loops for predict in led):
            continue
        if all(_is_made_anew(thing, led, over) for thing in backward.subjects):
            yield Mistake(
                backward,
                f"the graph of `{backward.name}` is retained, and nothing goes through it again",
                help="leave out `retain_graph=True`",
                fix=_let_go(backward),
            )


def _is_made_anew(loss: Thing, predictions: list[Event], over: Thing) -> bool:
    """Whether a loss is made of the batch and of what was predicted from it in the same pass, and of nothing else."""
    anew = {id(output): predict for predict in predictions for output in (predict.object, *predict.outputs) if output}
    waiting, seen = [loss], set[int]()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or thing is over:
            continue
        seen.add(id(thing))
        if id(thing) in anew:
            given = anew[id(thing)].inputs
            if any(one.comes_from(output) for one in given for output in anew[id(thing)].outputs):
                return False
            waiting += given
        elif thing.type in (Type.MODULE, Type.PARAMETERS, Type.ENGINE):
            return False
        elif thing.type not in (Type.NUMBER, Type.CRITERION, Type.SCALER, Type.FRAMEWORK):
            parts = thing.sources or ((thing.owner,) if thing.owner is not None else ())
            if not parts and thing.graph is not Graph.NO and "counter" not in thing.facts:
                return False
            waiting += parts
    return True


def _let_go(backward: Event) -> Fix | None:
    call, argument = backward.place.text, "(retain_graph=True)"
    if not call.endswith(argument):
        return None
    return unsafe("Let go of the graph", replace(backward, f"{call.removesuffix(argument)}()"))

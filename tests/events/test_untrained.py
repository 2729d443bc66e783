"""Modules that no optimizer trains."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import Kind
from looplint.events.queries.ownership import untrained as queries


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ("pass", ["head"]),
        ("head.load_state_dict(state)", []),
        ("optimizer.add_param_group(head)", []),
        ("head.eval()", []),
    ],
    ids=["new", "loaded", "given to the optimizer", "only evaluated"],
)
def test_a_module_that_no_optimizer_holds(change: str, names: list[str]) -> None:
    graph = graph_of(f"""
        head = nn.Linear(3, 3)
        {change}
        for x, y in loader:
            head(model(x)).sum().backward()
            optimizer.step()
    """)
    (backward,), optimizers = graph.all(Kind.BACKWARD), queries.all_optimizers(graph)
    assert [module.name for _, module in queries.held_by_none(graph, backward, optimizers)] == names


@pytest.mark.parametrize(("made", "number"), [("torch.optim.SGD(model.parameters(), lr=1)", 1), ("make(model)", 0)])
def test_optimizers_are_known_or_none_is(made: str, number: int) -> None:
    graph = graph_of(f"optimizer = {made}\nfor x, y in loader:\n    model(x).sum().backward()\n    optimizer.step()")
    assert (len(queries.all_optimizers(graph)) > 0) is bool(number)

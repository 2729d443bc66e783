"""States of a model that are kept, and what is done with them later."""

from __future__ import annotations

import pytest
from events.graph_of import graph_of

from looplint.events import EventGraph, Kind
from looplint.events.queries.ownership import kept_states as queries


def kept(state: str, use: str) -> EventGraph:
    return graph_of(f"""
        import copy
        for epoch in range(3):
            for x, y in loader:
                model(x).sum().backward()
                optimizer.step()
            if epoch == 1:
                best = {state}
        {use}
    """)


@pytest.mark.parametrize(
    ("state", "use", "found"),
    [
        ("model.state_dict()", "model.load_state_dict(best)", [True]),
        ("model.state_dict()", "torch.save(best, 'a')", [True]),
        ("model.state_dict()", "print()", [False]),
        ("copy.deepcopy(model.state_dict())", "torch.save(best, 'a')", []),
    ],
    ids=["loaded", "saved", "not used", "copied"],
)
def test_a_state_that_a_step_changes_before_it_is_used(state: str, use: str, found: list[bool]) -> None:
    graph = kept(state, use)
    assert [used for e in graph.all(Kind.SNAPSHOT) for _, used in queries.changed_states(graph, e)] == found


@pytest.mark.parametrize(("given", "used"), [("best", True), ("{'a': best}", True), ("epoch", False)])
def test_what_uses_a_state(given: str, used: bool) -> None:
    graph = kept("model.state_dict()", f"torch.save({given}, 'a')")
    (snapshot,), (save,) = graph.all(Kind.SNAPSHOT), graph.all(Kind.SAVE)
    assert snapshot.object is not None and queries.is_used(save, snapshot.object) is used
    assert not queries.is_kept_for_others(graph, snapshot)

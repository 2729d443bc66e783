"""The event graphs of one text."""

from __future__ import annotations

from looplint.events import Kind
from looplint.run.events_of import event_graphs
from looplint.sources import from_text

CODE = """\
import torch
def fit(model, loader):
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for x in loader:
        optimizer.step()
def unrelated():
    return 1
"""


def test_one_graph_for_each_entry_with_an_event() -> None:
    (source,) = from_text(CODE, "train.py")
    (graph,) = event_graphs(source)
    assert [event.kind for event in graph.all(Kind.MAKE, Kind.STEP)] == [Kind.MAKE, Kind.STEP]

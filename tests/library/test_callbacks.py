"""Callbacks: methods that a framework calls with the loss of the batch."""

from __future__ import annotations

import pytest
from with_library import graphs

from looplint.events import Graph, Kind

SKORCH = "from skorch import callbacks"
FASTAI = "from fastai.callback.core import Callback"


def kept(imported: str, base: str, method: str, what: str) -> list[str]:
    code = f"""\
{imported}
class Own({base}):
    def __init__(self):
        self.seen = []
    def {method}:
        self.seen.append({what})
"""
    events = [event for graph in graphs(code).values() for event in graph.all(Kind.KEEP)]
    return [one.name for event in events if (one := event.object) is not None and one.graph is Graph.YES]


@pytest.mark.parametrize(
    ("imported", "base", "method", "what"),
    [
        (SKORCH, "callbacks.Callback", "on_batch_end(self, net, loss)", "loss"),
        (FASTAI, "Callback", "after_batch(self)", "self.learn.loss"),
    ],
)
def test_the_loss_that_a_framework_passes_holds_its_graph(imported: str, base: str, method: str, what: str) -> None:
    assert kept(imported, base, method, what) == [what]


@pytest.mark.parametrize(
    ("imported", "base", "method", "what"),
    [
        (SKORCH, "callbacks.Callback", "on_epoch_end(self, loss)", "loss"),
        (FASTAI, "Callback", "after_batch(self)", "self.learn.n"),
        ("from own import callbacks", "callbacks.Callback", "on_batch_end(self, loss)", "loss"),
    ],
    ids=["not after a batch", "no loss", "of another package"],
)
def test_nothing_else_does(imported: str, base: str, method: str, what: str) -> None:
    assert kept(imported, base, method, what) == []

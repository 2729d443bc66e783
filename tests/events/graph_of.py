"""The event graph of a few lines of training code."""

from __future__ import annotations

from textwrap import dedent

from looplint.events import Event, EventGraph, Kind
from looplint.interpreter.entries import loops_of
from looplint.library.library import Library
from looplint.program.program import Program
from looplint.sources import from_text

MADE = """
import torch
import torch.nn.functional as F
from torch import nn

model = nn.Sequential(nn.Linear(6, 6), nn.Dropout(0.5), nn.Linear(6, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
"""
TRAINED = """
for x, y in loader:
    optimizer.zero_grad()
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
"""


def graph_of(code: str, name: str = "") -> EventGraph:
    """The graph of a module that makes a model and an optimizer and goes on with this code; or of a function in it."""
    program = Program()
    (source,) = from_text(MADE + dedent(code), "train.py")
    graphs = list(loops_of(program, program.add(source, ""), Library))
    (graph,) = (one for one in graphs if one.name == name) if name else graphs
    return graph


def last_prediction(graph: EventGraph) -> Event:
    return graph.all(Kind.PREDICT)[-1]

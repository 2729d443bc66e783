"""A reader with the real library, at the end of a few lines that import torch."""

from __future__ import annotations

from hand_made import at_the_end, reader_of

from looplint.events import EventGraph
from looplint.interpreter.entries import loops_of
from looplint.interpreter.reader import Reader
from looplint.interpreter.values import Value
from looplint.library.library import Library
from looplint.program.program import Program
from looplint.sources import from_text

IMPORTS = """\
import copy, functools, itertools, numpy, torch
from torch import nn, optim
from torch.nn import functional as F
from torch.optim import lr_scheduler
from torch.utils import data
"""


def reading(code: str, **bound: Value) -> Reader:
    """A reader at the end of a text. `bound`: what names stand for at its beginning."""
    return at_the_end(reader_of(code, Library, IMPORTS), **bound)


def graphs(code: str) -> dict[str, EventGraph]:
    """The graph of each entry point of a text, by its name: what a framework adds to a method is added there."""
    program = Program()
    (source,) = from_text(IMPORTS + code, "code.py")
    return {graph.name: graph for graph in loops_of(program, program.add(source, ""), Library)}

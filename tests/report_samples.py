"""Findings made by hand, and reports of them as text: what the tests of the formats share."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from looplint.finding import Finding, Fix, Location, Severity, TraceStep
from looplint.report import Context, Edit, write
from looplint.rule import Rule

TRAIN = """\
import torch

def train(model, optimizer, loader, criterion):
    model.train()
    total = 0.0
    log = []
    optimizer.zero_grad()

    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
"""


@dataclasses.dataclass(frozen=True)
class Change:
    """A change of text, as `looplint.fix` gives it."""

    location: Location
    end_location: Location
    content: str
    cell: int | None = None
    filename: str = ""


def step(
    row: int, column: int, end: int, message: str, filename: str = "train.py", cell: int | None = None
) -> TraceStep:
    return TraceStep(filename, Location(row, column), Location(row, end), message, cell)


MISSING = Finding(
    "LOOP201",
    "missing-zero-grad",
    Severity.ERROR,
    "`optimizer` steps again before its gradients are cleared",
    "train.py",
    Location(11, 9),
    Location(11, 24),
    trace=(
        step(12, 9, 25, "the step uses them"),
        step(11, 9, 24, "the next batch adds its gradients to the old ones"),
        step(12, 9, 25, "the next step uses both"),
    ),
    fix=Fix("call `optimizer.zero_grad()` before `loss.backward()`", "unsafe", ()),
    url="https://example.org/rules/missing-zero-grad",
)
FORWARD = Finding(
    "LOOP301",
    "direct-forward-call",
    Severity.WARNING,
    "`model.forward(...)` is called: hooks do not run",
    "src/eval café.py",
    Location(1, 11),
    Location(1, 32),
    help="hooks run when the module itself is called",
    fix=Fix("call `model(inputs)`", "safe", ()),
)
NOTEBOOK = Finding(
    "LOOP701",
    "loss-accumulated-with-graph",
    Severity.NOTE,
    "`total` keeps the graph of every batch",
    "book.ipynb",
    Location(2, 5),
    Location(2, 10),
    cell=3,
    cell_id="a1b2",
    trace=(step(1, 1, 6, "it begins here", "book.ipynb", 1), step(2, 5, 10, "it grows", "book.ipynb", 3)),
)
FINDINGS = (MISSING, FORWARD, NOTEBOOK)
Texts = Mapping[tuple[str, int | None], str]
TEXTS: Texts = {
    ("train.py", None): TRAIN,
    ("src/eval café.py", None): "é = print(model.forward(inputs))\n",
    ("book.ipynb", 1): "total = 0\n",
    ("book.ipynb", 3): "for batch in loader:\n    total += loss(batch)\n",
}
EDITS: Mapping[str, Sequence[Edit]] = {
    "LOOP201": [Change(Location(11, 1), Location(11, 1), "        optimizer.zero_grad()\n")],
    "LOOP301": [Change(Location(1, 11), Location(1, 24), "model")],
}


def _ask(_: Any) -> Iterator[Any]:
    return iter(())


RULES = (
    Rule(
        "LOOP201",
        "missing-zero-grad",
        Severity.ERROR,
        _ask,
        "Gradients are never cleared.\n\nWhat it does\n------------\nAsks for a way from step to step.\n",
    ),
    Rule("LOOP301", "direct-forward-call", Severity.WARNING, _ask, "`forward` is called.\n"),
    Rule("LOOP701", "loss-accumulated-with-graph", Severity.NOTE, _ask, "A loss is kept with its graph.\n"),
)


def context(texts: Texts = TEXTS, **more: Any) -> Context:
    """A context over texts by file and cell."""

    def lines(filename: str, cell: int | None) -> list[str] | None:
        text = texts.get((filename, cell))
        return None if text is None else text.split("\n")

    given: dict[str, Any] = {
        "version": "1.2.3",
        "rules": RULES,
        "base": Path.cwd(),
        "lines": lines,
        "edits": lambda finding: EDITS.get(finding.code),
        "measured": {"missing-zero-grad": "gradient norm 0.31, 0.62, 0.93 over three equal batches"}.get,
    }
    return Context(**{**given, **more})


def report(name: str, findings: Sequence[Finding] = FINDINGS, where: Context | None = None) -> str:
    """What the format writes."""
    stream = io.StringIO()
    write(name, findings, stream, where or context())
    return stream.getvalue()

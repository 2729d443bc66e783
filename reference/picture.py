"""One plot of a proof: the results of the mistaken and the fixed function, iteration by iteration, as SVG."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .proof import Measured, Outcome

# Colours with enough contrast on white and on black, also for the colour-blind.
INK, WRONG, RIGHT = "#737b86", "#e5652e", "#3b8fd8"

STYLE: dict[Any, Any] = {
    "svg.hashsalt": "looplint",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana"],
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def svg(outcome: Outcome) -> str:
    """The plot as SVG text: transparent, no date, the same for the same numbers.

    A line each for the mistaken and the fixed function, found by their ids "mistaken" and "fixed"; bars if only one
    number was measured.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 2.8), layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(outcome.proof.rule, loc="left", fontweight="bold")
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_axisbelow(True)
        axes.grid(axis="y", color=INK, alpha=0.25, linewidth=0.6)
        axes.set_ylabel(outcome.proof.quantity)
        if max(len(outcome.mistaken.values), len(outcome.fixed.values)) > 1:
            _lines(axes, outcome)
        else:
            _bars(axes, outcome)
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def _lines(axes: Axes, outcome: Outcome) -> None:
    def line(name: str, run: Measured, colour: str, marker: str) -> None:
        positions = range(1, len(run.values) + 1)
        axes.plot(positions, run.values, color=colour, marker=marker, markersize=4, label=name, gid=name)

    line("mistaken", outcome.mistaken, WRONG, "o")
    line("fixed", outcome.fixed, RIGHT, "s")
    axes.set_xlabel("iteration")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False)


def _bars(axes: Axes, outcome: Outcome) -> None:
    for name, run, colour in (("mistaken", outcome.mistaken, WRONG), ("fixed", outcome.fixed, RIGHT)):
        (bar,) = axes.bar([name], [run.number], color=colour, width=0.5)
        bar.set_gid(name)
    axes.margins(x=0.4)

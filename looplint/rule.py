"""Rules: a code, a severity, a page (the docstring) and one query on an event graph.

    @rule("LOOP201", severity=ERROR)
    def missing_zero_grad(loop: EventGraph) -> Iterator[Mistake]:
        '''Gradients are never cleared between one update and the next. ...'''

It is asked about the graph of each entry point of a program, and about that of each module class.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator, Sequence

from looplint.events import Event, EventGraph, Kind, Place, Trace
from looplint.finding import Action, Fix, Severity, Span

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

__all__ = [
    "ERROR",
    "NOTE",
    "WARNING",
    "Fix",
    "Mistake",
    "Rule",
    "delete",
    "insert_after",
    "insert_before",
    "replace",
    "rule",
    "safe",
    "unsafe",
    "wrap",
    "wrap_rest",
]

HOME = "https://github.com/looplint/looplint"
PAGES = f"{HOME}/blob/main/reference/pages"
SECTIONS = ("What it does", "Why is this bad?", "Example", "Use instead", "Known limits", "References")


@dataclasses.dataclass(frozen=True, slots=True)
class Mistake:
    """The result of a rule: the event it is about, one sentence, the path that proves it, and a fix.

    `at`: the event (or place) the finding is reported at. `message`: one sentence, without a full stop, code in
    backticks. `path`: the evidence. `help`: one line of advice, shown where there is no fix. `also`: places beside
    the path that make it a mistake, each with a note.
    """

    at: Event | Place
    message: str
    path: Trace | None = None
    help: str | None = None
    fix: Fix | None = None
    also: tuple[tuple[Place, str], ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """A rule as a value. `url`: its page, None for a rule that is not looplint's own. `yields_to`: names of rules that
    report the cause where both find a mistake. `needs`: groups of kinds of events, of each of which a graph holds one
    for it to be asked."""

    code: str
    name: str
    severity: Severity
    ask: Callable[[EventGraph], Iterator[Mistake]]
    doc: str
    preview: bool = False
    off: bool = False
    url: str | None = None
    yields_to: tuple[str, ...] = ()
    needs: tuple[tuple[Kind, ...], ...] = ()

    def may_find(self, graph: EventGraph) -> bool:
        """Whether the graph holds what the rule needs."""
        return all(any(graph.all(kind) for kind in group) for group in self.needs)

    @property
    def about_classes(self) -> bool:
        """Whether it may find something in the definition of a module class, by what it needs."""
        return all(any(kind.of_classes for kind in group) for group in self.needs)

    @property
    def about_loops(self) -> bool:
        """Whether it may find something in the graph of an entry point, by what it needs."""
        return all(not all(kind.of_classes for kind in group) for group in self.needs)

    @property
    def summary(self) -> str:
        """First line of the page, shown in every list."""
        return self.doc.strip().splitlines()[0]

    @property
    def fixes(self) -> tuple[str, ...]:
        """The kinds of fix that its file uses: "safe", "unsafe", both or neither."""
        used = getattr(self.ask, "__globals__", {}).values()
        return tuple(kind.__name__ for kind in (safe, unsafe) if any(value is kind for value in used))

    def section(self, heading: str) -> str:
        """The text under one heading of the page, or an empty string."""
        parts = re.split(rf"^({'|'.join(map(re.escape, SECTIONS))})\n[-=]+\n", self.doc, flags=re.M)
        return dict(zip(parts[1::2], parts[2::2], strict=True)).get(heading, "").strip()


def page_url(name: str) -> str:
    """Where the page of the rule `name`, one of looplint's own, can be read."""
    return f"{PAGES}/{name}.md"


def rule(
    code: str,
    *,
    severity: Severity,
    preview: bool = False,
    off: bool = False,
    yields_to: Sequence[str] = (),
    needs: Sequence[Kind | tuple[Kind, ...]] = (),
) -> Callable[[Callable[[EventGraph], Iterator[Mistake]]], Rule]:
    """Turn a function into a rule: its name is the rule's name, its docstring the rule's page.

    `preview`: only with `--preview`. `off`: only when selected by its own code or name (advice on seeds, style, speed).
    `yields_to`: names of rules about the same problem: where one of them finds the cause, this rule is silent, whether
    or not that one is selected. That holds for a mistake at the same event, or at one that their event leads to in the
    same iteration of the loop around it. `needs`: kinds of events without which the rule finds nothing, so that it need
    not be asked: `[Kind.CLIP, Kind.STEP]` for both, `[(Kind.EVAL, Kind.TRAIN)]` for one of two. Raises TypeError if the
    parameter's type is not `EventGraph`, or if there is no such kind.
    """

    def make(ask: Callable[[EventGraph], Iterator[Mistake]]) -> Rule:
        parameter = next(iter(inspect.signature(ask).parameters.values()))
        taken = parameter.annotation if isinstance(parameter.annotation, str) else parameter.annotation.__name__
        if taken != "EventGraph":
            raise TypeError(f"its parameter is a `{taken}`; a rule takes an `EventGraph`")
        wanted = [(one,) if isinstance(one, str) else one for one in needs]
        if unknown := sorted({one for group in wanted for one in group} - set(Kind)):
            raise TypeError(f"it needs `{'`, `'.join(unknown)}`, which is no kind of event")
        groups = tuple(tuple(map(Kind, group)) for group in wanted)
        name, doc = ask.__name__.replace("_", "-"), inspect.cleandoc(ask.__doc__ or "")
        return Rule(code, name, severity, ask, doc, preview, off, yields_to=tuple(yields_to), needs=groups)

    return make


def _span(at: Event | Place) -> Span:
    place = at.place if isinstance(at, Event) else at
    return Span(place.row, place.column, place.end_row, place.end_column, place.path)


def insert_before(at: Event | Place, code: str) -> Action:
    """Insert the statement `code` before the statement that contains `at`."""
    return Action("insert", _span(at), code)


def insert_after(at: Event | Place, code: str) -> Action:
    """Insert the statement `code` after the statement that contains `at`."""
    return Action("insert-after", _span(at), code)


def replace(at: Event | Place, code: str) -> Action:
    """Replace the expression at `at` by `code`."""
    return Action("replace", _span(at), code)


def prefix(at: Event | Place, code: str) -> Action:
    """Put `code` directly before the expression at `at`, which may span several rows."""
    return Action("prefix", _span(at), code)


def suffix(at: Event | Place, code: str) -> Action:
    """Put `code` directly behind the expression at `at`, which may span several rows."""
    return Action("suffix", _span(at), code)


def delete(at: Event | Place) -> Action:
    """Remove the statement at `at`."""
    return Action("delete", _span(at))


def wrap(at: Event | Place, context: str) -> Action:
    """Put the statement that contains `at` into `with context:`."""
    return Action("wrap", _span(at), context)


def wrap_rest(at: Event | Place, context: str) -> Action:
    """Turn the statement that contains `at` into `with context:`, around the rest of its block."""
    return Action("wrap-rest", _span(at), context)


def safe(message: str, *actions: Action) -> Fix:
    """A fix that preserves behaviour or whose intent is unambiguous: applied by `--fix`."""
    return Fix(message, "safe", actions)


def unsafe(message: str, *actions: Action) -> Fix:
    """A fix to review first: applied by `--fix --unsafe-fixes`."""
    return Fix(message, "unsafe", actions)

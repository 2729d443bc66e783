"""An event graph as it is shown: its events with labels, and edges from each directly to the next.

`#1`, `#2` distinguish objects of one name; a letter behind a row distinguishes the events of that row.
"""

from __future__ import annotations

import ast
import collections
import dataclasses
import heapq
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from looplint.cli.terminal import say
from looplint.events import AbstractObject, Event, EventGraph, Guard, Kind, LoopScope, Place, Type
from looplint.finding import Severity
from looplint.program.program import Program
from looplint.rule import Mistake, Rule
from looplint.run.analysis import Analysis
from looplint.sources import Source, Unreadable, read
from looplint.syntax.parse import parse_expression

END = -1
"""Stands for the end of the program among the targets of edges."""

REMEMBERED = 24
"""Conditions that are tracked along a path; without the older ones a few infeasible edges are shown."""

CONDITIONS = 4
"""Conditions of an edge that are printed."""

ShownEdge = tuple[int, tuple[Guard, ...]]


@dataclasses.dataclass(frozen=True, slots=True)
class _Met:
    """Guards on a path, in order; `now`: those whose values have not changed since."""

    all: tuple[Guard, ...] = ()
    now: tuple[Guard, ...] = ()

    def further(self, guard: Guard | None, head: int | None) -> _Met | None:
        """After one more edge (`head`: the loop head it leads back to); None if it contradicts the guards."""
        if guard is not None and any(g.condition == guard.condition and g.holds != guard.holds for g in self.now):
            return None
        extra = () if guard is None or guard in self.now else (guard,)
        now = (*self.now[-REMEMBERED:], *extra)
        return _Met((*self.all[-REMEMBERED:], *extra), now if head is None else tuple(g for g in now if g.since < head))

    @property
    def kept(self) -> _Met:
        """The start of a new path from here."""
        return _Met((), self.now)

    def common(self, other: _Met | None) -> _Met:
        """The guards that hold on both of two paths."""
        if other is None:
            return self
        return _Met(tuple(g for g in other.all if g in self.all), tuple(g for g in other.now if g in self.now))


class View:
    """A loop as shown: events as labelled nodes, and edges from each directly to the next."""

    def __init__(
        self, loop: EventGraph, nodes: range | None = None, sources: Mapping[str, Source] | None = None
    ) -> None:
        self.loop = loop
        self.sources = sources or {}
        inside = range(len(loop.nodes)) if nodes is None else nodes
        self.events = [event for event in loop.nodes if event is not None and event.node in inside]
        self.home = loop.place.path
        self._shown = {event.node for event in self.events}
        self._known = self._walk(0, _Met(), ()) if loop.nodes else {}
        self.labels = self._labels()
        self._numbers = _numbers(self.events)

    def edges(self, node: int) -> list[ShownEdge]:
        """The next events after a node (`END` for none), each with the guards on every path to it."""
        found = self._walk(node, self._known.get(node, _Met()).kept, self._shown)
        edges = [(target, met.all) for target, met in found.items() if target == END or target in self._shown]
        return sorted(edges, key=lambda edge: (edge[0] == END, edge[0]))

    def _walk(self, node: int, met: _Met, goals: Collection[int]) -> dict[int, _Met]:
        """The guards at each node that is reachable from a node without passing one of `goals`."""
        found: dict[int, _Met] = {}
        came = {node: met}
        # In source order, so that a node is visited after all forward edges to it.
        waiting = [node]
        while waiting:
            here = heapq.heappop(waiting)
            met = came.pop(here)
            if not self.loop.edges[here]:
                found[END] = met.common(found.get(END))
            for edge in self.loop.edges[here]:
                onward = met.further(edge.guard, None if edge.target > here else edge.target)
                if onward is None:
                    continue
                known = found.get(edge.target)
                onward = onward.common(known)
                if onward != known:
                    found[edge.target] = onward
                    if edge.target not in goals:
                        if edge.target not in came:
                            heapq.heappush(waiting, edge.target)
                        came[edge.target] = onward
        return found

    def name(self, thing: AbstractObject, written: str = "") -> str:
        """An object as the author spells it, then its own name if that differs."""
        number = self._numbers.get(id(thing), "")
        own = f"{thing}{number}"
        if written and written != thing.name and (thing.name or number):
            return f"{written} = {own}"
        return f"{written}{number}" if written else own

    def row(self, place: Place) -> str:
        """The row of a place in its file or notebook cell, with the file if it is another one."""
        source = self.sources.get(place.path)
        position = source.locate(place.row, place.column) if source is not None else None
        row = f"{place.row if position is None else position.row}"
        if position is not None and position.cell is not None:
            row = f"cell {position.cell + 1}:{row}"
        return row if place.path == self.home else f"{Path(place.path).name}:{row}"

    def _labels(self) -> dict[int, str]:
        """The row of each event, made unique."""
        rows = [(event, self.row(event.place)) for event in self.events]
        total = collections.Counter(row for _, row in rows)
        seen: collections.Counter[str] = collections.Counter()
        labels = {}
        for event, row in rows:
            labels[event.node] = row if total[row] == 1 else f"{row}{_letters(seen[row])}"
            seen[row] += 1
        return labels

    def label(self, node: int) -> str:
        """What a line calls an event: its row, with a letter if several share it."""
        return "end" if node == END else self.labels[node]


def _letters(number: int) -> str:
    """0, 1, ... as a, b, ... z, ba, bb, ..."""
    return (_letters(number // 26) if number >= 26 else "") + chr(ord("a") + number % 26)


def _numbers(events: Iterable[Event]) -> dict[int, str]:
    """`#1`, `#2` for different objects of the same name or, without a name, of the same type."""
    named: dict[str, dict[int, None]] = {}
    for thing in things(events):
        if thing.name or thing.type in NUMBERED:
            named.setdefault(str(thing), {})[id(thing)] = None
    return {key: f"#{i}" for keys in named.values() if len(keys) > 1 for i, key in enumerate(keys, 1)}


NUMBERED = frozenset((Type.OPTIMIZER, Type.MODULE, Type.SCALER, Type.SCHEDULER))
"""Types of objects that are numbered even if they have no name; of tensors there are too many."""


def things(events: Iterable[Event]) -> Iterator[AbstractObject]:
    """The subjects of events, in order, each once."""
    seen: set[int] = set()
    for event in events:
        for thing in (*event.subjects, *([event.object] if event.object is not None else [])):
            if id(thing) not in seen:
                seen.add(id(thing))
                yield thing


def called(loop: EventGraph, iteration: LoopScope) -> str:
    """The name of the function that unknown code calls repeatedly."""
    low, high = iteration.nodes
    return next((e.function for e in loop.nodes[low:high] if e is not None), "")


def heading(loop: EventGraph, iteration: LoopScope) -> str:
    """A loop as a line shows it."""
    match iteration.kind:
        case "for":
            over = iteration.over
            what = "" if over is None else "range" if over.constructor == "builtins.range" else str(over)
            target = iteration.target[1:-1] if iteration.target.startswith("(") else iteration.target
            return f"for {target} in {what or '...'}"
        case "while":
            return "while True" if iteration.endless else "while"
        case "call" | "framework" if iteration.place == loop.place:
            # A constructor is called once for an object, and the next call is about another one.
            return "called for each object" if loop.name.endswith(".__init__") else "called repeatedly"
        case "call" | "framework":
            name = "lambda" if iteration.place.text.startswith("lambda") else called(loop, iteration)
            return f"callback {name}, any number of times".replace(" ,", ",")
    return iteration.kind


def event_text(view: View, event: Event) -> str:
    """An event as a line shows it: kind, subjects, other object, contexts."""
    if len(event.subjects) == 1:
        subjects = view.name(event.subject, event.written)
    else:
        subjects = ", ".join(dict.fromkeys(view.name(subject) for subject in event.subjects))
    # Of a class, the graph itself says which it is.
    known = event.object is not None and str(event.object) != Type.UNKNOWN and not event.kind.of_classes
    other = f" ({view.name(event.object)})" if event.object is not None and known else ""
    around = f" in {', '.join(sorted(event.contexts))}" if event.contexts else ""
    return f"{event.kind} {subjects}{other}{around}"


def conditions(guards: tuple[Guard, ...]) -> str:
    """The conditions on a path; of many the last ones."""
    parts = list(dict.fromkeys(_condition(guard) for guard in guards[-CONDITIONS:]))
    return " and ".join(["...", *parts] if len(guards) > CONDITIONS else parts)


_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.Is: ast.IsNot,
    ast.In: ast.NotIn,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
}


def _condition(guard: Guard) -> str:
    """A guard as code."""
    text = guard.condition.rpartition(" [")[0] or guard.condition
    if guard.holds:
        return text
    try:
        test = parse_expression(text)
    except SyntaxError:
        return f"not ({text})"
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _OPPOSITE:
        return ast.unparse(ast.Compare(test.left, [_OPPOSITE[type(test.ops[0])]()], test.comparators))
    return ast.unparse(ast.UnaryOp(ast.Not(), test))


def views_of(path: str, function: str | None) -> tuple[dict[str, Source], list[View]]:
    """Read a file; returns its texts by path, and a view of each graph. Raises as `graph_text` does."""
    program = Program()
    full = os.path.normpath(Path(path).absolute())
    program.shown = lambda other: path if other == full else os.path.relpath(other)
    found: list[EventGraph] = []

    def collect(loop: EventGraph) -> Iterator[Mistake]:
        found.append(loop)
        return iter(())

    collector = Rule("LOOP000", "graph", Severity.NOTE, collect, "")
    for source in read(Path(path), path):
        module = program.add(source, full)
        for fault in module.source.faults:
            say(f"looplint: {path}:{fault.row}:{fault.column}: this cannot be read: {fault.reason}")
        try:
            Analysis(program, [collector]).of(module)
        except RecursionError:
            raise Unreadable(path, "is nested too deeply to be analysed") from None
    sources = {module.source.path: module.source for module in program.modules()}
    views = [view for loop in found if (view := _seen(loop, path, function, sources)) is not None]
    if not views and function is None:
        raise LookupError(f"{path}: no event of a training loop or module class in it")
    if not views:
        known = _functions(found, path)
        others = f"; there are some in {', '.join(f'`{name}`' for name in known)}" if known else ""
        raise LookupError(f"{path}: no event of a training loop or module class in `{function}`{others}")
    return sources, views


def _functions(found: Iterable[EventGraph], path: str) -> list[str]:
    """The functions of a file that have events, entry points by their whole name."""
    whole = {loop.name for loop in found if loop.place.path == path and _seen(loop, path, loop.name, {}) is not None}
    plain = {name.rpartition(".")[2] for name in whole}
    inside = {
        event.function for loop in found for event in loop.nodes if event is not None and event.place.path == path
    }
    return sorted((whole | (inside - plain)) - {"", "<module>"})


def _seen(loop: EventGraph, path: str, function: str | None, sources: Mapping[str, Source]) -> View | None:
    """The part of a graph that is shown for a file, or for one function of it."""
    happened = [event for event in loop.nodes if event is not None]
    events = [event for event in happened if any(at.path == path for at in (event.place, *event.calls))]
    if all(event.kind is Kind.DEFINE for event in events):
        return None
    if function is None or (loop.place.path == path and function in (loop.name, loop.name.rpartition(".")[2])):
        return View(loop, sources=sources)
    name = function.rpartition(".")[2]
    own = [iteration.nodes for iteration in loop.iterations if iteration.function == name and not iteration.is_call]
    own += [(event.node, event.node + 1) for event in events if event.function == name]
    nodes = range(min(low for low, _ in own), max(high for _, high in own)) if own else None
    return None if nodes is None else View(loop, nodes, sources)

"""The event graph for people: events in order and the edges between them, as text or as a Graphviz drawing.

    5  for inputs, targets in loader
    6    CLEAR optimizer
    7    BACKWARD loss              -> 8 if amp, 9 if not amp
    8    UNSCALE optimizer (scaler)
    9    STEP optimizer             -> 6 again

Each line is an event and starts with its row; letters distinguish events of one row. It is followed by the next line
unless an arrow says otherwise. `again`: a back edge. `#1`, `#2` distinguish objects of one name. A line that only names
a function is the call site of the events below it: calls are inlined.
"""

from __future__ import annotations

import ast
import collections
import dataclasses
import heapq
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from looplint.cli.terminal import filled, say
from looplint.events import AbstractObject, Event, EventGraph, Graph, Guard, LoopScope, Place, Type
from looplint.finding import Severity
from looplint.prefilter import Need, need
from looplint.program.program import Program
from looplint.project.config import Configuration
from looplint.project.files_to_lint import files
from looplint.rule import Mistake, Rule
from looplint.run.analysis import Analysis
from looplint.sources import Source, Unreadable, bytes_of, kind_of, read
from looplint.syntax.parse import parse_expression

END = -1
"""Stands for the end of the program among the targets of edges."""

REMEMBERED = 24
"""Conditions that are tracked along a path; without the older ones a few infeasible edges are shown."""

CONDITIONS = 4
"""Conditions of an edge that are printed."""

_ROOM = 60
"""Columns for the code of an event."""

EDGES = 8
"""Edges from an event that are printed in the text; the drawing shows all of them."""


def graph_text(path: str, function: str | None = None, columns: int | None = None) -> str:
    """The event graphs of a file as text, with the code of each event and the facts about each object.

    `columns`: the width of the terminal, to which code is cut and prose is wrapped. `function`: only the graphs whose
    entry point it is or, if it is inlined, its part of them (`Class.method` or a plain name). Raises Unreadable,
    SyntaxError (the message names the file) and LookupError (a sentence) if there is no such function with events.
    """
    sources, views = _views(path, function)
    return "\n\n\n".join("\n".join(_page(view, sources, columns)) for view in views)


def graph_dot(path: str, function: str | None = None) -> str:
    """The event graphs of a file for Graphviz (https://graphviz.org/doc/info/lang.html); parameters and errors as
    `graph_text`."""
    _, views = _views(path, function)
    lines = ["digraph looplint {", '  node [shape=box, fontname="monospace"];', '  edge [fontname="monospace"];']
    for number, view in enumerate(views):
        lines += _drawing(view, number)
    return "\n".join([*lines, "}"])


def files_with_loops(folder: str, most: int = 4) -> list[str]:
    """Files in a folder that would be linted and may contain training loops; of many the first, then "..."."""
    python = (file for file in files([folder], Configuration()) if kind_of(file) == "python")
    found = [file for file in python if need(bytes_of(file)) is not Need.NOTHING]
    return found if len(found) <= most else [*found[:most], "..."]


def text_of(loop: EventGraph) -> str:
    """The events of a loop and the edges between them, a line each."""
    return "\n".join(line.text + (f"  {line.edges}" if line.edges else "") for line in _lines(_View(loop)))


@dataclasses.dataclass(slots=True)
class _Line:
    text: str
    edges: str = ""
    place: Place | None = None


_ShownEdge = tuple[int, tuple[Guard, ...]]


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


class _View:
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

    def edges(self, node: int) -> list[_ShownEdge]:
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
        return "end" if node == END else self.labels[node]


def _letters(number: int) -> str:
    """0, 1, ... as a, b, ... z, ba, bb, ..."""
    return (_letters(number // 26) if number >= 26 else "") + chr(ord("a") + number % 26)


def _numbers(events: Iterable[Event]) -> dict[int, str]:
    """`#1`, `#2` for different objects of the same name or, without a name, of the same type."""
    named: dict[str, dict[int, None]] = {}
    for thing in _things(events):
        if thing.name or thing.type in _NUMBERED:
            named.setdefault(str(thing), {})[id(thing)] = None
    return {key: f"#{i}" for keys in named.values() if len(keys) > 1 for i, key in enumerate(keys, 1)}


_NUMBERED = frozenset((Type.OPTIMIZER, Type.MODULE, Type.SCALER, Type.SCHEDULER))
"""Types of objects that are numbered even if they have no name; of tensors there are too many."""


def _things(events: Iterable[Event]) -> Iterator[AbstractObject]:
    """The subjects of events, in order, each once."""
    seen: set[int] = set()
    for event in events:
        for thing in (*event.subjects, *([event.object] if event.object is not None else [])):
            if id(thing) not in seen:
                seen.add(id(thing))
                yield thing


def _lines(view: _View) -> Iterator[_Line]:
    loop, events = view.loop, view.events
    width = max((len(label) for label in view.labels.values()), default=1)
    first = view.edges(0) if events and loop.nodes[0] is None else []
    if [target for target, _ in first] != [event.node for event in events[:1]]:
        yield _Line(" " * width + "  start", _arrow(view, 0, first))
    function = loop.name.rpartition(".")[2]
    around: tuple[LoopScope, ...] = ()
    for event, following in zip(events, [*events[1:], None], strict=False):
        depth = next((i for i, (a, b) in enumerate(zip(around, event.loops, strict=False)) if a != b), None)
        kept = min(len(around), len(event.loops)) if depth is None else depth
        for level, iteration in enumerate(event.loops[kept:], kept):
            if not iteration.is_call and iteration.function and iteration.function != function:
                function = iteration.function
                yield _Line(" " * width + "  " + "  " * level + f"{function}:")
            row = view.row(iteration.place).rjust(width)
            yield _Line(f"{row}  {'  ' * level}{_heading(loop, iteration)}", place=iteration.place)
            if iteration.is_call:
                function = _called(loop, iteration) or function
        around = event.loops
        indent = "  " * len(around)
        if event.function and event.function != function:
            function = event.function
            # What happens outside of an entry point with what it returned, a framework does.
            name = "the framework" if function == "<module>" and not loop.complete else function
            yield _Line(f"{' ' * width}  {indent}{name}:")
        edges = view.edges(event.node)
        plain = [target for target, _ in edges] == [END if following is None else following.node]
        arrow = "" if plain and not (edges[0][1]) else _arrow(view, event.node, edges)
        yield _Line(f"{view.labels[event.node].rjust(width)}  {indent}{_event_text(view, event)}", arrow, event.place)


def _called(loop: EventGraph, iteration: LoopScope) -> str:
    low, high = iteration.nodes
    return next((e.function for e in loop.nodes[low:high] if e is not None), "")


def _heading(loop: EventGraph, iteration: LoopScope) -> str:
    match iteration.kind:
        case "for":
            over = iteration.over
            what = "" if over is None else "range" if over.constructor == "builtins.range" else str(over)
            target = iteration.target[1:-1] if iteration.target.startswith("(") else iteration.target
            return f"for {target} in {what or '...'}"
        case "while":
            return "while True" if iteration.endless else "while"
        case "call" if iteration.place == loop.place:
            return "called repeatedly"
        case "call":
            name = "lambda" if iteration.place.text.startswith("lambda") else _called(loop, iteration)
            return f"callback {name}, any number of times".replace(" ,", ",")
    return iteration.kind


def _event_text(view: _View, event: Event) -> str:
    if len(event.subjects) == 1:
        subjects = view.name(event.subject, event.written)
    else:
        subjects = ", ".join(dict.fromkeys(view.name(subject) for subject in event.subjects))
    other = f" ({view.name(event.object)})" if event.object is not None and str(event.object) != Type.UNKNOWN else ""
    around = f" in {', '.join(sorted(event.contexts))}" if event.contexts else ""
    return f"{event.kind} {subjects}{other}{around}"


def _arrow(view: _View, node: int, edges: Sequence[_ShownEdge]) -> str:
    parts = []
    for target, guards in edges[:EDGES]:
        again = " again" if END != target <= node else ""
        condition = _conditions(guards)
        parts.append(view.label(target) + again + (f" if {condition}" if condition else ""))
    if len(edges) > EDGES:
        parts.append(f"... ({len(edges) - EDGES} more)")
    return "-> " + ", ".join(parts)


def _conditions(guards: tuple[Guard, ...]) -> str:
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


def _page(view: _View, sources: dict[str, Source], columns: int | None) -> Iterator[str]:
    loop = view.loop
    lines = list(_lines(view))
    title = f"{view.home}:{view.row(loop.place)}: {loop.name}" if not loop.complete else f"{view.home}: {loop.name}"
    at = "" if loop.cut_at is None else f" beyond {view.home}:{view.row(loop.cut_at)}"
    yield title + (f" (not analysed completely{at})" if loop.cut else "")
    most = 60 if columns is None else min(60, columns * 3 // 5)
    width = max((len(line.text) for line in lines if len(line.text) <= most), default=0)
    left = _ROOM if columns is None else max(20, min(_ROOM, columns - width - 2))
    code = [_code(line.place, sources, left) for line in lines]
    room = max((len(text) for text in code), default=0)
    for line, text in zip(lines, code, strict=True):
        row = f"{line.text:{width}}  {text:{room}}  {line.edges}".rstrip()
        if columns is None or len(row) <= columns:
            yield row
            continue
        # An event that fills the row leaves no room for its code, which says the same.
        row = line.text if len(line.text) > width else f"{line.text:{width}}  {text}".rstrip()
        yield row if len(row) <= columns else f"{row[: columns - 3]}..."
        margin = " " * (width + 2)
        yield from filled(f"{margin}{line.edges}", columns, margin).split("\n") if line.edges else ()
    objects = list(_objects(view))
    if objects:
        yield ""
        name = min(max(len(key) for key, _ in objects), 40)
        yield from (filled(f"  {key:{name}}  {parts}", columns, " " * (name + 4)) for key, parts in objects)


def _code(place: Place | None, sources: dict[str, Source], room: int) -> str:
    """The code at a place, cut to one line."""
    if place is None or place.path not in sources:
        return ""
    line = sources[place.path].text.split("\n")[place.row - 1][place.column - 1 :]
    text = line[: place.end_column - place.column] if place.end_row == place.row else line.rstrip()
    return text if len(text) <= room else text[: room - 3] + "..."


def _objects(view: _View) -> Iterator[tuple[str, str]]:
    """The facts about the objects that are subjects of events."""
    for thing in _things(view.events):
        if thing.name or thing.type in _NUMBERED:
            yield view.name(thing), _known(view, thing)


def _known(view: _View, thing: AbstractObject) -> str:
    kind = str(thing.type) if thing.type is not Type.UNKNOWN else "unknown"
    parts = [kind if thing.certain or thing.type is Type.UNKNOWN else f"{kind} (by its name or use)"]
    if thing.constructor:
        parts.append(f"created by {thing.constructor}")
    if thing.external:
        parts.append("external")
    elif thing.place is not None:
        row = view.row(thing.place)
        parts.append(f"line {row}" if row.isdigit() else row)
    made_of = list(dict.fromkeys(view.name(source) for source in _named(thing.operands)))
    if made_of:
        parts.append(f"of {', '.join(made_of[:4])}{', ...' if len(made_of) > 4 else ''}")
    if thing.type in (Type.TENSOR, Type.UNKNOWN) and thing.graph is not Graph.UNKNOWN:
        parts.append("holds a graph" if thing.graph is Graph.YES else "holds no graph")
    return ", ".join(parts)


def _named(sources: Iterable[AbstractObject]) -> Iterator[AbstractObject]:
    """The nearest named objects among those that something was built from."""
    seen: set[int] = set()
    waiting = list(sources)
    while waiting:
        thing = waiting.pop(0)
        if thing.name:
            yield thing
        elif id(thing) not in seen:
            seen.add(id(thing))
            waiting.extend(thing.operands)


def _drawing(view: _View, number: int) -> Iterator[str]:
    """A box for each event, in the frames of the loops around it."""
    loop = view.loop
    inside: dict[LoopScope | None, list[str]] = {}
    for event in view.events:
        label = _quoted(f"{view.labels[event.node]}  {_event_text(view, event)}")
        box = f"n{number}_{event.node} [label={label}];"
        inside.setdefault(event.loops[-1] if event.loops else None, []).append(box)

    def frame(outer: LoopScope | None, indent: str) -> Iterator[str]:
        yield from (indent + line for line in inside.get(outer, ()))
        for index, iteration in enumerate(loop.iterations):
            if iteration.outer is outer and any(iteration in event.loops for event in view.events):
                yield f"{indent}subgraph cluster_{number}_{index} {{"
                yield f"{indent}  label={_quoted(f'{view.row(iteration.place)}  {_heading(view.loop, iteration)}')};"
                yield from frame(iteration, indent + "  ")
                yield f"{indent}}}"

    yield f"  subgraph cluster_{number} {{"
    yield f"    label={_quoted(f'{view.home}: {loop.name}')};"
    yield f'    n{number}_start [label="start", shape=circle];'
    if any(target == END for event in view.events for target, _ in view.edges(event.node)):
        yield f'    n{number}_end [label="end", shape=doublecircle];'
    yield from frame(None, "    ")
    if loop.nodes and loop.nodes[0] is None:
        for target, guards in view.edges(0):
            if target != END:
                yield f"    n{number}_start -> n{number}_{target}{_edge_style(guards, False)};"
    for event in view.events:
        for target, guards in view.edges(event.node):
            name = "end" if target == END else str(target)
            again = target != END and target <= event.node
            yield f"    n{number}_{event.node} -> n{number}_{name}{_edge_style(guards, again)};"
    yield "  }"


def _edge_style(guards: tuple[Guard, ...], again: bool) -> str:
    styles = [f"label={_quoted(_conditions(guards))}"] if guards else []
    styles += ["style=dashed, constraint=false"] if again else []
    return f" [{', '.join(styles)}]" if styles else ""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _views(path: str, function: str | None) -> tuple[dict[str, Source], list[_View]]:
    program = Program()
    full = os.path.normpath(Path(path).absolute())
    program.shown = lambda other: path if other == full else os.path.relpath(other)
    found: list[EventGraph] = []

    def collect(loop: EventGraph) -> Iterator[Mistake]:
        found.append(loop)
        return iter(())

    collector = Rule("LOOP000", "graph", Severity.NOTE, collect, "EventGraph", "")
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
    if not views:
        raise LookupError(f"{path}: no event of a training loop in {'it' if function is None else f'`{function}`'}")
    return sources, views


def _seen(loop: EventGraph, path: str, function: str | None, sources: Mapping[str, Source]) -> _View | None:
    """The part of a graph that is shown for a file, or for one function of it."""
    happened = [event for event in loop.nodes if event is not None]
    events = [event for event in happened if any(at.path == path for at in (event.place, *event.calls))]
    if not events:
        return None
    if function is None or (loop.place.path == path and function in (loop.name, loop.name.rpartition(".")[2])):
        return _View(loop, sources=sources)
    name = function.rpartition(".")[2]
    own = [iteration.nodes for iteration in loop.iterations if iteration.function == name and not iteration.is_call]
    own += [(event.node, event.node + 1) for event in events if event.function == name]
    nodes = range(min(low for low, _ in own), max(high for _, high in own)) if own else None
    return None if nodes is None else _View(loop, nodes, sources)

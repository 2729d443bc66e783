"""The event graph as text: events in order, and the edges between them.

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

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from looplint.cli.graph_view import (
    END,
    NUMBERED,
    ShownEdge,
    View,
    called,
    conditions,
    event_text,
    heading,
    things,
    views_of,
)
from looplint.cli.terminal import filled
from looplint.events import AbstractObject, EventGraph, Graph, LoopScope, Place, Type
from looplint.prefilter import Need, need
from looplint.project.config import Configuration
from looplint.project.files_to_lint import files
from looplint.sources import Source, bytes_of, kind_of

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
    sources, views = views_of(path, function)
    return "\n\n\n".join("\n".join(_page(view, sources, columns)) for view in views)


def files_with_loops(folder: str, most: int = 4) -> list[str]:
    """Files in a folder that would be linted and may contain training loops; of many the first, then "..."."""
    python = (file for file in files([folder], Configuration()) if kind_of(file) == "python")
    found = [file for file in python if need(bytes_of(file)) is not Need.NOTHING]
    return found if len(found) <= most else [*found[:most], "..."]


def text_of(loop: EventGraph) -> str:
    """The events of a loop and the edges between them, a line each."""
    return "\n".join(line.text + (f"  {line.edges}" if line.edges else "") for line in _lines(View(loop)))


@dataclasses.dataclass(slots=True)
class _Line:
    text: str
    edges: str = ""
    place: Place | None = None


def _lines(view: View) -> Iterator[_Line]:
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
            yield _Line(f"{row}  {'  ' * level}{heading(loop, iteration)}", place=iteration.place)
            if iteration.is_call:
                function = called(loop, iteration) or function
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
        yield _Line(f"{view.labels[event.node].rjust(width)}  {indent}{event_text(view, event)}", arrow, event.place)


def _arrow(view: View, node: int, edges: Sequence[ShownEdge]) -> str:
    parts = []
    for target, guards in edges[:EDGES]:
        again = " again" if END != target <= node else ""
        condition = conditions(guards)
        parts.append(view.label(target) + again + (f" if {condition}" if condition else ""))
    if len(edges) > EDGES:
        parts.append(f"... ({len(edges) - EDGES} more)")
    return "-> " + ", ".join(parts)


def _page(view: View, sources: dict[str, Source], columns: int | None) -> Iterator[str]:
    loop = view.loop
    lines = list(_lines(view))
    title = f"{view.home}:{view.row(loop.place)}: {loop.name}" if not loop.complete else f"{view.home}: {loop.name}"
    at = "" if loop.cut_at is None else f" beyond {view.home}:{view.row(loop.cut_at)}"
    title += f" (not analysed completely{at})" if loop.cut else ""
    if loop.searched_up_to is not None:
        title += (
            f" (calls from {view.home}:{view.row(loop.searched_up_to)} on not checked for variables that they change)"
        )
    yield title
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


def _objects(view: View) -> Iterator[tuple[str, str]]:
    """The facts about the objects that are subjects of events."""
    for thing in things(view.events):
        if thing.name or thing.type in NUMBERED:
            yield view.name(thing), _known(view, thing)


def _known(view: View, thing: AbstractObject) -> str:
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

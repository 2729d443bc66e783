"""The event graph as a drawing for Graphviz (https://graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

from collections.abc import Iterator

from looplint.cli.graph_view import END, View, conditions, event_text, heading, views_of
from looplint.events import Guard, LoopScope


def graph_dot(path: str, function: str | None = None) -> str:
    """The event graphs of a file for Graphviz (https://graphviz.org/doc/info/lang.html); parameters and errors as
    `graph_text`."""
    _, views = views_of(path, function)
    lines = ["digraph looplint {", '  node [shape=box, fontname="monospace"];', '  edge [fontname="monospace"];']
    for number, view in enumerate(views):
        lines += _drawing(view, number)
    return "\n".join([*lines, "}"])


def _drawing(view: View, number: int) -> Iterator[str]:
    """A box for each event, in the frames of the loops around it."""
    loop = view.loop
    inside: dict[LoopScope | None, list[str]] = {}
    for event in view.events:
        label = _quoted(f"{view.labels[event.node]}  {event_text(view, event)}")
        box = f"n{number}_{event.node} [label={label}];"
        inside.setdefault(event.loops[-1] if event.loops else None, []).append(box)

    def frame(outer: LoopScope | None, indent: str) -> Iterator[str]:
        yield from (indent + line for line in inside.get(outer, ()))
        for index, iteration in enumerate(loop.iterations):
            if iteration.outer is outer and any(iteration in event.loops for event in view.events):
                yield f"{indent}subgraph cluster_{number}_{index} {{"
                yield f"{indent}  label={_quoted(f'{view.row(iteration.place)}  {heading(view.loop, iteration)}')};"
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
    styles = [f"label={_quoted(conditions(guards))}"] if guards else []
    styles += ["style=dashed, constraint=false"] if again else []
    return f" [{', '.join(styles)}]" if styles else ""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

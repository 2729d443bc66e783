"""Events for codemods and Fixit rules: a metadata provider of libcst.

class ForwardCalls(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (LoopEvents,)

    def visit_Call(self, node: cst.Call) -> None:
        for event in self.get_metadata(LoopEvents, node, ()):
            ...
"""

from __future__ import annotations

from collections import defaultdict

import libcst
from libcst.metadata import BatchableMetadataProvider

from looplint.events import Event

__all__ = ["LoopEvents"]


class LoopEvents(BatchableMetadataProvider[tuple[Event, ...]]):
    """The events at a node: what happens there to models, optimizers, losses (`looplint.events.Kind`).

    An event belongs to the call, expression, statement or class that it is reported at; a node without events has no
    metadata, so pass a default: `self.get_metadata(LoopEvents, node, ())`. Other files are not read.
    """

    def visit_Module(self, node: libcst.Module) -> None:
        """Find the events of the whole file."""
        from looplint.run.events_of import event_graphs
        from looplint.sources import Source
        from looplint.syntax.located import Located

        text = node.code.replace("\r\n", "\n").replace("\r", "\n")
        tree = Located(text, node)
        found: dict[libcst.CSTNode, dict[Event, None]] = defaultdict(dict)
        for graph in event_graphs(Source("<module>", text)):
            for event in graph.nodes:
                place = event.place if event is not None else None
                if event is None or place is None or place.path != "<module>":
                    continue
                at = tree.node(place.row, place.column, place.end_row, place.end_column)
                if at is not None:
                    found[at.node][event] = None
        for each, events in found.items():
            self.set_metadata(each, tuple(events))

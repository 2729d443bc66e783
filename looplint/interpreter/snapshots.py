"""States of modules that are kept: `best = model.state_dict()`."""

from __future__ import annotations

import ast

from looplint.events import Fact, How, Kind, Option
from looplint.interpreter.part import Part
from looplint.interpreter.values import (
    Collection,
    Function,
    Value,
    objects_in,
)


class Snapshots(Part):
    """Records which states are bound to names, attributes and entries."""

    def bound(self, target: ast.expr, value: Value, made: ast.expr) -> None:
        if isinstance(target, ast.Name):
            frame = self.reader.now.frame
            local = frame.function is not None and target.id not in frame.globals | frame.nonlocals
            options: dict[str, object] = {Option.LOCAL: local}
            for thing in objects_in(value):
                if Fact.STATE in thing.facts:
                    self.reader.emit(
                        Kind.SNAPSHOT, thing.operands, made, object=thing, how="state_dict", options=options
                    )
            self.entries(value, made)
        elif isinstance(target, ast.Tuple) and isinstance(made, ast.Tuple) and isinstance(value, Collection):
            # `best, best_state = accuracy, model.state_dict()`
            for index, (part, written) in enumerate(zip(target.elts, made.elts, strict=False)):
                if index in value.items and len(target.elts) == len(made.elts):
                    self.bound(part, value.items[index], written)

    def entries(self, value: Value, node: ast.expr) -> None:
        """States that are stored as entries of a dict, a tuple or a list which is kept."""
        if isinstance(node, ast.Dict) and isinstance(value, Collection):
            for key, entry in zip(node.keys, node.values, strict=True):
                kept = value.items.get(key.value) if isinstance(key, ast.Constant) else None
                self._keep(kept, entry, "state_dict")
        elif isinstance(node, ast.Tuple | ast.List) and isinstance(value, Collection):
            if not any(isinstance(entry, ast.Starred) for entry in node.elts):
                for index, entry in enumerate(node.elts):
                    self._keep(value.items.get(index), entry, "state_dict")
        elif isinstance(node, ast.Call) and isinstance(value, Collection):
            with self.reader.flow.silently():
                called = self.reader.evaluate(node.func)
            # A function of the program returns such a dict; `copy.deepcopy` returns a copy of one.
            for kept in value.items.values() if isinstance(called, Function) else ():
                self._keep(kept, node, How.PACKED)

    def _keep(self, value: Value | None, node: ast.expr, how: str) -> None:
        for thing in objects_in(value):
            if Fact.STATE in thing.facts:
                self.reader.emit(Kind.SNAPSHOT, thing.operands, node, object=thing, how=how)

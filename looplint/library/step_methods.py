"""Frameworks' training loops: the operations around a method that runs once per batch."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, How, Kind, Type
from looplint.interpreter.values import Class, Collection, Const, Function, Instance, Symbol, Value, objects_in
from looplint.knowledge.step_methods import STEP_METHODS, StepMethod
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text, nodes


class StepMethods(LibraryPart):
    """Adds a framework's operations to the loop."""

    def returned(self, receiver: AbstractObject | None, function: ast.AST, result: Value) -> None:
        """A method of `receiver` returned: if the framework back-propagates the result, add its backward and
        step here."""
        name = getattr(function, "name", "")
        kind = self._kind(receiver) if isinstance(receiver, Instance) else None
        if kind is None or name != kind.step or not isinstance(receiver, Instance) or self._is_manual(receiver, kind):
            return
        returns = [node for node in nodes(function) if isinstance(node, ast.Return) and node.value is not None]
        if isinstance(result, Collection) and result.mapping:
            result = result.items.get(kind.loss, Const(None))
        losses = tuple(objects_in(result))
        if not returns or not losses:
            return
        node = returns[-1]
        optimizer = self._optimizer(receiver)
        self.reader.emit(Kind.CLEAR, (optimizer,), node, how=How.FRAMEWORK)
        self.reader.emit(Kind.BACKWARD, losses, node, how=How.FRAMEWORK, written=as_text(node.value or node))
        self.reader.emit(Kind.STEP, (optimizer,), node, how=How.FRAMEWORK, written=optimizer.name)

    def between_calls(self, receiver: AbstractObject | None, function: ast.AST, method: ast.AST) -> bool:
        """Whether unknown code may call another method between two calls of this one."""
        kind = self._kind(receiver) if isinstance(receiver, Instance) else None
        step = kind is not None and getattr(function, "name", "") == kind.step
        return not (kind is not None and step and getattr(method, "name", "") in kind.per_epoch)

    def optimizers(self, thing: AbstractObject, node: ast.AST) -> Value | None:
        """The result of `self.optimizers()`: the optimizers that the class creates in its own method, in order."""
        kind = self._kind(thing) if isinstance(thing, Instance) else None
        if kind is None or not isinstance(thing, Instance) or thing.cls is None:
            return None
        found = self.reader.classes.find_method(thing.cls, kind.optimizers)
        if found is None:
            return None
        with self.reader.flow.silently():
            made = self.reader.inlining.call(Function(found[0], found[1].frame, thing, found[1]), [], {}, found[0])
        optimizers = list(dict.fromkeys(_optimizers_in(made)))
        if len(optimizers) < 2:
            return optimizers[0] if optimizers else None
        together = self.reader.objects.collection(found[0], f"optimizers of {thing.name}")
        together.items = dict(enumerate(optimizers))
        return together

    def _kind(self, thing: Instance) -> StepMethod | None:
        if thing.cls is None:
            return None
        lineage = self.reader.classes.lineage(thing.cls)
        bases = [base.dotted if isinstance(base, Symbol) else base.name for base in lineage]
        return next((kind for kind in STEP_METHODS for base in bases if kind.base.search(base)), None)

    def _is_manual(self, thing: Instance, kind: StepMethod) -> bool:
        """Whether the class turns the framework's clear, backward and step off."""
        assert thing.cls is not None
        return any(
            isinstance(node, ast.Attribute) and node.attr == kind.manual and isinstance(node.ctx, ast.Store)
            for cls in self.reader.classes.lineage(thing.cls)
            if isinstance(cls, Class)
            for node in nodes(cls.node)
        )

    def _optimizer(self, thing: AbstractObject) -> AbstractObject:
        found = self.reader.objects.external(thing, f"{thing.name}.optimizers()", "optimizers")
        found.type, found.certain = Type.OPTIMIZER, True
        return found


def _optimizers_in(value: Value, depth: int = 0) -> list[AbstractObject]:
    """The optimizers in a method's result: one, a list, a pair of lists, or a dictionary."""
    if isinstance(value, Collection):
        return [one for item in value.elements() for one in _optimizers_in(item, depth + 1)] if depth < 3 else []
    return [one for one in objects_in(value) if one.type is Type.OPTIMIZER]

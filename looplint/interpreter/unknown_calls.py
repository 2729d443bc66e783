"""Calls to unknown code: arguments escape; the result is unknown."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Fact, Graph, How, Kind, Option, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.objects import changed_in_place
from looplint.interpreter.part import Part
from looplint.interpreter.values import Collection, Const, Function, Instance, Value, alternatives, objects_in
from looplint.knowledge.members import CHANGES_NO_GRADIENT
from looplint.knowledge.name_hints import BACKWARD, CLEARS, SWITCHES_GRADIENTS, SWITCHES_MODE


class UnknownCalls(Part):
    """Evaluates calls to unknown code."""

    def call(self, node: ast.AST, values: list[Value], given: Arguments, *, name: str = "") -> Value:
        """A call to unknown code: its arguments escape, and its result may hold a graph."""
        self._passed(values, node)
        self._may_adapt(given.values, node)
        self.switched(name, values, node)
        if CLEARS.search(name.rpartition(".")[2]):
            targets = self.reader.objects.of(given.values) or self.reader.objects.of(values)
            self.reader.emit(Kind.CLEAR, targets, node, how=name)
            return Const(None)
        if self.reader.tables.clipping.search(name.rpartition(".")[2]) and given.args:
            self.reader.emit(Kind.CLIP, self.reader.objects.of(given.args[:1]), node, how=name)
            return self.reader.objects.number(node)
        self.escape(values, node, name)
        result = self.reader.objects.make(
            node, role="unseen", constructor=name, operands=values, graph=Graph.UNKNOWN, facts=(Fact.UNKNOWN_RESULT,)
        )
        if self.reader.objects.graph_of(values) is Graph.NO and values and self.reader.now.gradients is Graph.NO:
            result.graph = Graph.NO
        return result

    def method(self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call) -> Value:
        """Call a method whose code is unknown: the arguments escape, and the result may be anything."""
        values: list[Value] = list(given.values)
        plain = name in CHANGES_NO_GRADIENT or name in self.reader.tables.hooks
        if isinstance(thing, Instance) or (self.reader.objects.is_like(thing, Type.OPTIMIZER) and not plain):
            values.append(thing)
        self._passed([thing, *given.values] if thing.type is Type.MODULE else given.values, node)
        if BACKWARD.search(name):
            # `engine.backward(loss)` differentiates the loss, whatever the engine is.
            self.reader.emit(Kind.READ, self.reader.objects.of(given.values), node, how=How.GRADIENT)
        self._may_adapt(given.values, node)
        self.switched(name, [thing, *given.values], node)
        self.escape(values, node, name)
        if thing.certain and thing.type is Type.OTHER:
            return self.reader.objects.make(node, role="unseen", operands=given.values)
        constructor = f"{thing.name}.{name}"
        result = self.reader.objects.make(
            node, role="unseen", constructor=constructor, operands=(thing, *given.values), facts=(Fact.UNKNOWN_RESULT,)
        )
        self.reader.library.mark_activation(result, f"Tensor.{name}", given, node, receiver=thing)
        if name in self.reader.tables.shapes:
            self.reader.library.share_values(result, (thing,))
        return result

    def switched(self, name: str, values: list[Value], node: ast.AST) -> None:
        """`set_requires_grad(net, False)`, `toggle_optimizer(optimizer)`: turns gradients on or off for these
        parameters. `set_mode(net, "eval")` may set their mode."""
        if SWITCHES_GRADIENTS.search(name.rpartition(".")[2]):
            options: dict[str, object] = {Option.BY_UNKNOWN_CODE: True}
            subjects = self.reader.objects.of(values)
            self.reader.emit(Kind.ASSIGN, subjects, node, how="requires_grad_", options=options)
        if SWITCHES_MODE.search(name.rpartition(".")[2]):
            self.reader.emit(Kind.MAY_SWITCH, self._switchable(values), node, how=name)

    def _switchable(self, values: list[Value]) -> list[AbstractObject]:
        """The modules among these values and their attributes, and what may hold modules."""
        found = self.reader.objects.flat(self.reader.objects.of(values))
        held = [one for thing in found for value in self.reader.bindings.attributes(thing) for one in objects_in(value)]
        modules = [one for one in (*found, *held) if one.type is Type.MODULE]
        return [*modules, *(one for one in found if one.type in (Type.UNKNOWN, Type.OTHER))]

    def _passed(self, values: list[Value], node: ast.AST) -> None:
        """Losses, samplers and loaders passed to unknown code may be differentiated, get `set_epoch`, or be wrapped
        there, and a model be switched to training mode."""
        passed = self.reader.objects.of(values)
        found = [
            one
            for one in passed
            if one.type in (Type.SAMPLER, Type.LOADER, Type.SCALER)
            or (one.type is Type.TENSOR and (one.graph is Graph.YES or Fact.PART_OF_OUTPUT in one.facts))
            or Fact.IN_EVALUATION in one.facts
        ]
        if found:
            self.reader.emit(Kind.READ, found, node, how=How.HANDED_OVER)
        self.reader.emit(Kind.HAND_OVER, [one for one in passed if one.type is Type.MODULE], node)
        if any(self.reader.objects.is_like(one, Type.OPTIMIZER) for one in passed):
            # A function that gets a loss together with an optimizer is there to train: `loss_scaler(loss, optimizer)`.
            self.reader.emit(Kind.READ, [one for one in found if one.type is Type.TENSOR], node, how=How.GRADIENT)

    def _may_adapt(self, values: list[Value], node: ast.AST) -> None:
        """A function that gets a loss together with the module that it comes from may compute new parameters of it:
        `adapted_parameters(model, loss)`."""
        passed = self.reader.objects.of(values)
        modules = [one for one in passed if one.type is Type.MODULE]
        losses = [one for one in passed if Fact.GRADED in one.facts and any(map(one.comes_from, modules))]
        if losses:
            self.reader.emit(Kind.READ, losses, node, how=How.GRADIENT)

    def escape(self, values: list[Value], node: ast.AST, name: str) -> None:
        """Optimizers (and objects that hold them) passed to unknown code may be cleared or stepped there, and tensors
        changed in place."""
        for one in self.reader.objects.flat(self.reader.objects.of(values)):
            changed_in_place(one)
            self.reader.library.passed(one, node)
        found: list[AbstractObject] = []
        for value in values:
            for one in objects_in(value):
                found.extend(self._holds_optimizers(one, 0))
        if found:
            self.reader.emit(Kind.ESCAPE, found, node, how=name)
        for value in values:
            for passed in alternatives(value):
                if isinstance(passed, Function):
                    self.reader.record.defined.append(passed)
                    self.reader.record.passed.add(passed.node)

    def _holds_optimizers(self, thing: AbstractObject, depth: int) -> list[AbstractObject]:
        if self.reader.objects.is_like(thing, Type.OPTIMIZER, Type.ENGINE):
            return [thing]
        if isinstance(thing, Collection) and depth < 3:
            return [
                o
                for item in thing.elements()
                for one in objects_in(item)
                for o in self._holds_optimizers(one, depth + 1)
            ]
        if isinstance(thing, Instance) and depth < 2:
            return [
                held
                for held in self.reader.bindings.attributes(thing)
                if isinstance(held, AbstractObject) and self.reader.objects.is_like(held, Type.OPTIMIZER)
            ]
        return []

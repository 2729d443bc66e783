"""Activations: which tensors hold the output of a softmax or sigmoid, and which operations preserve that."""

from __future__ import annotations

import ast
import dataclasses

from looplint.events import AbstractObject, Fact, Option
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.objects import VALUES_KEPT
from looplint.interpreter.values import Collection, Value, objects_in
from looplint.knowledge.logits import ACTIVATIONS
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text


class Activations(LibraryPart):
    """Records what the values of a tensor are."""

    def share(self, result: AbstractObject, values: tuple[Value, ...] | list[Value], *, limited: bool = False) -> None:
        """The result holds the same values. `limited`: but for those that are out of range."""
        for value in values:
            for one in objects_in(value):
                result.facts |= one.facts & VALUES_KEPT
                if limited:
                    result.facts -= {Fact.LINEAR_OUTPUT}
                if one.facts & {Fact.SOFTMAX, Fact.SIGMOID}:
                    result.options = one.options
                parts = [t for part in one.elements() for t in objects_in(part)] if isinstance(one, Collection) else []
                same = frozenset.intersection(*(part.facts for part in parts)) if parts else frozenset()
                if activation := same & {Fact.SOFTMAX, Fact.SIGMOID}:
                    result.facts |= activation
                    result.options = parts[0].options

    def mark(
        self,
        result: AbstractObject,
        dotted: str,
        given: Arguments | None,
        node: ast.Call,
        receiver: AbstractObject | None = None,
    ) -> None:
        """Record that the result's values are those of a softmax or sigmoid, if the callee is one."""
        activation = ACTIVATIONS.get(dotted)
        if activation is None:
            return
        result.facts |= {activation}
        result.options = {Option.ACTIVATION: self.reader.now.place(node)}
        if given is not None:
            argument = (
                node.func.value
                if receiver is not None and isinstance(node.func, ast.Attribute)
                else next(iter(node.args), None)
            )
            if argument is not None:
                result.options[Option.ACTIVATED] = dataclasses.replace(
                    self.reader.now.place(argument), text=as_text(argument)
                )

"""Callbacks: methods that a framework calls in its own loop, with the loss of the batch."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Fact, Type
from looplint.interpreter.values import Instance, Symbol, Value
from looplint.knowledge.step_methods import CALLBACK_PACKAGES, CALLBACKS, Callback
from looplint.library.part import LibraryPart


class Callbacks(LibraryPart):
    """Gives callbacks the losses of their framework."""

    def arguments(
        self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> dict[str, Value]:
        """The arguments that a framework passes to a method of `receiver`."""
        callback = self._of(receiver, function)
        if callback is None:
            return {}
        parameters = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        return {one.arg: self._loss(one, one.arg) for one in parameters if one.arg in callback.losses}

    def attribute(self, thing: AbstractObject, name: str, node: ast.expr) -> Value | None:
        """`self.loss` in a method that a framework calls after a batch."""
        written = f"{thing.name}.{name}"
        if not any(written in callback.losses for callback in CALLBACKS):
            return None
        frame = self.reader.now.frame
        callback = self._of(frame.receiver, frame.function)
        return self._loss(node, written) if callback is not None and written in callback.losses else None

    def _loss(self, node: ast.AST, name: str) -> AbstractObject:
        return self.reader.objects.make(
            node,
            Type.TENSOR,
            role="loss of a framework",
            certain=True,
            graph=self.reader.now.gradients,
            name=name,
            facts=(Fact.GRADED, Fact.RECORDED, Fact.BACKPROPAGATED),
        )

    def _of(self, receiver: AbstractObject | None, function: ast.AST | None) -> Callback | None:
        """The kind of callback that a method is."""
        if not isinstance(receiver, Instance) or receiver.cls is None or not isinstance(function, ast.FunctionDef):
            return None
        if not any(name.partition(".")[0] in CALLBACK_PACKAGES for _, name, _ in self.reader.now.module.imports):
            return None
        bases = [base.dotted for base in self.reader.classes.lineage(receiver.cls) if isinstance(base, Symbol)]
        return next(
            (
                callback
                for callback in CALLBACKS
                if function.name in callback.methods and any(map(callback.base.search, bases))
            ),
            None,
        )

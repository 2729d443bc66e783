"""`with`: the contexts around a body, and managers whose source is known."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from looplint.events import AbstractObject, Context, Fact, How, Kind, Type
from looplint.interpreter.decorators import decorator_name
from looplint.interpreter.part import Part
from looplint.interpreter.values import Const, Function, Instance, Value, alternatives, objects_in
from looplint.knowledge.python_names import MAKES_CONTEXT_MANAGER
from looplint.syntax.walk import as_text

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader


class WithBlocks(Part):
    """Evaluates `with`."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._at_yield: Callable[[], None] | None = None

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        self._enter(node, 0)

    def _enter(self, node: ast.With | ast.AsyncWith, index: int) -> None:
        if index == len(node.items):
            self.reader.run(node.body)
            return
        item = node.items[index]
        expression = item.context_expr

        def inside() -> None:
            self._enter(node, index + 1)

        manager = self._generator_manager(expression)
        if manager is not None:
            self._through_generator(manager, expression, item.optional_vars, inside)
            return
        value = self.reader.evaluate(expression)
        names = self._context_names(expression, value)
        if Context.ACCUMULATE in names and isinstance(expression, ast.Call):
            self._count(expression)
        handed = self._handed_modules(value)
        if handed:
            # A context manager whose code is unknown may switch the mode of a network, or the recording of gradients.
            names.append(Context.SET_GRAD_ENABLED)
            self.reader.emit(Kind.REFERENCE, handed, expression, how=How.CONTEXT)
        entered: Value = value
        instance = next((t for t in objects_in(value) if isinstance(t, Instance) and t.cls is not None), None)
        if instance is not None and instance.cls is not None:
            found = self.reader.classes.find_method(instance.cls, "__enter__")
            if found is not None:
                entered = self.reader.inlining.call(
                    Function(found[0], found[1].frame, instance, found[1]), [], {}, expression
                )
        if item.optional_vars is not None:
            if Context.SCALE_LOSS in names and isinstance(expression, ast.Call) and expression.args:
                entered = self.reader.evaluate(expression.args[0])
            self.reader.assignments.assign(item.optional_vars, entered)

        def within() -> None:
            with self.reader.within(*names):
                inside()

        found = (
            self.reader.classes.find_method(instance.cls, "__exit__")
            if instance is not None and instance.cls is not None
            else None
        )
        if found is None:
            within()
            return
        leave = Function(found[0], found[1].frame, instance, found[1])
        error: list[Value] = [Const(None)] * 3

        def exit_() -> None:
            self.reader.inlining.call(leave, error, {}, expression)

        self.reader.try_blocks.on_every_exit(within, exit_)

    def _count(self, expression: ast.Call) -> None:
        """The framework whose block is entered counts a micro-batch."""
        if isinstance(expression.func, ast.Attribute):
            with self.reader.flow.silently():
                frameworks = list(objects_in(self.reader.evaluate(expression.func.value)))
            self.reader.emit(Kind.COUNT, frameworks, expression, written=as_text(expression.func.value))

    def _handed_modules(self, value: Value) -> list[AbstractObject]:
        """The modules passed to a context manager whose code is unknown."""
        results = [one for one in objects_in(value) if Fact.UNKNOWN_RESULT in one.facts]
        return [part for one in results for part in one.operands if part.type is Type.MODULE]

    def _context_names(self, expression: ast.expr, value: Value) -> list[Context]:
        """The contexts that a `with` item puts around its body. If a condition decides whether gradients are recorded,
        it is as with `set_grad_enabled`."""
        recording = self.reader.tables.recording
        choices = [self._contexts_of(expression, one) for one in alternatives(value)]
        switches = [frozenset(names) & recording for names in choices]
        names = dict.fromkeys(name for found in choices for name in found)
        if len(set(switches)) > 1:
            return [*(name for name in names if name not in recording), Context.SET_GRAD_ENABLED]
        return list(names)

    def _contexts_of(self, expression: ast.expr, value: Value) -> list[Context]:
        tables = self.reader.tables
        names: list[Context] = []
        for one in objects_in(value):
            name = tables.contexts.get(one.constructor)
            if name == Context.SET_GRAD_ENABLED and isinstance(expression, ast.Call):
                name = self.reader.statements.recording(expression)
            if name is not None:
                names.append(name)
        for part in (expression.body, expression.orelse) if isinstance(expression, ast.IfExp) else (expression,):
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
                if part.func.attr in tables.context_methods:
                    names.append(tables.context_methods[part.func.attr])
                elif (
                    part is expression
                    and part.func.attr in (Context.NO_GRAD, Context.INFERENCE_MODE, Context.AUTOCAST)
                    and not names
                ):
                    names.append(Context(part.func.attr))
        return names

    def _generator_manager(self, expression: ast.expr) -> Function | None:
        """The `@contextmanager` function that a `with` item calls, if its source is known."""
        if not isinstance(expression, ast.Call):
            return None
        with self.reader.flow.silently():
            callee = self.reader.evaluate(expression.func)
        if isinstance(callee, Function) and any(
            decorator_name(d).rpartition(".")[2] in MAKES_CONTEXT_MANAGER
            for d in getattr(callee.node, "decorator_list", ())
        ):
            return callee
        return None

    def _through_generator(
        self, manager: Function, expression: ast.expr, target: ast.expr | None, inside: Callable[[], None]
    ) -> None:
        assert isinstance(expression, ast.Call)
        given = self.reader.calls.arguments(expression)
        outside = self.reader.now

        def at_yield() -> None:
            manager_at = self.reader.now
            body = outside.copy()
            body.contexts = manager_at.contexts
            waiting, self._at_yield = self._at_yield, None
            with self.reader.at(body), self.reader.within(*(manager_at.contexts - outside.contexts)):
                if target is not None:
                    self.reader.assignments.assign(target, self.reader.objects.make(target, role="managed"))
                inside()
            self._at_yield = waiting

        before, self._at_yield = self._at_yield, at_yield
        self.reader.inlining.call(manager, given.args, given.keywords, expression, given.open)
        self._at_yield = before

    def yielded(self) -> None:
        """A `yield` of a context manager with known source was reached: the block runs there."""
        if self._at_yield is not None:
            callback, self._at_yield = self._at_yield, None
            callback()

    handlers: ClassVar[dict[type[ast.stmt], Callable[..., int | None]]] = {ast.With: _with, ast.AsyncWith: _with}

"""Inlining of functions whose source is known."""

from __future__ import annotations

import ast
import dataclasses
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Context, Fact, Graph, Kind, Type
from looplint.interpreter.activation import Exits
from looplint.interpreter.arguments import Arguments, has_room_for
from looplint.interpreter.bindings import without
from looplint.interpreter.budget import DEPTH
from looplint.interpreter.decorators import is_abstract, is_left_out
from looplint.interpreter.part import Part
from looplint.interpreter.values import (
    Class,
    Const,
    Either,
    Frame,
    Function,
    Instance,
    Partial,
    Symbol,
    Value,
    alternatives,
    either,
)
from looplint.program.outline import has_inner_functions, names_in
from looplint.syntax.walk import as_text, nodes

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader

_ACTS = frozenset(
    (
        Kind.CLEAR,
        Kind.BACKWARD,
        Kind.STEP,
        Kind.SCALER_UPDATE,
        Kind.TRAIN,
        Kind.EVAL,
        Kind.LOAD,
        Kind.SET_EPOCH,
        Kind.ESCAPE,
    )
)
"""Events of a generator between two elements that affect the loop over it."""

SWITCHES = frozenset(("no_grad", "inference_mode", "set_grad_enabled"))
"""Functions that turn the recording of gradients on or off."""


class Inlining(Part):
    """Inlines calls."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._pure: dict[tuple[object, ...], tuple[Value, Function, list[Value], dict[str, Value]]] = {}

    def call(
        self,
        function: Function,
        args: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
        opened: bool = False,
    ) -> Value:
        """Inline a function: its events are added here, and its result is returned."""
        code = function.node
        self.reader.record.inlined.add(code)
        if any(not scope.is_call for scope in self.reader.flow.loops):
            self.reader.record.repeated.add(code)
        if (
            is_left_out(code)
            or (function.owner is not None and is_abstract(code))
            or (
                isinstance(node, ast.Call) and not opened and _is_method_of_excerpt(function, len(args) + len(keywords))
            )
            # Such a call fails, or means another function.
            or (isinstance(node, ast.Call) and not has_room_for(function, len(args)))
        ):
            return self._left_to_others(function, Arguments(args, keywords, opened), node)
        wrapper = self._wrapper(function)
        if wrapper is not None:
            own = [function.receiver] if function.receiver is not None else []
            return self.call(wrapper, [*own, *args], keywords, node, opened)
        key = (
            code,
            _identity(function.receiver),
            *map(_identity, args),
            *((k, _identity(v)) for k, v in keywords.items()),
            self.reader.now.gradients,
        )
        if key in self._pure:
            return self._pure[key][0]
        effects = self.reader.record.effects
        result = self._inline(function, args, keywords, node, opened)
        if (
            self.reader.record.effects == effects
            and code not in self.reader.now.calls
            and not opened
            and _is_plain(result)
        ):
            self._pure[key] = (result, function, args, keywords)
        return result

    def _inline(
        self, function: Function, args: list[Value], keywords: dict[str, Value], node: ast.AST, opened: bool
    ) -> Value:
        code = function.node
        if self.reader.budget.learnt:
            return self._not_searched([*args, *keywords.values()], node)
        if code in self.reader.now.calls or len(self.reader.now.calls) >= DEPTH or self.reader.budget.left <= 0:
            return self._refused(code, [*args, *keywords.values()], node)
        if not self.reader.flow.silent:
            self.reader.record.opened.add(code)
        frame = self._frame(function, args)
        # Its parameters go with it, as its other names do: they are bound behind the mark.
        exits = Exits(self.reader.bindings.mark(), len(self.reader.graph.nodes), self._collected(code, node))
        self.reader.parameters.bind(frame, function, args, keywords, opened)
        self.reader.iterators.bind_parameters(frame, function, node)
        if isinstance(node, ast.Call):
            self.reader.parameters.note_names(frame, function, node)
        inside = self.reader.called_from(node).in_frame(frame)
        inside.jumps = []
        inside.exits.append(exits)
        inside.calls.append(code)
        left, events = self.reader.budget.left, self.reader.budget.events
        decorated = self._decorated(code)
        with self.reader.at(inside), self.reader.within(*decorated):
            before = inside.contexts
            result = self._run(code, exits)
            after = inside.contexts
        recording = self.reader.tables.recording
        if after != before and recording.isdisjoint(decorated):
            # Whether gradients are recorded is no matter of one function: what it switched stays so behind the call.
            self.reader.now.contexts = self.reader.now.contexts - recording | after & recording
        self.reader.budget.refund(left, events)
        inside.calls.pop()
        inside.exits.pop()
        return result

    def _not_searched(self, given: list[Value], node: ast.AST) -> Value:
        """The result of a call behind the bound of the search for what a loop binds."""
        # Not as it will be in the evaluation that counts: nobody may keep this result.
        self.reader.record.effects += 1
        if self.reader.budget.searched_up_to is None and hasattr(node, "lineno"):
            self.reader.budget.searched_up_to = self.reader.now.place(node)
        return self.reader.objects.derived(node, given, role="call")

    def _refused(self, code: ast.AST, given: list[Value], node: ast.AST) -> Value:
        """The result of a call that is not inlined: it is recursive, too deep, or beyond the budget."""
        reader = self.reader
        if code not in reader.now.calls:
            reader.graph.cut = True
            if reader.graph.cut_at is None and hasattr(node, "lineno"):
                reader.graph.cut_at = reader.now.place(node)
                reader.graph.cut_limit = 0 if reader.budget.left > 0 else reader.budget.limit
            reader.record.refused.add(code)
            if reader.budget.left <= 0 and not reader.budget.granted:
                reader.record.left.update(reader.now.calls)
        reader.unknown_calls.escape(given, node, "call")
        result = reader.objects.derived(node, given, role="call")
        if result.graph is Graph.YES:
            # What the function makes of them is not evaluated: it may detach them, or count something.
            result.graph, result.type = Graph.UNKNOWN, Type.UNKNOWN
        return result

    def _frame(self, function: Function, args: list[Value]) -> Frame:
        """The scope of one call."""
        code, outer = function.node, function.frame
        return Frame(
            outer.module,
            outer if outer.owner is None or outer.function is not None else outer.outer,
            code,
            function.name if not isinstance(code, ast.Lambda) else self.reader.now.frame.name,
            receiver=function.receiver or outer.receiver or _first_instance(function, args),
            owner=function.owner,
        )

    def _collected(self, code: ast.AST, node: ast.AST) -> AbstractObject | None:
        """What a generator yields, if the call around it collects all of it: `sum(losses(loader))`."""
        if node not in self.reader.record.collected or not isinstance(node, ast.Call):
            return None
        stream = self.reader.objects.collection(code, "yields")
        stream.name = stream.name or as_text(node)
        return stream

    def _left_to_others(self, method: Function, given: Arguments, node: ast.AST) -> Value:
        """An abstract method, or a function that is not written out: its implementation may do anything, and returns
        what the annotation says."""
        receiver = [method.receiver] if method.receiver is not None else []
        result = self.reader.unknown_calls.call(node, [*receiver, *given.values], given, name=method.name)
        returns = getattr(method.node, "returns", None)
        if isinstance(result, AbstractObject) and returns is not None:
            with self.reader.in_frame(method.frame):
                self.reader.parameters.annotate(result, returns)
        return result

    def _wrapper(self, function: Function) -> Function | None:
        """The wrapper that the project's decorators put around a function, if they return a function that calls it."""
        decorators = getattr(function.node, "decorator_list", ())
        if function.bare or not decorators:
            return None
        inner = dataclasses.replace(function, receiver=None, bare=True)
        outer = inner
        for decorator in reversed(decorators):
            name = decorator.func if isinstance(decorator, ast.Call) else decorator
            with self.reader.flow.silently(), self.reader.in_frame(function.frame):
                if not isinstance(name, ast.Name | ast.Attribute) or not isinstance(
                    self.reader.evaluate(name), Function
                ):
                    continue
                made = self.reader.evaluate(decorator)
                wrapped = self.call(made, [outer], {}, decorator) if isinstance(made, Function) else None
            if (
                isinstance(wrapped, Function)
                and wrapped.node not in self.reader.now.calls
                and self._calls(wrapped, outer)
            ):
                outer = dataclasses.replace(wrapped, bare=True)
        return None if outer is inner else outer

    def _calls(self, wrapper: Function, inner: Function) -> bool:
        """Whether a wrapper calls the wrapped function by its own name for it."""
        with self.reader.in_frame(wrapper.frame):
            return any(
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and self.reader.names.lookup(call.func.id, call.func) is inner
                for call in nodes(wrapper.node)
            )

    def _decorated(self, code: ast.AST) -> list[Context]:
        """The contexts that a function's decorators put around it."""
        found = []
        for decorator in getattr(code, "decorator_list", ()):
            expression = decorator.func if isinstance(decorator, ast.Call) else decorator
            if not isinstance(expression, ast.Name | ast.Attribute):
                continue
            with self.reader.flow.silently():
                value = self.reader.evaluate(expression)
            if isinstance(value, Symbol) and value.dotted in self.reader.tables.contexts:
                found.append(self.reader.tables.contexts[value.dotted])
            elif isinstance(value, Function) and names_in(value.node) & SWITCHES:
                # Whether a decorator of the project records gradients may depend on its arguments.
                found.append(Context.SET_GRAD_ENABLED)
        return found

    def _run(self, code: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, exits: Exits) -> Value:
        if isinstance(code, ast.Lambda):
            return self.reader.evaluate(code.body)
        begin = len(self.reader.graph.nodes)
        self.reader.run(code.body)
        if self.reader.flow.ends:
            if not exits.yields:
                exits.values.append(Const(None))
            exits.states.append(self.reader.bindings.changes(exits.mark))
        if exits.states:
            own = None if has_inner_functions(code) else id(self.reader.now.frame)
            self.reader.bindings.rollback(exits.mark)
            self.reader.bindings.merge([without(changes, own) for changes in exits.states], self.reader.flow.now)
        self.reader.flow.join(exits.target)
        if exits.yields:
            if not self.reader.flow.ends:
                self.reader.flow.ends = (
                    [(len(self.reader.graph.nodes) - 1, None)] if not self.reader.flow.silent else [(-1, None)]
                )
            stream = self.reader.objects.collection(code, "yields")
            stream.more = tuple(exits.yields)
            stream.operands = self.reader.objects.of(exits.yields)
            if any(event is not None and event.kind in _ACTS for event in self.reader.graph.nodes[begin:]):
                stream.facts |= {Fact.ACTS}
            return stream
        values = exits.values
        real = [value for value in values if not (isinstance(value, Const) and value.value is None)]
        return either(real or values or [Const(None)])


def _identity(value: Value | None) -> object:
    """What two calls must have in common to return the same."""
    if isinstance(value, AbstractObject | Function | Partial):
        return id(value)
    if isinstance(value, Either):
        return tuple(map(_identity, value.values))
    if isinstance(value, Const):
        return (type(value.value), repr(value.value), value.argument)
    return value


def _is_method_of_excerpt(function: Function, given: int) -> bool:
    """Whether a page shows a method without its class, and calls something of the same name, with fewer arguments."""
    of = function.node.args
    parameters = [*of.posonlyargs, *of.args]
    return (
        function.frame.module.source.kind == "markdown"
        and function.receiver is None
        and function.owner is None
        and bool(parameters)
        and parameters[0].arg == "self"
        and given < len(parameters) - len(of.defaults)
    )


def _first_instance(function: Function, args: list[Value]) -> Instance | None:
    """The receiver of a method that a wrapper passes as the first argument."""
    first = args[0] if function.owner is not None and args else None
    return first if isinstance(first, Instance) else None


def _is_plain(value: Value) -> bool:
    """Whether a result is interchangeable with an equal one."""
    return all(
        isinstance(one, Const | Symbol | Function | Class)
        or (isinstance(one, AbstractObject) and one.type in (Type.NUMBER, Type.OTHER))
        or (isinstance(one, AbstractObject) and one.external)
        for one in alternatives(value)
    )

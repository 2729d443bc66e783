"""Functions that are seen: a call lays them open in place."""

from __future__ import annotations

import ast
import dataclasses

from looplint.events import AbstractObject, Kind, Type
from looplint.interpreter.arguments import Arguments, arguments_written
from looplint.interpreter.bindings import without
from looplint.interpreter.names import _decorator
from looplint.interpreter.reader import DEPTH, Exits
from looplint.interpreter.unknown_calls import Unseen
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
from looplint.knowledge.torch import (
    CONTEXTS,
)
from looplint.program.outline import has_inner_functions, names_in
from looplint.syntax.walk import nodes

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
"""What a generator may do between two of its elements that changes what the loop over it does."""

_ASKED = frozenset((Type.NUMBER, Type.OTHER, Type.UNKNOWN, Type.SCALER))
"""What conditions ask about: options, and what there may be or not."""

SWITCHES = frozenset(("no_grad", "inference_mode", "set_grad_enabled"))
"""Names of what switches the recording of gradients."""


class Functions(Unseen):
    """Reads calls of functions of the program."""

    _pure: dict[tuple[object, ...], tuple[Value, Function, list[Value], dict[str, Value]]]

    def call_function(
        self,
        function: Function,
        args: list[Value],
        keywords: dict[str, Value],
        node: ast.AST,
        opened: bool = False,
    ) -> Value:
        """Lay a function open in place: its events happen here, its result comes back."""
        code = function.node
        self.inlined.add(code)
        if is_left_out(code) or (function.owner is not None and is_abstract(code)):
            return self._left_to_others(function, Arguments(args, keywords, opened), node)
        wrapper = self._wrapper(function)
        if wrapper is not None:
            own = [function.receiver] if function.receiver is not None else []
            return self.call_function(wrapper, [*own, *args], keywords, node, opened)
        key = (
            code,
            _identity(function.receiver),
            *map(_identity, args),
            *((k, _identity(v)) for k, v in keywords.items()),
            self.gradients,
        )
        if key in self._pure:
            return self._pure[key][0]
        effects = self.effects
        result = self._lay_open(function, args, keywords, node, opened)
        if self.effects == effects and code not in self.calls and not opened and _is_plain(result):
            self._pure[key] = (result, function, args, keywords)
        return result

    def _lay_open(
        self, function: Function, args: list[Value], keywords: dict[str, Value], node: ast.AST, opened: bool
    ) -> Value:
        code = function.node
        if code in self.calls or len(self.calls) >= DEPTH or self.budget <= 0:
            if code not in self.calls:
                self.loop.cut = True
                self.refused.add(code)
                if self.budget <= 0 and not self.hopeful:
                    self.left.update(self.calls)
            self._escape([*args, *keywords.values()], node, "call")
            return self.derived(node, [*args, *keywords.values()], role="call")
        if not self.flow.silent:
            self.opened.add(code)
        frame = Frame(
            function.frame.module,
            function.frame
            if function.frame.owner is None or function.frame.function is not None
            else function.frame.outer,
            code,
            function.name if not isinstance(code, ast.Lambda) else self.frame.name,
            receiver=function.receiver or function.frame.receiver or _first_instance(function, args),
            owner=function.owner,
        )
        self.bind_parameters(frame, function, args, keywords, opened)
        self.iterators_given(frame, function, node)
        if isinstance(node, ast.Call):
            self._names_given(frame, function, node)
        statement, jumps = self.statement, self.jumps
        exits = Exits(self.state.mark())
        self.exits.append(exits)
        self.calls.append(code)
        self.jumps = []
        with self.called_from(node), self.in_frame(frame), self.within(*self._decorated(code)):
            result = self._run(code, exits)
        self.calls.pop()
        self.exits.pop()
        self.statement, self.jumps = statement, jumps
        return result

    def _names_given(self, frame: Frame, function: Function, call: ast.Call) -> None:
        """Note which parameters stand for something of the caller, so that both are asked the same question."""
        written = arguments_written(function, call)
        parameters = [*function.node.args.posonlyargs, *function.node.args.args]
        if function.receiver is not None and parameters and isinstance(call.func, ast.Attribute):
            written.append((parameters[0].arg, call.func.value))
        for name, expression in written:
            value = self.state.get((id(frame), name))
            if value is None or (isinstance(value, AbstractObject) and value.type not in _ASKED):
                continue
            if isinstance(expression, ast.Name | ast.Attribute):
                source = self.named_first(expression)
                with self.silently():
                    if source is not None and self.evaluate(expression) == value:
                        frame.stands_for[name] = value, *source

    def _left_to_others(self, method: Function, given: Arguments, node: ast.AST) -> Value:
        """A method that is abstract, or a function that is not written out: what stands in its place may do anything,
        and returns what the annotation says."""
        receiver = [method.receiver] if method.receiver is not None else []
        result = self._unseen(node, [*receiver, *given.values], given, name=method.name)
        returns = getattr(method.node, "returns", None)
        if isinstance(result, AbstractObject) and returns is not None:
            with self.in_frame(method.frame):
                self._annotate(result, returns)
        return result

    def _wrapper(self, function: Function) -> Function | None:
        """What the decorators of the project put around a function, where they return a function that calls it."""
        inner = dataclasses.replace(function, receiver=None, bare=True)
        outer = inner
        for decorator in reversed(getattr(function.node, "decorator_list", ()) if not function.bare else ()):
            name = decorator.func if isinstance(decorator, ast.Call) else decorator
            with self.silently(), self.in_frame(function.frame):
                if not isinstance(name, ast.Name | ast.Attribute) or not isinstance(self.evaluate(name), Function):
                    continue
                made = self.evaluate(decorator)
                wrapped = self.call_function(made, [outer], {}, decorator) if isinstance(made, Function) else None
            if isinstance(wrapped, Function) and wrapped.node not in self.calls and self._calls(wrapped, outer):
                outer = dataclasses.replace(wrapped, bare=True)
        return None if outer is inner else outer

    def _calls(self, wrapper: Function, inner: Function) -> bool:
        """Whether a wrapper calls the function that it stands for by a name of its own."""
        with self.in_frame(wrapper.frame):
            return any(
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and self.lookup(call.func.id, call.func) is inner
                for call in nodes(wrapper.node)
            )

    def _decorated(self, code: ast.AST) -> list[str]:
        """The contexts that a function's decorators put around it."""
        found = []
        for decorator in getattr(code, "decorator_list", ()):
            expression = decorator.func if isinstance(decorator, ast.Call) else decorator
            if not isinstance(expression, ast.Name | ast.Attribute):
                continue
            with self.silently():
                value = self.evaluate(expression)
            if isinstance(value, Symbol) and value.dotted in CONTEXTS:
                found.append(CONTEXTS[value.dotted])
            elif isinstance(value, Function) and names_in(value.node) & SWITCHES:
                # Whether a decorator of the project records gradients may depend on what it is called with.
                found.append("set_grad_enabled")
        return found

    def _run(self, code: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, exits: Exits) -> Value:
        if isinstance(code, ast.Lambda):
            return self.evaluate(code.body)
        begin = len(self.loop.nodes)
        self.block(code.body)
        if self.flow.ends:
            if not exits.yields:
                exits.values.append(Const(None))
            exits.states.append(self.state.changes(exits.mark))
        if exits.states:
            own = None if has_inner_functions(code) else id(self.frame)
            self.state.rollback(exits.mark)
            self.state.merge([without(changes, own) for changes in exits.states], self.flow.now)
        self.flow.join(exits.target)
        if exits.yields:
            if not self.flow.ends:
                self.flow.ends = [(len(self.loop.nodes) - 1, None)] if not self.flow.silent else [(-1, None)]
            stream = self.collection(code, "yields")
            stream.more = tuple(exits.yields)
            stream.sources = self.objects(exits.yields)
            if any(event is not None and event.kind in _ACTS for event in self.loop.nodes[begin:]):
                stream.facts |= {"acts"}
            return stream
        values = exits.values
        real = [value for value in values if not (isinstance(value, Const) and value.value is None)]
        return either(real or values or [Const(None)])

    def bind_parameters(
        self, frame: Frame, function: Function, args: list[Value], keywords: dict[str, Value], opened: bool
    ) -> None:
        parameters = function.node.args
        positional = [*parameters.posonlyargs, *parameters.args]
        values: list[Value] = [function.receiver, *args] if function.receiver is not None else list(args)
        defaults = dict(
            zip(
                [p.arg for p in positional[len(positional) - len(parameters.defaults) :]],
                parameters.defaults,
                strict=True,
            )
        )
        defaults |= {
            p.arg: d for p, d in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True) if d is not None
        }
        stamp = self.flow.now
        rest = dict(keywords)
        for index, parameter in enumerate([*positional, *parameters.kwonlyargs]):
            name = parameter.arg
            value: Value | None = None
            if index < len(positional) and index < len(values):
                value = values[index]
            elif name in rest:
                value = rest.pop(name)
            elif name in defaults and not opened:
                with self.in_frame(function.frame):
                    value = self.evaluate(defaults[name])
                if isinstance(value, Const) and value.value is None:
                    # A call that leaves out what is None by default decides what is asked of it.
                    value = Const(None, argument=True)
            if value is None:
                value = self.parameter(parameter, function.node)
            elif (
                isinstance(value, AbstractObject)
                and value.type is Type.UNKNOWN
                and parameter.annotation is not None
                and value.given
            ):
                with self.in_frame(frame):
                    self._annotate(value, parameter.annotation)
            self.state.set(frame, name, value, stamp)
        with self.in_frame(frame):
            self._bind_rest(frame, parameters, values[len(positional) :], rest, stamp)

    def _bind_rest(
        self, frame: Frame, parameters: ast.arguments, values: list[Value], keywords: dict[str, Value], stamp: int
    ) -> None:
        if parameters.vararg is not None:
            bundle = self.collection(parameters.vararg, "varargs")
            bundle.items = dict(enumerate(values))
            bundle.sources = self.objects(values)
            self.state.set(frame, parameters.vararg.arg, bundle, stamp)
        if parameters.kwarg is not None:
            bundle = self.collection(parameters.kwarg, "kwargs")
            bundle.mapping = True
            bundle.items = dict(keywords.items())
            bundle.sources = self.objects(keywords.values())
            self.state.set(frame, parameters.kwarg.arg, bundle, stamp)

    # What the other parts of the reader offer.

    def iterators_given(self, frame: Frame, function: Function, node: ast.AST) -> None:
        raise NotImplementedError


def is_abstract(code: ast.AST) -> bool:
    """Whether a method is there to be overridden: marked as abstract, or one that only says it is not implemented."""
    if any(_decorator(d).rpartition(".")[2] == "abstractmethod" for d in getattr(code, "decorator_list", ())):
        return True
    body = getattr(code, "body", [])
    last = body[-1] if isinstance(body, list) and body else None
    if not isinstance(last, ast.Raise) or last.exc is None or len(body) > 2:
        return False
    raised = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
    documented = len(body) == 1 or (isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant))
    return documented and isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def is_left_out(code: ast.AST) -> bool:
    """Whether a function is `...` and nothing else, as in excerpts and protocols."""
    body = getattr(code, "body", [])
    last = body[-1] if isinstance(body, list) and len(body) <= 2 and body else None
    return isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant) and last.value.value is ...


def _identity(value: Value | None) -> object:
    """What two calls must share to return the same."""
    if isinstance(value, AbstractObject | Function | Partial):
        return id(value)
    if isinstance(value, Either):
        return tuple(map(_identity, value.values))
    if isinstance(value, Const):
        return (type(value.value), repr(value.value), value.argument)
    return value


def _first_instance(function: Function, args: list[Value]) -> Instance | None:
    """The object that a method is called on when a wrapper hands it over as the first argument."""
    first = args[0] if function.owner is not None and args else None
    return first if isinstance(first, Instance) else None


def _is_plain(value: Value) -> bool:
    """Whether it makes no difference if a result is this very object or another one like it."""
    return all(
        isinstance(one, Const | Symbol | Function | Class)
        or (isinstance(one, AbstractObject) and one.type in (Type.NUMBER, Type.OTHER))
        or (isinstance(one, AbstractObject) and one.given)
        for one in alternatives(value)
    )

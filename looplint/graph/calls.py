"""Calls: which code a call means, what that code does, and what comes back from it.

Code that is seen is laid open in place. For code that is not seen, the tables of `recognize` say what happens;
an object that is handed to code of which nothing is known escapes.
"""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Callable

from looplint.events import Graph, Kind, Thing, Type
from looplint.graph.context import DEPTH, Exits
from looplint.graph.expressions import VALUES_KEPT, Expressions
from looplint.graph.objects import _decorator, names_in
from looplint.recognize.effects import Effect, Returns
from looplint.recognize.layers import CONTAINERS, LAYERS, MODE_SENSITIVE, STATELESS
from looplint.recognize.names import CLEARS, hint, is_loss
from looplint.recognize.python import HARMLESS, ITERATORS, KEEPS, NUMBERS, VIEWS
from looplint.recognize.torch import (
    CLIPPING,
    CONTEXTS,
    DETACHES,
    DROPS_GRAPH,
    FUNCTIONS,
    KEEPS_IDENTITY,
    LOSS_FUNCTION,
    METHODS,
    type_of,
)
from looplint.recognize.values import ACTIVATIONS, LOGITS, SHAPES
from looplint.values import (
    Class,
    Collection,
    Const,
    Either,
    Frame,
    Function,
    Instance,
    Method,
    Partial,
    Super,
    Symbol,
    Value,
    alternatives,
    either,
    things,
)


@dataclasses.dataclass(slots=True)
class Arguments:
    """What a call is given. `open`: there is a `*` or `**` among it."""

    args: list[Value]
    keywords: dict[str, Value]
    open: bool = False

    def get(self, position: int, name: str = "") -> Value | None:
        if position < len(self.args):
            return self.args[position]
        return self.keywords.get(name) if name else None

    @property
    def values(self) -> list[Value]:
        return [*self.args, *self.keywords.values()]

    @property
    def options(self) -> dict[str, object]:
        """The plain ones, by position and name."""
        plain: dict[str, object] = {}
        for index, value in enumerate(self.args):
            if isinstance(value, Const):
                plain[str(index)] = value.value
        for name, value in self.keywords.items():
            plain[name] = value.value if isinstance(value, Const) else Ellipsis
        return plain


_SETTLED = frozenset((Type.MODULE, Type.OPTIMIZER, Type.SCALER, Type.SCHEDULER, Type.ENGINE))
"""Types that one telling use of an object settles for the rest of the reading."""

_READ_THROUGH = frozenset(
    ("optimizers", "optim", "Adam", "AdamW", "SGD", "zero_grad", "backward", "step", "state_dict", "load_state_dict")
)
"""Names that make the `__init__` of a module worth reading through; attributes of others are looked up when asked
for."""

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

SWITCHES = frozenset(("no_grad", "inference_mode", "set_grad_enabled"))
"""Names of what switches the recording of gradients."""

_DELEGATES = re.compile(r"_?forward|__call__$")
"""Methods that hand their call on to a wrapped module: its `forward` is meant there."""


class Calls(Expressions):
    """Reads calls."""

    def call(self, node: ast.Call) -> Value:
        func = node.func
        if isinstance(func, ast.Attribute):
            receiver = self.evaluate(func.value)
            special = self._fetch(node, receiver)
            if special is not None:
                return special
            given = self._arguments(node)
            return self._each(receiver, lambda one: self._method(one, func.attr, given, node))
        if isinstance(func, ast.Name):
            special = self._builtin_form(node, func.id)
            if special is not None:
                return special
        callee = self.evaluate(func)
        given = self._arguments(node)
        return self._each(callee, lambda one: self.call_value(one, given, node))

    def _each(self, value: Value, do: Callable[[Value], Value]) -> Value:
        """Do it for each alternative; for several objects at once where nothing but their events differs."""
        if not isinstance(value, Either):
            return do(value)
        plain = [one for one in value.values if not isinstance(one, Const)]
        if len(plain) <= 1:
            return do(plain[0] if plain else value.values[0])
        results: list[Value] = []
        self.part_ways([(None, lambda one=one: results.append(do(one))) for one in plain])  # type: ignore[misc]
        return either(results) if results else Const(None)

    def _arguments(self, node: ast.Call) -> Arguments:
        args: list[Value] = []
        opened = False
        for argument in node.args:
            value = self.evaluate(argument)
            if isinstance(argument, ast.Starred):
                if isinstance(value, Collection) and not value.more and not value.mapping:
                    args.extend(value.items.values())
                else:
                    opened = True
                    args.append(self.element(value, argument))
            else:
                args.append(Const(value.value, argument=True) if isinstance(value, Const) else value)
        keywords: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.evaluate(keyword.value)
            if keyword.arg is None:
                opened = True
                if isinstance(value, Collection) and value.mapping:
                    keywords.update({str(key): item for key, item in value.items.items()})
                else:
                    keywords["**"] = value
            else:
                keywords[keyword.arg] = Const(value.value, argument=True) if isinstance(value, Const) else value
        return Arguments(args, keywords, opened)

    # Forms with a meaning of their own

    def _builtin_form(self, node: ast.Call, name: str) -> Value | None:
        """`super()`, `getattr(x, "name")`, `next(iter(loader))`."""
        if name == "super" and self.frame.receiver is not None:
            frame: Frame | None = self.frame
            while frame is not None and frame.owner is None:
                frame = frame.outer
            if frame is not None and frame.owner is not None:
                return Super(self.frame.receiver, frame.owner)
        if name == "getattr" and len(node.args) >= 2:
            key = self.evaluate(node.args[1])
            if isinstance(key, Const) and isinstance(key.value, str):
                found = self.attribute_of(self.evaluate(node.args[0]), key.value, node)
                return found if len(node.args) == 2 else either((found, self.evaluate(node.args[2])))
        if name == "setattr" and len(node.args) == 3:
            key = self.evaluate(node.args[1])
            if isinstance(key, Const) and isinstance(key.value, str):
                value = self.evaluate(node.args[2])
                for thing in things(self.evaluate(node.args[0])):
                    self.set_attribute(thing, key.value, value, node)
                return Const(None)
        if name == "next" and node.args and isinstance(node.args[0], ast.Call):
            inner = node.args[0]
            if isinstance(inner.func, ast.Name) and inner.func.id == "iter" and inner.args:
                return self._first_batch(node, inner.args[0])
        return None

    def _fetch(self, node: ast.Call, receiver: Value) -> Value | None:
        """`iter(loader).next()`, `loader.__iter__().__next__()`: the first batch of a fresh iterator."""
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr in ("next", "__next__") and isinstance(func.value, ast.Call):
            inner = func.value
            if isinstance(inner.func, ast.Name) and inner.func.id == "iter" and inner.args:
                return self._first_batch(node, inner.args[0])
        return None

    def _first_batch(self, node: ast.Call, loader: ast.expr) -> Value:
        over = self.evaluate(loader)
        view = isinstance(loader, ast.Call) and isinstance(loader.func, ast.Attribute) and loader.func.attr in VIEWS
        if not view:
            self.emit(Kind.FETCH, list(things(over)), node, how="next(iter)", written=ast.unparse(loader))
        return self.element(self.iterable(over), node)

    def iterable(self, value: Value) -> Value:
        return value

    # What is called

    def call_value(self, callee: Value, given: Arguments, node: ast.Call) -> Value:
        if isinstance(callee, Function):
            return self.call_function(callee, given.args, given.keywords, node, given.open)
        if isinstance(callee, Class):
            return self._instantiate(callee, given, node)
        if isinstance(callee, Symbol):
            return self._call_symbol(callee.dotted, given, node)
        if isinstance(callee, Partial):
            merged = Arguments([*callee.args, *given.args], {**dict(callee.keywords), **given.keywords}, given.open)
            return self._each(callee.function, lambda one: self.call_value(one, merged, node))
        if isinstance(callee, Method):
            return self._each(callee.receiver, lambda one: self._method(one, callee.name, given, node))
        if isinstance(callee, Thing):
            return self._call_object(callee, given, node)
        return self.derived(node, given.values)

    def _call_object(self, thing: Thing, given: Arguments, node: ast.Call) -> Value:
        """An object is called: a module predicts, a criterion grades, an object of a seen class runs `__call__`."""
        kind = thing.type if thing.type is not Type.UNKNOWN else hint(thing.name)
        if isinstance(thing, Instance) and thing.cls is not None:
            found = self.find_method(thing.cls, "__call__")
            if found is not None:
                return self.call_function(
                    Function(found[0], found[1].frame, thing, found[1]), given.args, given.keywords, node, given.open
                )
            if thing.type in (Type.UNKNOWN, Type.MODULE, Type.CRITERION):
                if hint(thing.name) is Type.CRITERION or thing.type is Type.CRITERION or "Loss" in thing.cls.name:
                    return self._grade(thing, given, node)
                return self._predict(thing, given, node)
        if kind is Type.CRITERION or (kind is Type.MODULE and thing.given and hint(thing.name) is Type.CRITERION):
            return self._grade(thing, given, node)
        if kind in (Type.MODULE, Type.ENGINE) or (thing.type is Type.UNKNOWN and self.module_by_use(thing.name)):
            return self._predict(thing, given, node)
        if kind is Type.FRAMEWORK:
            return self.derived(node, given.values)
        return self._unseen(node, [thing, *given.values], given, name=thing.name)

    def _predict(self, thing: Thing, given: Arguments, node: ast.Call) -> Value:
        outermost = self.inside_module == 0
        result = self._forward(thing, given, node)
        if outermost:
            self.emit(
                Kind.PREDICT,
                (thing,),
                node,
                object=next(things(result), None),
                inputs=self.objects(given.values),
                how="call",
                options={"dropped": isinstance(self.statement, ast.Expr) and self.statement.value is node},
                written=ast.unparse(node.func),
            )
        return result

    def _forward(self, thing: Thing, given: Arguments, node: ast.Call) -> Value:
        """What a module returns: read off its `forward` where that is seen."""
        result: Value | None = None
        if isinstance(thing, Instance) and thing.cls is not None:
            found = self.find_method(thing.cls, "forward")
            if found is not None and len(self.calls) < DEPTH and self.budget > 0:
                key = (found[0], id(thing), self.gradients)
                known = self._outputs.get(key)
                if known is not None and (known[1] == 0 or self.flow.silent):
                    result = self._again(known[0], thing, given, node)
                else:
                    self.inside_module += 1
                    effects = self.effects
                    result = self.call_function(
                        Function(found[0], found[1].frame, thing, found[1]),
                        given.args,
                        given.keywords,
                        node,
                        given.open,
                    )
                    self.inside_module -= 1
                    self._outputs[key] = (result, self.effects - effects)
        if isinstance(result, Thing | Either) and not isinstance(result, Collection):
            for one in things(result):
                if (
                    one.type is Type.UNKNOWN
                    and one.graph is Graph.UNKNOWN
                    and not isinstance(one, Instance | Collection)
                ):
                    one.graph = self.gradients
        if result is None or (isinstance(result, Const) and result.value is None):
            last = _last_layer(thing)
            made = self.make(
                node,
                Type.TENSOR,
                role="output",
                made_by=last.made_by,
                sources=(thing, *given.values),
                graph=self.gradients if "frozen" not in thing.facts else self.graph_of(given.values),
            )
            self._mark_activation(made, last.made_by, None, node)
            result = made
        return result

    def _again(self, value: Value, module: Thing, given: Arguments, node: ast.Call, role: str = "output") -> Value:
        """What a module returns when it is called once more: the like of what it returned first, made anew."""
        if isinstance(value, Either):
            return either(self._again(one, module, given, node, f"{role} {i}") for i, one in enumerate(value.values))
        if isinstance(value, Collection):
            copy = self.collection(node, f"{role} collection")
            copy.mapping = value.mapping
            copy.items = {
                k: self._again(v, module, given, node, f"{role} {k}") for k, v in value.items.items() if v is not value
            }
            copy.more = tuple(
                self._again(v, module, given, node, f"{role} +{i}")
                for i, v in enumerate(value.more[:4])
                if v is not value
            )
            copy.sources = (module, *self.objects(given.values))
            return copy
        if not isinstance(value, Thing) or isinstance(value, Instance) or value.type is Type.NUMBER:
            return value
        return self.make(
            node,
            value.type,
            role=role,
            made_by=value.made_by,
            sources=(module, *given.values),
            graph=value.graph,
            facts=value.facts,
            options=value.options,
        )

    def _grade(self, criterion: Thing, given: Arguments, node: ast.Call, made_by: str = "") -> Value:
        result: Value | None = None
        if isinstance(criterion, Instance) and criterion.cls is not None and criterion.type is not Type.CRITERION:
            result = self._forward(criterion, given, node)
        if not isinstance(result, Thing):
            loss = self.derived(node, given.values, role="loss")
            loss.type = Type.TENSOR
            result = loss if result is None else result
        for one in things(result):
            one.facts |= {"graded"}
        ordered = [given.get(0, "input"), given.get(1, "target"), *given.args[2:]]
        inputs = [next(things(value), None) for value in ordered if value is not None]
        criterion.facts |= LOGITS.get(criterion.made_by, frozenset())
        self.emit(
            Kind.GRADE,
            (criterion,),
            node,
            object=next(things(result), None),
            inputs=[one if one is not None else self.number(node) for one in inputs],
            how=criterion.made_by.rpartition(".")[2] or criterion.name,
            options={**criterion.options, **given.options},
            written=ast.unparse(node.func),
        )
        return result

    def _instantiate(self, cls: Class, given: Arguments, node: ast.Call) -> Value:
        thing, new = self.thing(node, "instance", kind=Instance)
        assert isinstance(thing, Instance)
        if new:
            thing.cls, thing.place = cls, self.place(node)
            thing.type = self.class_type(cls)
            thing.certain = thing.type is not Type.UNKNOWN
            thing.made_by = cls.name
            thing.options = given.options
            described = cls.frame.module.module_class(cls.node) if thing.type is Type.MODULE else None
            if described is not None and not described.mode_sensitive:
                thing.facts |= {"mode free"}
            self.instances.append(cls)
        thing.sources = tuple(
            one
            for one in self.objects(given.values)
            if one.type
            in (Type.MODULE, Type.OPTIMIZER, Type.PARAMETERS, Type.SCALER, Type.TENSOR, Type.COLLECTION, Type.ENGINE)
            or isinstance(one, Instance)
            or hint(one.name) in (Type.OPTIMIZER, Type.MODULE)
        )
        if thing.type is Type.OPTIMIZER:
            thing.sources = self.objects(given.values)
        found = self.find_method(cls, "__init__")
        if found is not None and thing.type is Type.MODULE and not (names_in(found[0]) & _READ_THROUGH):
            thing.arguments = (given.args, given.keywords, given.open)
        elif found is not None:
            self.call_function(
                Function(found[0], found[1].frame, thing, found[1]), given.args, given.keywords, node, given.open
            )
        elif self._is_record(cls):
            self._fill_record(thing, cls, given, node)
        self._made(thing, node)
        return thing

    def _is_record(self, cls: Class) -> bool:
        return any("dataclass" in _decorator(d) for d in cls.node.decorator_list) or any(
            isinstance(base, Symbol) and base.dotted.endswith("NamedTuple") for base in self.lineage(cls)
        )

    def _fill_record(self, thing: Instance, cls: Class, given: Arguments, node: ast.AST) -> None:
        fields = [s.target.id for s in cls.node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
        for name, value in [*zip(fields, given.args, strict=False), *given.keywords.items()]:
            self.state.set(thing, name, value, self.flow.now)

    def _made(self, thing: Thing, node: ast.AST) -> None:
        if thing.type not in (Type.UNKNOWN, Type.OTHER, Type.NUMBER, Type.TENSOR, Type.COLLECTION):
            self.emit(Kind.MAKE, (thing,), node, how=thing.made_by, options=thing.options)

    # Code that is seen

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

    _pure: dict[tuple[object, ...], tuple[Value, Function, list[Value], dict[str, Value]]]
    _outputs: dict[tuple[object, ...], tuple[Value, int]]

    def _lay_open(
        self, function: Function, args: list[Value], keywords: dict[str, Value], node: ast.AST, opened: bool
    ) -> Value:
        code = function.node
        if code in self.calls or len(self.calls) >= DEPTH or self.budget <= 0:
            if code not in self.calls:
                self.loop.cut = True
            self._escape([*args, *keywords.values()], node, "call")
            return self.derived(node, [*args, *keywords.values()], role="call")
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
                for call in ast.walk(wrapper.node)
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
        if self.flow.ends or not exits.states:
            if self.flow.ends and not exits.yields:
                exits.values.append(Const(None))
            if self.flow.ends and not exits.states:
                pass
            elif self.flow.ends:
                exits.states.append(self.state.changes(exits.mark))
        if exits.states:
            states = exits.states
            self.state.rollback(exits.mark)
            self.state.merge(states, self.flow.now)
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
            if value is None:
                value = self.parameter(parameter, function.node)
            elif (
                isinstance(value, Thing)
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

    # Code that is not seen

    def _call_symbol(self, dotted: str, given: Arguments, node: ast.Call) -> Value:
        head, _, last = dotted.rpartition(".")
        if head == "builtins":
            return self._builtin(last, given, node)
        known = self.known_call(dotted)
        if known is not None:
            return self._effect(known, None, given, node, last)
        if dotted in FUNCTIONS:
            return self._effect(FUNCTIONS[dotted], None, given, node, dotted)
        if LOSS_FUNCTION.match(dotted):
            criterion = self.make(
                node.func, Type.CRITERION, role="criterion", made_by=dotted, certain=True, name=ast.unparse(node.func)
            )
            return self._grade(criterion, given, node)
        if dotted in CONTEXTS:
            return self.make(node, Type.OTHER, role="context", made_by=dotted, certain=True, facts=("context",))
        if dotted in ITERATORS or last in ("tqdm", "trange", "track") or head.endswith("itertools"):
            return self._iterator(last, given, node)
        if dotted == "torch.autograd.grad":
            self.emit(Kind.READ, [o for v in given.values for o in self.objects((v,))], node, how="grad")
        if dotted == "collections.OrderedDict":
            return self._iterator("dict", given, node)
        if dotted in ("collections.defaultdict", "collections.Counter"):
            return self._iterator("dict", Arguments([], {}), node)
        if dotted == "functools.partial" and given.args:
            return Partial(given.args[0], tuple(given.args[1:]), tuple(given.keywords.items()))
        if dotted in ("types.SimpleNamespace", "argparse.Namespace"):
            return self.make(node, Type.OTHER, role="record", certain=True)
        if dotted.startswith("deepspeed.") and last == "initialize":
            return self._engine(given, node)
        made_type = type_of(dotted)
        if made_type is not Type.UNKNOWN:
            return self._construct(dotted, made_type, given, node)
        return self._function_of(dotted, given, node)

    def _function_of(self, dotted: str, given: Arguments, node: ast.Call) -> Value:
        package = dotted.partition(".")[0]
        last = dotted.rpartition(".")[2]
        if package in (
            "numpy",
            "np",
            "math",
            "statistics",
            "random",
            "time",
            "os",
            "sys",
            "re",
            "json",
            "logging",
            "sklearn",
            "pandas",
            "scipy",
        ):
            return self.make(node, Type.NUMBER, role="number", sources=(), graph=Graph.NO, made_by=dotted)
        if package == "torch":
            if CLIPPING.search(last):
                return self._effect(FUNCTIONS["torch.nn.utils.clip_grad_norm_"], None, given, node, dotted)
            result = self.derived(node, given.values, made_by=dotted)
            if last in SHAPES:
                self._share_values(result, given.values)
            elif dotted in ("torch.mean", "torch.sum", "torch.add"):
                for one in self.objects(given.values):
                    result.facts |= one.facts & {"graded"}
            self._mark_activation(result, dotted, given, node)
            return result
        return self._unseen(node, given.values, given, name=dotted)

    def _construct(self, dotted: str, kind: Type, given: Arguments, node: ast.Call) -> Value:
        """An object of a known class."""
        thing = self.make(
            node,
            kind,
            role="made",
            made_by=dotted,
            certain=True,
            sources=given.values,
            graph=Graph.NO,
            options=given.options,
        )
        if kind is Type.SCHEDULER:
            thing.sources = self.objects(list(given.values[:1]))
        elif kind is Type.PARAMETERS:
            thing.graph = Graph.NO
        thing.facts |= LOGITS.get(dotted, frozenset())
        if kind is Type.MODULE and dotted.startswith("torch.nn."):
            thing.facts |= self._layer_facts(thing, dotted)
        if kind is Type.CRITERION and self._called_with_tensors(given):
            thing.facts |= {"called with tensors"}
        self._made(thing, node)
        return thing

    def _layer_facts(self, thing: Thing, name: str) -> set[str]:
        """What is known of a layer of `torch.nn`: whether it has a mode, and whether it brings parameters of its
        own."""
        facts = set()
        parts = [part for part in thing.sources if part.type is Type.MODULE or part.owner is not None]
        whole = name in CONTAINERS and len(parts) == len(thing.sources)
        if (name in LAYERS and name not in MODE_SENSITIVE and name not in CONTAINERS) or (
            whole and all("mode free" in part.facts for part in parts)
        ):
            facts.add("mode free")
        if name in STATELESS or (
            whole and parts and all("no parameters" in p.facts or p.owner is not None for p in parts)
        ):
            facts.add("no parameters")
        return facts

    def _called_with_tensors(self, given: Arguments) -> bool:
        return len(given.args) == 2 and all(any(t.type is Type.TENSOR for t in things(v)) for v in given.args[:1])

    def _engine(self, given: Arguments, node: ast.Call) -> Value:
        """`deepspeed.initialize(...)`: (engine, optimizer, loader, scheduler)."""
        bundle = self.collection(node)
        engine = self.make(
            node, Type.ENGINE, role="engine", made_by="deepspeed.initialize", certain=True, sources=given.values
        )
        optimizer = self.make(node, Type.OTHER, role="engine optimizer", certain=True)
        bundle.items = {
            0: engine,
            1: optimizer,
            2: self.given(node, "", "loader"),
            3: self.given(node, "", "scheduler"),
        }
        return bundle

    def _builtin(self, name: str, given: Arguments, node: ast.Call) -> Value:
        if name in NUMBERS:
            return self.make(node, Type.NUMBER, role="number", graph=Graph.NO)
        if name in (
            "list",
            "tuple",
            "set",
            "sorted",
            "reversed",
            "iter",
            "enumerate",
            "zip",
            "filter",
            "map",
            "range",
            "dict",
        ):
            return self._iterator(name, given, node)
        if name == "next":
            value = given.get(0)
            return self.element(value, node) if value is not None else self.derived(node, ())
        if name in HARMLESS:
            return self.make(node, Type.NUMBER, role="number", graph=Graph.NO)
        if name in ("sum", "max", "min", "abs", "round", "pow"):
            result = self.derived(node, given.values)
            for one in self.objects([element for value in given.values for element in self._elements(value)]):
                result.facts |= one.facts & {"graded"}
            return result
        return self.derived(node, given.values)

    def _elements(self, value: Value) -> list[Value]:
        return value.elements() if isinstance(value, Collection) else [value]

    def _iterator(self, name: str, given: Arguments, node: ast.Call) -> Value:
        """Things that go over other things, or collect them."""
        first = given.get(0, "iterable")
        if any("state" in t.facts for t in things(first)) and name == "dict" and first is not None:
            return first
        if name in ("range", "trange", "count"):
            return self.make(node, Type.NUMBER, role="range", made_by="builtins.range", graph=Graph.NO)
        if first is None:
            found = self.collection(node)
            found.mapping = name == "dict"
            if name == "dict":
                found.items = dict(given.keywords.items())
                found.sources = self.objects(given.keywords.values())
            return found
        if name in ("zip", "enumerate", "map", "product", "chain", "starmap"):
            over = given.args[1:] if name in ("map", "starmap") else given.args
            elements = [self.element(value, node) for value in over]
            stream = self.collection(node, "stream")
            stream.sources = self.objects(over)
            if name == "map":
                result = self._each(first, lambda one: self.call_value(one, Arguments(elements, {}), node))
                stream.more = (result,)
            elif name == "chain":
                stream.more = tuple(elements)
            else:
                pair = self.collection(node, "pair")
                columns = [self.number(node), *elements[:1]] if name == "enumerate" else elements
                pair.items = dict(enumerate(columns))
                pair.sources = self.objects(columns)
                stream.more = (pair,)
            return stream
        if name == "filter":
            return given.args[1] if len(given.args) > 1 else first
        if name in ("list", "tuple", "set", "sorted", "dict") and isinstance(first, Collection):
            copy = self.collection(node)
            copy.items, copy.more, copy.mapping, copy.sources = (
                dict(first.items),
                first.more,
                first.mapping,
                first.sources,
            )
            return copy
        if (
            name in ("list", "tuple", "set", "sorted")
            and isinstance(first, Thing)
            and first.type in (Type.UNKNOWN, Type.TENSOR)
        ):
            copy = self.collection(node)
            copy.more, copy.sources = (self.element(first, node),), (first,)
            return copy
        return first

    def _unseen(self, node: ast.AST, values: list[Value], given: Arguments, *, name: str = "") -> Value:
        """A call of which nothing is known: what it is handed escapes, what comes back may hold a graph."""
        self._handed_over(values, node)
        if CLEARS.search(name.rpartition(".")[2]):
            targets = self.objects(given.values) or self.objects(values)
            self.emit(Kind.CLEAR, targets, node, how=name)
            return Const(None)
        if CLIPPING.search(name.rpartition(".")[2]) and given.args:
            self.emit(Kind.CLIP, self.objects(given.args[:1]), node, how=name)
            return self.number(node)
        self._escape(values, node, name)
        result = self.make(node, role="unseen", made_by=name, sources=values, graph=Graph.UNKNOWN)
        if self.graph_of(values) is Graph.NO and values and self.gradients is Graph.NO:
            result.graph = Graph.NO
        return result

    def _handed_over(self, values: list[Value], node: ast.AST) -> None:
        """Losses, samplers and loaders in unseen code may be differentiated, told the epoch, wrapped there."""
        found = [
            one
            for one in self.objects(values)
            if one.type in (Type.SAMPLER, Type.LOADER, Type.SCALER)
            or (one.type is Type.TENSOR and one.graph is Graph.YES)
        ]
        if found:
            self.emit(Kind.READ, found, node, how="handed over")

    def _escape(self, values: list[Value], node: ast.AST, name: str) -> None:
        """Optimizers (and what holds them) that are handed to unseen code may be cleared or stepped there."""
        found: list[Thing] = []
        for value in values:
            for one in things(value):
                found.extend(self._holds_optimizers(one, 0))
        if found:
            self.emit(Kind.ESCAPE, found, node, how=name)
        for value in values:
            for handed in alternatives(value):
                if isinstance(handed, Function):
                    self.defined.append(handed)

    def _holds_optimizers(self, thing: Thing, depth: int) -> list[Thing]:
        if self.is_like(thing, Type.OPTIMIZER, Type.ENGINE):
            return [thing]
        if isinstance(thing, Collection) and depth < 3:
            return [
                o for item in thing.elements() for one in things(item) for o in self._holds_optimizers(one, depth + 1)
            ]
        if isinstance(thing, Instance) and depth < 2:
            held = []
            for (owner, _), entry in list(self.state._entries.items()):
                if owner == id(thing) and isinstance(entry[0], Thing) and self.is_like(entry[0], Type.OPTIMIZER):
                    held.append(entry[0])
            return held
        return []

    # Methods

    def _method(self, receiver: Value, name: str, given: Arguments, node: ast.Call) -> Value:
        if isinstance(receiver, Thing):
            return self._method_of_thing(receiver, name, given, node)
        if isinstance(receiver, Method):
            return self._unseen(node, [receiver, *given.values], given, name=name)
        if isinstance(receiver, Const):
            if isinstance(receiver.value, str | int | float | bytes):
                return self.number(node)
            return Const(None)
        if isinstance(receiver, Class) and name in ("from_pretrained", "load_from_checkpoint", "from_config", "create"):
            if self.class_attribute(receiver, name) is None:
                return self._instantiate(receiver, Arguments(given.args, given.keywords, True), node)
        if isinstance(receiver, Class):
            function = self.class_attribute(receiver, name)
            if isinstance(function, Function) and isinstance(function.node, ast.FunctionDef):
                decorators = {_decorator(d) for d in function.node.decorator_list}
                if "classmethod" in decorators:
                    return self._class_method(receiver, function, given, node)
                return self.call_value(function, given, node)
        if isinstance(receiver, Super):
            return self._super_method(receiver, name, given, node)
        target = self.named_attribute(receiver, name, node)
        return self._each(target, lambda one: self.call_value(one, given, node))

    def _class_method(self, cls: Class, function: Function, given: Arguments, node: ast.Call) -> Value:
        parameters = function.node.args
        if parameters.args:
            frame_value: list[Value] = [cls, *given.args]
            return self.call_function(function, frame_value, given.keywords, node, given.open)
        return self.call_value(function, given, node)

    def _super_method(self, receiver: Super, name: str, given: Arguments, node: ast.Call) -> Value:
        found = self.find_method(receiver.owner, name, after=receiver.owner)
        if found is not None:
            function = Function(found[0], found[1].frame, receiver.receiver, found[1])
            return self.call_function(function, given.args, given.keywords, node, given.open)
        if name == "__init__":
            return Const(None)
        effect = METHODS.get(receiver.receiver.type, {}).get(name)
        if effect is not None and effect.kind is not Kind.FORWARD:
            return self._effect(effect, receiver.receiver, given, node, name)
        return self._unseen(node, [receiver.receiver, *given.values], given, name=name)

    def _method_of_thing(self, thing: Thing, name: str, given: Arguments, node: ast.Call) -> Value:
        stored = self.stored(thing, name)
        if stored is not None and not isinstance(thing, Collection):
            return self._each(stored, lambda one: self.call_value(one, given, node))
        if isinstance(thing, Collection):
            return self._method_of_collection(thing, name, given, node)
        if isinstance(thing, Instance) and thing.cls is not None:
            found = self.instance_attribute(thing, name, node.func)
            overridden = thing.type is Type.UNKNOWN or name not in METHODS.get(thing.type, {})
            if (
                isinstance(found, Function)
                and found.node is not None
                and (overridden or name in ("zero_grad", "train", "eval", "forward"))
            ):
                if name == "forward" and thing.type is Type.MODULE:
                    return self._direct_forward(thing, given, node)
                return self.call_value(found, given, node)
            if found is not None and not isinstance(found, Function):
                return self._each(found, lambda one: self.call_value(one, given, node))
        known = self.known_call(f"{thing.made_by}.{name}" if thing.made_by else f"{thing.name}.{name}")
        if known is not None:
            return self._effect(known, thing, given, node, name)
        return self._known_method(thing, name, given, node)

    def _known_method(self, thing: Thing, name: str, given: Arguments, node: ast.Call) -> Value:
        """A method by the type of its receiver; failing that, by its name and the names around."""
        kind = self._role(thing, name, given, node)
        effect = METHODS.get(kind, {}).get(name)
        if effect is not None and thing.type is Type.UNKNOWN and kind in _SETTLED:
            thing.type = kind
        if effect is not None and effect.kind is Kind.FORWARD:
            return self._direct_forward(thing, given, node)
        if effect is not None:
            return self._effect(effect, thing, given, node, name)
        if name in ("zero_", "fill_", "detach_") and "grad" in thing.facts:
            if name != "detach_":
                self.emit(Kind.CLEAR, thing.sources or (thing,), node, how=f"grad.{name}")
            return thing
        if name in ("copy_", "add_", "mul_", "set_") and "grad" in thing.facts:
            if name in ("copy_", "set_"):
                self.emit(Kind.CLEAR, thing.sources or (thing,), node, how="grad")
            if name in ("copy_", "set_", "add_"):
                self.emit(Kind.BACKWARD, thing.sources or (thing,), node, how="grad")
            return thing
        if name in DROPS_GRAPH:
            return self.make(node, Type.NUMBER, role="number", graph=Graph.NO)
        if name in DETACHES:
            return self.make(node, Type.TENSOR, role="detached", graph=Graph.NO, sources=())
        if name == "requires_grad_" and kind is Type.MODULE:
            self._freeze(thing, given)
            return thing
        if name == "requires_grad_":
            self._leaf(thing, given, node)
            return thing
        if name in KEEPS_IDENTITY:
            if kind is Type.UNKNOWN or kind is Type.TENSOR:
                return thing
            return thing
        if name == "manual_backward":
            return self._effect(METHODS[Type.FRAMEWORK][name], thing, given, node, name)
        if name == "optimizers":
            found = self.given(thing, f"{thing.name}.optimizers()", "optimizers")
            found.type, found.certain = Type.OPTIMIZER, True
            return found
        if name in ("log", "log_dict", "print"):
            return Const(None)
        if CLEARS.search(name):
            written = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            self.emit(Kind.CLEAR, (thing, *self.objects(given.values)), node, how=name, written=written)
            return Const(None)
        if CLIPPING.search(name):
            self.emit(Kind.CLIP, self.objects(given.args[:1]) or (thing,), node, how=name)
            return self.number(node)
        if kind is Type.NUMBER:
            return self.number(node)
        if "state" in thing.facts and name == "copy":
            return thing
        if kind is Type.SCALER and name not in ("state_dict", "load_state_dict", "is_enabled"):
            self.emit(Kind.READ, (thing,), node, how="get_scale")
        if name == "add_param_group":
            self.emit(Kind.READ, (thing,), node, how=name)
            thing.sources = (*thing.sources, *self.objects(given.values))
        if name in ("apply", "reset_parameters", "reset_weights", "init_weights"):
            self.emit(Kind.LOAD, (thing,), node, how=name)
        if name == "keys":
            return self.number(node)
        if name in ("items", "values"):
            return thing
        if name in ("add_module", "register_module", "insert", "append") and kind is Type.MODULE:
            thing.sources = (*thing.sources, *self.objects(given.args[-1:]))
            return thing
        if name in KEEPS and thing.type is not Type.TENSOR:
            return self._kept(thing, given, node, name)
        if kind in (Type.TENSOR, Type.CRITERION) or thing.graph is not Graph.UNKNOWN:
            result = self.derived(node, (thing, *given.values), made_by=f"Tensor.{name}")
            if name in SHAPES:
                self._share_values(result, (thing,))
            elif name in ("mean", "sum", "div", "mul", "add"):
                result.facts |= thing.facts & {"graded"}
            self._mark_activation(result, f"Tensor.{name}", given, node, receiver=thing)
            return result
        return self._unseen_method(thing, name, given, node)

    def _unseen_method(self, thing: Thing, name: str, given: Arguments, node: ast.Call) -> Value:
        values: list[Value] = list(given.values)
        if isinstance(thing, Instance) or (
            self.is_like(thing, Type.OPTIMIZER)
            and name
            not in (
                "state_dict",
                "add_param_group",
                "register_step_pre_hook",
                "register_step_post_hook",
            )
        ):
            values.append(thing)
        self._handed_over(given.values, node)
        self._escape(values, node, name)
        if thing.certain and thing.type is Type.OTHER:
            return self.make(node, role="unseen", sources=given.values)
        result = self.make(node, role="unseen", made_by=f"{thing.name}.{name}", sources=(thing, *given.values))
        self._mark_activation(result, f"Tensor.{name}", given, node, receiver=thing)
        if name in SHAPES:
            self._share_values(result, (thing,))
        return result

    def _role(self, thing: Thing, name: str, given: Arguments, node: ast.Call) -> Type:
        """What the receiver of a method is: its type or, where that is not known, what its name and the file's other
        uses of it speak for."""
        if thing.type is Type.MODULE and name in ("step", "backward") and "backward(loss)" in self._uses(thing):
            return Type.ENGINE
        if thing.type is not Type.UNKNOWN and not (thing.type is Type.TENSOR and thing.given):
            return thing.type
        uses = self._uses(thing)
        likely = hint(thing.name)
        if name == "backward":
            if not given.args or is_loss(thing.name) or not self._takes_loss(given):
                return Type.TENSOR
            if likely is Type.OPTIMIZER:
                return Type.OPTIMIZER
            return (
                Type.ENGINE if {"step", "backward(loss)"} <= uses and likely is not Type.FRAMEWORK else Type.FRAMEWORK
            )
        if {"step", "backward(loss)"} <= uses and likely not in (Type.OPTIMIZER, Type.FRAMEWORK):
            return Type.ENGINE
        if name == "zero_grad":
            return Type.OPTIMIZER if likely is not Type.MODULE else Type.MODULE
        if name in ("step", "first_step", "second_step"):
            if likely in (Type.SCHEDULER, Type.OTHER):
                return likely if likely is Type.SCHEDULER or "zero_grad" not in uses else Type.OPTIMIZER
            if likely is Type.SCALER:
                return Type.SCALER if given.args else Type.UNKNOWN
            if likely is Type.OPTIMIZER or not uses.isdisjoint(("zero_grad", "param_groups", "add_param_group")):
                return Type.OPTIMIZER
            return Type.UNKNOWN
        if name in ("unscale_", "scale", "update"):
            return Type.SCALER if likely is Type.SCALER else Type.UNKNOWN
        if name in ("train", "eval", "forward", "parameters", "named_parameters", "modules", "children", "state_dict"):
            if likely in (Type.MODULE, Type.UNKNOWN, Type.TENSOR, Type.CRITERION) and (
                likely is Type.MODULE
                or name in ("parameters", "named_parameters", "state_dict")
                or self.module_by_use(thing.name)
            ):
                return Type.MODULE if name != "state_dict" or likely is Type.MODULE else Type.UNKNOWN
            return Type.UNKNOWN
        if likely in (Type.SCALER, Type.SAMPLER, Type.LOADER, Type.FRAMEWORK):
            return likely
        return Type.UNKNOWN

    def _uses(self, thing: Thing) -> set[str]:
        return self.module.uses.get(thing.name.rpartition(".")[2], set())

    def _takes_loss(self, given: Arguments) -> bool:
        """Whether the first argument is a loss to go back from, not the gradient of the receiver."""
        value = given.get(0)
        return any(
            is_loss(one.name)
            or "graded" in one.facts
            or one.graph is Graph.YES
            or one.type is Type.TENSOR
            or one.sources
            for one in things(value)
        ) and not any(one.made_by in ("torch.ones_like", "torch.tensor", "torch.ones") for one in things(value))

    def _direct_forward(self, thing: Thing, given: Arguments, node: ast.Call) -> Value:
        if isinstance(thing, Instance) and thing.cls is not None and thing.type is not Type.MODULE:
            return self._unseen(node, [thing, *given.values], given, name="forward")
        assert isinstance(node.func, ast.Attribute)
        delegates = self._delegates(node)
        criterion = thing.type is Type.CRITERION and not isinstance(thing, Instance)
        result = self._grade(thing, given, node) if criterion else self._forward(thing, given, node)
        if not delegates:
            self.emit(
                Kind.FORWARD,
                (thing,),
                node,
                object=next(things(result), None),
                inputs=self.objects(given.values),
                how="forward",
                options={"callee": self.place(node.func), "by use": self.module_by_use(thing.name)},
                written=ast.unparse(node.func.value),
            )
        return result

    def _delegates(self, node: ast.Call) -> bool:
        """Whether a method only hands its own arguments on to a wrapped module, whose `forward` is meant."""
        function = self.frame.function
        if self.frame.owner is None or not isinstance(function, ast.FunctionDef) or not _DELEGATES.match(function.name):
            return False
        own = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
        set_again = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        given = [a.value if isinstance(a, ast.Starred) else a for a in node.args]
        handed_on = all(isinstance(a, ast.Name) and a.id in own - set_again for a in given)
        return handed_on and isinstance(self.statement, ast.Return)

    def _freeze(self, thing: Thing, given: Arguments) -> None:
        """`module.requires_grad_(False)`: what it computes from plain data holds no graph."""
        wanted = given.get(0, "requires_grad")
        off = isinstance(wanted, Const) and not wanted.value
        thing.facts = thing.facts | {"frozen"} if off else thing.facts - {"frozen"}

    def _leaf(self, thing: Thing, given: Arguments, node: ast.Call) -> None:
        wanted = given.get(0, "requires_grad")
        if (
            not thing.given
            and thing.type in (Type.TENSOR, Type.UNKNOWN)
            and not (isinstance(wanted, Const) and not wanted.value)
        ):
            self.emit(Kind.LEAF, (thing,), node, object=thing, how="requires_grad_")

    # Effects from the tables

    def _effect(self, effect: Effect, thing: Thing | None, given: Arguments, node: ast.Call, name: str) -> Value:
        """Carry out a row of the tables."""
        closure = given.get(0, "closure")
        if (
            effect.kind is Kind.STEP
            and thing is not None
            and thing.type is not Type.SCALER
            and hint(thing.name) is not Type.SCALER
        ):
            if any(one.type is Type.TENSOR or one.graph is Graph.YES for one in things(closure)):
                # Given a loss, it differentiates, updates and clears by itself (higher, pyro).
                self._escape([thing], node, name)
                return self._returned(Returns.NEW, thing, given, node, name)
            if isinstance(closure, Function | Partial):
                self._each(closure, lambda one: self.call_value(one, Arguments([], {}), node))
            elif (
                closure is not None
                and not isinstance(closure, Const)
                and any(not isinstance(one, Thing) or one.type is Type.UNKNOWN for one in alternatives(closure))
            ):
                self._escape([thing], node, "closure")
                self.emit(Kind.READ, (thing,), node, how="handed over")
        subjects = self._subjects(effect.subject, effect.keyword, thing, given)
        other = self._subjects(effect.object, "", thing, given) if effect.object != "" else ()
        written = ""
        if effect.subject == "self" and isinstance(node.func, ast.Attribute):
            written = ast.unparse(node.func.value)
        elif isinstance(effect.subject, int) and effect.subject < len(node.args):
            written = ast.unparse(node.args[effect.subject])
        kind = effect.kind
        if kind is Kind.TRAIN:
            mode = given.get(0, "mode")
            kind = Kind.EVAL if isinstance(mode, Const) and not mode.value else kind
        scaler: Thing | None = other[0] if other else None
        if kind is Kind.BACKWARD:
            for one in subjects:
                scaler = (
                    scaler
                    or next((s for s in one.ancestry() if s.type is Type.SCALER or hint(s.name) is Type.SCALER), None)
                    if "scaled" in one.facts
                    else scaler
                )
            subjects = self._flat(subjects)
            if "dist_autograd" in self.contexts:
                kind = None
        if kind is Kind.LOAD and thing is not None and thing.type is Type.UNKNOWN and not thing.name:
            kind = None
        flagged = given.get(9, effect.flag[0]) if effect.flag else None
        if kind is Kind.STEP and "dist_autograd" in self.contexts:
            kind = None
        if kind is not None:
            options = given.options
            if kind is Kind.SCHEDULE and given.values:
                options["argument"] = any(
                    isinstance(v, Const) or any(t.type is Type.NUMBER for t in things(v)) for v in given.values
                )
            if kind is Kind.CLIP:
                self._limit(options, given, node)
            if kind in (Kind.SAVE, Kind.LOAD):
                for argument in [*node.args[:1], *(k.value for k in node.keywords if k.arg == effect.keyword)]:
                    self._uncalled_states(argument)
            self.emit(
                kind,
                subjects,
                node,
                object=scaler,
                how=name,
                options=options,
                written=written,
                inputs=self.objects(given.values) if kind in (Kind.SAVE, Kind.BACKWARD, Kind.LOAD) else (),
            )
        for also in (effect.then, effect.flag[1] if flagged is not None and effect.flag else None):
            if also is not None and not (isinstance(flagged, Const) and not flagged.value and also is not effect.then):
                self.emit(also, subjects, node, how=name, written=written)
        return self._returned(effect.returns, thing, given, node, name)

    def _limit(self, options: dict[str, object], given: Arguments, node: ast.Call) -> None:
        """The norm that gradients are clipped to, where it is written out."""
        limit = next(
            (k.value for k in node.keywords if k.arg in ("max_norm", "clip_value")),
            node.args[1] if len(node.args) > 1 else None,
        )
        if isinstance(limit, ast.Constant) and isinstance(limit.value, int | float):
            options["max_norm"] = limit.value
        elif limit is not None and ast.unparse(limit) in (
            "float('inf')",
            "math.inf",
            "torch.inf",
            "np.inf",
            "numpy.inf",
            "inf",
        ):
            options["max_norm"] = float("inf")

    def _uncalled_states(self, node: ast.expr) -> None:
        """`model.state_dict` without parentheses, where its result is meant."""
        parts = [node]
        if isinstance(node, ast.Dict):
            parts = list(node.values)
        elif isinstance(node, ast.List | ast.Tuple):
            parts = list(node.elts)
        for part in parts:
            if isinstance(part, ast.Attribute | ast.Name):
                with self.silently():
                    value = self.evaluate(part)
                for one in alternatives(value):
                    if isinstance(one, Method) and one.name == "state_dict":
                        self.emit(
                            Kind.REFERENCE, things(one.receiver), part, how="state_dict", written=ast.unparse(part)
                        )

    def _flat(self, subjects: tuple[Thing, ...]) -> tuple[Thing, ...]:
        flat: list[Thing] = []
        for one in subjects:
            if isinstance(one, Collection):
                flat.extend(self.objects(one.elements()))
            flat.append(one)
        return tuple(flat)

    def _subjects(self, which: str | int, keyword: str, thing: Thing | None, given: Arguments) -> tuple[Thing, ...]:
        if which == "self":
            return (thing,) if thing is not None else ()
        if isinstance(which, int):
            value = given.get(which, keyword)
            return self.objects((value,)) if value is not None else ()
        return tuple(self.objects(given.values[:1])) or ()

    def _returned(self, returns: Returns, thing: Thing | None, given: Arguments, node: ast.Call, name: str) -> Value:
        values: list[Value] = [*([thing] if thing is not None else []), *given.values]
        match returns:
            case Returns.SELF:
                return thing if thing is not None else Const(None)
            case Returns.ARGUMENT:
                for one in self.objects(given.values):
                    one.facts |= {"prepared"}
                if len(given.args) == 1 and not given.open:
                    return given.args[0]
                if not given.args:
                    return next(iter(given.keywords.values()), self.derived(node, values))
                bundle = self.collection(node)
                bundle.items = dict(enumerate(given.args))
                bundle.sources = self.objects(given.args)
                return bundle
            case Returns.FIRST:
                if name == "torch.autograd.Variable":
                    made = self.make(
                        node,
                        Type.TENSOR,
                        role="variable",
                        made_by=next((t.made_by for v in given.values[:1] for t in things(v)), ""),
                        sources=given.values[:1],
                        graph=self.graph_of(given.values[:1]),
                    )
                    made.facts |= frozenset(f for v in given.values[:1] for t in things(v) for f in t.facts)
                    self._new_leaf(made, given, node)
                    return made
                return next(iter(given.values), Const(None))
            case Returns.NUMBER:
                return self.make(node, Type.NUMBER, role="number", graph=Graph.NO)
            case Returns.DETACHED | Returns.DATA:
                made = self.make(node, Type.TENSOR, role="detached", graph=Graph.NO, made_by=name)
                self._new_leaf(made, given, node)
                return made
            case Returns.PARAMETERS:
                return self.make(
                    node, Type.PARAMETERS, role="parameters", certain=True, sources=values[:1], graph=Graph.NO
                )
            case Returns.PARTS:
                known = thing is not None and thing.certain
                return self.make(node, Type.MODULE, role="parts", sources=values[:1], graph=Graph.NO, certain=known)
            case Returns.STATE:
                return self.make(node, role="state", sources=values[:1], facts=("state",), graph=Graph.NO)
            case Returns.MODULE:
                made = self.make(node, Type.MODULE, role="made", made_by=name, certain=True, sources=values)
                self._made(made, node)
                return made
            case Returns.COPY:
                return self._copy(given, node)
            case Returns.DERIVED:
                result = self.derived(node, values, made_by=name)
                for one in things(given.get(0)) if given.args else ():
                    result.facts |= one.facts & VALUES_KEPT
                if name == "scale":
                    result.facts |= {"scaled"}
                    result.type = Type.TENSOR
                return result
            case Returns.NEW:
                return self.make(node, role="new", sources=values)
            case Returns.ELEMENTS:
                return given.args[0] if given.args else Const(None)
        return Const(None)

    def _new_leaf(self, made: Thing, given: Arguments, node: ast.Call) -> None:
        """`torch.tensor(loss, requires_grad=True)`: made of a result, and cut off from it."""
        needs = given.keywords.get("requires_grad")
        if isinstance(needs, Const) and needs.value:
            source = next((t for v in given.args[:1] for t in things(v)), None)
            if source is not None:
                self.emit(Kind.LEAF, (made,), node, object=source, how="tensor")

    def _copy(self, given: Arguments, node: ast.Call) -> Value:
        """A deep copy: an object of the same kind that shares nothing with the first."""
        value = given.get(0, "x")
        original = next(things(value), None)
        if original is None:
            return Const(None)
        if "state" in original.facts and ast.unparse(node.func).endswith("copy.copy"):
            return original
        if isinstance(original, Instance):
            copy, new = self.thing(node, "copy", kind=Instance)
            assert isinstance(copy, Instance)
            copy.cls = original.cls
        elif isinstance(original, Collection):
            return self._iterator("list", Arguments([original], {}), node)
        else:
            copy, new = self.thing(node, "copy")
        if new:
            copy.type, copy.made_by, copy.certain, copy.place = (
                original.type,
                original.made_by,
                original.certain,
                self.place(node),
            )
            copy.graph = original.graph
            self._made(copy, node)
        return copy

    def _share_values(self, result: Thing, values: tuple[Value, ...] | list[Value]) -> None:
        for value in values:
            for one in things(value):
                result.facts |= one.facts & VALUES_KEPT
                if one.facts & {"softmax", "sigmoid"}:
                    result.options = one.options

    def _mark_activation(
        self, result: Thing, dotted: str, given: Arguments | None, node: ast.Call, receiver: Thing | None = None
    ) -> None:
        """The result's values are those of a softmax or sigmoid."""
        activation = ACTIVATIONS.get(dotted)
        if activation is None:
            return
        result.facts |= {activation}
        result.options = {"activation": self.place(node)}
        if given is not None:
            argument = (
                node.func.value
                if receiver is not None and isinstance(node.func, ast.Attribute)
                else next(iter(node.args), None)
            )
            if argument is not None:
                result.options["activated"] = dataclasses.replace(self.place(argument), text=ast.unparse(argument))

    # Collections

    def _method_of_collection(self, thing: Collection, name: str, given: Arguments, node: ast.Call) -> Value:
        if name in ("items", "values", "keys", "copy"):
            if name == "values" or name == "copy":
                stream = self.collection(node, "values")
                if name == "copy":
                    stream.items, stream.more, stream.mapping = dict(thing.items), thing.more, thing.mapping
                else:
                    stream.more = tuple(thing.elements())
                stream.sources = (thing, *thing.sources)
                return stream
            if name == "items":
                stream, pair = self.collection(node, "items"), self.collection(node, "pair")
                values = thing.elements()
                pair.items = {0: self.number(node), 1: either(values) if values else self.derived(node, (thing,))}
                pair.sources = self.objects(values)
                stream.more, stream.sources = (pair,), (thing, *thing.sources)
                return stream
            return self.make(node, Type.NUMBER, role="keys", graph=Graph.NO)
        if name in KEEPS:
            return self._kept(thing, given, node, name)
        if name == "get" and given.args:
            return self.item_of(thing, given.args[0], node)
        if name in ("pop", "popleft"):
            return self.element(thing, node)
        if name in ("clear", "remove", "sort", "reverse", "index", "count"):
            return Const(None)
        return self._unseen(node, [thing, *given.values], given, name=name)

    def _kept(self, thing: Thing, given: Arguments, node: ast.Call, name: str) -> Value:
        """Something is put into a collection."""
        self.effects += 1
        if not given.args and not given.keywords:
            return Const(None)
        value = given.args[-1] if given.args else next(iter(given.keywords.values()))
        position = node.args[-1] if node.args else node
        self.keep(thing, value, node, name, position)
        if isinstance(thing, Collection):
            if name == "update" and isinstance(value, Collection):
                thing.items.update(value.items)
            elif name in ("extend", "update"):
                thing.more = (*thing.more, self.element(value, node))[-12:]
            elif not any(value is one for one in thing.more):
                thing.more = (*thing.more, value)[-12:]
            thing.sources = (
                *thing.sources,
                *(o for o in self.objects((value,)) if not any(o is s for s in thing.sources)),
            )[-24:]
        return Const(None)

    def keep(self, subject: Thing, value: Value, node: ast.AST, how: str, expression: ast.AST | None) -> None:
        """A value that holds a graph is added to something."""
        if self.graph(value) is Graph.NO or (how == "+=" and self.gradients is Graph.NO):
            return
        found = [one for one in things(value) if one.type is not Type.NUMBER]
        found.sort(key=lambda one: one.graph is not Graph.YES)
        if len(found) == 1 and isinstance(found[0], Collection):
            inner = [one for item in found[0].elements() for one in things(item) if self.graph(one) is Graph.YES]
            if inner:
                value = inner[0]
                found = inner[:1]
        certain = all(not isinstance(one, Const) for one in alternatives(value)) and len(found) == len(
            alternatives(value)
        )
        if found and certain:
            self.emit(
                Kind.KEEP,
                (subject,),
                node,
                object=found[0],
                inputs=found,
                how=how,
                options={"value": self._graph_part(expression) if expression is not None else None},
            )

    def _graph_part(self, expression: ast.AST) -> object:
        """The smallest expression in an added value that holds its graph: what `.item()` is to be put behind."""
        inner = expression
        while True:
            if isinstance(inner, ast.BinOp):
                with self.silently():
                    sides = [s for s in (inner.left, inner.right) if self.graph(self.evaluate(s)) is not Graph.NO]
                if len(sides) != 1:
                    break
                inner = sides[0]
            elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and len(inner.args) == 1:
                break
            else:
                break
        text = ast.unparse(inner)
        if isinstance(inner, ast.BinOp | ast.UnaryOp | ast.IfExp | ast.Compare | ast.BoolOp):
            text = f"({text})"
        return dataclasses.replace(self.place(inner), text=text) if hasattr(inner, "lineno") else None

    # What the other parts of the reader offer.

    def known_call(self, dotted: str) -> Effect | None:
        """What the configuration says about a call."""
        return None

    def block(self, statements: list[ast.stmt]) -> None:
        raise NotImplementedError

    def set_attribute(self, thing: Thing, name: str, value: Value, node: ast.AST) -> None:
        raise NotImplementedError


def _identity(value: Value | None) -> object:
    """What two calls must share to return the same."""
    if isinstance(value, Thing | Function | Partial):
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


def _last_layer(module: Thing) -> Thing:
    """The layer whose output a `Sequential` returns."""
    passed: set[int] = set()
    while module.made_by == "torch.nn.Sequential" and module.sources and id(module) not in passed:
        passed.add(id(module))
        module = module.sources[-1]
    return module


def _is_plain(value: Value) -> bool:
    """Whether it makes no difference if a result is this very object or another one like it."""
    return all(
        isinstance(one, Const | Symbol | Function | Class)
        or (isinstance(one, Thing) and one.type in (Type.NUMBER, Type.OTHER))
        or (isinstance(one, Thing) and one.given)
        for one in alternatives(value)
    )

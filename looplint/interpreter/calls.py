"""Calls: which code a call means, what that code does, and what comes back from it.

Code that is seen is laid open in place. For code that is not seen, the tables of `recognize` say what happens;
an object that is handed to code of which nothing is known escapes.
"""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Graph, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.names import _decorator
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Frame,
    Function,
    Instance,
    Member,
    Method,
    Partial,
    Super,
    Symbol,
    Value,
    either,
    objects_in,
)
from looplint.knowledge.layers import CONTAINERS, LAYERS, STATELESS, has_mode
from looplint.knowledge.logits import JOINS, LOGITS, SHAPES
from looplint.knowledge.name_hints import hint
from looplint.knowledge.python_names import ITERATORS, VIEWS
from looplint.knowledge.torch import (
    BATCHES,
    CLIPPING,
    CONTEXTS,
    FUNCTIONS,
    LOSS_FUNCTION,
    SHARED,
    WRAPPERS,
    type_of,
)
from looplint.library.methods import Methods
from looplint.program.outline import names_in
from looplint.syntax.walk import as_text

_READ_THROUGH = frozenset(
    ("optimizers", "optim", "Adam", "AdamW", "SGD", "zero_grad", "backward", "step", "state_dict", "load_state_dict")
)
"""Names that make the `__init__` of a module worth reading through; attributes of others are looked up when asked
for."""


_TRAINED = frozenset((Type.MODULE, Type.PARAMETERS, Type.OPTIMIZER, Type.ENGINE))
"""What an optimizer is over, wherever it stands among its arguments."""


class Calls(Methods):
    """Reads calls."""

    def call(self, node: ast.Call) -> Value:
        func = node.func
        if isinstance(func, ast.Attribute):
            receiver = self.evaluate(func.value)
            special = self._fetch(node, receiver)
            if special is not None:
                return special
            given = self._arguments(node)
            together = self._optimizers(receiver, func.attr, given, node)
            if together:
                return self._known_method(together[0], func.attr, given, node, together[1:])
            return self._each(receiver, lambda one: self._method(one, func.attr, given, node))
        if isinstance(func, ast.Name):
            special = self._builtin_form(node, func.id)
            if special is not None:
                return special
        callee = self.evaluate(func)
        given = self._arguments(node)
        return self._each(callee, lambda one: self.call_value(one, given, node))

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
                args.append(_written_out(argument, value))
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
                keywords[keyword.arg] = _written_out(keyword.value, value)
        return Arguments(args, keywords, opened)

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
                if key.value == "module" and ast.dump(node.args[0]) == ast.dump(node.args[-1]):
                    return self.inside_of(self.evaluate(node.args[0]), node)
                found = self.attribute_of(self.evaluate(node.args[0]), key.value, node)
                return found if len(node.args) == 2 else either((found, self.evaluate(node.args[2])))
        if name == "setattr" and len(node.args) == 3:
            key = self.evaluate(node.args[1])
            if isinstance(key, Const) and isinstance(key.value, str):
                value = self.evaluate(node.args[2])
                for thing in objects_in(self.evaluate(node.args[0])):
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
            self.emit(Kind.FETCH, list(objects_in(over)), node, how="next(iter)", written=as_text(loader))
        return self.element(over, node)

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
        if isinstance(callee, AbstractObject):
            return self._call_object(callee, given, node)
        return self.derived(node, given.values)

    def _call_object(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> Value:
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

    def _instantiate(self, cls: Class, given: Arguments, node: ast.Call) -> Value:
        thing, new = self.thing(node, f"instance of {cls.name}", kind=Instance)
        assert isinstance(thing, Instance)
        if new:
            thing.cls, thing.place = cls, self.place(node)
            thing.type = self.class_type(cls)
            thing.certain = thing.type is not Type.UNKNOWN
            thing.constructor = cls.name
            thing.options = given.options
            described = cls.frame.module.module_class(cls.node) if thing.type is Type.MODULE else None
            if described is not None and not described.mode_sensitive:
                thing.facts |= {"mode free"}
                # All that it is made of is seen: nothing that is handed in, or may have parameters of its own.
                if not described.parameters:
                    thing.facts |= {"no parameters"}
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

    def _call_symbol(self, dotted: str, given: Arguments, node: ast.Call) -> Value:
        head, _, last = dotted.rpartition(".")
        if head == "builtins":
            return self._builtin(last, given, node)
        known = self.known_call(dotted)
        if known is not None:
            return self._effect(known, None, given, node, last)
        if head == "torch.Tensor" and given.args:
            rest = Arguments(given.args[1:], given.keywords, given.open)
            return self._each(given.args[0], lambda one: self._method(one, last, rest, node))
        if dotted in FUNCTIONS:
            return self._effect(FUNCTIONS[dotted], None, given, node, dotted)
        if LOSS_FUNCTION.match(dotted):
            criterion = self.make(
                node.func, Type.CRITERION, role="criterion", constructor=dotted, certain=True, name=as_text(node.func)
            )
            return self._grade(criterion, given, node)
        if dotted in CONTEXTS:
            return self.make(node, Type.OTHER, role="context", constructor=dotted, certain=True, facts=("context",))
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
            number = self.make(node, Type.NUMBER, role="number", sources=(), graph=Graph.NO, constructor=dotted)
            return self._counting(number, given.values)
        if package == "torch":
            if CLIPPING.search(last):
                return self._effect(FUNCTIONS["torch.nn.utils.clip_grad_norm_"], None, given, node, dotted)
            written = [one for one in objects_in(given.get(0)) if "grad" in one.facts and last.endswith("_")]
            self.emit(Kind.CLEAR, [of for one in written for of in one.sources or (one,)], node, how=last)
            result = self.derived(node, given.values, constructor=dotted)
            needs = given.keywords.get("requires_grad")
            if needs is not None and not (isinstance(needs, Const) and not needs.value):
                result.facts |= {"leaf"}
            if last in JOINS:
                result.facts |= {"several"}
                for joined in self.objects(given.args[:1]):
                    joined.facts |= {"joined"}
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
            constructor=dotted,
            certain=True,
            sources=given.values,
            graph=Graph.NO,
            options=given.options,
        )
        if kind is Type.SCHEDULER:
            thing.sources = self.objects(list(given.values[:1]))
            self._counting(thing, given.values[1:])
            if dotted in BATCHES:
                position, name, counts = BATCHES[dotted]
                length = given.get(position, name)
                if (length is not None) is counts and not given.open and not (counts and _is_one(length)):
                    thing.facts |= {"counts batches"}
        elif kind is Type.PARAMETERS and given.options.get("requires_grad", given.options.get("1", True)) is True:
            thing.facts |= {"trained"}
        elif kind is Type.OPTIMIZER and given.get(0, "params") is not None:
            # A learning rate that two optimizers share makes them no relatives.
            thing.sources = tuple(
                source
                for source in thing.sources
                if source.type in _TRAINED or any(source is one for one in objects_in(given.get(0, "params")))
            )
        thing.facts |= LOGITS.get(dotted, frozenset())
        if dotted in WRAPPERS - SHARED:
            thing.facts |= {"copy"}
        if kind is Type.MODULE and dotted.startswith("torch.nn."):
            thing.facts |= self._layer_facts(thing, dotted)
        self._made(thing, node)
        return thing

    def _layer_facts(self, thing: AbstractObject, name: str) -> set[str]:
        """What is known of a layer of `torch.nn`: whether it has a mode, and whether it brings parameters of its
        own."""
        if name in WRAPPERS:
            return {fact for part in thing.sources[:1] for fact in part.facts & {"mode free", "no parameters"}}
        facts = set()
        parts = [part for part in thing.sources if part.type is Type.MODULE or part.owner is not None]
        whole = name in CONTAINERS and len(parts) == len(thing.sources)
        if name in LAYERS and name not in CONTAINERS:
            facts.add("single layer")
        if (name in LAYERS and not has_mode(name, thing.options) and name not in CONTAINERS) or (
            whole and all("mode free" in part.facts for part in parts)
        ):
            facts.add("mode free")
        if name in STATELESS or (
            whole and parts and all("no parameters" in p.facts or p.owner is not None for p in parts)
        ):
            facts.add("no parameters")
        return facts

    def _engine(self, given: Arguments, node: ast.Call) -> Value:
        """`deepspeed.initialize(...)`: (engine, optimizer, loader, scheduler)."""
        bundle = self.collection(node)
        engine = self.make(
            node, Type.ENGINE, role="engine", constructor="deepspeed.initialize", certain=True, sources=given.values
        )
        optimizer = self.make(node, Type.OTHER, role="engine optimizer", certain=True)
        bundle.items = {
            0: engine,
            1: optimizer,
            2: self.given(node, "", "loader"),
            3: self.given(node, "", "scheduler"),
        }
        return bundle


def _written_out(expression: ast.expr, value: Value) -> Value:
    """An argument; one that is a constant, or a member of an enumeration, decides what is asked of it, a name that
    stands for one is an option."""
    member = isinstance(value, Const) and isinstance(value.value, Member) and isinstance(expression, ast.Attribute)
    named = isinstance(expression, ast.Name | ast.Attribute) and not member
    return Const(value.value, argument=True) if isinstance(value, Const) and not named else value


def _is_one(value: Value | None) -> bool:
    return isinstance(value, Const) and value.value == 1

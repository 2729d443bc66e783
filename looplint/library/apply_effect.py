"""Rows of the tables of `recognize`, carried out: which events a call makes, and what it returns."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from looplint.events import AbstractObject, Graph, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.expressions import VALUES_KEPT
from looplint.interpreter.reader import cut_off
from looplint.interpreter.values import (
    Collection,
    Const,
    Function,
    Instance,
    Method,
    Partial,
    Value,
    alternatives,
    objects_in,
)
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.name_hints import hint
from looplint.knowledge.torch import SHARED
from looplint.library.builtins import Containers
from looplint.syntax.walk import as_text, nodes


class Effects(Containers):
    """Carries out what is known of a call."""

    def _effect(
        self,
        effect: Effect,
        thing: AbstractObject | None,
        given: Arguments,
        node: ast.Call,
        name: str,
        others: Sequence[AbstractObject] = (),
    ) -> Value:
        """Carry out a row of the tables. `others`: what the call may be about instead of `thing`."""
        closure = given.get(0, "closure")
        if (
            effect.kind is Kind.STEP
            and thing is not None
            and thing.type is not Type.SCALER
            and hint(thing.name) is not Type.SCALER
        ):
            if any(one.type is Type.TENSOR or one.graph is Graph.YES for one in objects_in(closure)):
                # Given a loss, it differentiates, updates and clears by itself (higher, pyro).
                self.emit(Kind.READ, objects_in(closure), node, how="grad")
                self._escape([thing], node, name)
                return self._returned(Returns.NEW, thing, given, node, name)
            if isinstance(closure, Function | Partial):
                self._each(closure, lambda one: self.call_value(one, Arguments([], {}), node))
            elif (
                closure is not None
                and not isinstance(closure, Const)
                and any(
                    not isinstance(one, AbstractObject) or one.type is Type.UNKNOWN for one in alternatives(closure)
                )
            ):
                self._escape([thing], node, "closure")
                self.emit(Kind.READ, (thing,), node, how="handed over")
        subjects = (*self._subjects(effect.subject, effect.keyword, thing, given), *others)
        other = self._subjects(effect.object, "", thing, given) if effect.object != "" else ()
        written = ""
        if effect.subject == "self" and isinstance(node.func, ast.Attribute):
            written = as_text(node.func.value)
        elif isinstance(effect.subject, int) and effect.subject < len(node.args):
            written = as_text(node.args[effect.subject])
        kind = effect.kind
        if kind is Kind.CLEAR:
            subjects = self._flat(subjects)
        if kind is Kind.TRAIN:
            mode = given.get(0, "mode")
            kind = Kind.EVAL if isinstance(mode, Const) and not mode.value else kind
        if kind in (Kind.TRAIN, Kind.EVAL) and thing is not None and thing.constructor in SHARED:
            subjects += thing.sources[:1]
        scaler: AbstractObject | None = other[0] if other else None
        if kind is Kind.BACKWARD:
            for one in subjects:
                scaler = (
                    scaler
                    or next((s for s in one.ancestry() if s.type is Type.SCALER or hint(s.name) is Type.SCALER), None)
                    if "scaled" in one.facts
                    else scaler
                )
            subjects = self._flat(subjects)
            scaled = [source for loss in subjects if "scaled" in loss.facts for source in loss.sources]
            for one in (*subjects, *scaled):
                # What is back-propagated without an error holds a graph, or was made a leaf.
                tensor = one.type in (Type.UNKNOWN, Type.TENSOR)
                recorded = not self.contexts & {"no_grad", "inference_mode"}
                if tensor and recorded and one.graph is Graph.UNKNOWN and "leaf" not in one.facts:
                    one.graph = Graph.YES
                    one.facts |= {"recorded"}
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
                    isinstance(v, Const) or any(t.type is Type.NUMBER for t in objects_in(v)) for v in given.values
                )
            if kind is Kind.CLIP:
                self._limit(options, given, node)
            if kind is Kind.STEP:
                options["closure"] = isinstance(closure, Function | Partial)
            if scaler is not None:
                by = next((s.options["by"] for s in subjects if "by" in s.options), None)
                options["by"] = by or (as_text(node.func.value) if isinstance(node.func, ast.Attribute) else "")
            if kind is Kind.SEED:
                subjects = (self.given(self.loop, "random state", "random state"),)
                options["changes"] = self._changes(given.get(0, "seed"), node)
            if kind in (Kind.SAVE, Kind.LOAD):
                for argument in [*node.args[:1], *(k.value for k in node.keywords if k.arg == effect.keyword)]:
                    self._uncalled_states(argument)
                self._uncalled_entries(given.get(0, effect.keyword))
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
        elif limit is not None and as_text(limit) in (
            "float('inf')",
            "math.inf",
            "torch.inf",
            "np.inf",
            "numpy.inf",
            "inf",
        ):
            options["max_norm"] = float("inf")

    def _changes(self, value: Value | None, node: ast.Call) -> bool:
        """Whether a value that a call is given may differ from one pass of the loop around it to the next."""
        around = self.loop.iterations[self.flow.loops[-1]] if self.flow.loops else None
        if around is not None and around.function == self.frame.name:
            names = [n.id for argument in node.args for n in nodes(argument) if isinstance(n, ast.Name)]
            bound = [name for name in names if self.bound_at(name)[1] > around.head]
            if any(not isinstance(self.lookup(name, node), Const) for name in bound):
                return True
        return any(
            not isinstance(one, Const)
            and not (isinstance(one, AbstractObject) and one.given and not one.sources and "counter" not in one.facts)
            for one in alternatives(value or Const(None))
        )

    def _uncalled_states(self, node: ast.expr) -> None:
        """`model.state_dict` without parentheses, where its result is meant."""
        parts = list(node.elts) if isinstance(node, ast.List | ast.Tuple) else [node]
        for part in parts:
            if isinstance(part, ast.Attribute | ast.Name):
                with self.silently():
                    value = self.evaluate(part)
                for one in alternatives(value):
                    if isinstance(one, Method) and one.name == "state_dict":
                        self._uncalled_state(one, part)

    def _uncalled_entries(self, value: Value | None) -> None:
        """The same, as an entry of a dict that was made here or before."""
        for thing in objects_in(value):
            for entry in (*thing.items.values(), *thing.more) if isinstance(thing, Collection) else ():
                if id(entry) in self.uncalled:
                    self._uncalled_state(*self.uncalled[id(entry)])

    def _uncalled_state(self, method: Method, node: ast.expr) -> None:
        receivers = [one for one in objects_in(method.receiver) if self._has_state(one)]
        self.emit(Kind.REFERENCE, receivers, node, how="state_dict", written=as_text(node))

    def _has_state(self, thing: AbstractObject) -> bool:
        """Whether `state_dict` is a method of this object: of others it may well be the state itself."""
        kinds = (Type.MODULE, Type.OPTIMIZER, Type.SCHEDULER, Type.SCALER, Type.ENGINE)
        uses = self.module.uses.get(thing.name.rpartition(".")[2], set())
        return (
            self.is_like(thing, *kinds)
            or not uses.isdisjoint(("state_dict", "load_state_dict"))
            or self.module_by_use(thing.name)
        )

    def _flat(self, subjects: tuple[AbstractObject, ...]) -> tuple[AbstractObject, ...]:
        """These things, and what the collections among them hold."""
        flat: list[AbstractObject] = []
        for one in subjects:
            if isinstance(one, Collection):
                flat.extend(self.objects(one.elements()))
            flat.append(one)
        return tuple(flat)

    def _subjects(
        self, which: str | int, keyword: str, thing: AbstractObject | None, given: Arguments
    ) -> tuple[AbstractObject, ...]:
        if which == "self":
            return (thing,) if thing is not None else ()
        if isinstance(which, int):
            value = given.get(which, keyword)
            return self.objects((value,)) if value is not None else ()
        return tuple(self.objects(given.values[:1])) or ()

    def _returned(
        self, returns: Returns, thing: AbstractObject | None, given: Arguments, node: ast.Call, name: str
    ) -> Value:
        values: list[Value] = [*([thing] if thing is not None else []), *given.values]
        match returns:
            case Returns.SELF:
                return thing if thing is not None else Const(None)
            case Returns.ARGUMENT | Returns.WRAPPED:
                for one in self.objects(given.values):
                    one.facts |= {"prepared", "wrapped"} if returns is Returns.WRAPPED else {"prepared"}
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
                        constructor=next((t.constructor for v in given.values[:1] for t in objects_in(v)), ""),
                        sources=given.values[:1],
                        graph=self.graph_of(given.values[:1]),
                    )
                    made.facts |= frozenset(f for v in given.values[:1] for t in objects_in(v) for f in t.facts)
                    self._new_leaf(made, given, node)
                    return made
                return next(iter(given.values), Const(None))
            case Returns.NUMBER:
                return self.make(node, Type.NUMBER, role="number", graph=Graph.NO)
            case Returns.DETACHED | Returns.DATA:
                cut = frozenset(("detached",)) if returns is Returns.DETACHED else frozenset()
                for one in objects_in(given.args[0]) if given.args and cut else ():
                    cut |= cut_off(one)
                made = self.make(node, Type.TENSOR, role="detached", graph=Graph.NO, constructor=name, facts=cut)
                self._new_leaf(made, given, node)
                return made
            case Returns.PARAMETERS:
                own = isinstance(thing, Instance) and thing.cls is not None and self.find_method(thing.cls, name)
                return self.make(
                    node,
                    Type.PARAMETERS,
                    role="parameters",
                    certain=True,
                    sources=values[:1],
                    graph=Graph.NO,
                    facts=() if own else ("one shot",),
                )
            case Returns.PARTS:
                known = thing is not None and thing.certain
                return self.make(
                    node, Type.MODULE, role="parts", sources=values[:1], graph=Graph.NO, certain=known, facts=("parts",)
                )
            case Returns.STATE:
                return self.make(node, role="state", sources=values[:1], facts=("state",), graph=Graph.NO)
            case Returns.MODULE:
                made = self.make(node, Type.MODULE, role="made", constructor=name, certain=True, sources=values)
                self._made(made, node)
                return made
            case Returns.LOADED:
                return self.make(
                    node, Type.OTHER, role="loaded", certain=True, sources=values[:1], facts=("load result",)
                )
            case Returns.COPY:
                return self._copy(given, node)
            case Returns.DERIVED:
                result = self.derived(node, values, constructor=name)
                for one in objects_in(given.get(0)) if given.args else ():
                    result.facts |= one.facts & VALUES_KEPT
                if name == "scale" and isinstance(node.func, ast.Attribute):
                    result.facts |= {"scaled"}
                    result.options = {**result.options, "by": as_text(node.func.value)}
                    result.type = Type.TENSOR
                return result
            case Returns.NEW:
                return self.make(node, role="new", sources=values)
            case Returns.ELEMENTS:
                return given.args[0] if given.args else Const(None)
        return Const(None)

    def _new_leaf(self, made: AbstractObject, given: Arguments, node: ast.Call) -> None:
        """`torch.tensor(loss, requires_grad=True)`: made of a result, and cut off from it."""
        needs = given.keywords.get("requires_grad")
        if isinstance(needs, Const) and needs.value:
            source = next((t for v in given.args[:1] for t in objects_in(v)), None)
            if isinstance(source, Collection):
                # Of several results, those that are losses say what it is.
                parts = [t for v in source.elements() for t in objects_in(v)]
                source = next((t for t in parts if "graded" in t.facts), source)
            if source is not None:
                self.emit(Kind.LEAF, (made,), node, object=source, how="tensor")

    def _copy(self, given: Arguments, node: ast.Call) -> Value:
        """A deep copy: an object of the same kind that shares nothing with the first."""
        value = given.get(0, "x")
        original = next(objects_in(value), None)
        if original is None:
            return Const(None)
        if "state" in original.facts and as_text(node.func).endswith("copy.copy"):
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
            copy.type, copy.constructor, copy.certain, copy.place = (
                original.type,
                original.constructor,
                original.certain,
                self.place(node),
            )
            copy.graph = original.graph
            self._made(copy, node)
        return copy

    def _made(self, thing: AbstractObject, node: ast.AST) -> None:
        if thing.type not in (Type.UNKNOWN, Type.OTHER, Type.NUMBER, Type.TENSOR, Type.COLLECTION):
            # What is stored under another name than the class has may be made of it by code that is not seen.
            called = as_text(node.func) if isinstance(node, ast.Call) else ""
            criterion = (
                thing.type is Type.CRITERION and called.rpartition(".")[2] == thing.constructor.rpartition(".")[2]
            )
            self.emit(
                Kind.MAKE,
                (thing,),
                node,
                inputs=thing.sources if criterion else (),
                how=thing.constructor,
                options=thing.options,
                written=called if criterion else "",
            )

"""Rows of the tables of `looplint.knowledge`, carried out: which events a call makes, and what it returns."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from looplint.events import AbstractObject, Graph, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Collection, Const, Function, Method, Partial, Value, alternatives, objects_in
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.name_hints import hint
from looplint.knowledge.torch import COMPUTES_NOTHING, SHARED
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text, nodes


class Effects(LibraryPart):
    """Carries out what is known of a call."""

    def apply(
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
                self.reader.emit(Kind.READ, objects_in(closure), node, how="grad")
                self.reader.unknown_calls.escape([thing], node, name)
                return self.library.returned.value(Returns.NEW, thing, given, node, name)
            if isinstance(closure, Function | Partial):
                self.reader.branches.each(closure, lambda one: self.reader.call(one, Arguments([], {}), node))
            elif (
                closure is not None
                and not isinstance(closure, Const)
                and any(
                    not isinstance(one, AbstractObject) or one.type is Type.UNKNOWN for one in alternatives(closure)
                )
            ):
                self.reader.unknown_calls.escape([thing], node, "closure")
                self.reader.emit(Kind.READ, (thing,), node, how="handed over")
        subjects = (*self._subjects(effect.subject, effect.keyword, thing, given), *others)
        other = self._subjects(effect.object, "", thing, given) if effect.object != "" else ()
        written = ""
        if effect.subject == "self" and isinstance(node.func, ast.Attribute):
            written = as_text(node.func.value)
        elif isinstance(effect.subject, int) and effect.subject < len(node.args):
            written = as_text(node.args[effect.subject])
        kind = effect.kind
        if kind is Kind.CLEAR:
            subjects = self.reader.objects.flat(subjects)
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
            subjects = self.reader.objects.flat(subjects)
            scaled = [source for loss in subjects if "scaled" in loss.facts for source in loss.sources]
            for one in (*subjects, *scaled):
                # What is back-propagated without an error holds a graph, or was made a leaf.
                tensor = one.type in (Type.UNKNOWN, Type.TENSOR)
                recorded = not self.reader.now.contexts & {"no_grad", "inference_mode"}
                if tensor and recorded and one.graph is Graph.UNKNOWN and "leaf" not in one.facts:
                    one.graph = Graph.YES
                    one.facts |= {"recorded"}
                    parts = [part for part in one.ancestry() if "part of output" in part.facts]
                    if len(parts) == 1:
                        parts[0].graph = Graph.YES
            if "dist_autograd" in self.reader.now.contexts:
                kind = None
        if kind is Kind.LOAD and thing is not None and thing.type is Type.UNKNOWN and not thing.name:
            kind = None
        flagged = given.get(9, effect.flag[0]) if effect.flag else None
        if kind is Kind.STEP and "dist_autograd" in self.reader.now.contexts:
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
                options["idle closure"] = isinstance(closure, Function) and _is_idle(closure)
            if scaler is not None:
                by = next((s.options["by"] for s in subjects if "by" in s.options), None)
                options["by"] = by or (as_text(node.func.value) if isinstance(node.func, ast.Attribute) else "")
            if kind is Kind.SEED:
                subjects = (self.reader.objects.external(self.reader.graph, "random state", "random state"),)
                options["changes"] = self._changes(given.get(0, "seed"), node)
            if kind in (Kind.SAVE, Kind.LOAD):
                for argument in [*node.args[:1], *(k.value for k in node.keywords if k.arg == effect.keyword)]:
                    self._uncalled_states(argument)
                self._uncalled_entries(given.get(0, effect.keyword))
            self.reader.emit(
                kind,
                subjects,
                node,
                object=scaler,
                how=name,
                options=options,
                written=written,
                inputs=self.reader.objects.of(given.values) if kind in (Kind.SAVE, Kind.BACKWARD, Kind.LOAD) else (),
            )
        for also in (effect.then, effect.flag[1] if flagged is not None and effect.flag else None):
            if also is not None and not (isinstance(flagged, Const) and not flagged.value and also is not effect.then):
                self.reader.emit(also, subjects, node, how=name, written=written)
        return self.library.returned.value(effect.returns, thing, given, node, name)

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
        around = self.reader.graph.iterations[self.reader.flow.loops[-1]] if self.reader.flow.loops else None
        if around is not None and around.function == self.reader.now.frame.name:
            names = [n.id for argument in node.args for n in nodes(argument) if isinstance(n, ast.Name)]
            bound = [name for name in names if self.reader.names.bound_at(name)[1] > around.head]
            if any(not isinstance(self.reader.names.lookup(name, node), Const) for name in bound):
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
                with self.reader.flow.silently():
                    value = self.reader.evaluate(part)
                for one in alternatives(value):
                    if isinstance(one, Method) and one.name == "state_dict":
                        self._uncalled_state(one, part)

    def _uncalled_entries(self, value: Value | None) -> None:
        """The same, as an entry of a dict that was made here or before."""
        for thing in objects_in(value):
            for entry in (*thing.items.values(), *thing.more) if isinstance(thing, Collection) else ():
                if id(entry) in self.reader.record.uncalled:
                    self._uncalled_state(*self.reader.record.uncalled[id(entry)])

    def _uncalled_state(self, method: Method, node: ast.expr) -> None:
        receivers = [one for one in objects_in(method.receiver) if self._has_state(one)]
        self.reader.emit(Kind.REFERENCE, receivers, node, how="state_dict", written=as_text(node))

    def _has_state(self, thing: AbstractObject) -> bool:
        """Whether `state_dict` is a method of this object: of others it may well be the state itself."""
        kinds = (Type.MODULE, Type.OPTIMIZER, Type.SCHEDULER, Type.SCALER, Type.ENGINE)
        uses = self.reader.now.module.uses.get(thing.name.rpartition(".")[2], set())
        return (
            self.reader.objects.is_like(thing, *kinds)
            or not uses.isdisjoint(("state_dict", "load_state_dict"))
            or self.reader.objects.module_by_use(thing.name)
        )

    def _subjects(
        self, which: str | int, keyword: str, thing: AbstractObject | None, given: Arguments
    ) -> tuple[AbstractObject, ...]:
        if which == "self":
            return (thing,) if thing is not None else ()
        if isinstance(which, int):
            value = given.get(which, keyword)
            return self.reader.objects.of((value,)) if value is not None else ()
        return tuple(self.reader.objects.of(given.values[:1])) or ()


def _is_idle(closure: Function) -> bool:
    """Whether a closure computes nothing: it calls nothing but what clears gradients or reads values out."""
    calls = [call for call in nodes(closure.node) if isinstance(call, ast.Call)]
    return all(isinstance(call.func, ast.Attribute) and call.func.attr in COMPUTES_NOTHING for call in calls)

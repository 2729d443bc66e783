"""Applies rows of the tables of `looplint.knowledge`: the events of a call, and its result."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from looplint.events import AbstractObject, Fact, How, Kind, Option, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Const, Value, objects_in
from looplint.knowledge.effect import Effect, Returns
from looplint.library import libraries
from looplint.library.effect_handlers import HANDLERS, EffectCall, replace_parameters, written_subject
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text


class Effects(LibraryPart):
    """Applies the effects of known calls."""

    def apply(
        self,
        effect: Effect,
        thing: AbstractObject | None,
        given: Arguments,
        node: ast.Call,
        name: str,
        others: Sequence[AbstractObject] = (),
    ) -> Value:
        """Apply a row of the tables. `others`: alternative receivers."""
        if effect.makes:
            receiver = [thing] if thing is not None else []
            made_of = Arguments([*receiver, *given.args], given.keywords, given.open)
            kind = libraries.type_of(effect.makes)
            return self.library.constructors.construct(effect.makes, kind, made_of, node)
        subjects = (*self._subjects(effect.subject, effect.keyword, thing, given), *others)
        other = self._subjects(effect.object, "", thing, given)[:1] if effect.object != "" else ()
        scaler = next(iter(other), None)
        call = EffectCall(self.library, effect, thing, given, node, name, effect.kind, subjects, scaler, given.options)
        if effect.enabled_by:
            call.kind = self._asked(call, given.keywords.get(effect.enabled_by))
        handler = HANDLERS.get(call.kind) if call.kind is not None else None
        result = handler(call) if handler is not None else None
        if result is not None:
            return result
        if effect.returns is Returns.OUTPUT:
            output = self.library.returned.value(effect.returns, thing, given, node, name)
            call.outputs = self.reader.objects.flat(tuple(objects_in(output)))
            self._emit(call)
            return output
        self._emit(call)
        if call.result is not None:
            return call.result
        if effect.named and not given.open:
            bundle = self.reader.objects.collection(node)
            bundle.items = dict(enumerate(given.keywords[name] for name in effect.named if name in given.keywords))
            return bundle
        return self.library.returned.value(effect.returns, thing, given, node, name)

    def apply_all(
        self, effects: Sequence[Effect], thing: AbstractObject | None, given: Arguments, node: ast.Call, name: str
    ) -> Value:
        """Apply rows to one call, one after the other; returns the last result."""
        result: Value = Const(None)
        for effect in effects:
            result = self.apply(effect, thing, given, node, name)
        return result

    def _asked(self, call: EffectCall, answer: Value | None) -> Kind | None:
        """The kind of the event, None if an argument turns it off, and an escape if that is unknown."""
        if answer is None or (isinstance(answer, Const) and answer.value):
            return call.kind
        return None if isinstance(answer, Const) else Kind.ESCAPE

    def _emit(self, call: EffectCall) -> None:
        """Add the event of a call, and its accompanying events."""
        effect, node = call.effect, call.node
        written = call.written or written_subject(effect, node)
        if call.thing is not None and call.thing.type is Type.FRAMEWORK:
            call.options[Option.FRAMEWORK] = call.thing
        if call.kind is not None:
            if call.scaler is not None:
                by = next((s.options[Option.BY] for s in call.subjects if Option.BY in s.options), None)
                call.options[Option.BY] = by or (
                    as_text(node.func.value) if isinstance(node.func, ast.Attribute) else ""
                )
            self.reader.emit(
                call.kind,
                call.subjects,
                node,
                object=call.scaler,
                how=effect.how or call.name,
                options=call.options,
                written=written,
                inputs=call.inputs,
                outputs=call.outputs,
            )
        if call.kind is Kind.BACKWARD:
            for make in self.reader.graph.all(Kind.MAKE):
                if Fact.STEPS_IN_BACKWARD in make.subject.facts:
                    for kind in (Kind.STEP, Kind.CLEAR):
                        self.reader.emit(kind, (make.subject,), node, how=How.IN_BACKWARD, written=make.subject.name)
        flagged = call.given.get(9, effect.flag[0]) if effect.flag else None
        for also in (effect.then, effect.flag[1] if flagged is not None and effect.flag else None):
            if also is Kind.ASSIGN:
                if isinstance(flagged, Const) and flagged.value:
                    replace_parameters(call, How.NEW_PARAMETERS)
            elif also is not None and not (
                isinstance(flagged, Const) and not flagged.value and also is not effect.then
            ):
                self.reader.emit(also, call.subjects, node, how=call.name, written=written)

    def _subjects(
        self, which: str | int, keyword: str, thing: AbstractObject | None, given: Arguments
    ) -> tuple[AbstractObject, ...]:
        if which == "self":
            return (thing,) if thing is not None else ()
        if isinstance(which, int):
            value = given.get(which, keyword)
            return self.reader.objects.of((value,)) if value is not None else ()
        return self.reader.objects.of(given.values[:1])

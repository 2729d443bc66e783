"""Method calls: dispatch on the receiver's class if its source is known."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Fact, Kind, Option, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.decorators import decorator_name
from looplint.interpreter.part import Part
from looplint.interpreter.suggested_by_name import hint
from looplint.interpreter.values import Class, Collection, Const, Function, Instance, Method, Super, Value
from looplint.knowledge.members import CONSTRUCTS, RUNS_AS_DEFINED
from looplint.knowledge.name_hints import CLEARS
from looplint.program.outline import names_in
from looplint.syntax.walk import nodes


class MethodCalls(Part):
    """Dispatches on the receiver of a method call."""

    def call(self, receiver: Value, name: str, given: Arguments, node: ast.Call) -> Value:
        """The result of calling a method of a value."""
        if isinstance(receiver, AbstractObject):
            return self._method_of_thing(receiver, name, given, node)
        if isinstance(receiver, Method):
            return self.reader.unknown_calls.call(node, [receiver, *given.values], given, name=name)
        if isinstance(receiver, Const):
            if isinstance(receiver.value, str | int | float | bytes):
                return self.reader.objects.number(node)
            return Const(None)
        if isinstance(receiver, Class) and name in CONSTRUCTS:
            if self.reader.classes.attribute(receiver, name) is None:
                return self.reader.instances.make(receiver, Arguments(given.args, given.keywords, True), node)
        if isinstance(receiver, Class):
            function = self.reader.classes.attribute(receiver, name)
            if isinstance(function, Function) and isinstance(function.node, ast.FunctionDef):
                decorators = {decorator_name(d) for d in function.node.decorator_list}
                if "classmethod" in decorators:
                    return self._class_method(receiver, function, given, node)
                return self.reader.call(function, given, node)
        if isinstance(receiver, Super):
            return self._super_method(receiver, name, given, node)
        target = self.reader.attributes.named_attribute(receiver, name, node)
        if isinstance(target, Method) and target.receiver is receiver:
            # Nothing is known of it, as of `_make` of a named tuple.
            return self.reader.unknown_calls.call(node, [receiver, *given.values], given, name=name)
        return self.reader.branches.each(target, lambda one: self.reader.call(one, given, node))

    def _class_method(self, cls: Class, function: Function, given: Arguments, node: ast.Call) -> Value:
        parameters = function.node.args
        if parameters.args:
            frame_value: list[Value] = [cls, *given.args]
            return self.reader.inlining.call(function, frame_value, given.keywords, node, given.open)
        return self.reader.call(function, given, node)

    def _super_method(self, receiver: Super, name: str, given: Arguments, node: ast.Call) -> Value:
        found = self.reader.classes.find_method(receiver.owner, name, after=receiver.owner)
        if found is not None:
            function = Function(found[0], found[1].frame, receiver.receiver, found[1])
            return self.reader.inlining.call(function, given.args, given.keywords, node, given.open)
        if name == "__init__":
            return Const(None)
        effect = self.reader.tables.methods.get(receiver.receiver.type, {}).get(name)
        if effect is not None and effect.kind is not Kind.FORWARD:
            return self.reader.library.apply(effect, receiver.receiver, given, node, name)
        # `def to(self, device): ...; return super().to(device)`
        if receiver.receiver.type is Type.MODULE and name in self.reader.tables.keeps_identity:
            return receiver.receiver
        return self.reader.unknown_calls.call(node, [receiver.receiver, *given.values], given, name=name)

    def _method_of_thing(self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call) -> Value:
        stored = self.reader.attributes.stored(thing, name)
        if stored is None or isinstance(thing, Collection):
            return self.own_method(thing, name, given, node)
        kind = thing.type if thing.type is not Type.UNKNOWN else hint(thing.name)

        def call(one: Value) -> Value:
            # `optimizer.step = counted(optimizer.step)`: what is stored may be the method itself.
            if isinstance(one, Method) and one.receiver is thing and one.name == name:
                return self.own_method(thing, name, given, node)
            if isinstance(one, AbstractObject) and kind is Type.OPTIMIZER and one.owner is not thing:
                self.reader.emit(Kind.ESCAPE, (thing,), node, how=name)
            return self.reader.call(one, given, node)

        return self.reader.branches.each(stored, call)

    def own_method(self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call) -> Value:
        """Call what the class of an object defines."""
        if isinstance(thing, Collection):
            return self.reader.library.call_collection_method(thing, name, given, node)
        if isinstance(thing, Instance) and thing.cls is not None:
            self.reader.library.used(thing, name, given, node)
            found = self.reader.instances.attribute(thing, name, node.func)
            overridden = thing.type is Type.UNKNOWN or name not in self.reader.tables.methods.get(thing.type, {})
            # An optimizer around another one: its `step` acts on the inner one.
            wraps = name == "step" and isinstance(found, Function) and "step" in names_in(found.node)
            if thing.type is Type.SCHEDULER and name == "step" and isinstance(found, Function):
                thing.facts |= {Fact.OWN_STEP}
            if (
                isinstance(found, Function)
                and found.node is not None
                and (overridden or name in RUNS_AS_DEFINED or wraps)
                and not (thing.type is Type.OPTIMIZER and self.reader.classes.updates_by_hand(thing.cls))
            ):
                if name == "forward" and thing.type is Type.MODULE:
                    return self.reader.library.direct_forward(thing, given, node)
                if name in self.reader.tables.resets_weights and thing.type is Type.MODULE:
                    self.reader.emit(Kind.LOAD, (thing,), node, how=name)
                return self.reader.call(found, given, node)
            if found is not None and not isinstance(found, Function):
                return self.reader.branches.each(found, lambda one: self.reader.call(one, given, node))
        if name == "module" and thing.constructor in self.reader.tables.wrappers and thing.operands:
            return self.reader.library.predict(thing.operands[0], given, node)
        if name == "module" and _averages_gradients(thing):
            inner = self.reader.attributes.part(thing, name)
            inner.type, inner.operands, inner.facts = Type.MODULE, (thing,), inner.facts | {Fact.PAST_WRAPPER}
            return self.reader.library.predict(inner, given, node)
        if self._predicts_inside(thing, name):
            thing.type, thing.facts = Type.MODULE, thing.facts | {Fact.PAST_WRAPPER}
            return self.reader.library.predict(thing, given, node)
        known = self.reader.library.known(
            f"{thing.constructor}.{name}" if thing.constructor else f"{thing.name}.{name}", thing.options
        )
        if known is not None:
            return self.reader.library.apply_all(known, thing, given, node, name)
        result = self.reader.library.call_method(thing, name, given, node)
        if name == "step" and self._clears_itself(thing):
            self.reader.emit(Kind.ESCAPE, (thing,), node, how=name)
        return result

    def _predicts_inside(self, thing: AbstractObject, name: str) -> bool:
        """Whether a method of the `.module` of a wrapper that averages gradients calls the network: its class is that
        of what was wrapped."""
        whole = thing.owner
        if not isinstance(whole, Instance) or whole.cls is None or not _averages_gradients(whole):
            return False
        found = self.reader.classes.find_method(whole.cls, name) if thing.name.endswith(".module") else None
        return found is not None and any(
            isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "self"
            for one in nodes(found[0])
        )

    def _clears_itself(self, thing: AbstractObject) -> bool:
        """Whether the step of an optimizer may also clear: it has a hook, or its own code does more than step."""
        if Fact.HOOKED in thing.facts:
            return True
        found = (
            self.reader.classes.find_method(thing.cls, "step")
            if isinstance(thing, Instance) and thing.cls is not None
            else None
        )
        return found is not None and any(map(CLEARS.search, names_in(found[0])))


def _averages_gradients(thing: AbstractObject) -> bool:
    """Whether it is inside a framework's wrapper that averages the gradients of several processes."""
    framework = thing.options.get(Option.FRAMEWORK) if Fact.WRAPPED in thing.facts else None
    return isinstance(framework, AbstractObject) and Fact.AVERAGES_GRADIENTS in framework.facts

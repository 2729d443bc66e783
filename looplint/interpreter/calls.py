"""Calls: resolving the callee and evaluating the arguments."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import ClassVar

from looplint.events import AbstractObject, Fact, How, Kind, Type
from looplint.interpreter.arguments import Arguments, accepts
from looplint.interpreter.part import Part
from looplint.interpreter.suggested_by_name import hint
from looplint.interpreter.values import (
    CHOICES,
    Class,
    Collection,
    Const,
    Either,
    Frame,
    Function,
    Instance,
    Member,
    Method,
    NamedTupleClass,
    Partial,
    Super,
    Symbol,
    Value,
    alternatives,
    either,
    objects_in,
)
from looplint.knowledge.members import CALLED, SETS_MODE
from looplint.knowledge.name_hints import CLASS_NAME
from looplint.knowledge.python_names import KEEPS_ALL, NEXT, VIEWS
from looplint.syntax.walk import as_text


class Calls(Part):
    """Evaluates call expressions and dispatches on the callee."""

    def _call(self, node: ast.Call) -> Value:
        result = self._result(node)
        self.reader.iterators.after_call(node, result)
        return result

    def _result(self, node: ast.Call) -> Value:
        func = node.func
        if isinstance(func, ast.Attribute):
            receiver = self.reader.evaluate(func.value)
            special = self._fetch(node, receiver)
            if special is not None:
                return special
            given = self.arguments(node)
            if isinstance(receiver, Either):
                together = self.reader.library.optimizers(receiver, func.attr, given, node)
                if together:
                    return self.reader.library.call_method(together[0], func.attr, given, node, together[1:])
            return self.reader.branches.each(
                receiver, lambda one: self.reader.method_calls.call(one, func.attr, given, node)
            )
        if isinstance(func, ast.Name):
            special = self._builtin_form(node, func.id)
            if special is not None:
                return special
            if func.id in KEEPS_ALL:
                self.reader.record.collected.update(node.args[:1])
        callee = self.reader.evaluate(func)
        given = self.arguments(node)
        fitting = self._fitting(callee, given)
        if fitting is None:
            return self.reader.unknown_calls.call(node, given.values, given, name=as_text(func))
        return self.reader.branches.each(fitting, lambda one: self.reader.call(one, given, node))

    def _fitting(self, callee: Value, given: Arguments) -> Value | None:
        """Those of several alternatives that take these arguments: the call of another one would be an error. None
        where it must be one that was not kept."""
        if not isinstance(callee, Either) or given.open:
            return callee
        fitting = [one for one in callee.values if self._takes(one, given)]
        return either(fitting) if fitting else None if len(callee.values) == CHOICES else callee

    def _takes(self, callee: Value, given: Arguments) -> bool:
        """Whether a function, or an object that is called, takes these arguments; True if that is not known."""
        if isinstance(callee, Instance) and callee.cls is not None:
            methods = (self.reader.classes.find_method(callee.cls, name) for name in CALLED)
            found = next((one for one in methods if one is not None), None)
            callee = Function(found[0], found[1].frame, callee, found[1]) if found is not None else callee
        return accepts(callee, given) if isinstance(callee, Function) else True

    def arguments(self, node: ast.Call) -> Arguments:
        """Evaluate the arguments of a call, from left to right; what is unpacked gives its elements, if they are
        known."""
        args: list[Value] = []
        opened = False
        for argument in node.args:
            value = self.reader.evaluate(argument)
            if isinstance(argument, ast.Starred):
                if isinstance(value, Collection) and not value.more and not value.mapping:
                    args.extend(value.items.values())
                else:
                    opened = True
                    args.append(self.reader.items.element(value, argument))
            else:
                args.append(_written_out(argument, value))
        keywords: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.reader.evaluate(keyword.value)
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
        if name == "super" and self.reader.now.frame.receiver is not None:
            frame: Frame | None = self.reader.now.frame
            while frame is not None and frame.owner is None:
                frame = frame.outer
            if frame is not None and frame.owner is not None:
                return Super(self.reader.now.frame.receiver, frame.owner)
        if name == "getattr" and len(node.args) >= 2:
            keys = alternatives(self.reader.evaluate(node.args[1]))
            names = [key.value for key in keys if isinstance(key, Const) and isinstance(key.value, str)]
            if names == ["module"] and ast.dump(node.args[0]) == ast.dump(node.args[-1]):
                return self.reader.expressions.inside_of(self.reader.evaluate(node.args[0]), node)
            if names and len(names) == len(keys):
                whole = self.reader.evaluate(node.args[0])
                found = either([self.reader.attributes.of(whole, name, node) for name in names])
                return found if len(node.args) == 2 else either((found, self.reader.evaluate(node.args[2])))
        if name == "setattr" and len(node.args) == 3:
            key = self.reader.evaluate(node.args[1])
            if isinstance(key, Const) and isinstance(key.value, str):
                value = self.reader.evaluate(node.args[2])
                for thing in objects_in(self.reader.evaluate(node.args[0])):
                    self.reader.attribute_assignments.assign(thing, key.value, value, node)
                return Const(None)
        if name == "next" and node.args and isinstance(node.args[0], ast.Call):
            inner = node.args[0]
            if isinstance(inner.func, ast.Name) and inner.func.id == "iter" and inner.args:
                return self._first_batch(node, inner.args[0])
        return None

    def _fetch(self, node: ast.Call, receiver: Value) -> Value | None:
        """`iter(loader).next()`, `loader.__iter__().__next__()`: the first batch of a new iterator."""
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr in NEXT and isinstance(func.value, ast.Call):
            inner = func.value
            if isinstance(inner.func, ast.Name) and inner.func.id == "iter" and inner.args:
                return self._first_batch(node, inner.args[0])
        return None

    def _first_batch(self, node: ast.Call, loader: ast.expr) -> Value:
        over = self.reader.evaluate(loader)
        view = isinstance(loader, ast.Call) and isinstance(loader.func, ast.Attribute) and loader.func.attr in VIEWS
        found = [one for one in objects_in(over) if not self._iterates_by_itself(one)]
        if not view and found:
            self.reader.emit(Kind.FETCH, found, node, how=How.FIRST_BATCH, written=as_text(loader))
        return self.reader.items.element(over, node)

    def _iterates_by_itself(self, thing: AbstractObject) -> bool:
        """Whether its class, which is no loader, says what its iterators give: they may draw other batches. Those of a
        dictionary give its keys."""
        if isinstance(thing, Collection) and thing.mapping:
            return True
        if not isinstance(thing, Instance) or thing.cls is None or thing.type is Type.LOADER:
            return False
        return self.reader.classes.find_method(thing.cls, "__iter__") is not None

    def call(self, callee: Value, given: Arguments, node: ast.Call) -> Value:
        """The result of calling a value that is none of several alternatives."""
        if isinstance(callee, Function):
            return self.reader.inlining.call(callee, given.args, given.keywords, node, given.open)
        if isinstance(callee, Class):
            return self.reader.instances.make(callee, given, node)
        if isinstance(callee, NamedTupleClass):
            made = self.reader.instances.named_tuple(callee, given, node)
            return made or self.reader.unknown_calls.call(node, given.values, given, name=callee.name)
        if isinstance(callee, Symbol):
            return self.reader.library.call_symbol(callee.dotted, given, node)
        if isinstance(callee, Partial):
            merged = Arguments([*callee.args, *given.args], {**dict(callee.keywords), **given.keywords}, given.open)
            return self.reader.branches.each(callee.function, lambda one: self.reader.call(one, merged, node))
        if isinstance(callee, Method):
            return self.reader.branches.each(
                callee.receiver, lambda one: self.reader.method_calls.call(one, callee.name, given, node)
            )
        if isinstance(callee, AbstractObject):
            return self._call_object(callee, given, node)
        return self.reader.objects.derived(node, given.values)

    def _call_object(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> Value:
        """Call an object: a module predicts, a criterion computes a loss, an object of a known class runs
        `__call__`."""
        kind = thing.type if thing.type is not Type.UNKNOWN else hint(thing.name)
        known = self.reader.library.known(f"{thing.constructor}.__call__", thing.options) if thing.constructor else None
        if known is not None:
            return self.reader.library.apply_all(known, thing, given, node, thing.name)
        if isinstance(thing, Instance) and thing.cls is not None:
            found = self.reader.classes.find_method(thing.cls, "__call__")
            if found is not None:
                self.reader.library.used(thing, "__call__", given, node)
                return self.reader.inlining.call(
                    Function(found[0], found[1].frame, thing, found[1]), given.args, given.keywords, node, given.open
                )
            if thing.type in (Type.UNKNOWN, Type.MODULE, Type.CRITERION):
                if hint(thing.name) is Type.CRITERION or thing.type is Type.CRITERION or "Loss" in thing.cls.name:
                    return self.reader.library.grade(thing, given, node)
                return self.reader.library.predict(thing, given, node)
        if thing.type is Type.UNKNOWN and thing.external and thing.owner is None and CLASS_NAME.fullmatch(thing.name):
            # An unknown class, of which an object is made.
            return self.reader.unknown_calls.call(node, list(given.values), given, name=thing.name)
        if kind is Type.CRITERION or (kind is Type.MODULE and thing.external and hint(thing.name) is Type.CRITERION):
            return self.reader.library.grade(thing, given, node)
        if kind in (Type.MODULE, Type.ENGINE) or (
            thing.type is Type.UNKNOWN and self.reader.objects.module_by_use(thing.name)
        ):
            return self.reader.library.predict(thing, given, node)
        if kind is Type.FRAMEWORK:
            return self.reader.objects.derived(node, given.values)
        if thing.owner is not None and hint(thing.owner.name) is Type.OPTIMIZER and thing.name.endswith(".step"):
            return self.reader.method_calls.own_method(thing.owner, "step", given, node)
        mode = thing.name.rpartition(".")[2]
        if thing.owner is not None and Fact.SOME_ATTRIBUTE in thing.owner.facts and mode in SETS_MODE:
            return self.reader.method_calls.own_method(thing.owner, mode, given, node)
        return self.reader.unknown_calls.call(node, [thing, *given.values], given, name=thing.name)

    handlers: ClassVar[dict[type[ast.expr], Callable[..., Value]]] = {ast.Call: _call}


def _written_out(expression: ast.expr, value: Value) -> Value:
    """The value of an argument. A constant or enumeration member decides conditions on the parameter; a name bound to
    one is an option."""
    if not isinstance(value, Const):
        return value
    member = isinstance(value.value, Member) and isinstance(expression, ast.Attribute)
    named = isinstance(expression, ast.Name | ast.Attribute) and not member
    return value if named else Const(value.value, argument=True)

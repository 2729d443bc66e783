"""Direct calls of a module's `forward`, which run no hooks: whose they are, and whether they are meant."""

from __future__ import annotations

import ast
import re

from looplint.events import AbstractObject, Caller, Fact, Kind, Option, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.called_by_tests import is_test_function
from looplint.interpreter.values import Class, Frame, Instance, Symbol, Value, objects_in
from looplint.knowledge.test_code import TEST_CASE
from looplint.knowledge.torch_types import OWN_CALL, TRAINING_METHODS
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text, nodes

_DELEGATES = re.compile(r"_?forward|__call__$")
"""Methods that delegate to a wrapped module's `forward`."""


class DirectForward(LibraryPart):
    """Calls the `forward` of modules and criteria."""

    def call(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> Value:
        """The result of `thing.forward(...)`; an event, unless the call is meant to bypass the hooks."""
        if isinstance(thing, Instance) and thing.cls is not None and thing.type is not Type.MODULE:
            return self.reader.unknown_calls.call(node, [thing, *given.values], given, name="forward")
        unhooked = (
            self._delegates(node)
            or self._is_under_construction(thing)
            or Fact.WRAPPED in thing.facts
            or self._overrides_call(thing)
        )
        criterion = thing.type is Type.CRITERION and not isinstance(thing, Instance)
        result = (
            self.library.module_calls.grade(thing, given, node)
            if criterion
            else self.library.module_calls.forward(thing, given, node)
        )
        # A `forward` called by another name was passed on: the caller does not know whose it is.
        if isinstance(node.func, ast.Attribute) and not unhooked:
            self.reader.emit(
                Kind.FORWARD,
                (thing,),
                node,
                object=next(objects_in(result), None),
                outputs=self.reader.objects.flat(tuple(objects_in(result))),
                inputs=self.reader.objects.of(given.values),
                how="forward",
                options={
                    Option.CALLEE: self.reader.now.place(node.func),
                    Option.CALLER: self._caller(thing),
                    Option.BY_USE: self.reader.objects.module_by_use(thing.name, plain=False),
                    Option.PLAIN: not thing.certain and self._names_plain_forward(),
                },
                written=as_text(node.func.value),
            )
        return result

    def _overrides_call(self, thing: AbstractObject) -> bool:
        """Whether the class defines `__call__` itself: it decides whether hooks run, and may have to call `forward`
        because `self(x)` would recurse forever."""
        return isinstance(thing, Instance) and thing.cls is not None and self._defines_call(thing.cls)

    def _defines_call(self, cls: Class) -> bool:
        found = self.reader.classes.find_method(cls, "__call__")
        # One that only passes its arguments to `super().__call__` is there for their types.
        own = found is not None and not _passes_on(found[0])
        return own or any(
            isinstance(base, Symbol) and OWN_CALL.match(base.dotted) for base in self.reader.classes.lineage(cls)
        )

    def _caller(self, thing: AbstractObject) -> Caller:
        """The kind of code that contains the call."""
        frame: Frame | None = self.reader.now.frame
        while frame is not None and not (frame.owner is not None and frame.function is not None):
            if is_test_function(self.reader.now.module.path, frame.name):
                return Caller.TEST
            frame = frame.outer
        if frame is None or frame.owner is None:
            return Caller.CODE
        if frame.receiver is thing:
            return Caller.ITSELF
        if any(
            isinstance(base, Symbol) and TEST_CASE.search(base.dotted)
            for base in self.reader.classes.lineage(frame.owner)
        ) or is_test_function(self.reader.now.module.path, frame.name):
            return Caller.TEST
        part = self.reader.classes.class_type(frame.owner) is Type.MODULE
        return Caller.NETWORK if part and not TRAINING_METHODS.match(frame.name) else Caller.CODE

    def _names_plain_forward(self) -> bool:
        """Whether the file names a class with a `forward` that is no module: an unknown object may be an instance."""
        for name, statements in self.reader.now.module.bindings.items():
            if name[:1].isupper() and isinstance(statements[-1], ast.ClassDef | ast.ImportFrom):
                cls = self.reader.imports.exported(self.reader.now.module, name)
                if isinstance(cls, Class) and self.reader.classes.find_method(cls, "forward"):
                    bases = [base.dotted for base in self.reader.classes.lineage(cls) if isinstance(base, Symbol)]
                    if all(base == "builtins.object" for base in bases):
                        return True
        return False

    def _delegates(self, node: ast.Call) -> bool:
        """Whether a method only passes its own arguments on to a wrapped module's `forward`."""
        function = self.reader.now.frame.function
        if (
            self.reader.now.frame.owner is None
            or not isinstance(function, ast.FunctionDef)
            or not _DELEGATES.match(function.name)
        ):
            return False
        own = {a.arg for a in nodes(function.args) if isinstance(a, ast.arg)}
        set_again = {n.id for n in nodes(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        given = [a.value if isinstance(a, ast.Starred) else a for a in node.args]
        passed_on = all(isinstance(a, ast.Name) and a.id in own - set_again for a in given)
        returns = isinstance(self.reader.now.statement, ast.Return) or _is_returned_next(
            self.reader.now.statement, function
        )
        return passed_on and returns and self._is_only_call(node)

    def _is_only_call(self, node: ast.Call) -> bool:
        """Whether the statement has no calls outside this expression."""
        inside = set(nodes(node))
        return not any(isinstance(n, ast.Call) and n not in inside for n in nodes(self.reader.now.statement or node))

    def _is_under_construction(self, thing: AbstractObject) -> bool:
        """Whether this code belongs to the `__init__` of an object: nobody can have registered a hook on it yet."""
        frame: Frame | None = self.reader.now.frame
        while frame is not None and not (frame.owner is not None and frame.function is not None):
            frame = frame.outer
        return frame is not None and frame.receiver is thing and getattr(frame.function, "name", "") == "__init__"


def _passes_on(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a method does nothing but return what the same method of the base class gives for its arguments."""
    body = method.body[1:] if ast.get_docstring(method) else method.body
    match body:
        case [ast.Return(value=ast.Call(func=ast.Attribute(attr=method.name), args=args, keywords=keywords))]:
            given = [*args, *(keyword.value for keyword in keywords)]
            own = {one.arg for one in nodes(method.args) if isinstance(one, ast.arg)}
            plain = (one.value if isinstance(one, ast.Starred) else one for one in given)
            return all(isinstance(one, ast.Name) and one.id in own for one in plain)
    return False


def _is_returned_next(statement: ast.stmt | None, function: ast.FunctionDef) -> bool:
    """Whether a statement only binds a name to what the next one, the last of the function, returns."""
    if len(function.body) < 2 or function.body[-2] is not statement or not isinstance(statement, ast.Assign):
        return False
    last = function.body[-1]
    returned = last.value.id if isinstance(last, ast.Return) and isinstance(last.value, ast.Name) else None
    return [target.id for target in statement.targets if isinstance(target, ast.Name)] == [returned]

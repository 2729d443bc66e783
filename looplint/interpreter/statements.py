"""Simple statements: expressions, definitions, imports and jumps."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import ClassVar

from looplint.events import EVERYTHING, AbstractObject, Context, Fact, How, Kind, Option, Type
from looplint.interpreter.activation import entered
from looplint.interpreter.part import Part
from looplint.interpreter.suggested_by_name import hint
from looplint.interpreter.values import Class, Collection, Const, Function, Instance, Value, objects_in
from looplint.knowledge.members import STATEMENTS_OF
from looplint.syntax.walk import as_text


class Statements(Part):
    """Evaluates simple statements."""

    def _expression(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Attribute):
            receiver = self.reader.evaluate(value.value)
            if value.attr in STATEMENTS_OF:
                found = [t for t in objects_in(receiver) if self._trains(t, value.attr)]
                found = [t for t in found if not self.reader.instances.is_property(t, value.attr)]
                self.reader.emit(Kind.REFERENCE, found, value, how=value.attr, written=as_text(value.value))
            return
        if isinstance(value, ast.Constant) and value.value is Ellipsis:
            # An excerpt's `...` stands for any code.
            self.reader.emit(Kind.ESCAPE, (EVERYTHING,), value, how=How.LEFT_OUT)
            return
        result = self.reader.evaluate(value)
        if isinstance(value, ast.Call):
            self._switch_gradients(value, result)
            name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
            at_once = self.reader.tables.act_when_made
            found = [t for t in objects_in(result) if Fact.CONTEXT in t.facts and t.constructor not in at_once]
            self.reader.emit(Kind.DISCARD, found, value, how=name, written=as_text(value.func))
            self._moved(value, result)

    def _moved(self, node: ast.Call, result: Value) -> None:
        """`inputs.to(device)` as a statement: for a tensor it creates another one, which is discarded."""
        if not (isinstance(node.func, ast.Attribute) and node.func.attr in self.reader.tables.moves):
            return
        receiver = node.func.value
        if not isinstance(receiver, ast.Name | ast.Attribute | ast.Subscript) or self._is_shown(node):
            return
        if isinstance(receiver, ast.Name) and self.reader.branches.is_no_tensor(receiver.id):
            return
        found = list(objects_in(result))
        known = [self._is_tensor(t) for t in found]
        if found and all(sure or _unpacked(t) for sure, t in zip(known, found, strict=True)):
            options: dict[str, object] = {
                Option.TENSOR: all(known),
                Option.READ_AGAIN: self.reader.assignments.read_after(receiver, node),
            }
            written = as_text(receiver)
            self.reader.emit(Kind.DISCARD, found, node, how=node.func.attr, written=written, options=options)

    def _is_shown(self, node: ast.Call) -> bool:
        """Whether it ends a cell of a notebook, which shows the value."""
        source = self.reader.now.module.source
        segment = source.segment(node.lineno) if source.kind == "notebook" and node.col_offset == 0 else None
        if segment is None:
            return False
        rest = source.text.splitlines()[node.end_lineno : segment.row + segment.rows - 1]
        return all(not row.strip() or row.lstrip().startswith("#") for row in rest)

    def _is_tensor(self, thing: AbstractObject) -> bool:
        """Whether an object is a tensor by its origin: a function that returns one, a loss."""
        if isinstance(thing, Instance | Collection) or thing.type not in (Type.TENSOR, Type.UNKNOWN):
            return False
        return (
            bool(self.reader.tables.tensor_makers.match(thing.constructor))
            or Fact.GRADED in thing.facts
            or self._of_default_batch(thing)
        )

    def _of_default_batch(self, thing: AbstractObject) -> bool:
        """Whether an object was taken out of the batch of a loader with the default `collate_fn`."""
        loader = self.reader.tables.default_loader
        return any(
            source.certain and source.constructor == loader and "collate_fn" not in source.options
            for source in _batch_of(thing)
        )

    def _switch_gradients(self, node: ast.Call, result: Value) -> None:
        """`torch.set_grad_enabled(False)` as a statement affects all following code."""
        if not any(t.constructor == self.reader.tables.gradient_switch for t in objects_in(result)):
            return
        self.reader.now.contexts = entered(self.reader.now.contexts, self.recording(node))

    def recording(self, node: ast.Call) -> Context:
        """The context of `torch.set_grad_enabled(flag)`: with a known flag, one of the other two."""
        for flag in node.args[:1]:
            with self.reader.flow.silently():
                decided = self.reader.branches.decided(flag, self.reader.evaluate(flag))
            if decided is not None:
                return Context.ENABLE_GRAD if decided else Context.NO_GRAD
        return Context.SET_GRAD_ENABLED

    def _trains(self, thing: AbstractObject, method: str) -> bool:
        graded = method == "backward" and Fact.GRADED in thing.facts
        return graded or self.reader.objects.is_like(thing, *STATEMENTS_OF[method])

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        function = Function(node, self.reader.now.frame)
        self.reader.record.defined.append(function)
        self.reader.bindings.set(self.reader.now.frame, node.name, function, self.reader.flow.now)
        if node.decorator_list:
            self.reader.library.decorated(node, function)
            self.reader.registries.defined(node)

    def _define_class(self, node: ast.ClassDef) -> None:
        self.reader.bindings.set(
            self.reader.now.frame, node.name, Class(node, self.reader.now.frame), self.reader.flow.now
        )
        self.reader.registries.defined(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            value = self.reader.imports.imported(node, bound)
            if value is not None:
                self.reader.bindings.set(self.reader.now.frame, bound, value, self.reader.flow.now)

    def _global(self, node: ast.Global) -> None:
        self.reader.now.frame.globals |= set(node.names)

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        self.reader.now.frame.nonlocals |= set(node.names)

    def _assert(self, node: ast.Assert) -> None:
        self.reader.evaluate(node.test)
        for flag in _modes_said(node.test):
            # Behind `assert not model.training` the module is in the mode that it says.
            with self.reader.flow.silently():
                owner = self.reader.evaluate(flag.value)
            modules = [one for one in objects_in(owner) if one.type is not Type.NUMBER]
            self.reader.emit(Kind.MAY_SWITCH, modules, node)

    def _return(self, node: ast.Return) -> None:
        value = self.reader.evaluate(node.value) if node.value is not None else Const(None)
        self.reader.best_values.stop_by(node.value)
        if self.reader.now.exits:
            exits = self.reader.now.exits[-1]
            exits.values.append(value)
            exits.states.append(self.reader.bindings.changes(exits.mark))
            self.reader.flow.jump(exits.target)
        else:
            self.reader.flow.ends = []

    def _raise(self, node: ast.Raise) -> None:
        self.reader.record.effects += 1
        if node.exc is not None:
            self.reader.evaluate(node.exc)
        self.reader.flow.ends = []

    def _break(self, node: ast.Break) -> None:
        if self.reader.now.jumps:
            self.reader.now.jumps[-1].leave_states.append(self.reader.bindings.changes(self.reader.now.jumps[-1].mark))
            self.reader.flow.jump(self.reader.now.jumps[-1].leave)

    def _continue(self, node: ast.Continue) -> None:
        if self.reader.now.jumps:
            self.reader.now.jumps[-1].again_states.append(self.reader.bindings.changes(self.reader.now.jumps[-1].mark))
            self.reader.flow.jump(self.reader.now.jumps[-1].again)

    handlers: ClassVar[dict[type[ast.stmt], Callable[..., int | None]]] = {
        ast.Expr: _expression,
        ast.FunctionDef: _define,
        ast.AsyncFunctionDef: _define,
        ast.ClassDef: _define_class,
        ast.Import: _import,
        ast.ImportFrom: _import,
        ast.Global: _global,
        ast.Nonlocal: _nonlocal,
        ast.Assert: _assert,
        ast.Return: _return,
        ast.Raise: _raise,
        ast.Break: _break,
        ast.Continue: _continue,
    }


def _unpacked(thing: AbstractObject) -> bool:
    """Whether an object is an element of a batch, not the batch itself, which may move its elements in place."""
    return any(source.type is Type.LOADER or hint(source.name) is Type.LOADER for source in _batch_of(thing))


def _batch_of(thing: AbstractObject) -> tuple[AbstractObject, ...]:
    """The iterable that yielded the batch of an object."""
    while thing.owner is None and len(thing.operands) == 1 and not (thing.operands[0].external or thing.constructor):
        thing = thing.operands[0]
    wholes = thing.operands if thing.owner is None else (thing.owner,)
    return tuple(loader for batch in wholes if batch.external for loader in batch.operands)


def _modes_said(test: ast.expr) -> Iterator[ast.Attribute]:
    """The flags of which a condition says what they are: `model.training`, `not model.training`, `model.training is
    False`, and several of them that all hold. Of `targets is None or model.training` either may hold: it says nothing.
    """
    match test:
        case ast.Attribute(attr="training"):
            yield test
        case (
            ast.UnaryOp(op=ast.Not(), operand=ast.Attribute(attr="training") as flag)
            | ast.Compare(left=ast.Attribute(attr="training") as flag, comparators=[ast.Constant()])
        ):
            yield flag
        case ast.BoolOp(op=ast.And(), values=values):
            for one in values:
                yield from _modes_said(one)

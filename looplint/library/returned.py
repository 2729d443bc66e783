"""The result of a call, by its row in the tables."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Fact, Graph, Kind, Option, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.objects import VALUES_KEPT, cut_off
from looplint.interpreter.values import Collection, Const, Instance, Value, objects_in
from looplint.knowledge.effect import Returns
from looplint.knowledge.torch_types import VARIABLE
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library


@dataclasses.dataclass(slots=True)
class ReturnCall:
    """A call whose row says what it returns."""

    library: Library
    returns: Returns
    thing: AbstractObject | None
    given: Arguments
    node: ast.Call
    name: str

    @property
    def reader(self) -> Reader:
        """The reader of the program."""
        return self.library.reader

    @property
    def values(self) -> list[Value]:
        """The receiver and the arguments."""
        return [*([self.thing] if self.thing is not None else []), *self.given.values]


class Returned(LibraryPart):
    """Creates the results of calls."""

    def value(
        self, returns: Returns, thing: AbstractObject | None, given: Arguments, node: ast.Call, name: str
    ) -> Value:
        """The result of a call whose row says `returns`."""
        return _HANDLERS[returns](ReturnCall(self.library, returns, thing, given, node, name))


def _nothing(call: ReturnCall) -> Value:
    return Const(None)


def _itself(call: ReturnCall) -> Value:
    return call.thing if call.thing is not None else Const(None)


def _argument(call: ReturnCall) -> Value:
    """`accelerator.prepare(model, optimizer)` returns both arguments."""
    given, objects = call.given, call.reader.objects
    for one in objects.of(given.values):
        one.facts |= {Fact.PREPARED, Fact.WRAPPED} if call.returns is Returns.WRAPPED else {Fact.PREPARED}
        one.options = {**one.options, Option.FRAMEWORK: call.thing}
    if len(given.args) == 1 and not given.open:
        return given.args[0]
    if not given.args:
        return next(iter(given.keywords.values()), objects.derived(call.node, call.values))
    bundle = objects.collection(call.node)
    bundle.items = dict(enumerate(given.args))
    bundle.operands = objects.of(given.args)
    return bundle


def _compiled(call: ReturnCall) -> Value:
    """`torch.compile(model)` returns the model, in a wrapper whose `forward` runs its hooks."""
    for one in call.reader.objects.of(call.given.values[:1]):
        one.facts |= {Fact.WRAPPED}
    return next(iter(call.given.values), Const(None))


def _first(call: ReturnCall) -> Value:
    """`torch.jit.script(model)` returns the model."""
    first = call.given.values[:1]
    if call.name != VARIABLE:
        return next(iter(first), Const(None))
    made = call.reader.objects.make(
        call.node,
        Type.TENSOR,
        role="variable",
        constructor=next((t.constructor for v in first for t in objects_in(v)), ""),
        operands=first,
        graph=call.reader.objects.graph_of(first),
    )
    made.facts |= frozenset(f for v in first for t in objects_in(v) for f in t.facts)
    _new_leaf(call, made)
    return made


def _number(call: ReturnCall) -> Value:
    return call.reader.objects.make(call.node, Type.NUMBER, role="number", graph=Graph.NO)


def _detached(call: ReturnCall) -> Value:
    """`torch.argmax(outputs)`, `torch.zeros_like(inputs)`: a tensor without a graph."""
    cut: frozenset[Fact] = frozenset((Fact.DETACHED,)) if call.returns is Returns.DETACHED else frozenset()
    for one in objects_in(call.given.args[0]) if call.given.args and cut else ():
        cut |= cut_off(one)
    if cut and call.thing is not None and call.thing.type is Type.MODULE:
        cut |= {Fact.CUT_OFF}  # `model.encode(texts)`
    made = call.reader.objects.make(
        call.node, Type.TENSOR, role="detached", graph=Graph.NO, constructor=call.name, facts=cut
    )
    _new_leaf(call, made)
    return made


def _parameters(call: ReturnCall) -> Value:
    """`model.parameters()`: an iterator, unless the model's class defines this method."""
    thing = call.thing
    _note_owner(call)
    own = (
        isinstance(thing, Instance)
        and thing.cls is not None
        and call.reader.classes.find_method(thing.cls, call.name) is not None
    )
    return call.reader.objects.make(
        call.node,
        Type.PARAMETERS,
        role="parameters",
        certain=True,
        operands=call.values[:1],
        graph=Graph.NO,
        facts=() if own else (Fact.ONE_SHOT,),
    )


def _note_owner(call: ReturnCall) -> None:
    """In `self.generator.parameters()`, what a module was passed turns out to be a module, and thus a part of it."""
    part, function = call.thing, call.node.func
    if part is None or part.owner is not None or not part.external or not isinstance(function, ast.Attribute):
        return
    if isinstance(function.value, ast.Attribute) and isinstance(function.value.value, ast.Name):
        holder = call.reader.names.lookup(function.value.value.id, function.value.value)
        if isinstance(holder, AbstractObject) and holder.type is Type.MODULE and part not in holder.owners():
            part.owner = holder


def _parts(call: ReturnCall) -> Value:
    known = call.thing is not None and call.thing.certain
    return call.reader.objects.make(
        call.node,
        Type.MODULE,
        role="parts",
        operands=call.values[:1],
        graph=Graph.NO,
        certain=known,
        facts=(Fact.PARTS,),
    )


def _state(call: ReturnCall) -> Value:
    return call.reader.objects.make(
        call.node, role="state", operands=call.values[:1], facts=(Fact.STATE,), graph=Graph.NO
    )


def _module(call: ReturnCall) -> Value:
    made = call.reader.objects.make(
        call.node, Type.MODULE, role="made", constructor=call.name, certain=True, operands=call.values
    )
    call.library.constructors.made(made, call.node)
    return made


def _output(call: ReturnCall) -> Value:
    return call.library.module_calls.forward(call.thing, call.given, call.node) if call.thing else Const(None)


def _loaded(call: ReturnCall) -> Value:
    return call.reader.objects.make(
        call.node, Type.OTHER, role="loaded", certain=True, operands=call.values[:1], facts=(Fact.LOAD_RESULT,)
    )


def _derived(call: ReturnCall) -> Value:
    """A value computed from receiver and arguments; `scaler.scale(loss)` is scaled."""
    result = call.reader.objects.derived(call.node, call.values, constructor=call.name)
    if call.thing is not None:
        result.facts |= call.thing.facts & {Fact.MODE_ARGUED}
    for one in objects_in(call.given.get(0)) if call.given.args else ():
        result.facts |= one.facts & VALUES_KEPT
    if call.name == "scale" and isinstance(call.node.func, ast.Attribute):
        result.facts |= {Fact.SCALED}
        result.options = {**result.options, Option.BY: as_text(call.node.func.value)}
        result.type = Type.TENSOR
    return result


def _new(call: ReturnCall) -> Value:
    return call.reader.objects.make(call.node, role="new", operands=call.values)


def _elements(call: ReturnCall) -> Value:
    return call.given.args[0] if call.given.args else Const(None)


def _new_leaf(call: ReturnCall, made: AbstractObject) -> None:
    """`torch.tensor(loss, requires_grad=True)`: computed from a result, but detached from it."""
    needs = call.given.keywords.get("requires_grad")
    if isinstance(needs, Const) and needs.value:
        if not made.operands:
            made.facts |= {Fact.LEAF}
        source = next((t for v in call.given.args[:1] for t in objects_in(v)), None)
        if isinstance(source, Collection):
            # Of several results, those that are losses decide.
            parts = [t for v in source.elements() for t in objects_in(v)]
            losses = [t for t in parts if t.facts & {Fact.GRADED, Fact.BATCH_MEAN} and t.graph is Graph.YES]
            source = next((t for t in parts if Fact.GRADED in t.facts), next(iter(losses), source))
        if source is not None:
            call.reader.emit(Kind.LEAF, (made,), call.node, object=source, how="tensor")


def _copy(call: ReturnCall) -> Value:
    """A deep copy: an object of the same type that shares nothing with the original."""
    node, objects = call.node, call.reader.objects
    original = next(objects_in(call.given.get(0, "x")), None)
    if original is None:
        return Const(None)
    if Fact.STATE in original.facts and as_text(node.func).endswith("copy.copy"):
        return original
    if isinstance(original, Collection):
        made = call.library.streams.call("list", Arguments([original], {}), node)
        if isinstance(made, Collection) and not as_text(node.func).endswith("copy.copy"):
            # States of modules in it are copied, too.
            made.items = {key: value for key, value in made.items.items() if not _is_state(value)}
            made.more = tuple(value for value in made.more if not _is_state(value))
        return made
    if isinstance(original, Instance):
        copy, new = objects.thing(node, "copy", kind=Instance)
        assert isinstance(copy, Instance)
        copy.cls = original.cls
    else:
        copy, new = objects.thing(node, "copy")
    if new:
        copy.type, copy.constructor, copy.certain = original.type, original.constructor, original.certain
        copy.place, copy.graph = call.reader.now.place(node), original.graph
        copy.facts |= original.facts & STRUCTURE
        copy.options = {Option.COPY_OF: original}
    call.library.constructors.made(copy, node)
    return copy


def _mapped(call: ReturnCall) -> Value:
    """`tree_map(torch.detach, outputs)`: a function is called with each tensor of a structure."""
    function, tree, reader = call.given.get(0, "func"), call.given.get(1, "tree"), call.reader
    if function is None or tree is None:
        return _derived(call)
    leaf = reader.items.element(tree, call.node) if isinstance(tree, Collection) else tree
    result = reader.branches.each(function, lambda one: reader.call(one, Arguments([leaf], {}), call.node))
    if not isinstance(tree, Collection):
        return result
    made = reader.objects.collection(call.node)
    made.more, made.operands, made.mapping = (result,), reader.objects.of([result]), tree.mapping
    return made


def _is_state(value: Value) -> bool:
    return any(Fact.STATE in one.facts for one in objects_in(value))


STRUCTURE = frozenset((Fact.MODE_FREE, Fact.NO_PARAMETERS, Fact.STATISTICS, Fact.SINGLE_LAYER))
"""What a copy has in common with its original, whatever is done to one of them later."""


_HANDLERS: dict[Returns, Callable[[ReturnCall], Value]] = {
    Returns.NOTHING: _nothing,
    Returns.SELF: _itself,
    Returns.ARGUMENT: _argument,
    Returns.WRAPPED: _argument,
    Returns.COMPILED: _compiled,
    Returns.FIRST: _first,
    Returns.DERIVED: _derived,
    Returns.NUMBER: _number,
    Returns.DETACHED: _detached,
    Returns.DATA: _detached,
    Returns.PARAMETERS: _parameters,
    Returns.PARTS: _parts,
    Returns.STATE: _state,
    Returns.MODULE: _module,
    Returns.OUTPUT: _output,
    Returns.COPY: _copy,
    Returns.ELEMENTS: _elements,
    Returns.MAPPED: _mapped,
    Returns.LOADED: _loaded,
    Returns.NEW: _new,
}

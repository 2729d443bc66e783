"""Methods that mean the same on any value: of tensors, of their gradients, and those that return their receiver."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Context, Fact, Graph, How, Kind, Option, Type, derivation
from looplint.interpreter.objects import MEANS, cut_off
from looplint.interpreter.values import Const, Value
from looplint.knowledge.torch_tensors import (
    ADDS_IN_PLACE,
    DETACHES,
    DISTRIBUTIONS,
    DRAWN_WITHOUT_GRAPH,
    DROPS_GRAPH,
    KEEPS_IDENTITY,
    OVERWRITES,
    SAME_GRADIENT,
    SCALES_IN_PLACE,
    TAKEN_OUT,
    WRITES_GRADIENT,
    ZEROES,
)
from looplint.library.method_rows import MethodCall, Table, row

OF_VALUES: Table = {}


@row(OF_VALUES, ZEROES)
def _zero_gradient(call: MethodCall) -> Value | None:
    """`parameter.grad.zero_()`."""
    if not call.has(Fact.GRADIENT):
        return None
    if call.name != "detach_":
        call.reader.emit(Kind.CLEAR, call.thing.operands or (call.thing,), call.node, how=f"grad.{call.name}")
    return call.thing


@row(OF_VALUES, SAME_GRADIENT)
def _same_gradient(call: MethodCall) -> Value | None:
    """`parameter.grad.view(-1)`: the same gradient."""
    return call.thing if call.has(Fact.GRADIENT) else None


@row(OF_VALUES, WRITES_GRADIENT)
def _write_gradient(call: MethodCall) -> Value | None:
    """`parameter.grad.copy_(other)`."""
    if not call.has(Fact.GRADIENT):
        return None
    subjects = call.thing.operands or (call.thing,)
    scales = call.name in SCALES_IN_PLACE
    if scales:
        call.reader.emit(Kind.READ, subjects, call.node, how=How.GRADIENT_SCALED)
    times_zero = call.name == "mul_" and call.given.get(0) == Const(0, argument=True)
    if call.name in OVERWRITES or times_zero:
        call.reader.emit(Kind.CLEAR, subjects, call.node, how=How.GRADIENT)
    # Weight decay adds a share of the parameter itself: no gradient of another batch.
    added = call.reader.objects.of(call.given.values) if call.name in ADDS_IN_PLACE else ()
    decay = any(one.comes_from(parameter) for one in added for parameter in call.thing.operands)
    if decay:
        call.reader.emit(Kind.READ, subjects, call.node, how=How.GRADIENT_SCALED)
    if not scales and not decay:
        call.reader.emit(Kind.BACKWARD, subjects, call.node, how=How.GRADIENT)
    return call.thing


@row(OF_VALUES, DROPS_GRAPH)
def _plain_number(call: MethodCall) -> Value | None:
    """`loss.item()`."""
    number = call.reader.objects.make(call.node, Type.NUMBER, role="number", graph=Graph.NO)
    number.facts |= call.thing.facts & {Fact.GRADED, *MEANS}
    if call.name in TAKEN_OUT:
        number.facts |= cut_off(call.thing)
        if call.has(Fact.GRADED) and call.thing.graph is not Graph.NO and call.reader.now.gradients is not Graph.NO:
            number.facts |= {Fact.LOSS_VALUE}
        if call.thing.graph is Graph.YES or _is_computed_of_parameters(call.thing):
            number.facts |= {Fact.RESULT_VALUE}
    return number


def _is_computed_of_parameters(thing: AbstractObject) -> bool:
    """Whether a value was computed of parameters and of nothing else: unless they are frozen, it has a graph."""
    made_of = derivation(thing, to=lambda one: one.type is Type.PARAMETERS)
    return all(one.type is Type.PARAMETERS or one.operands for one in made_of)


@row(OF_VALUES, DETACHES)
def _detached(call: MethodCall) -> Value | None:
    """`loss.detach()`."""
    cut: frozenset[Fact] = call.thing.facts & MEANS
    if not call.name.startswith("new_"):
        cut |= cut_off(call.thing) | {Fact.DETACHED}
    detached = call.reader.objects.make(call.node, Type.TENSOR, role="detached", graph=Graph.NO, operands=(), facts=cut)
    if call.name == "detach_" or (call.name == "detach" and Context.FORWARD in call.reader.now.contexts):
        call.reader.emit(Kind.READ, (call.thing,), call.node, how=call.name)
    if call.name == "detach_":
        if isinstance(call.node.func, ast.Attribute) and isinstance(call.node.func.value, ast.Name):
            call.reader.names.bind(call.node.func.value.id, detached, call.node)
    return detached


@row(OF_VALUES, DRAWN_WITHOUT_GRAPH)
def _drawn(call: MethodCall) -> Value | None:
    """`Categorical(logits=outputs).sample()`: drawn without a graph, which `rsample()` keeps."""
    if not call.thing.constructor.startswith(DISTRIBUTIONS):
        return None
    return call.reader.objects.make(call.node, Type.TENSOR, role="drawn", graph=Graph.NO)


@row(OF_VALUES, ("requires_grad_",))
def _switch_recording(call: MethodCall) -> Value | None:
    """`model.requires_grad_(False)`, `inputs.requires_grad_()`."""
    if call.kind is Type.MODULE:
        call.library.module_calls.freeze(call.thing, call.given, call.node)
    else:
        wanted = call.given.get(0, "requires_grad")
        described: dict[str, object] = {Option.VALUE: wanted.value} if isinstance(wanted, Const) else {}
        call.reader.emit(Kind.ASSIGN, (call.thing,), call.node, how=call.name, options=described)
        call.library.module_calls.leaf(call.thing, call.given, call.node)
    return call.thing


@row(OF_VALUES, KEEPS_IDENTITY)
def _itself(call: MethodCall) -> Value | None:
    """`model.to(device)`."""
    return call.thing

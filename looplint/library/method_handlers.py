"""Methods by name, on objects of unknown classes: one small handler for each row.

A handler returns the call's result, or None if the method means something else on this receiver.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import re
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Context, Fact, Graph, How, Kind, Option, Type
from looplint.interpreter.activation import entered
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.objects import MEANS, cut_off
from looplint.interpreter.values import Const, Value, either, objects_in
from looplint.knowledge.datasets import FOLD_MAKERS
from looplint.knowledge.name_hints import CLEARS
from looplint.knowledge.python_names import KEEPS, SAME_VALUES, STORES
from looplint.knowledge.step_methods import STEP_METHODS
from looplint.knowledge.torch_calls import (
    CLIPPING,
    HOOKS,
    LEAVES_CONTEXT,
    LOGS,
    METHODS,
    PLAIN_SCALER_METHODS,
    REGISTERS_MODULE,
    RESETS_WEIGHTS,
    SETS_WEIGHTS,
    SWITCHES_OPTIMIZER,
)
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
    TENSOR_MAKERS,
    WRITES_GRADIENT,
    ZEROES,
)
from looplint.syntax.walk import as_text

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library


@dataclasses.dataclass(slots=True)
class MethodCall:
    """A method call. `kind`: the type of the receiver `thing`, as far as its uses show. `others`: alternative
    receivers."""

    library: Library
    thing: AbstractObject
    kind: Type
    name: str
    given: Arguments
    node: ast.Call
    others: Sequence[AbstractObject] = ()

    @property
    def reader(self) -> Reader:
        """The reader of the program."""
        return self.library.reader

    def has(self, fact: Fact) -> bool:
        """Whether a fact about the receiver is known."""
        return fact in self.thing.facts


Handler = Callable[[MethodCall], Value | None]

OF_ANY_VALUE: dict[str, tuple[Handler, ...]] = {}
"""By name: methods that mean the same on any value."""

BY_PATTERN: list[tuple[re.Pattern[str], Handler]] = []
"""By a pattern of the name."""

BY_TYPE: dict[Type, Handler] = {}
"""By the type of the receiver, for any name."""

BY_NAME: dict[str, tuple[Handler, ...]] = {}
"""By name: methods of other objects."""


@functools.lru_cache(maxsize=8192)
def handlers(kind: Type, name: str) -> tuple[Handler, ...]:
    """The handlers for a method, in the order in which they are tried."""
    found = [*OF_ANY_VALUE.get(name, ()), *(handler for pattern, handler in BY_PATTERN if pattern.search(name))]
    if kind in BY_TYPE:
        found.append(BY_TYPE[kind])
    return (*found, *BY_NAME.get(name, ()))


def _row(table: dict[str, tuple[Handler, ...]], names: Collection[str]) -> Callable[[Handler], Handler]:
    def add(handler: Handler) -> Handler:
        for name in names:
            table[name] = (*table.get(name, ()), handler)
        return handler

    return add


@_row(OF_ANY_VALUE, ZEROES)
def _zero_gradient(call: MethodCall) -> Value | None:
    """`parameter.grad.zero_()`."""
    if not call.has(Fact.GRADIENT):
        return None
    if call.name != "detach_":
        call.reader.emit(Kind.CLEAR, call.thing.operands or (call.thing,), call.node, how=f"grad.{call.name}")
    return call.thing


@_row(OF_ANY_VALUE, SAME_GRADIENT)
def _same_gradient(call: MethodCall) -> Value | None:
    """`parameter.grad.view(-1)`: the same gradient."""
    return call.thing if call.has(Fact.GRADIENT) else None


@_row(OF_ANY_VALUE, WRITES_GRADIENT)
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


@_row(OF_ANY_VALUE, DROPS_GRAPH)
def _plain_number(call: MethodCall) -> Value | None:
    """`loss.item()`."""
    number = call.reader.objects.make(call.node, Type.NUMBER, role="number", graph=Graph.NO)
    number.facts |= call.thing.facts & {Fact.GRADED, *MEANS}
    if call.name in TAKEN_OUT:
        number.facts |= cut_off(call.thing)
        if call.has(Fact.GRADED) and call.thing.graph is not Graph.NO and call.reader.now.gradients is not Graph.NO:
            number.facts |= {Fact.LOSS_VALUE}
        if call.thing.graph is Graph.YES:
            number.facts |= {Fact.RESULT_VALUE}
    return number


@_row(OF_ANY_VALUE, DETACHES)
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


@_row(OF_ANY_VALUE, DRAWN_WITHOUT_GRAPH)
def _drawn(call: MethodCall) -> Value | None:
    """`Categorical(logits=outputs).sample()`: drawn without a graph, which `rsample()` keeps."""
    if not call.thing.constructor.startswith(DISTRIBUTIONS):
        return None
    return call.reader.objects.make(call.node, Type.TENSOR, role="drawn", graph=Graph.NO)


@_row(OF_ANY_VALUE, ("requires_grad_",))
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


@_row(OF_ANY_VALUE, KEEPS_IDENTITY)
def _itself(call: MethodCall) -> Value | None:
    """`model.to(device)`."""
    return call.thing


@_row(OF_ANY_VALUE, ("manual_backward",))
def _manual_backward(call: MethodCall) -> Value | None:
    effect = METHODS[Type.FRAMEWORK][call.name]
    return call.library.effects.apply(effect, call.thing, call.given, call.node, call.name)


@_row(OF_ANY_VALUE, ("optimizers",))
def _optimizers(call: MethodCall) -> Value | None:
    """`self.optimizers()` of a LightningModule."""
    made = call.library.step_methods.optimizers(call.thing, call.node)
    if made is not None:
        return made
    found = call.reader.objects.external(call.thing, f"{call.thing.name}.optimizers()", "optimizers")
    found.type, found.certain = Type.OPTIMIZER, True
    return found


@_row(OF_ANY_VALUE, {kind.given_schedulers for kind in STEP_METHODS if kind.given_schedulers})
def _schedulers(call: MethodCall) -> Value | None:
    """`self.lr_schedulers()` of a LightningModule."""
    return call.library.step_methods.schedulers(call.thing, call.node)


@_row(OF_ANY_VALUE, LOGS)
def _log(call: MethodCall) -> Value | None:
    """`self.log("loss", loss)`; `probabilities.log()`, without anything to report, is the logarithm of a tensor."""
    given = call.given
    return Const(None) if given.values or given.open else None


@_row(OF_ANY_VALUE, SWITCHES_OPTIMIZER)
def _switch_optimizer(call: MethodCall) -> Value | None:
    call.reader.unknown_calls.switched(call.name, [call.thing, *call.given.values], call.node)
    return Const(None)


@_row(OF_ANY_VALUE, LEAVES_CONTEXT)
def _enter_by_hand(call: MethodCall) -> Value | None:
    """`torch.no_grad().__enter__()`, `stack.enter_context(torch.no_grad())`: its exit is not tracked."""
    passed = (one for value in call.given.values for one in objects_in(value))
    if not any(Fact.CONTEXT in one.facts for one in (call.thing, *passed)):
        return None
    call.reader.now.contexts = entered(call.reader.now.contexts, Context.SET_GRAD_ENABLED)
    return Const(None)


@_row(OF_ANY_VALUE, ("run",))
def _run(call: MethodCall) -> Value | None:
    """`trainer.run(loader)`, of a library that calls the functions of the program."""
    return call.library.function_loops.run(call.thing, call.given, call.node) if call.has(Fact.RUNS_FUNCTION) else None


@_row(OF_ANY_VALUE, ("add_event_handler",))
def _attach(call: MethodCall) -> Value | None:
    """`trainer.add_event_handler(event, function)`."""
    if not call.has(Fact.RUNS_FUNCTION):
        return None
    rest = Arguments(call.given.args[2:], {})
    call.library.function_loops.attach(call.thing, call.node, call.given.get(1, "handler"), rest)
    return Const(None)


def _clear(call: MethodCall) -> Value | None:
    """A method that clears gradients, judged by its name."""
    written = as_text(call.node.func.value) if isinstance(call.node.func, ast.Attribute) else ""
    subjects = (call.thing, *call.others, *call.reader.objects.of(call.given.values))
    call.reader.emit(Kind.CLEAR, subjects, call.node, how=call.name, written=written)
    return Const(None)


def _clip(call: MethodCall) -> Value | None:
    """A method that clips gradients, judged by its name."""
    subjects = call.reader.objects.of(call.given.args[:1]) or (call.thing,)
    call.reader.emit(Kind.CLIP, subjects, call.node, how=call.name)
    return call.reader.objects.number(call.node)


BY_PATTERN += [(CLEARS, _clear), (CLIPPING, _clip)]


def _of_number(call: MethodCall) -> Value | None:
    """Any method of a number returns a number."""
    if call.name == "backward" and call.has(Fact.CUT_OFF):
        written = as_text(call.node.func).rpartition(".")[0]
        call.reader.emit(Kind.BACKWARD, (call.thing,), call.node, how=call.name, written=written)
    number = call.reader.objects.number(call.node)
    number.facts |= call.thing.facts & {Fact.CUT_OFF}
    if call.name == "mean" and not call.given.values:
        number.facts |= {Fact.BATCH_MEAN}
    if call.name == "split" and call.thing.constructor in FOLD_MAKERS:
        number.facts |= {Fact.FOLDS}
    return number


def _of_scaler(call: MethodCall) -> Value | None:
    """A value read from a scaler, such as its scale, may decide about a step."""
    copies_state = call.has(Fact.STATE) and call.name == "copy"
    if not copies_state and call.name not in PLAIN_SCALER_METHODS:
        call.reader.emit(Kind.READ, (call.thing,), call.node, how=How.SCALE_READ)
    return None


BY_TYPE |= {Type.NUMBER: _of_number, Type.SCALER: _of_scaler}


@_row(BY_NAME, ADDS_IN_PLACE)
def _add_in_place(call: MethodCall) -> Value | None:
    """`total.add_(loss)`: the tensor gets the graph of what is added."""
    if TENSOR_MAKERS.match(call.thing.constructor) and not call.thing.external and call.node.args:
        call.library.reader.accumulation.keep(call.thing, call.given.args[0], call.node, "+=", call.node.args[0])
    return None


@_row(BY_NAME, ("copy",))
def _copy_of_state(call: MethodCall) -> Value | None:
    """`model.state_dict().copy()` shares the tensors."""
    return call.thing if call.has(Fact.STATE) else None


@_row(BY_NAME, ("add_param_group",))
def _add_parameters(call: MethodCall) -> Value | None:
    call.reader.emit(Kind.READ, (call.thing,), call.node, how=call.name)
    call.thing.operands = (*call.thing.operands, *call.reader.objects.of(call.given.values))
    return None


@_row(BY_NAME, HOOKS)
def _hook(call: MethodCall) -> Value | None:
    call.thing.facts |= {Fact.HOOKED}
    return None


@_row(BY_NAME, ("apply", *RESETS_WEIGHTS, *SETS_WEIGHTS))
def _new_weights(call: MethodCall) -> Value | None:
    """`model.apply(init_weights)`: new weights."""
    call.reader.emit(Kind.LOAD, (call.thing,), call.node, how=call.name)
    return None


@_row(BY_NAME, ("set_epoch",))
def _set_epoch(call: MethodCall) -> Value | None:
    """`loader.dataset.set_epoch(epoch)`."""
    call.reader.emit(Kind.SET_EPOCH, (call.thing, *call.thing.owners()), call.node, how=call.name)
    return None


@_row(BY_NAME, ("keys",))
def _keys(call: MethodCall) -> Value | None:
    return call.reader.objects.number(call.node)


@_row(BY_NAME, SAME_VALUES)
def _entries(call: MethodCall) -> Value | None:
    thing = call.thing
    if thing.constructor.startswith("Tensor.") and thing.graph is Graph.YES and not call.given.values:
        # What has entries is no tensor: the method of an output that returned it may compute anything.
        return call.reader.objects.make(call.node, operands=(thing,), facts=(Fact.UNKNOWN_RESULT,))
    if call.kind is Type.MODULE and call.name == "items":
        return call.library.collections.pairs(thing, call.reader.items.element(thing, call.node), call.node)
    return thing


@_row(BY_NAME, ("get",))
def _get(call: MethodCall) -> Value | None:
    """The value of a key in an external dictionary, or its default."""
    key = call.given.get(0)
    if call.thing.type is not Type.UNKNOWN or not isinstance(key, Const) or not isinstance(key.value, str):
        return None
    return either((call.reader.items.item(call.thing, call.given.args[0], call.node), *call.given.args[1:2]))


@_row(BY_NAME, REGISTERS_MODULE)
def _register_module(call: MethodCall) -> Value | None:
    """`layers.append(layer)` of a ModuleList."""
    if call.kind is not Type.MODULE:
        return None
    added = call.reader.objects.of(call.given.args[-1:])
    call.thing.operands = (*call.thing.operands, *added)
    if not all(Fact.MODE_FREE in one.facts for one in added):
        call.thing.facts -= {Fact.MODE_FREE}
    return call.thing


@_row(BY_NAME, ("add_argument",))
def _option(call: MethodCall) -> Value | None:
    """`parser.add_argument("--ema", action="store_true", default=True)`: no command line can turn it off."""
    given = call.given.options
    names = [str(value) for key, value in given.items() if key.isdecimal()]
    named = next((name for name in names if name.startswith("--")), "".join(names[:1]))
    fixed = dict(call.thing.options.get(Option.FIXED) or {})  # type: ignore[call-overload]
    target = str(given.get("dest", named.lstrip("-").replace("-", "_")))
    same = target not in fixed and STORES.get(str(given.get("action"))) is given.get("default", given)
    call.thing.options[Option.FIXED] = fixed | {target: given.get("default") if same else None}
    return None


@_row(BY_NAME, ("parse_args",))
def _parsed(call: MethodCall) -> Value | None:
    """The options of a command line; those that are the same on each are known."""
    fixed = call.thing.options.get(Option.FIXED)
    if not isinstance(fixed, dict):
        return None
    parsed = call.reader.unknown_calls.method(call.thing, call.name, call.given, call.node)
    for name, value in fixed.items():
        if value is not None and isinstance(parsed, AbstractObject):
            call.reader.bindings.set(parsed, name, Const(value, argument=True), call.reader.flow.now)
    return parsed


@_row(BY_NAME, ("clear",))
def _empty(call: MethodCall) -> Value | None:
    if not call.given.values:
        call.reader.emit(Kind.EMPTY, (call.thing,), call.node, how=call.name)
    return None


@_row(BY_NAME, KEEPS)
def _keep(call: MethodCall) -> Value | None:
    """`losses.append(loss)`."""
    if call.thing.type is Type.TENSOR:
        return None
    return call.library.collections.kept(call.thing, call.given, call.node, call.name)

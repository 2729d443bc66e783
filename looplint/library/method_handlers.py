"""Methods by name, on objects of unknown classes: one small handler for each row."""

from __future__ import annotations

import ast
import functools
import re

from looplint.events import AbstractObject, Context, Fact, Graph, How, Kind, Option, Type
from looplint.interpreter.activation import entered
from looplint.interpreter.arguments import Arguments
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
from looplint.knowledge.torch_tensors import ADDS_IN_PLACE, TENSOR_MAKERS
from looplint.library.method_rows import Handler, MethodCall, Table, row
from looplint.library.value_methods import OF_VALUES
from looplint.syntax.walk import as_text

OF_ANY_VALUE: Table = dict(OF_VALUES)
"""By name: methods that mean the same on any value."""

BY_PATTERN: list[tuple[re.Pattern[str], Handler]] = []
"""By a pattern of the name."""

BY_TYPE: dict[Type, Handler] = {}
"""By the type of the receiver, for any name."""

BY_NAME: Table = {}
"""By name: methods of other objects."""


@functools.lru_cache(maxsize=8192)
def handlers(kind: Type, name: str) -> tuple[Handler, ...]:
    """The handlers for a method, in the order in which they are tried."""
    found = [*OF_ANY_VALUE.get(name, ()), *(handler for pattern, handler in BY_PATTERN if pattern.search(name))]
    if kind in BY_TYPE:
        found.append(BY_TYPE[kind])
    return (*found, *BY_NAME.get(name, ()))


@row(OF_ANY_VALUE, ("manual_backward",))
def _manual_backward(call: MethodCall) -> Value | None:
    effect = METHODS[Type.FRAMEWORK][call.name]
    return call.library.effects.apply(effect, call.thing, call.given, call.node, call.name)


@row(OF_ANY_VALUE, ("optimizers",))
def _optimizers(call: MethodCall) -> Value | None:
    """`self.optimizers()` of a LightningModule."""
    made = call.library.step_methods.optimizers(call.thing, call.node)
    if made is not None:
        return made
    found = call.reader.objects.external(call.thing, f"{call.thing.name}.optimizers()", "optimizers")
    found.type, found.certain = Type.OPTIMIZER, True
    return found


@row(OF_ANY_VALUE, {kind.given_schedulers for kind in STEP_METHODS if kind.given_schedulers})
def _schedulers(call: MethodCall) -> Value | None:
    """`self.lr_schedulers()` of a LightningModule."""
    return call.library.step_methods.schedulers(call.thing, call.node)


@row(OF_ANY_VALUE, LOGS)
def _log(call: MethodCall) -> Value | None:
    """`self.log("loss", loss)`; `probabilities.log()`, without anything to report, is the logarithm of a tensor."""
    given = call.given
    return Const(None) if given.values or given.open else None


@row(OF_ANY_VALUE, SWITCHES_OPTIMIZER)
def _switch_optimizer(call: MethodCall) -> Value | None:
    call.reader.unknown_calls.switched(call.name, [call.thing, *call.given.values], call.node)
    return Const(None)


@row(OF_ANY_VALUE, LEAVES_CONTEXT)
def _enter_by_hand(call: MethodCall) -> Value | None:
    """`torch.no_grad().__enter__()`, `stack.enter_context(torch.no_grad())`: its exit is not tracked."""
    passed = (one for value in call.given.values for one in objects_in(value))
    if not any(Fact.CONTEXT in one.facts for one in (call.thing, *passed)):
        return None
    call.reader.now.contexts = entered(call.reader.now.contexts, Context.SET_GRAD_ENABLED)
    return Const(None)


@row(OF_ANY_VALUE, ("run",))
def _run(call: MethodCall) -> Value | None:
    """`trainer.run(loader)`, of a library that calls the functions of the program."""
    return call.library.function_loops.run(call.thing, call.given, call.node) if call.has(Fact.RUNS_FUNCTION) else None


@row(OF_ANY_VALUE, ("add_event_handler",))
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


@row(BY_NAME, ADDS_IN_PLACE)
def _add_in_place(call: MethodCall) -> Value | None:
    """`total.add_(loss)`: the tensor gets the graph of what is added."""
    if TENSOR_MAKERS.match(call.thing.constructor) and not call.thing.external and call.node.args:
        call.library.reader.accumulation.keep(call.thing, call.given.args[0], call.node, "+=", call.node.args[0])
    return None


@row(BY_NAME, ("copy",))
def _copy_of_state(call: MethodCall) -> Value | None:
    """`model.state_dict().copy()` shares the tensors."""
    return call.thing if call.has(Fact.STATE) else None


@row(BY_NAME, ("add_param_group",))
def _add_parameters(call: MethodCall) -> Value | None:
    call.reader.emit(Kind.READ, (call.thing,), call.node, how=call.name)
    call.thing.operands = (*call.thing.operands, *call.reader.objects.of(call.given.values))
    return None


@row(BY_NAME, HOOKS)
def _hook(call: MethodCall) -> Value | None:
    call.thing.facts |= {Fact.HOOKED}
    return None


@row(BY_NAME, ("apply", *RESETS_WEIGHTS, *SETS_WEIGHTS))
def _new_weights(call: MethodCall) -> Value | None:
    """`model.apply(init_weights)`: new weights."""
    call.reader.emit(Kind.LOAD, (call.thing,), call.node, how=call.name)
    return None


@row(BY_NAME, ("set_epoch",))
def _set_epoch(call: MethodCall) -> Value | None:
    """`loader.dataset.set_epoch(epoch)`."""
    call.reader.emit(Kind.SET_EPOCH, (call.thing, *call.thing.owners()), call.node, how=call.name)
    return None


@row(BY_NAME, ("keys",))
def _keys(call: MethodCall) -> Value | None:
    return call.reader.objects.number(call.node)


@row(BY_NAME, SAME_VALUES)
def _entries(call: MethodCall) -> Value | None:
    thing = call.thing
    if thing.constructor.startswith("Tensor.") and thing.graph is Graph.YES and not call.given.values:
        # What has entries is no tensor: the method of an output that returned it may compute anything.
        return call.reader.objects.make(call.node, operands=(thing,), facts=(Fact.UNKNOWN_RESULT,))
    if call.kind is Type.MODULE and call.name == "items":
        return call.library.collections.pairs(thing, call.reader.items.element(thing, call.node), call.node)
    return thing


@row(BY_NAME, ("get",))
def _get(call: MethodCall) -> Value | None:
    """The value of a key in an external dictionary, or its default."""
    key = call.given.get(0)
    if call.thing.type is not Type.UNKNOWN or not isinstance(key, Const) or not isinstance(key.value, str):
        return None
    return either((call.reader.items.item(call.thing, call.given.args[0], call.node), *call.given.args[1:2]))


@row(BY_NAME, REGISTERS_MODULE)
def _register_module(call: MethodCall) -> Value | None:
    """`layers.append(layer)` of a ModuleList."""
    if call.kind is not Type.MODULE:
        return None
    added = call.reader.objects.of(call.given.args[-1:])
    call.thing.operands = (*call.thing.operands, *added)
    if not all(Fact.MODE_FREE in one.facts for one in added):
        call.thing.facts -= {Fact.MODE_FREE}
    return call.thing


@row(BY_NAME, ("add_argument",))
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


@row(BY_NAME, ("parse_args",))
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


@row(BY_NAME, ("clear",))
def _empty(call: MethodCall) -> Value | None:
    if not call.given.values:
        call.reader.emit(Kind.EMPTY, (call.thing,), call.node, how=call.name)
    return None


@row(BY_NAME, KEEPS)
def _keep(call: MethodCall) -> Value | None:
    """`losses.append(loss)`."""
    if call.thing.type is Type.TENSOR:
        return None
    return call.library.collections.kept(call.thing, call.given, call.node, call.name)

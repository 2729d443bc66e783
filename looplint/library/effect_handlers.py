"""Special cases of event kinds: one small handler for each, called before the event is added.

A handler completes or changes the event. It returns the call's result if no event is to be added, otherwise None.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Context, Fact, Graph, How, Kind, Option, Type, derivation
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.suggested_by_name import hint
from looplint.interpreter.values import (
    Collection,
    Const,
    Function,
    Instance,
    Method,
    Partial,
    Value,
    alternatives,
    objects_in,
)
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.torch_calls import COMPUTES_NOTHING, LIMITS, STATE_METHODS
from looplint.knowledge.torch_tensors import INFINITY
from looplint.knowledge.torch_types import SHARED
from looplint.library.estimators import grade_network
from looplint.syntax.walk import as_text, nodes

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library


@dataclasses.dataclass(slots=True)
class EffectCall:
    """A call with an effect. `kind`: of its event, None for none. `scaler`: the event's other object, a scaler if there
    is one. `inputs`: the arguments that rules need. `written`: the name of the subject, if it is not the argument.
    `result`: of the call, if it is not what the row says."""

    library: Library
    effect: Effect
    thing: AbstractObject | None
    given: Arguments
    node: ast.Call
    name: str
    kind: Kind | None
    subjects: tuple[AbstractObject, ...]
    scaler: AbstractObject | None
    options: dict[str, object]
    inputs: tuple[AbstractObject, ...] = ()
    outputs: tuple[AbstractObject, ...] = ()
    written: str = ""
    result: Value | None = None

    @property
    def reader(self) -> Reader:
        """The reader of the program."""
        return self.library.reader

    @property
    def closure(self) -> Value | None:
        return self.given.get(0, "closure") if self.effect.subject == "self" else None


Handler = Callable[[EffectCall], Value | None]


def _clear(call: EffectCall) -> Value | None:
    call.subjects = call.reader.objects.flat(call.subjects)
    return None


def _train(call: EffectCall) -> Value | None:
    """`model.train(False)` is `model.eval()`; a wrapper that shares its module switches that one as well."""
    mode = call.given.get(0, "mode")
    if call.kind is Kind.TRAIN and isinstance(mode, Const) and not mode.value:
        call.kind = Kind.EVAL
    if call.kind is Kind.TRAIN and any(Fact.TRAINING_FLAG in one.facts for one in objects_in(mode)):
        call.options[Option.RESTORED] = True
    if call.thing is not None and call.thing.constructor in SHARED:
        call.subjects += call.thing.operands[:1]
    return None


def _run(call: EffectCall) -> Value | None:
    """A library runs a module, or the one that its object was made with, and the parts that are in a mode of theirs."""
    if call.effect.how is How.AS_ARGUED:
        lists = [one for thing in call.subjects for one in thing.ancestry() if isinstance(one, Collection)]
        layers = [layer for one in lists for value in one.elements() for layer in objects_in(value)]
        layers += [one for thing in call.subjects for one in thing.ancestry()]  # of a functional model
        for thing in call.subjects:
            thing.facts |= {fact for layer in layers for fact in layer.facts & {Fact.MODE_ARGUED}}
        return None
    if any(_has_method(call, thing, call.effect.older) for thing in call.subjects):
        call.kind = None
        return None
    runner = call.effect.subject == "self"
    modules = [one for thing in call.subjects for one in (_held(thing) if runner else (thing,))]
    parts = [
        part
        for module in modules
        for value in call.reader.bindings.attributes(module)
        for part in objects_in(value)
        if Fact.IN_EVALUATION in part.facts
    ]
    call.subjects = tuple(one for one in (*modules[:1], *parts) if one.type in (Type.MODULE, Type.UNKNOWN))
    call.kind = call.kind if call.subjects else None
    return None


def _held(thing: AbstractObject) -> list[AbstractObject]:
    """What an object of a library was made with; of another object that is no module, what that one was made with."""
    return [one for held in thing.operands for one in ((held.type is not Type.MODULE and _held(held)) or [held])]


def _has_method(call: EffectCall, thing: AbstractObject, names: frozenset[str]) -> bool:
    if not isinstance(thing, Instance) or thing.cls is None:
        return False
    return any(call.reader.classes.find_method(thing.cls, name) is not None for name in names)


def _step(call: EffectCall) -> Value | None:
    """`optimizer.step()`, with a closure that it calls, or a loss that it differentiates itself."""
    thing, closure, reader = call.thing, call.closure, call.reader
    if module := _module_of(call.subjects) if isinstance(call.effect.subject, int) else None:
        call.subjects, call.written = (module,), module.name
        return None
    if thing is not None and thing.type is not Type.SCALER and hint(thing.name) is not Type.SCALER:
        if any(one.type is Type.TENSOR or one.graph is Graph.YES for one in objects_in(closure)):
            # With a loss it differentiates, updates and clears by itself (higher, pyro).
            reader.emit(Kind.READ, objects_in(closure), call.node, how=How.GRADIENT)
            for one in objects_in(closure):
                one.facts |= {Fact.GRADED, Fact.BACKPROPAGATED}
            reader.unknown_calls.escape([thing], call.node, call.name)
            return call.library.returned.value(Returns.NEW, thing, call.given, call.node, call.name)
        if isinstance(closure, Function | Partial):
            call.result = reader.branches.each(closure, lambda one: reader.call(one, Arguments([], {}), call.node))
        elif closure is not None and not isinstance(closure, Const) and any(map(_is_unknown, alternatives(closure))):
            reader.unknown_calls.escape([thing], call.node, How.CLOSURE)
            reader.emit(Kind.READ, (thing,), call.node, how=How.HANDED_OVER)
    if Context.DIST_AUTOGRAD in reader.now.contexts:
        call.kind = None
    call.options[Option.CLOSURE] = isinstance(closure, Function | Partial)
    call.options[Option.IDLE_CLOSURE] = isinstance(closure, Function) and _is_idle(closure)
    return None


def _module_of(weights: tuple[AbstractObject, ...]) -> AbstractObject | None:
    """The module whose weights are passed to a step."""
    made_of = [one for thing in weights if thing.type is not Type.OPTIMIZER for one in thing.ancestry()]
    return next((owner for one in made_of for owner in one.owners() if owner.type is Type.MODULE), None)


def _is_idle(closure: Function) -> bool:
    """Whether a closure computes nothing: it only clears gradients or reads values."""
    calls = [call for call in nodes(closure.node) if isinstance(call, ast.Call)]
    return all(isinstance(call.func, ast.Attribute) and call.func.attr in COMPUTES_NOTHING for call in calls)


def _is_unknown(closure: Value) -> bool:
    return not isinstance(closure, AbstractObject) or closure.type is Type.UNKNOWN


def _backward(call: EffectCall) -> Value | None:
    """A value that is back-propagated without an error holds a graph, or was made a leaf."""
    reader = call.reader
    if call.thing is not None and call.given.args:
        call.thing.facts |= {Fact.HAS_BACKWARD}
    for one in call.subjects:
        if Fact.SCALED in one.facts and call.scaler is None:
            call.scaler = next(
                (s for s in one.ancestry() if s.type is Type.SCALER or hint(s.name) is Type.SCALER), None
            )
    call.subjects = reader.objects.flat(call.subjects)
    scaled = [source for loss in call.subjects if Fact.SCALED in loss.facts for source in loss.operands]
    for one in (*call.subjects, *scaled):
        tensor = one.type in (Type.UNKNOWN, Type.TENSOR)
        recorded = not reader.now.contexts & {Context.NO_GRAD, Context.INFERENCE_MODE}
        if tensor and recorded and one.graph is Graph.UNKNOWN and Fact.LEAF not in one.facts:
            one.graph = Graph.YES
            one.facts |= {Fact.RECORDED}
            parts = [part for part in one.ancestry() if Fact.PART_OF_OUTPUT in part.facts]
            if len(parts) > 1:
                parts = [part for part in derivation(one, through=_terms) if Fact.PART_OF_OUTPUT in part.facts]
            for part in parts:
                part.graph = Graph.YES
                part.facts |= {Fact.RECORDED}
    if Context.DIST_AUTOGRAD in reader.now.contexts:
        call.kind = None
    call.inputs = reader.objects.of(call.given.values)
    return None


def _terms(thing: AbstractObject) -> tuple[AbstractObject, ...]:
    return thing.operands if Fact.TERMS in thing.facts else ()


def _schedule(call: EffectCall) -> Value | None:
    """Whether the epoch or the metric is passed to the scheduler as a number."""
    if call.given.values:
        call.options[Option.ARGUMENT] = any(
            isinstance(v, Const) or any(t.type is Type.NUMBER for t in objects_in(v)) for v in call.given.values
        )
    return None


def _clip(call: EffectCall) -> Value | None:
    """The norm that gradients are clipped to, if it is a literal."""
    node = call.node
    limit = next(
        (k.value for k in node.keywords if k.arg in LIMITS),
        node.args[1] if len(node.args) > 1 else None,
    )
    if isinstance(limit, ast.Constant) and isinstance(limit.value, int | float):
        call.options[Option.MAX_NORM] = limit.value
    elif limit is not None and as_text(limit) in INFINITY:
        call.options[Option.MAX_NORM] = float("inf")
    return None


def _seed(call: EffectCall) -> Value | None:
    """A seed affects the global source of random numbers."""
    reader = call.reader
    call.subjects = (reader.objects.external(reader.graph, "random state", "random state"),)
    call.options[Option.CHANGES] = _changes(call, call.given.get(0, "seed"))
    return None


def _changes(call: EffectCall, value: Value | None) -> bool:
    """Whether an argument may differ between iterations of the enclosing loop."""
    reader, node = call.reader, call.node
    around = reader.flow.loops[-1] if reader.flow.loops else None
    if around is not None and around.function == reader.now.frame.name:
        names = [n.id for argument in node.args for n in nodes(argument) if isinstance(n, ast.Name)]
        bound = [name for name in names if reader.names.bound_at(name)[1] > around.head]
        if any(not isinstance(reader.names.lookup(name, node), Const) for name in bound):
            return True
    return any(
        not isinstance(one, Const)
        and not (
            isinstance(one, AbstractObject) and one.external and not one.operands and Fact.COUNTER not in one.facts
        )
        for one in alternatives(value or Const(None))
    )


def _save(call: EffectCall) -> Value | None:
    """States among the saved objects that are named but not called."""
    keywords = [k.value for k in call.node.keywords if k.arg == call.effect.keyword]
    for argument in [*call.node.args[:1], *keywords]:
        _uncalled_states(call, argument)
    _uncalled_entries(call, call.given.get(0, call.effect.keyword))
    call.inputs = call.reader.objects.of(call.given.values)
    return None


def _load(call: EffectCall) -> Value | None:
    if call.thing is not None and call.thing.type is Type.UNKNOWN and not call.thing.name:
        call.kind = None
        return None
    return _save(call)


def _uncalled_states(call: EffectCall, node: ast.expr) -> None:
    """`model.state_dict` without parentheses, where its result is intended."""
    parts = list(node.elts) if isinstance(node, ast.List | ast.Tuple) else [node]
    for part in parts:
        if isinstance(part, ast.Attribute | ast.Name):
            with call.reader.flow.silently():
                value = call.reader.evaluate(part)
            for one in alternatives(value):
                if isinstance(one, Method) and one.name == "state_dict":
                    _uncalled_state(call, one, part)


def _uncalled_entries(call: EffectCall, value: Value | None) -> None:
    """The same as an entry of a dict created here or before."""
    uncalled = call.reader.record.uncalled
    for thing in objects_in(value):
        for entry in (*thing.items.values(), *thing.more) if isinstance(thing, Collection) else ():
            if id(entry) in uncalled:
                _uncalled_state(call, *uncalled[id(entry)])


def _uncalled_state(call: EffectCall, method: Method, node: ast.expr) -> None:
    receivers = [one for one in objects_in(method.receiver) if _has_state(call, one)]
    call.reader.emit(Kind.REFERENCE, receivers, node, how="state_dict", written=as_text(node))


def _has_state(call: EffectCall, thing: AbstractObject) -> bool:
    """Whether `state_dict` is a method of this object: for others it may be the state itself."""
    objects = call.reader.objects
    uses = call.reader.now.module.uses.get(thing.name.rpartition(".")[2], set())
    return (
        objects.is_like(thing, Type.MODULE, Type.OPTIMIZER, Type.SCHEDULER, Type.SCALER, Type.ENGINE)
        or not uses.isdisjoint(STATE_METHODS)
        or objects.module_by_use(thing.name)
    )


def _keep(call: EffectCall) -> Value | None:
    """The arguments that an object stores."""
    position = call.effect.object
    value = call.given.get(position, call.effect.keyword) if isinstance(position, int) else None
    if value is not None and call.thing is not None and isinstance(position, int):
        call.reader.record.effects += 1
        written = call.node.args[position] if position < len(call.node.args) else call.node.keywords[0].value
        call.reader.accumulation.keep(call.thing, value, call.node, call.name, written)
    return Const(None)


def _assign(call: EffectCall) -> Value | None:
    """A module's own parameters are replaced, or an optimizer steps in `backward()`, or otherwise, from here on."""
    if call.effect.how is How.IN_BACKWARD:
        for optimizer in call.subjects:
            optimizer.facts |= {Fact.STEPS_IN_BACKWARD}
        call.kind = None
    elif call.effect.how is How.OF_SAMPLES:
        for optimizer in call.subjects:
            optimizer.facts |= {Fact.GRADIENTS_OF_SAMPLES}
        call.kind = None
    elif call.effect.how is not None:
        replace_parameters(call, call.effect.how)
        call.kind = None
    return None


def replace_parameters(call: EffectCall, how: How) -> None:
    """The parameters of the subjects are other objects from here on."""
    new = call.reader.objects.make(call.node, Type.PARAMETERS, role="new parameters", certain=True)
    written = written_subject(call.effect, call.node)
    call.reader.emit(Kind.ASSIGN, call.subjects, call.node, object=new, how=how, written=written)


def written_subject(effect: Effect, node: ast.Call) -> str:
    """The subject of an effect as the source spells it."""
    if effect.subject == "self":
        return as_text(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if isinstance(effect.subject, int) and effect.subject < len(node.args):
        return as_text(node.args[effect.subject])
    return ""


def _predict(call: EffectCall) -> Value | None:
    """A module predicts by a method of its own, or a library calls a function or a module that it is given with one of
    the other arguments."""
    if call.effect.subject == "self":
        return _with_inputs(call)
    position, reader = call.effect.subject, call.reader
    called = call.given.get(position, call.effect.keyword) if isinstance(position, int) else None
    inputs = Arguments(call.given.args[:1], {}, call.given.open)
    if isinstance(called, Function | Partial | Method):
        return reader.call(called, inputs, call.node)
    module = next(objects_in(called), None)
    if module is None:
        return Const(None)
    output = call.library.module_calls.forward(module, inputs, call.node)
    reader.emit(
        Kind.PREDICT,
        (module,),
        call.node,
        object=next(objects_in(output), None),
        outputs=reader.objects.flat(tuple(objects_in(output))),
        inputs=reader.objects.of(inputs.values),
        how=call.name,
        options={Option.DROPPED: False},
        written=module.name,
    )
    return output


def _with_inputs(call: EffectCall) -> Value | None:
    call.inputs = call.reader.objects.of(call.given.values)
    return None


HANDLERS: dict[Kind, Handler] = {
    Kind.TRACK: _with_inputs,
    Kind.PREDICT: _predict,
    Kind.CLEAR: _clear,
    Kind.TRAIN: _train,
    Kind.EVAL: _train,
    Kind.RUN: _run,
    Kind.STEP: _step,
    Kind.BACKWARD: _backward,
    Kind.SCHEDULE: _schedule,
    Kind.CLIP: _clip,
    Kind.SEED: _seed,
    Kind.SAVE: _save,
    Kind.LOAD: _load,
    Kind.KEEP: _keep,
    Kind.ASSIGN: _assign,
    Kind.GRADE: grade_network,
}

"""Methods by the type of the receiver or by their names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from looplint.events import AbstractObject, Fact, Graph, How, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.objects import changed_in_place
from looplint.interpreter.values import Function, Value, objects_in
from looplint.knowledge.logits import KEEPS_LOSS, LIMITS, SHAPES
from looplint.knowledge.python_names import KEEPS, SELECTS
from looplint.knowledge.torch_calls import METHODS
from looplint.knowledge.torch_tensors import ONE_OF_MANY, TAKEN_OUT, TENSOR_METHODS, TENSORS_OF_NUMBERS
from looplint.library.function_handlers import steep
from looplint.library.method_handlers import handlers
from looplint.library.method_rows import MethodCall
from looplint.library.part import LibraryPart
from looplint.program.outline import names_in
from looplint.syntax.walk import as_text

_SETTLED = frozenset((Type.MODULE, Type.OPTIMIZER, Type.SCALER, Type.SCHEDULER, Type.ENGINE))
"""Types for which one telling use of an object decides for the rest of the evaluation."""


class Methods(LibraryPart):
    """Calls methods of objects of unknown classes."""

    def call(
        self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call, others: Sequence[AbstractObject] = ()
    ) -> Value:
        """A method by the type of its receiver; failing that, by its name and the surrounding names. `others`:
        alternative receivers."""
        result = self._result(thing, name, given, node, others)
        self.library.shapes.method(result, thing, name, given)
        return result

    def _result(
        self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call, others: Sequence[AbstractObject]
    ) -> Value:
        kind = self.library.roles.of(thing, name, given, node)
        if name.endswith("_") or name in KEEPS:
            changed_in_place(thing)
            self.library.own_averages.added(node)
        if name == "apply" and given.args and isinstance(given.args[0], Function):
            self.reader.call(given.args[0], Arguments([self._part(thing, node)], {}), node)
        if name == "apply" and kind is Type.MODULE:
            self.reader.emit(Kind.HAND_OVER, (thing,), node, how=name)
        if name in TAKEN_OUT:
            self._note_element(thing, node, name)
        effect = METHODS.get(kind, {}).get(name)
        if effect is not None:
            if thing.type is Type.UNKNOWN and kind in _SETTLED:
                thing.type = kind
            if effect.kind is Kind.FORWARD:
                return self.library.forward_calls.call(thing, given, node)
            return self.library.effects.apply(effect, thing, given, node, name, others)
        call = MethodCall(self.library, thing, kind, name, given, node, others)
        for handler in handlers(kind, name):
            result = handler(call)
            if result is not None:
                return result
        # A method of the module itself, `model.loss(...)`, may compute with its parameters.
        plain = thing.graph is not Graph.UNKNOWN and kind is not Type.MODULE
        if kind in (Type.TENSOR, Type.CRITERION) or plain or name in TENSOR_METHODS:
            return self._computed(call)
        if kind is Type.MODULE and "grad" in name:
            # `model.layer_gradients(...)` reads the results of backward.
            self.reader.emit(Kind.READ, (thing,), node, how=How.GRADIENT)
        result = self.reader.unknown_calls.method(thing, name, given, node)
        if name == "load_state_dict":
            for one in objects_in(result):
                one.facts |= {Fact.LOAD_RESULT}
        return result

    def _part(self, thing: AbstractObject, node: ast.Call) -> AbstractObject:
        """One of the parts of a module, with which `module.apply(function)` calls the function; or another object."""
        if thing.type is not Type.MODULE:
            return thing
        make = self.reader.objects.make
        parts = make(node, Type.MODULE, role="parts", certain=thing.certain, operands=(thing,), facts=(Fact.PARTS,))
        return make(node, Type.MODULE, role="part", certain=thing.certain, operands=(parts,))

    def _note_element(self, thing: AbstractObject, node: ast.Call, name: str) -> None:
        """Note of a loop that reads one element of a tensor in each pass: `outputs[i].item()`."""
        scope = next(iter(reversed(self.reader.flow.loops)), None)
        if scope is None or scope.over is None or scope.function != self.reader.now.frame.name or name != "item":
            return
        counted = set(re.findall(r"\w+", scope.target))
        for one in _receivers(node):
            if isinstance(one, ast.Subscript) and scope.over.type is Type.NUMBER and names_in(one.slice) & counted:
                whole = self._read_again(one.value)
            elif isinstance(one, ast.Name) and one.id in counted and scope.over.type is not Type.NUMBER:
                whole = scope.over
            else:
                continue
            if whole is not None and self._is_tensor(whole) and scope not in whole.loops:
                self.reader.emit(Kind.COST, (whole,), node, how=How.ELEMENT_READ, written=as_text(node.func))
                return

    def _is_tensor(self, thing: AbstractObject) -> bool:
        """Whether it is a tensor, or what a network returns: no tensor of numbers, which is not on the device."""
        made_of = list(thing.ancestry())
        if any(one.constructor in TENSORS_OF_NUMBERS for one in made_of):
            return False
        returned = (self.reader.objects.is_like(one, Type.MODULE) for one in made_of)
        return thing.type is Type.TENSOR or (thing.type is Type.UNKNOWN and any(returned))

    def _read_again(self, expression: ast.expr) -> AbstractObject | None:
        with self.reader.flow.silently():
            return next(objects_in(self.reader.evaluate(expression)), None)

    def _computed(self, call: MethodCall) -> Value:
        """The result of a method of a tensor."""
        thing, name = call.thing, call.name
        result = self.reader.objects.derived(call.node, (thing, *call.given.values), constructor=f"Tensor.{name}")
        if name in SHAPES:
            self.library.activations.share(result, (thing,), limited=name in LIMITS)
        elif name in KEEPS_LOSS:
            result.facts |= thing.facts & {Fact.GRADED}
        if name in SELECTS:
            result.facts |= {Fact.SELECTED}
        dotted = f"Tensor.{name}"
        result.facts |= steep(dotted, (thing,), call.given.args)
        if name == "mean" and not call.given.values:
            result.facts |= {Fact.BATCH_MEAN}
            if thing.constructor in ONE_OF_MANY:
                self.library.builtins.list_averaged(self._listed(thing, call.node), call.node)
        self.library.activations.mark(result, f"Tensor.{name}", call.given, call.node, receiver=thing)
        return result

    def _listed(self, tensor: AbstractObject, node: ast.Call) -> Value:
        """What a tensor was made of: of numbers in `torch.tensor(numbers).mean()`, which it does not derive from."""
        match node.func:
            case ast.Attribute(value=ast.Call(args=[listed])) if not tensor.operands:
                with self.reader.flow.silently():
                    return self.reader.evaluate(listed)
        return next(iter(tensor.operands), tensor)


def _receivers(node: ast.expr) -> Iterator[ast.expr]:
    """What a chain of methods is called on, the last first: `y[0].max()`, `y[0]` and `y` of `y[0].max().item()`."""
    while isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
        yield node

"""The type of a method's receiver: as known or, failing that, by its name and its uses."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Fact, Graph, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.suggested_by_name import hint, is_loss
from looplint.interpreter.values import Collection, Const, Instance, Value, alternatives, objects_in
from looplint.knowledge.members import SETS_MODE
from looplint.knowledge.name_hints import CLEARS
from looplint.knowledge.receivers import (
    BESIDE_CLEAR,
    BESIDE_STEP,
    GRADIENTS,
    OF_ENGINES,
    OF_MODULES,
    OF_PARAMETERS,
    OF_SCALERS,
    STEPS,
    USED_AS_ENGINE,
)
from looplint.library.part import LibraryPart
from looplint.syntax.walk import last_name


class Roles(LibraryPart):
    """Infers the types of receivers."""

    def of(self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call) -> Type:
        """The type of a receiver or, if unknown, the one suggested by its name and its other uses in the file."""
        if thing.type is Type.MODULE and name in OF_ENGINES and "backward(loss)" in self._uses(thing):
            return Type.ENGINE
        if thing.type is not Type.UNKNOWN and not (thing.type is Type.TENSOR and thing.external):
            return thing.type
        written = last_name(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        uses = self._uses(thing) | self.reader.now.module.uses.get(written, set())
        likely = hint(thing.name)
        likely = hint(written) if likely is Type.UNKNOWN else likely
        if name == "backward":
            computed = bool(thing.operands) and not thing.external and not thing.constructor
            if not given.args or computed or is_loss(thing.name) or not self._takes_loss(given):
                return Type.TENSOR
            if likely is Type.OPTIMIZER:
                return Type.OPTIMIZER
            return Type.ENGINE if uses >= USED_AS_ENGINE and likely is not Type.FRAMEWORK else Type.FRAMEWORK
        if uses >= USED_AS_ENGINE and likely not in (Type.OPTIMIZER, Type.FRAMEWORK):
            return Type.ENGINE
        if name == "zero_grad":
            # An object that is only ever cleared may be a network with a short name.
            optimizer = likely is Type.OPTIMIZER or not uses.isdisjoint(BESIDE_CLEAR)
            return Type.OPTIMIZER if optimizer else Type.MODULE if likely is Type.MODULE else Type.UNKNOWN
        if name in STEPS:
            # A schedule takes an epoch and a metric at most; what takes more removes noise from a sample.
            if likely is Type.SCHEDULER and len(given.args) > 2:
                return Type.UNKNOWN
            if likely in (Type.SCHEDULER, Type.OTHER):
                return likely if likely is Type.SCHEDULER or "zero_grad" not in uses else Type.OPTIMIZER
            if likely is Type.SCALER:
                return Type.SCALER if given.args else Type.UNKNOWN
            if likely is Type.OPTIMIZER or not uses.isdisjoint(BESIDE_STEP):
                return Type.OPTIMIZER
            return Type.UNKNOWN
        if name in OF_SCALERS:
            return Type.SCALER if likely is Type.SCALER else Type.UNKNOWN
        if name == "eval" and given.values:
            return Type.UNKNOWN
        if name in SETS_MODE and Fact.SOME_ATTRIBUTE in thing.facts:
            return Type.MODULE
        if name in OF_MODULES:
            if likely in (Type.MODULE, Type.UNKNOWN, Type.TENSOR, Type.CRITERION) and (
                likely is Type.MODULE or name in OF_PARAMETERS or self.reader.objects.module_by_use(thing.name)
            ):
                return Type.MODULE if name != "state_dict" or likely is Type.MODULE else Type.UNKNOWN
            return Type.UNKNOWN
        if likely in (Type.SCALER, Type.SAMPLER, Type.LOADER, Type.FRAMEWORK):
            return likely
        return Type.UNKNOWN

    def _uses(self, thing: AbstractObject) -> set[str]:
        return self.reader.now.module.uses.get(thing.name.rpartition(".")[2], set())

    def _takes_loss(self, given: Arguments) -> bool:
        """Whether the first argument is a loss to back-propagate, not the gradient of the receiver."""
        value = given.get(0)
        return any(
            is_loss(one.name)
            or Fact.GRADED in one.facts
            or one.graph is Graph.YES
            or one.type is Type.TENSOR
            or one.operands
            for one in objects_in(value)
        ) and not any(one.constructor in GRADIENTS for one in objects_in(value))

    def optimizers(self, receiver: Value, name: str, given: Arguments, node: ast.Call) -> list[AbstractObject]:
        """Several optimizers of which one steps or is cleared here: the same one at each call site."""
        found = [one for one in alternatives(receiver) if not isinstance(one, Const)]
        optimizers = [
            one
            for one in found
            if isinstance(one, AbstractObject)
            and not isinstance(one, Instance | Collection)
            and self.reader.attributes.stored(one, name) is None
            and self.of(one, name, given, node) is Type.OPTIMIZER
        ]
        plain = CLEARS.search(name) is not None or (name == "step" and not given.values)
        return optimizers if plain and len(found) == len(optimizers) > 1 else []

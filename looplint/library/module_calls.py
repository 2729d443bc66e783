"""Calls of modules and criteria: predictions and losses, with results according to `forward`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Context, Fact, Graph, Kind, Option, Shape, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.budget import DEPTH
from looplint.interpreter.values import (
    Collection,
    Const,
    Either,
    Function,
    Instance,
    Value,
    alternatives,
    either,
    objects_in,
)
from looplint.knowledge.criteria import ELEMENTWISE
from looplint.knowledge.layers import LAYERS, LINEAR, LOSSES, SEQUENTIAL
from looplint.knowledge.logits import LOGITS, PREDICTION_FIRST
from looplint.knowledge.torch_calls import LOSS_FUNCTION, MEAN_REDUCTIONS, OLD_REDUCTIONS
from looplint.knowledge.torch_types import HEADS, WRAPPERS, ZOOS
from looplint.library.activations import ON_EACH_PATH
from looplint.library.part import LibraryPart
from looplint.syntax.unused_names import is_used
from looplint.syntax.walk import as_text

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library


class ModuleCalls(LibraryPart):
    """Calls modules and criteria."""

    def __init__(self, reader: Reader, library: Library) -> None:
        super().__init__(reader, library)
        self._outputs: dict[tuple[object, ...], tuple[Value, int, tuple[Shape | None, ...]]] = {}
        self._inside = 0

    def predict(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> Value:
        """Call a module: an event, unless it is a part of a module that is being called."""
        outermost = self._inside == 0
        result = self.forward(thing, given, node)
        if outermost:
            called = thing.operands[:1] if Fact.RUNS_MODEL in thing.facts else ()
            self.reader.emit(
                Kind.PREDICT,
                called or (thing,),
                node,
                object=next(objects_in(result), None),
                outputs=self.reader.objects.flat(tuple(objects_in(result))),
                inputs=self.reader.objects.of(given.values),
                how="call",
                options={
                    Option.DROPPED: self._is_dropped(node),
                    Option.CALLEE: self.reader.now.place(node.func),
                },
                written=as_text(node.func),
            )
        return result

    def forward(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> Value:
        """The result of a module: from its `forward` if its source is known."""
        thing = _unwrapped(thing)
        result = self._inlined(thing, given, node)
        self._made_of(thing, result)
        if isinstance(result, AbstractObject | Either) and not isinstance(result, Collection):
            for one in objects_in(result):
                if (
                    one.type is Type.UNKNOWN
                    and one.graph is Graph.UNKNOWN
                    and not isinstance(one, Instance | Collection)
                    and not (Fact.NO_PARAMETERS in thing.facts and _is_cut_off(one))
                ):
                    one.graph = self.reader.now.gradients
        if result is None or (isinstance(result, Const) and result.value is None):
            return self._output(thing, given, node)
        return result

    def _inlined(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> Value | None:
        """The result of a `forward` with known source: of the first call with these objects, or a copy of it; None if
        it is unknown, or nested too deeply."""
        if not isinstance(thing, Instance) or thing.cls is None:
            return None
        found = self.reader.classes.find_method(thing.cls, "forward")
        # A recursive call says nothing about other calls.
        if found is None or found[0] in self.reader.now.calls or len(self.reader.now.calls) >= DEPTH:
            return None
        if self.reader.budget.left <= 0:
            return None
        shapes = tuple(map(self.library.shapes.of, given.values))
        key = (found[0], id(thing), self.reader.now.gradients)
        known = self._outputs.get(key)
        if known is not None and (known[1] == 0 or self.reader.flow.silent):
            return self._again(known[0], thing, given, node, same=known[2] == shapes)
        self._inside += 1
        effects = self.reader.record.effects
        forward = Function(found[0], found[1].frame, thing, found[1])
        with self.reader.within(Context.FORWARD):
            result = self.reader.inlining.call(forward, given.args, given.keywords, node, given.open)
        self._inside -= 1
        if known is None and _returns_argument(result, given.values):
            thing.facts |= {Fact.HANDS_ON}
        self._outputs[key] = (result, self.reader.record.effects - effects, shapes)
        if self.reader.flow.silent and self.reader.record.effects == effects:
            # The result in the final evaluation: a loop carries the same object from iteration to iteration.
            return self._again(result, thing, given, node)
        return result

    def _output(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> AbstractObject:
        """A new output of a module whose `forward` is unknown: what is known of it follows from its last layer."""
        last = self._last_layer(thing)
        # What a row says of the values of a module holds of its output.
        is_last = Fact.GROWN not in thing.facts
        values = last.facts & ON_EACH_PATH if is_last and not isinstance(last, Instance) else frozenset()
        if is_last and last.constructor in LINEAR and not isinstance(last, Instance):
            values |= {Fact.LINEAR_OUTPUT}
        frozen = Fact.FROZEN in thing.facts
        made = self.reader.objects.make(
            node,
            Type.TENSOR,
            role="output",
            constructor=last.constructor,
            operands=(thing, *given.values),
            graph=self.reader.objects.graph_of(given.values) if frozen else self.reader.now.gradients,
            facts=values,
        )
        if Fact.LINEAR_OUTPUT not in values:
            # The same code may call other layers as well.
            made.facts -= {Fact.LINEAR_OUTPUT}
        self.library.activations.mark(made, last.constructor if is_last else "", None, node)
        if values & {Fact.SOFTMAX, Fact.SIGMOID}:
            made.options = {Option.ACTIVATION: last.place or self.reader.now.place(node)}
        if Fact.LOGS_BESIDE_LOSSES in thing.facts and made.graph is Graph.YES:
            made.type, made.graph = Type.UNKNOWN, Graph.UNKNOWN
            made.facts |= {Fact.LOGS_BESIDE_LOSSES}
        if last.constructor not in LAYERS:
            made.facts |= {Fact.OUTPUT}
        if Option.ACTIVATION in made.options and last.place is not None:
            made.options[Option.ACTIVATION] = last.place
        if is_last:
            self.library.shapes.layer(made, thing, given)
        return made

    def _last_layer(self, module: AbstractObject) -> AbstractObject:
        """The layer whose output a `Sequential` returns, or a network with a replaced head; of a functional network
        its output."""
        passed: set[int] = set()
        while id(module) not in passed:
            passed.add(id(module))
            if module.constructor in SEQUENTIAL and module.operands:
                module = module.operands[-1]
                if isinstance(module, Collection) and not module.more:
                    module = next(objects_in(module.items.get(len(module.items) - 1)), module)
            elif Fact.FUNCTIONAL in module.facts and module.operands:
                module = module.operands[-1]
            elif module.constructor.startswith(ZOOS) and not isinstance(module, Instance):
                found = [one for name in HEADS for one in objects_in(self.reader.attributes.stored(module, name))]
                module = found[0] if len(found) == 1 and found[0].type is Type.MODULE else module
        return module

    def _made_of(self, module: AbstractObject, result: Value | None) -> None:
        """The result of a module derives from it, even if its layers are not known to be its own."""
        for one in self.reader.objects.flat(tuple(objects_in(result))):
            if one.graph is Graph.YES and not one.external and one is not module and not one.related(module):
                one.operands = (*one.operands, module)

    def _again(
        self,
        value: Value,
        module: AbstractObject,
        given: Arguments,
        node: ast.Call,
        role: str = "output",
        same: bool = True,
    ) -> Value:
        """The result of a repeated call: like the first one, as a new object. `same`: with the same shapes."""
        if isinstance(value, Either):
            return either(
                self._again(one, module, given, node, f"{role} {i}", same) for i, one in enumerate(value.values)
            )
        if isinstance(value, Collection):
            copy = self.reader.objects.collection(node, f"{role} collection")
            copy.mapping = value.mapping
            copy.items = {
                k: self._again(v, module, given, node, f"{role} {k}", same)
                for k, v in value.items.items()
                if v is not value
            }
            copy.more = tuple(
                self._again(v, module, given, node, f"{role} +{i}", same)
                for i, v in enumerate(value.more[:4])
                if v is not value
            )
            copy.operands = self.reader.objects.of(copy.elements())
            return copy
        if not isinstance(value, AbstractObject) or isinstance(value, Instance) or value.type is Type.NUMBER:
            return value
        again = self.reader.objects.make(
            node,
            value.type,
            role=role,
            constructor=value.constructor,
            operands=(module, *(value.operands if _is_cut_off(value) else given.values)),
            graph=value.graph,
            facts=value.facts,
            options=value.options,
        )
        if Fact.LINEAR_OUTPUT not in value.facts:
            again.facts -= {Fact.LINEAR_OUTPUT}
        again.shape = value.shape if same else None
        return again

    def grade(self, criterion: AbstractObject, given: Arguments, node: ast.Call) -> Value:
        """Call a criterion: a loss, and an event."""
        result: Value | None = None
        if isinstance(criterion, Instance) and criterion.cls is not None and criterion.type is not Type.CRITERION:
            result = self.forward(criterion, given, node)
        if not isinstance(result, AbstractObject):
            loss = self.reader.objects.derived(node, given.values, role="loss")
            loss.type = Type.TENSOR
            if result is None and not criterion.constructor.startswith("torch."):
                # It may return numbers beside the loss.
                loss.facts |= {Fact.OUTPUT}
            result = loss if result is None else result
        if criterion.constructor in ELEMENTWISE:
            criterion.facts |= {Fact.ELEMENTWISE}
        shapes = tuple(map(self.library.shapes.of, (given.get(0, "input"), given.get(1, "target"))))
        mean = _is_mean(criterion, given)
        for one in objects_in(result):
            one.facts |= {Fact.GRADED, Fact.BATCH_MEAN} if mean else {Fact.GRADED}
        prediction, target = given.get(0, "input"), given.get(1, "target")
        plain = [a for a in node.args[:2] if not isinstance(a, ast.Starred)]
        if Fact.TARGET_FIRST in criterion.facts:
            prediction, target, plain = given.get(1, "y_pred"), given.get(0, "y_true"), plain[::-1]
        ordered = [prediction, target, *given.args[2:]]
        inputs = [_plainest(value) for value in ordered if value is not None]
        criterion.facts |= LOGITS.get(criterion.constructor, frozenset())
        if criterion.constructor in PREDICTION_FIRST:
            criterion.facts |= {Fact.PREDICTION_FIRST}
        self.reader.emit(
            Kind.GRADE,
            (criterion,),
            node,
            object=next(objects_in(result), None),
            outputs=self.reader.objects.flat(tuple(objects_in(result))),
            inputs=[one if one is not None else self.reader.objects.number(node) for one in inputs],
            how=criterion.constructor.rpartition(".")[2] or criterion.name,
            options={
                **criterion.options,
                **given.options,
                Option.ARGUMENTS: tuple(map(self.reader.now.place, plain)),
                Option.SHAPES: shapes,
                Option.LINEAR_OUTPUT: _is_linear_output(prediction),
            },
            written=as_text(node.func),
        )
        return result

    def _is_dropped(self, node: ast.Call) -> bool:
        """Whether the result of a call is unused: `model(inputs)` as a statement, or a name that nobody reads."""
        statement = self.reader.now.statement
        if isinstance(statement, ast.Assign) and statement.value is node:
            tree = self.reader.now.module.tree
            code = self.reader.now.frame.function or tree
            return all(
                isinstance(target, ast.Name) and (not target.id.strip("_") or not is_used(code, target.id, tree))
                for target in statement.targets
            )
        return isinstance(statement, ast.Expr) and statement.value is node

    def freeze(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> None:
        """`module.requires_grad_(False)`: its results for plain data hold no graph."""
        wanted = given.get(0, "requires_grad")
        off = isinstance(wanted, Const) and not wanted.value
        thing.facts = thing.facts | {Fact.FROZEN} if off else thing.facts - {Fact.FROZEN}
        self.reader.emit(Kind.ASSIGN, (thing,), node, how="requires_grad_")

    def leaf(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> None:
        """`tensor.requires_grad_()`: a tensor that was created here becomes a leaf of a graph of its own."""
        wanted = given.get(0, "requires_grad")
        if (
            not thing.external
            and thing.type in (Type.TENSOR, Type.UNKNOWN)
            and not (isinstance(wanted, Const) and not wanted.value)
        ):
            thing.facts |= {Fact.LEAF}
            self.reader.emit(Kind.LEAF, (thing,), node, object=thing, how="requires_grad_")


def _unwrapped(module: AbstractObject) -> AbstractObject:
    """The module inside of wrappers. Where a name is wrapped anew by code that runs again, wrappers hold each other."""
    passed: set[AbstractObject] = set()
    while module.constructor in WRAPPERS and module not in passed:
        passed.add(module)
        inner = module.operands[0] if module.operands else module
        module = inner if inner.type is Type.MODULE else module
    return module


def _is_mean(criterion: AbstractObject, given: Arguments) -> bool:
    """Whether a criterion of torch gives the mean over a batch, which is the default."""
    known = criterion.constructor in LOSSES or LOSS_FUNCTION.match(criterion.constructor) is not None
    asked = {**criterion.options, **given.options}
    plain = asked.keys().isdisjoint(OLD_REDUCTIONS) and not given.open
    return known and plain and asked.get("reduction", "mean") in MEAN_REDUCTIONS


def _is_cut_off(value: AbstractObject) -> bool:
    """Whether it was computed from detached values, and from nothing that holds a graph."""
    cut_off = False
    for thing in value.ancestry():
        if thing.graph is Graph.YES:
            return False
        cut_off = cut_off or Fact.CUT_OFF in thing.facts
    return cut_off


def _plainest(value: Value) -> AbstractObject | None:
    """One of the alternatives of a value to which no activation has been applied, if any."""
    return min(objects_in(value), key=lambda one: len(one.facts & {Fact.SOFTMAX, Fact.SIGMOID}), default=None)


def _is_linear_output(value: Value | None) -> bool:
    """Whether a value is what a linear layer returns, on each path that leads to it."""
    found = [] if value is None else list(alternatives(value))
    return bool(found) and all(isinstance(one, AbstractObject) and _is_made_by_linear_layer(one) for one in found)


def _is_made_by_linear_layer(tensor: AbstractObject) -> bool:
    """Whether a linear layer made it, or each tensor that it is a part or another shape of."""
    if Fact.LINEAR_OUTPUT not in tensor.facts:
        return False
    if any(one.type is Type.MODULE for one in tensor.operands):
        return True
    wholes = [one for one in tensor.operands if one.type not in (Type.NUMBER, Type.COLLECTION)]
    return bool(wholes) and all(map(_is_made_by_linear_layer, wholes))


def _returns_argument(result: Value, given: list[Value]) -> bool:
    """Whether the result of a module is, or contains, one of its arguments."""
    returned = _parts(result)
    return any(one is other for value in given for one in _parts(value) for other in returned)


def _parts(value: Value) -> list[AbstractObject]:
    """The objects among the alternatives of a value, and the elements of their collections."""
    found = list(objects_in(value))
    return [
        part
        for thing in found
        for part in ([t for v in thing.elements() for t in objects_in(v)] if isinstance(thing, Collection) else [thing])
    ]

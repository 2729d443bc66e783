"""Frameworks' training loops: the operations around a method that runs once per batch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Event, Fact, Graph, How, Kind, Option, Type
from looplint.interpreter.suggested_by_name import is_loss
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Function,
    Instance,
    Symbol,
    Value,
    alternatives,
    objects_in,
)
from looplint.knowledge.step_methods import (
    BY_HAND,
    EVALUATION_LOADERS,
    GIVES_LOADERS,
    PLAIN_BASES,
    STEP_METHODS,
    StepMethod,
)
from looplint.library.activations import ON_EACH_PATH
from looplint.library.part import LibraryPart
from looplint.program.outline import names_in
from looplint.syntax.walk import as_text, nodes

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library


class StepMethods(LibraryPart):
    """Adds a framework's operations to the loop."""

    def __init__(self, reader: Reader, library: Library) -> None:
        super().__init__(reader, library)
        self._kinds: dict[ast.ClassDef, StepMethod | None] = {}

    def returned(self, receiver: AbstractObject | None, function: ast.AST, result: Value) -> None:
        """A method of `receiver` returned: if the framework back-propagates the result, or steps the schedulers in
        it, add this here."""
        if not isinstance(receiver, Instance) or not isinstance(function, ast.FunctionDef):
            return
        if function.name in EVALUATION_LOADERS and any(map(GIVES_LOADERS.search, self._bases(receiver))):
            loaders = [one for one in self.reader.objects.flat(tuple(objects_in(result))) if one.type is Type.LOADER]
            self.reader.emit(Kind.READ, loaders, function.body[-1], how=How.EVALUATED)
        kind = self._kind(receiver)
        if kind is None:
            return
        if function.name in kind.per_epoch:
            self._measured(receiver, kind, function)
        if function.name == kind.optimizers:
            self._scheduled(receiver, kind, function, result)
        elif function.name == kind.step and not self._is_manual(receiver, kind):
            self._back_propagated(receiver, kind, function, result)

    def called_once(self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether the framework calls a method of `receiver` once, to create the optimizers."""
        kind = self._kind(receiver) if isinstance(receiver, Instance) else None
        return kind is not None and function.name == kind.optimizers

    def called_per_batch(
        self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> bool:
        """Whether it is the method in which a class with a framework's base trains on one batch."""
        kind = self._kind(receiver) if isinstance(receiver, Instance) else None
        return kind is not None and function.name == kind.step

    def batch(
        self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> dict[str, Value]:
        """The batch that the framework passes to a step."""
        kind = self._kind(receiver) if isinstance(receiver, Instance) else None
        parameters = function.args.args[1:2]
        if kind is None or function.name not in kind.given_batches or not parameters:
            return {}
        batch = self.reader.parameters.from_outside(parameters[0], function)
        if isinstance(batch, AbstractObject):
            self.library.shapes.is_batch(batch)
        return {parameters[0].arg: batch}

    def arguments(
        self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> dict[str, Value]:
        """The batch that the framework passes to a step, or what another method made of one."""
        return self.batch(receiver, function) or self._result_of_another(receiver, function)

    def _result_of_another(
        self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> dict[str, Value]:
        """What a method passes to the step by way of the framework, with its activation: it may hold a graph or not,
        as the framework calls both for validation, too."""
        kind = self._kind(receiver) if isinstance(receiver, Instance) else None
        parameters = function.args.args[1:2]
        if kind is None or not isinstance(receiver, Instance) or receiver.cls is None or not parameters:
            return {}
        found = self.reader.classes.find_method(receiver.cls, kind.given_result) if kind.given_result else None
        if found is None or function.name != kind.step:
            return {}
        judged = found[0] in self.reader.record.inlined
        with self.reader.flow.silently():
            made = self.reader.inlining.call(Function(found[0], found[1].frame, receiver, found[1]), [], {}, found[0])
        if not judged:
            self.reader.record.inlined.discard(found[0])
        results = list(objects_in(made))
        given = self.reader.parameters.from_outside(parameters[0], function)
        if isinstance(given, AbstractObject) and results:
            given.facts |= frozenset.intersection(*(one.facts for one in results)) & ON_EACH_PATH
            if activated := results[0].options.get(Option.ACTIVATION):
                given.options[Option.ACTIVATION] = activated
        return {parameters[0].arg: given}

    def _measured(self, receiver: Instance, kind: StepMethod, function: ast.FunctionDef) -> None:
        """Metrics that a method computes once per epoch, and that no method of the class resets, makes anew or passes
        on, as to the framework's log, which resets them."""
        if receiver.cls is None or not self._is_known(receiver, kind):
            return
        lineage = [cls for cls in self.reader.classes.lineage(receiver.cls) if isinstance(cls, Class)]
        methods = [one for cls in lineage for one in self.reader.classes.members(cls).items()]
        if any("reset" in names_in(method) for _, method in methods):
            return
        for call in [node for node in nodes(function) if isinstance(node, ast.Call) and not node.args]:
            metric = call.func.value if isinstance(call.func, ast.Attribute) else None
            if not isinstance(metric, ast.Attribute) or as_text(metric.value) != "self":
                continue
            written = as_text(metric)
            computed = [
                event.subject
                for event in self.reader.graph.all(Kind.MEASURE)
                if event.how == How.COMPUTED and event.name == written and event.place.row == call.lineno
            ]
            others = [method for name, method in methods if name != "__init__"]
            if not any(_passes_on(method, written) for method in others):
                self.reader.emit(Kind.MEASURE, computed, call, how=How.PER_EPOCH, written=written)

    def _back_propagated(self, receiver: Instance, kind: StepMethod, function: ast.FunctionDef, result: Value) -> None:
        returns = [node for node in nodes(function) if isinstance(node, ast.Return) and node.value is not None]
        losses = tuple(one for value in alternatives(result) for one in objects_in(_loss_in(value, kind)))
        for block in self._blocks_without_result(receiver, kind, function, returns):
            loss = self._graded_in(block) or self._named_loss(block)
            if loss is not None:
                self.reader.emit(Kind.DISCARD, (loss,), block[-1], how=How.NOT_RETURNED)
        if not returns or not losses:
            return
        for one in losses:
            if one.type in (Type.UNKNOWN, Type.TENSOR) and one.graph is Graph.UNKNOWN and Fact.LEAF not in one.facts:
                one.graph = Graph.YES
        node = returns[-1]
        optimizer = self._optimizer(receiver)
        self.reader.emit(Kind.CLEAR, (optimizer,), node, how=How.FRAMEWORK)
        self.reader.emit(Kind.BACKWARD, losses, node, how=How.FRAMEWORK, written=as_text(node.value or node))
        self.reader.emit(Kind.STEP, (optimizer,), node, how=How.FRAMEWORK, written=optimizer.name)

    def _blocks_without_result(
        self, receiver: Instance, kind: StepMethod, function: ast.FunctionDef, returns: list[ast.Return]
    ) -> list[list[ast.stmt]]:
        """The blocks at whose end the method ends without a result, though it is meant to return a loss: its body, or
        one arm of several that compute what is returned."""
        assert receiver.cls is not None
        names = names_in(function)
        by_hand = (BY_HAND | {kind.given, function.name}) & names
        generator = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes(function))
        optimized = self.reader.classes.find_method(receiver.cls, kind.optimizers) is not None
        if by_hand or generator or not optimized or not self._is_known(receiver, kind):
            return []
        if not any(isinstance(node, ast.Return) for node in nodes(function)):
            return [function.body]
        returned = {node.value.id for node in returns if isinstance(node.value, ast.Name)}
        return [arm for arm in _open_arms(function.body) if returned & _bound_in(arm)]

    def _graded_in(self, block: list[ast.stmt]) -> AbstractObject | None:
        """The last loss that a block computes, by itself or in what it calls."""
        for grade in reversed(self.reader.graph.all(Kind.GRADE)):
            if _is_in(grade, block) and grade.object is not None:
                return grade.object
        return None

    def _named_loss(self, block: list[ast.stmt]) -> AbstractObject | None:
        """What a block that predicts assigns to the name of a loss."""
        bound = [one for one in nodes(*block) if isinstance(one, ast.Assign) and is_loss(as_text(one.targets[0]))]
        if not bound or not any(_is_in(event, block) for event in self.reader.graph.all(Kind.PREDICT)):
            return None
        target = as_text(bound[-1].targets[0])
        return self.reader.objects.make(bound[-1], Type.TENSOR, role="named loss", name=target)

    def _scheduled(self, receiver: Instance, kind: StepMethod, function: ast.FunctionDef, result: Value) -> None:
        """The schedulers that a method returns are stepped by the framework, or left to the class."""
        found = list(_schedulers_in(result, kind, kind.epoch))
        for one in _optimizers_in(result):
            one.facts |= {Fact.OF_FRAMEWORK}
        if self._is_manual(receiver, kind):
            alone = found if self._is_known(receiver, kind) and not self._steps_schedulers(receiver, kind) else []
            for scheduler, _ in alone:
                scheduler.facts |= {Fact.LEFT_ALONE}
            return
        for scheduler, interval in found:
            if interval == kind.epoch:
                self.reader.emit(Kind.SCHEDULE, (scheduler,), function.body[-1], how=How.PER_EPOCH)
        returned = [scheduler for scheduler, _ in found]
        for make in self.reader.graph.all(Kind.MAKE):
            scheduler = make.subject
            if scheduler.type is Type.SCHEDULER and Fact.IDLE in scheduler.facts and scheduler not in returned:
                scheduler.facts |= {Fact.LEFT_ALONE}

    def _steps_schedulers(self, receiver: Instance, kind: StepMethod) -> bool:
        """Whether a method of the class, other than the one that returns the schedulers, mentions one."""
        assert receiver.cls is not None
        return any(
            "sched" in name.lower()
            for cls in self.reader.classes.lineage(receiver.cls)
            if isinstance(cls, Class)
            for method_name, method in self.reader.classes.members(cls).items()
            if method_name != kind.optimizers
            for name in names_in(method)
        )

    def between_calls(self, receiver: AbstractObject | None, function: ast.AST, method: ast.AST) -> bool:
        """Whether unknown code may call another method between two calls of this one."""
        kind = self._kind(receiver) if isinstance(receiver, Instance) else None
        step = kind is not None and getattr(function, "name", "") == kind.step
        return not (kind is not None and step and getattr(method, "name", "") in kind.per_epoch)

    def optimizers(self, thing: AbstractObject, node: ast.AST) -> Value | None:
        """The result of `self.optimizers()`: the optimizers that the class creates in its own method, in order."""
        kind = self._kind(thing) if isinstance(thing, Instance) else None
        if kind is None or not isinstance(thing, Instance) or thing.cls is None:
            return None
        found = self.reader.classes.find_method(thing.cls, kind.optimizers)
        if found is None:
            return None
        judged = found[0] in self.reader.record.inlined
        with self.reader.flow.silently():
            made = self.reader.inlining.call(Function(found[0], found[1].frame, thing, found[1]), [], {}, found[0])
        if not judged:
            # The framework calls it: it is an entry of its own.
            self.reader.record.inlined.discard(found[0])
        optimizers = list(dict.fromkeys(_optimizers_in(made)))
        for one in optimizers:
            one.facts |= {Fact.OF_FRAMEWORK}
        if len(optimizers) < 2:
            return optimizers[0] if optimizers else None
        together = self.reader.objects.collection(found[0], f"optimizers of {thing.name}")
        together.items = dict(enumerate(optimizers))
        return together

    def schedulers(self, thing: AbstractObject, node: ast.AST) -> Value | None:
        """The result of `self.lr_schedulers()`, where the framework steps schedulers by itself."""
        kind = self._kind(thing) if isinstance(thing, Instance) else None
        if kind is None or not isinstance(thing, Instance) or thing.cls is None:
            return None
        found = self.reader.objects.external(thing, f"{thing.name}.{kind.given_schedulers}()", "schedulers")
        found.type, found.certain = Type.SCHEDULER, True
        if self.reader.classes.find_method(thing.cls, kind.steps_scheduler) is None:
            found.facts |= {Fact.OF_FRAMEWORK}
        return found

    def _kind(self, thing: Instance) -> StepMethod | None:
        if thing.cls is None:
            return None
        if thing.cls.node not in self._kinds:
            bases = self._bases(thing)
            found = next((kind for kind in STEP_METHODS for base in bases if kind.base.search(base)), None)
            self._kinds[thing.cls.node] = found
        return self._kinds[thing.cls.node]

    def _bases(self, thing: Instance) -> list[str]:
        lineage = self.reader.classes.lineage(thing.cls) if thing.cls is not None else ()
        return [base.dotted if isinstance(base, Symbol) else base.name for base in lineage]

    def _is_manual(self, thing: Instance, kind: StepMethod) -> bool:
        """Whether the class, or code that has an object of it, turns the framework's clear, backward and step off."""
        assert thing.cls is not None
        classes = [cls for cls in self.reader.classes.lineage(thing.cls) if isinstance(cls, Class)]
        own = any(_sets(node, kind.manual) for cls in classes for node in nodes(cls.node))
        return own or any(
            _sets(node, kind.manual) and isinstance(node, ast.Attribute) and as_text(node.value) != "self"
            for node in nodes(self.reader.now.module.tree)
        )

    def _is_known(self, thing: Instance, kind: StepMethod) -> bool:
        """Whether the code of each base is known, up to the framework's own."""
        assert thing.cls is not None
        return all(
            isinstance(base, Class) or kind.base.search(base.dotted) or base.dotted.startswith(PLAIN_BASES)
            for base in self.reader.classes.lineage(thing.cls)
        )

    def _optimizer(self, thing: AbstractObject) -> AbstractObject:
        found = self.reader.objects.external(thing, f"{thing.name}.optimizers()", "optimizers")
        found.type, found.certain = Type.OPTIMIZER, True
        return found


def _passes_on(method: ast.AST, metric: str) -> bool:
    """Whether a method assigns an attribute, or uses it otherwise than by a call or an attribute of it."""
    used = {n.func for n in nodes(method) if isinstance(n, ast.Call)}
    used |= {n.value for n in nodes(method) if isinstance(n, ast.Attribute)}
    return any(isinstance(n, ast.Attribute) and n not in used and as_text(n) == metric for n in nodes(method))


def _is_in(event: Event, block: list[ast.stmt]) -> bool:
    """Whether it happens in a block, or in what the block calls."""
    at = next(iter(event.calls), event.place)
    return block[0].lineno <= at.row <= (block[-1].end_lineno or 0)


def _loss_in(result: Value, kind: StepMethod) -> Value:
    """The loss in a method's result: itself, under its key, or before other values."""
    if isinstance(result, Collection):
        return result.items.get(kind.loss if result.mapping else 0, Const(None))
    return result


def _sets(node: ast.AST, attribute: str) -> bool:
    """Whether an attribute is assigned, on an object or in a class, or defined as a property."""
    if isinstance(node, ast.Attribute):
        return node.attr == attribute and isinstance(node.ctx, ast.Store)
    if isinstance(node, ast.Name):
        return node.id == attribute and isinstance(node.ctx, ast.Store)
    return isinstance(node, ast.FunctionDef) and node.name == attribute


def _open_arms(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Of the conditions at the end of a block, those arms after which the block ends without `return`, if another one
    returns."""
    last = body[-1]
    if not isinstance(last, ast.If) or not last.orelse:
        return
    arms = [last.body, last.orelse]
    inner = [arm for arm in arms if isinstance(arm[-1], ast.If)]
    if any(isinstance(arm[-1], ast.Return) for arm in arms):
        yield from (arm for arm in arms if not isinstance(arm[-1], ast.Return | ast.Raise | ast.If))
    for arm in inner:
        yield from _open_arms(arm)


def _bound_in(block: list[ast.stmt]) -> set[str]:
    """The names that the statements of a block assign."""
    targets = [target for statement in block if isinstance(statement, ast.Assign) for target in statement.targets]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _optimizers_in(value: Value, depth: int = 0) -> list[AbstractObject]:
    """The optimizers in a method's result: one, a list, a pair of lists, or a dictionary."""
    if isinstance(value, Collection):
        return [one for item in value.elements() for one in _optimizers_in(item, depth + 1)] if depth < 3 else []
    return [one for one in objects_in(value) if one.type is Type.OPTIMIZER]


def _schedulers_in(
    value: Value, kind: StepMethod, interval: object, depth: int = 0
) -> Iterator[tuple[AbstractObject, object]]:
    """The schedulers in a method's result, and how often the framework steps each; an interval that is not known is
    None."""
    if depth > 3:
        return
    for one in alternatives(value):
        if isinstance(one, Collection) and one.mapping:
            of_one = one.items.get(kind.interval, Const(None if one.more else kind.epoch))
            every = of_one.value if isinstance(of_one, Const) else None
            if kind.scheduler in one.items:
                yield from _schedulers_in(one.items[kind.scheduler], kind, every, depth + 1)
            elif kind.schedule in one.items:
                yield from _schedulers_in(one.items[kind.schedule], kind, kind.epoch, depth + 1)
        elif isinstance(one, Collection):
            for item in one.elements():
                yield from _schedulers_in(item, kind, interval, depth + 1)
        elif isinstance(one, AbstractObject) and one.type is Type.SCHEDULER:
            yield one, interval

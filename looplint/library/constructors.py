"""Objects of known classes: optimizers, layers, schedulers, engines."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Fact, Graph, Kind, Option, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Collection, Const, Value, objects_in
from looplint.knowledge.criteria import TRAINED_CRITERIA
from looplint.knowledge.effect import Returns
from looplint.knowledge.layers import BATCH_NORMS, COLLECTIONS, CONTAINERS, LAYERS, STATELESS, WITH_PARAMETERS
from looplint.knowledge.logits import LOGITS
from looplint.knowledge.torch_calls import ENGINE_ARGUMENTS, MOVES_BY, SAMPLER_ARGUMENTS, STATE_BY, WITH_MOMENTUM
from looplint.knowledge.torch_schedules import BATCHES, SCHEDULED_BY_NAME
from looplint.knowledge.torch_types import DEFAULT_LOADER, RATE_IN_GROUPS, RETURNS_BY_MODE, SHARED, WRAPPERS
from looplint.library import libraries
from looplint.library.builtins import makes_batches
from looplint.library.part import LibraryPart
from looplint.library.schedules import has_one_rate
from looplint.module_classes.layers import has_mode, has_parameters
from looplint.syntax.walk import as_text

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library

_TRAINED = frozenset((Type.MODULE, Type.PARAMETERS, Type.OPTIMIZER, Type.ENGINE))
"""Operands of an optimizer, wherever they are among its arguments."""


class Constructors(LibraryPart):
    """Creates objects of known classes."""

    def __init__(self, reader: Reader, library: Library) -> None:
        super().__init__(reader, library)
        self._by_type: Mapping[Type, Callable[[AbstractObject, Arguments, ast.Call], None]] = {
            Type.SCHEDULER: self._scheduler,
            Type.PARAMETERS: self._parameter,
            Type.OPTIMIZER: self._optimizer,
            Type.LOADER: self._loader,
        }

    def construct(self, dotted: str, kind: Type, given: Arguments, node: ast.Call) -> Value:
        """An object of a known class."""
        thing = self.reader.objects.make(
            node,
            kind,
            role=f"made by {dotted}",
            constructor=dotted,
            certain=True,
            operands=given.values,
            graph=Graph.NO,
            options=given.options,
        )
        if dotted in WRAPPERS:
            # Two wrappers are not related by sharing devices or a process group.
            thing.operands = self.reader.objects.of([one] if (one := given.get(0, "module")) is not None else [])
        if dotted in WITH_PARAMETERS:
            # Two layers are not related by sharing sizes.
            thing.operands = tuple(one for one in thing.operands if one.type is not Type.UNKNOWN)
        if kind in self._by_type:
            self._by_type[kind](thing, given, node)
        if dotted in STATE_BY and given.options.get(STATE_BY[dotted], 0) == 0:
            thing.facts |= {Fact.STATELESS}
        thing.facts |= LOGITS.get(dotted, frozenset()) | libraries.facts(dotted, given)
        if dotted in TRAINED_CRITERIA:
            thing.facts |= {Fact.FRESH}
        if kind is Type.OPTIMIZER and dotted.startswith(RATE_IN_GROUPS):
            thing.facts |= {Fact.RATE_IN_GROUPS}
        if kind is Type.MODULE and dotted.startswith(RETURNS_BY_MODE):
            thing.facts |= {Fact.RETURNS_BY_MODE}
        if dotted in WRAPPERS - SHARED:
            thing.facts |= {Fact.COPY}
        if kind is Type.MODULE and dotted.startswith("torch.nn."):
            thing.facts |= self._layer_facts(thing, dotted)
        if Fact.RUNS_FUNCTION in thing.facts:
            self.library.function_loops.made(thing, given, node)
        self.made(thing, node)
        return thing

    def _scheduler(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> None:
        dotted = thing.constructor
        optimizer = given.get(1 if dotted in SCHEDULED_BY_NAME else 0, "optimizer")
        thing.operands = self.reader.objects.of([optimizer] if optimizer is not None else given.values[:1])
        self.library.builtins.counting(thing, [*given.values[1:], *self.library.schedules.read_by(given.values[1:])])
        thing.facts |= self.library.schedules.facts(dotted, given)
        thing.options[Option.LENGTH] = self.library.schedules.length(dotted, given)
        if dotted in BATCHES:
            position, name, counts = BATCHES[dotted]
            length = given.get(position, name)
            if (length is not None) is counts and not given.open and not (counts and _is_one(length)):
                thing.facts |= {Fact.COUNTS_BATCHES}

    def _parameter(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> None:
        if given.options.get("requires_grad", given.options.get("1", True)) is True:
            thing.facts |= {Fact.TRAINED}

    def _optimizer(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> None:
        params = given.get(0, "params")
        if params is None:
            return
        if has_one_rate(params):
            thing.options[Option.RATE_WRITTEN] = self.library.schedules.rate_written(node)
            thing.options[Option.RATE] = given.get(1, "lr")
        if _moves_on_zeros(thing.constructor, given.options):
            thing.facts |= {Fact.MOVES_ON_ZEROS}
        # Two optimizers are not related by sharing a learning rate.
        held = {id(one) for one in objects_in(params)}
        thing.operands = tuple(one for one in thing.operands if one.type in _TRAINED or id(one) in held)

    def _loader(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> None:
        if len(given.args) > 1:
            thing.options.setdefault("1", Ellipsis)  # a batch size that is given, and not written out
        if not SAMPLER_ARGUMENTS.isdisjoint(given.keywords):
            thing.facts |= {Fact.SAMPLED}
        if thing.constructor == DEFAULT_LOADER:
            self.library.datasets.divided(thing, given)
        if self._is_one_batch(given, node):
            thing.facts |= {Fact.ONE_BATCH}
        if makes_batches(thing):
            for one in objects_in(given.get(0, "dataset")):
                one.facts |= {Fact.IN_BATCHES}

    def _is_one_batch(self, given: Arguments, node: ast.Call) -> bool:
        """Whether the batch size of a loader is the number of rows of its dataset, or of a tensor in that."""
        sizes = [keyword.value for keyword in node.keywords if keyword.arg == "batch_size"] or node.args[1:2]
        rows = next((rows for size in sizes if (rows := _counted_rows(size)) is not None), None)
        if rows is None or not isinstance(rows, ast.Name | ast.Attribute):
            return False
        with self.reader.flow.silently():
            counted = list(objects_in(self.reader.evaluate(rows)))
        made_of = [part for one in objects_in(given.get(0, "dataset")) for part in one.ancestry()]
        return any(part is one for part in made_of for one in counted)

    def _layer_facts(self, thing: AbstractObject, name: str) -> set[Fact]:
        """The facts about a layer of `torch.nn`: whether it has a mode, and whether it has parameters."""
        if name in WRAPPERS:
            kept = {Fact.MODE_FREE, Fact.RETURNS_BY_MODE, Fact.NO_PARAMETERS, Fact.STATISTICS}
            kept |= {Fact.UNRECORDED_IN_EVALUATION}
            return {fact for part in thing.operands[:1] for fact in part.facts & kept}
        facts: set[Fact] = set()
        held = list(_opened(thing.operands))
        parts = [part for part in held if part.type is Type.MODULE or part.owner is not None]
        whole = name in CONTAINERS and len(parts) == len(held) and bool(held or not thing.operands)
        if name in COLLECTIONS:
            facts.add(Fact.HOLDS_MODULES)
        if name in LAYERS and name not in CONTAINERS:
            facts.add(Fact.SINGLE_LAYER)
        if name in BATCH_NORMS or any(Fact.STATISTICS in part.facts for part in parts):
            facts.add(Fact.STATISTICS)
        if (name in LAYERS and not has_mode(name, thing.options) and name not in CONTAINERS) or (
            whole and all(Fact.MODE_FREE in part.facts for part in parts)
        ):
            facts.add(Fact.MODE_FREE)
        if name in STATELESS or (
            whole and parts and all(Fact.NO_PARAMETERS in p.facts or p.owner is not None for p in parts)
        ):
            facts.add(Fact.NO_PARAMETERS)
        if has_parameters(name, thing.options) or (
            whole
            and any(Fact.FRESH in part.facts for part in parts)
            and all(part.facts & {Fact.FRESH, Fact.NO_PARAMETERS} for part in parts)
        ):
            facts.add(Fact.FRESH)
        return facts

    def engine(self, given: Arguments, node: ast.Call) -> Value:
        """`deepspeed.initialize(...)`: (engine, optimizer, loader, scheduler)."""
        bundle = self.reader.objects.collection(node)
        # Two engines are not related by sharing a configuration.
        of = [given.get(i, name) for i, name in enumerate(ENGINE_ARGUMENTS, 1)]
        engine = self.reader.objects.make(
            node,
            Type.ENGINE,
            role="engine",
            constructor="deepspeed.initialize",
            certain=True,
            operands=[one for one in of if one is not None] or given.values,
        )
        optimizer = self.reader.objects.make(
            node,
            Type.OTHER,
            role="engine optimizer",
            constructor="deepspeed.optimizer",
            certain=True,
            operands=(engine,),
        )
        bundle.items = {
            0: engine,
            1: optimizer,
            2: self.reader.objects.external(node, "", "loader"),
            3: self.reader.objects.external(node, "", "scheduler"),
        }
        return bundle

    def inner_loop(self, given: Arguments, node: ast.Call) -> Value:
        """`higher.innerloop_ctx(model, optimizer)`: (model, differentiable optimizer). By default the model is a copy,
        through which no gradient reaches the weights of the original."""
        bundle = self.reader.objects.collection(node)
        model, copies = given.get(0, "model"), given.get(3, "copy_initial_weights")
        copied = copies is None or (isinstance(copies, Const) and copies.value)
        inner = self.library.returned.value(Returns.COPY, None, given, node, "deepcopy") if copied else model
        updates = self.reader.objects.make(
            node, Type.OTHER, role="inner updates", constructor="higher.optim", certain=True
        )
        bundle.items = {0: inner if inner is not None else Const(None), 1: updates}
        return bundle

    def made(self, thing: AbstractObject, node: ast.AST) -> None:
        """Note what is known of an object that was just created, and emit MAKE."""
        self.library.datasets.describe(thing)
        self.library.datasets.note_whole(thing, node)
        self.library.changed_samples.look_at(thing)
        if thing.type not in (Type.UNKNOWN, Type.OTHER, Type.NUMBER, Type.TENSOR, Type.COLLECTION):
            # If the name of its target differs from the class name, unknown code may have built it from an instance.
            called = as_text(node.func) if isinstance(node, ast.Call) else ""
            criterion = (
                thing.type is Type.CRITERION and called.rpartition(".")[2] == thing.constructor.rpartition(".")[2]
            )
            self.reader.emit(
                Kind.MAKE,
                (thing,),
                node,
                inputs=thing.operands if criterion else (),
                how=thing.constructor,
                options=thing.options,
                written=called if criterion else "",
            )


def _moves_on_zeros(optimizer: str, options: Mapping[str, object]) -> bool:
    """Whether an optimizer moves parameters whose gradients are zero, by momentum or weight decay. `options`: the
    literal arguments of its constructor."""
    given = [options.get(name) for name in MOVES_BY]
    return optimizer in WITH_MOMENTUM or (optimizer.startswith("torch.optim.") and any(given))


def _is_one(value: Value | None) -> bool:
    return isinstance(value, Const) and value.value == 1


def _opened(things: Iterable[AbstractObject]) -> Iterator[AbstractObject]:
    """The objects in the lists, pairs and dictionaries among them."""
    for one in things:
        if isinstance(one, Collection):
            yield from _opened(part for value in one.elements() for part in objects_in(value))
        else:
            yield one


def _counted_rows(size: ast.expr) -> ast.expr | None:
    """What `len(x)`, `x.shape[0]` or `x.size(0)` counts the rows of."""
    if isinstance(size, ast.Subscript) and isinstance(size.value, ast.Attribute) and size.value.attr == "shape":
        return size.value.value if as_text(size.slice) == "0" else None
    if not isinstance(size, ast.Call) or len(size.args) != 1:
        return None
    if isinstance(size.func, ast.Attribute):
        return size.func.value if size.func.attr == "size" and as_text(size.args[0]) == "0" else None
    return size.args[0] if as_text(size.func) == "len" else None

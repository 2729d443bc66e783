"""Shapes: what is certain of the dimensions of tensors and arrays, from where they are made to where they meet."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Fact, Shape, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Collection, Const, Function, Instance, Value, alternatives
from looplint.knowledge.datasets import SPLITS, SUBSET
from looplint.knowledge.layers import RECURRENT
from looplint.knowledge.shapes import (
    ARRAYS,
    ENVIRONMENTS,
    FEATURES_AND_TARGETS,
    FLAT,
    GIVES_NUMBER,
    GRAPHS,
    IN_PIECES,
    IN_PLACE,
    JOINS_TENSORS,
    KEEPS_DIMENSIONS,
    LEARNS,
    LIKE,
    LINEAR,
    LOOKS_UP,
    MULTIPLIES,
    NUMBERS_OF_STEP,
    POOLS,
    PREPARES,
    RANKS_OF_LEARNED,
    REDUCES,
    RESHAPES,
    ROWS,
    SAME,
    SAME_LAYERS,
    SAME_SHAPE,
    SIZE_AT,
    SIZED,
    SPLITS_ROWS,
    TABLE_METHODS,
    TABLES,
    TRANSPOSES,
    TURNS,
    VALUES_AND_INDICES,
    WITH_INDICES,
)
from looplint.library.datasets import puts_together
from looplint.library.part import LibraryPart
from looplint.library.shape_rules import (
    CHANGES,
    SCALAR,
    batched,
    constant,
    is_counter,
    literal,
    of_samples,
    of_sizes,
    of_slice,
    product,
)

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library

Parts = Mapping[object, Shape | None]

OF_BATCH = Shape(1, open=True)
"""Of each sample something, put together: the samples are the first dimension."""
DEPTH = 8
"""Wrappers and parts of datasets that are followed to what they hold."""


class Shapes(LibraryPart):
    """Says what is certain of shapes; None where anything is not."""

    def __init__(self, reader: Reader, library: Library) -> None:
        super().__init__(reader, library)
        self._parts: dict[int, Parts] = {}
        self._each: dict[int, Shape] = {}
        self._batches: set[int] = set()

    def of(self, value: Value | None) -> Shape | None:
        """The shape of a value, where all that it can be have the same."""
        found = {self._of_one(one) for one in alternatives(value)} if value is not None else {None}
        return found.pop() if len(found) == 1 else None

    def _of_one(self, value: Value) -> Shape | None:
        if isinstance(value, Const):
            return SCALAR if isinstance(value.value, int | float) else None
        return value.shape if isinstance(value, AbstractObject) else None

    def is_batch(self, thing: AbstractObject) -> None:
        """What is taken out of it is something of each sample, put together."""
        self._batches.add(id(thing))

    # Functions, methods, layers

    def function(self, result: Value, dotted: str, given: Arguments) -> None:
        """Note the shape of what a function gives."""
        package, last = dotted.partition(".")[0], dotted.rpartition(".")[2]
        if not isinstance(result, AbstractObject) or isinstance(result, Instance) or given.open:
            return
        self._forget(result)
        if dotted in TABLES:
            result.shape = Shape(2)
        elif package == LEARNS and last in FEATURES_AND_TARGETS:
            self._note(result, {part: Shape(rank) for part, rank in RANKS_OF_LEARNED.items()})
        elif dotted == SPLITS_ROWS:
            shapes = [shape for value in given.args for shape in (self.of(value),) * 2]
            self._note(result, dict(enumerate(shapes)))
        elif last == "TensorDataset" and package == "torch":
            self._note(result, dict(enumerate(map(self.of, given.args))))
        elif dotted in SPLITS or dotted == SUBSET:
            return
        elif package == GRAPHS and last in POOLS:
            result.shape = Shape(2)
        elif dotted in GIVES_NUMBER:
            result.shape = SCALAR
        elif package in ARRAYS:
            self._compute(result, last, given.args[0] if given.args else None, given, given.args[1:], made=True)

    def method(self, result: Value, thing: AbstractObject, name: str, given: Arguments) -> None:
        """Note the shape of what a method gives, and that of its receiver where it changes that."""
        if name in IN_PLACE:
            thing.shape = None
        if not isinstance(result, AbstractObject) or result is thing or given.open or isinstance(result, Instance):
            return
        self._forget(result)
        if name == "step" and thing.constructor in ENVIRONMENTS:
            self._note(result, dict.fromkeys(NUMBERS_OF_STEP, SCALAR))
        elif name in TABLE_METHODS and thing.shape == Shape(2) and thing.type is Type.NUMBER:
            result.shape = thing.shape
        elif name in PREPARES:
            rows = self.of(given.get(0, "X")) if thing.constructor.startswith(f"{LEARNS}.") else None
            result.shape = Shape(2) if rows is not None and rows.rank == 2 else None
        else:
            self._compute(result, name, thing, given, given.args, made=thing.shape is None)

    def _compute(
        self,
        result: AbstractObject,
        name: str,
        first: Value | None,
        given: Arguments,
        others: Sequence[Value],
        made: bool,
    ) -> None:
        """`others`: the arguments beside the first one. `made`: a tensor may be made of sizes."""
        before = self.of(first)
        if made and before is None and isinstance(first, Collection) and name in SAME:
            before = literal(first) or self._listed(first)
        if name in SIZED or name in SIZE_AT:
            result.shape = self._sized(name, given) if made else None
        elif name in ROWS:
            result.shape = Shape(1)
        elif name in LIKE and others:
            result.shape = self.of(others[-1])
        elif name in JOINS_TENSORS:
            result.shape = self._joined(name, given)
        elif name == "item":
            result.shape = SCALAR
        elif name.endswith("Tensor") and (others or isinstance(first, Const)):
            # `torch.Tensor(3, 4)` makes a tensor of a size.
            return
        elif name in RESHAPES and len(others) > 1:
            result.shape = of_sizes(others)
        elif name == "flatten" and [*others, *given.keywords.values()] in ([Const(1)], [Const(1, argument=True)]):
            result.shape = Shape(2)
        elif (name in RESHAPES and [constant(one) for one in others] == [-1]) or (
            name in FLAT and not others and not given.keywords
        ):
            result.shape = Shape(1)
        elif before is not None and before.open:
            self._of_open(result, name, before, given, others)
        elif before is None or (name == "pow" and not all(isinstance(one, Const) for one in others)):
            return
        elif name in SAME:
            result.shape = before
        elif name in WITH_INDICES and (others or "dim" in given.keywords):
            reduced = self._reduced(before, given, others)
            self._note(result, dict.fromkeys(VALUES_AND_INDICES, reduced))
        elif name in REDUCES or name in WITH_INDICES:
            result.shape = self._reduced(before, given, others)
        elif name in TURNS:
            result.shape = Shape(before.rank)
        elif name in MULTIPLIES and others:
            result.shape = product(before, self.of(others[0]))
        elif name in IN_PIECES:
            self._each[id(result)] = Shape(before.rank)
        elif change := CHANGES.get(name):
            result.shape = change(before, [*others, *given.keywords.values()])

    def _of_open(
        self, result: AbstractObject, name: str, before: Shape, given: Arguments, others: Sequence[Value]
    ) -> None:
        """The shape of what is computed of something of each sample, whose number of dimensions is not known."""
        result.shape = before if name in SAME and name != "pow" else None
        keeps = given.keywords.keys() & KEEPS_DIMENSIONS or len(others) > 1
        along = others[0] if others else given.keywords.get("dim", given.keywords.get("axis"))
        if before.rank == 2 and not keeps and along is not None and constant(along) in (1, -1):
            if name in WITH_INDICES:
                self._note(result, dict.fromkeys(VALUES_AND_INDICES, OF_BATCH))
            elif name in REDUCES:
                result.shape = OF_BATCH

    def _listed(self, numbers: Collection) -> Shape | None:
        """The shape of a list that grows, where each thing that is added has the same."""
        shapes = {self.of(one) for one in numbers.elements()}
        inner = shapes.pop() if len(shapes) == 1 and not numbers.mapping else None
        if inner is None or inner.open:
            return None
        return Shape(inner.rank + 1, inner.last, samples=inner.rank == 0 and bool(numbers.more))

    def _sized(self, name: str, given: Arguments) -> Shape | None:
        size = given.keywords.get("size", given.get(SIZE_AT[name]) if name in SIZE_AT else None)
        if size is None and name in SIZED:
            size = given.args[0] if len(given.args) == 1 else None
            if len(given.args) > 1:
                return of_sizes(given.args)
        if isinstance(size, Collection):
            return of_sizes(size.elements()) if not size.more else None
        return of_sizes([size]) if isinstance(size, Const) else None

    def _joined(self, name: str, given: Arguments) -> Shape | None:
        whole = given.get(0, "tensors")
        parts = {self.of(part) for part in whole.elements()} if isinstance(whole, Collection) else {None}
        if any(part is not None and part.open for part in parts):
            return None
        along = given.get(1, "dim") or given.keywords.get("axis") or Const(0)
        if name == "stack" and None in parts and isinstance(whole, Collection) and whole.more:
            return OF_BATCH
        if None in parts or len({part.rank for part in parts if part}) != 1 or not isinstance(along, Const):
            return None
        rank = next(part.rank for part in parts if part)
        last = {part.last for part in parts if part}
        same = last.pop() if len(last) == 1 and along.value == 0 and rank > 1 else None
        return Shape(rank + (name == "stack"), same)

    def _reduced(self, before: Shape, given: Arguments, others: Sequence[Value]) -> Shape | None:
        dims = others[0] if others else given.keywords.get("dim", given.keywords.get("axis"))
        keeps = given.keywords.get("keepdim", given.keywords.get("keepdims", others[1] if len(others) > 1 else None))
        if dims is None:
            return SCALAR
        if isinstance(dims, Collection) and not dims.more:
            dimensions: list[Value] = dims.elements()
        else:
            dimensions = [dims]
        numbers = [one.value for one in dimensions if isinstance(one, Const) and isinstance(one.value, int)]
        if len(numbers) < len(dimensions) or not (keeps is None or isinstance(keeps, Const)):
            return None
        last = bool({-1, before.rank - 1} & set(numbers))
        if keeps is not None and isinstance(keeps, Const) and keeps.value:
            return Shape(before.rank, 1 if last else before.last)
        rank = before.rank - len(numbers)
        return Shape(rank, None if last else before.last) if rank >= 0 else None

    def layer(self, result: Value, layer: AbstractObject, given: Arguments) -> None:
        """Note the shape of what a layer of torch gives."""
        before = self.of(given.get(0, "input"))
        if layer.constructor in RECURRENT and isinstance(result, AbstractObject):
            # Its output goes along the sequence, as its input does; of GRU and RNN the state is one tensor, too.
            along = Shape(3) if before is not None and (before.open or before.rank == 3) else None
            self._note(result, {0: along} if layer.constructor == "torch.nn.LSTM" else {0: along, 1: along})
        shape = self._after(layer, before, DEPTH)
        if shape is not None and isinstance(result, AbstractObject) and not isinstance(result, Instance):
            result.shape = shape

    def _after(self, layer: AbstractObject, before: Shape | None, depth: int) -> Shape | None:
        name = layer.constructor
        if name == "torch.nn.Flatten" and not layer.options:
            return Shape(2)
        if name == "torch.nn.Sequential" and depth:
            for part in layer.operands:
                before = self._after(part, before, depth - 1)
            return before
        if before is None or not depth or isinstance(layer, Instance):
            return None
        if name in LINEAR:
            position, keyword = LINEAR[name]
            size = layer.options.get(keyword, layer.options.get(str(position)))
            last = size if isinstance(size, int) else None
            if before.open:
                # A batch of rows, unless each sample is one number.
                features = layer.options.get("in_features", layer.options.get("0"))
                return Shape(2, last, open=True) if features != 1 else None
            return Shape(before.rank, last) if before.rank else None
        if name in LOOKS_UP:
            return Shape(before.rank + LOOKS_UP[name]) if not before.open and before.rank else None
        return before if name in SAME_LAYERS else None

    # Operators, items, attributes

    def binary(self, operator: ast.operator, left: Value, right: Value) -> Shape | None:
        """What an operator gives, element by element."""
        one, other = self.of(left), self.of(right)
        if one is None or other is None:
            return None
        if one.open or other.open:
            return of_samples(one, other) if not isinstance(operator, ast.MatMult) else None
        if isinstance(operator, ast.MatMult):
            return product(one, other)
        wide, narrow = (one, other) if one.rank >= other.rank else (other, one)
        if narrow.rank == 0 or wide.last == narrow.last or narrow.last == 1:
            return wide
        return Shape(wide.rank, narrow.last if wide.last == 1 else None)

    def item(self, base: AbstractObject, index: Value, node: ast.expr) -> Shape | None:
        """What `base[...]` gives."""
        known = self._parts.get(id(base))
        if known is not None and isinstance(index, Const):
            return known.get(index.value)
        if id(base) in self._batches and isinstance(index, Const):
            return OF_BATCH
        before = base.shape
        if before is None or before.open or not isinstance(node, ast.Subscript):
            return None
        if isinstance(index, Const) and isinstance(index.value, str):
            return Shape(1) if before.rank == 2 else None
        if isinstance(index, Collection) and not isinstance(node.slice, ast.Tuple):
            names = [one for one in index.elements() if isinstance(one, Const) and isinstance(one.value, str)]
            return Shape(2, len(names)) if names and not index.more and before.rank == 2 else None
        written = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        values = index.elements() if isinstance(node.slice, ast.Tuple) and isinstance(index, Collection) else [index]
        return self._indexed(before, written, values) if len(written) == len(values) else None

    def _indexed(self, before: Shape, written: Sequence[ast.expr], values: Sequence[Value]) -> Shape | None:
        sizes: list[int | None] = [None] * before.rank
        if sizes:
            sizes[-1] = before.last
        left, result = sizes, list[int | None]()
        for part, value in zip(written, values, strict=True):
            if isinstance(part, ast.Constant) and part.value is None:
                result.append(1)
                continue
            if isinstance(part, ast.Constant) and part.value is Ellipsis:
                behind = sum(not (isinstance(p, ast.Constant) and p.value in (None, Ellipsis)) for p in written)
                count = len(left) - (behind - len(sizes) + len(left))
                result, left = [*result, *left[: max(count, 0)]], left[max(count, 0) :]
                continue
            if not left:
                return None
            size, *left = left
            if isinstance(part, ast.Slice):
                result.append(of_slice(part, size))
                continue
            shape = SCALAR if is_counter(value) else self.of(value)
            if shape is None or (shape.rank and len(written) > 1):
                return None
            result += [None] * shape.rank
        result += left
        return Shape(len(result), result[-1] if result else None)

    def attribute(self, base: AbstractObject, name: str) -> Shape | None:
        """What `base.name` gives."""
        known = self._parts.get(id(base))
        if known is not None and name in known:
            return known[name]
        if base.shape is None or base.shape.open:
            return None
        if name in TRANSPOSES:
            return Shape(base.shape.rank)
        return base.shape if name in SAME_SHAPE else None

    # Elements

    def element(self, element: AbstractObject, collection: AbstractObject) -> None:
        """Note the shape of what a loop over something gets in each pass."""
        element.shape = None
        if id(collection) in self._each:
            element.shape = self._each[id(collection)]
        elif self.reader.objects.is_like(collection, Type.LOADER):
            whole, parts = self._batch(collection)
            element.shape = whole
            if parts is not None:
                self._note(element, parts)
            elif whole is None and (not collection.certain or puts_together(collection)):
                self.is_batch(element)
        elif collection.shape is not None and collection.shape.rank and not collection.shape.open:
            element.shape = Shape(
                collection.shape.rank - 1, collection.shape.last if collection.shape.rank > 1 else None
            )

    def _batch(self, loader: AbstractObject) -> tuple[Shape | None, Parts | None]:
        """The batches of a loader: what samples are, with one dimension more."""
        sources = [one for one in loader.operands if one.type not in (Type.SAMPLER, Type.NUMBER)]
        if not sources or not puts_together(loader):
            return None, None
        return self._samples(sources[0], DEPTH)

    def _samples(self, dataset: AbstractObject, depth: int) -> tuple[Shape | None, Parts | None]:
        if Fact.PART_OF_DATASET in dataset.facts and dataset.operands and depth:
            return self._samples(dataset.operands[0], depth - 1)
        if id(dataset) in self._parts:
            # Of a `TensorDataset`: rows of tensors are put together again.
            return None, self._parts[id(dataset)]
        if not isinstance(dataset, Instance) or dataset.cls is None:
            return None, None
        found = self.reader.classes.find_method(dataset.cls, "__getitem__")
        if found is None or found[0] in self.reader.now.calls:
            return None, None
        index = self.reader.objects.external(found[0], "index", "index of a sample")
        index.type, index.facts = Type.NUMBER, index.facts | {Fact.COUNTER}
        method = Function(found[0], found[1].frame, dataset, found[1])
        with self.reader.flow.silently():
            sample = self.reader.inlining.call(method, [index], {}, found[0])
        if isinstance(sample, Collection) and not sample.more:
            return None, {key: batched(self.of(value)) or OF_BATCH for key, value in sample.items.items()}
        return batched(self.of(sample)), None

    def _forget(self, result: AbstractObject) -> None:
        """What the same code gave before says nothing of what it gives now."""
        self._parts.pop(id(result), None)
        self._each.pop(id(result), None)

    def _note(self, result: AbstractObject, parts: Parts) -> None:
        self._parts[id(result)] = parts

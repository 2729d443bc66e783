"""Datasets: the parts made by `random_split` and `Subset`, whose `.dataset` is the whole, and streams."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from looplint.events import AbstractObject, Fact, Graph, Kind, LoopScope, Option, Place, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Class, Collection, Instance, Symbol, Value, alternatives, objects_in
from looplint.knowledge.datasets import (
    DATASET,
    DRAWS,
    JOINED,
    KNOWS_WORKERS,
    READS_ALL,
    SPLITS,
    STREAM,
    SUBSET,
    TRANSFORMATION,
    WHOLE,
)
from looplint.knowledge.name_hints import VALIDATION
from looplint.knowledge.torch_calls import SAMPLER_ARGUMENTS
from looplint.knowledge.torch_tensors import TENSOR_MAKERS
from looplint.library.part import LibraryPart
from looplint.program.outline import names_in
from looplint.syntax.walk import as_text, last_name, nodes

Method = ast.FunctionDef | ast.AsyncFunctionDef

PARTS = 4
"""Parts of one split that are distinguished; also their assumed number where it is not a literal."""


class Datasets(LibraryPart):
    """Models splits of datasets."""

    def call(self, dotted: str, given: Arguments, node: ast.Call) -> Value | None:
        """The parts returned by a call; None for any other call."""
        if dotted == SUBSET:
            return self._part(given, node, "part", SUBSET)
        if dotted == JOINED and _leaves_one_out(node):
            self._note_folds(node.args[:1])
        if dotted not in SPLITS:
            return None
        lengths = next(objects_in(given.get(1, "lengths")), None)
        known = isinstance(lengths, Collection) and not lengths.more
        number = len(lengths.items) if isinstance(lengths, Collection) and known else PARTS
        parts = self.reader.objects.collection(node, "split")
        last = dotted.rpartition(".")[2]
        parts.items = {index: self._part(given, node, f"part {index}", last) for index in range(min(number, PARTS))}
        return parts

    def _part(self, given: Arguments, node: ast.Call, role: str, how: str) -> AbstractObject:
        whole = given.get(0, "dataset")
        part = self.reader.objects.make(
            node,
            role=role,
            constructor=SUBSET,
            certain=True,
            operands=() if whole is None else (whole,),
            graph=Graph.NO,
            facts=(Fact.PART_OF_DATASET, *((Fact.RANDOM_PART,) if how != SUBSET else ())),
        )
        self.reader.emit(Kind.MAKE, (part,), node, how=how)
        self._note_folds(node.args[1:2])
        return part

    def _note_folds(self, indices: list[ast.expr]) -> None:
        """A loop whose counter says where a part begins and ends holds out another part in each pass."""
        for scope in self._cut_by(indices):
            if scope.over is not None:
                scope.over.facts |= {Fact.FOLDS}

    def _cut_by(self, indices: list[ast.expr]) -> Iterator[LoopScope]:
        """The loops whose counter says where the indices of a part begin and end: `order[i * 40 : (i + 1) * 40]`."""
        code = self.reader.now.frame.function or self.reader.now.module.tree
        for name in [one.id for one in indices if isinstance(one, ast.Name)]:
            bound = [n for n in nodes(code) if isinstance(n, ast.Assign)]
            indices = [*indices, *(n.value for n in bound if any(getattr(t, "id", "") == name for t in n.targets))]
        ends = {
            n.id
            for one in indices
            for cut in nodes(one)
            if isinstance(cut, ast.Slice)
            for n in nodes(cut)
            if isinstance(n, ast.Name)
        }
        return (
            scope
            for scope in self.reader.flow.loops
            if scope.target in ends and scope.function == self.reader.now.frame.name
        )

    def attribute(self, thing: AbstractObject, name: str, node: ast.expr) -> Value | None:
        """`part.dataset`, also if the part is the dataset of a loader."""
        if name != "dataset":
            return None
        if thing.type is Type.LOADER:
            parts = [source for source in thing.operands if Fact.PART_OF_DATASET in source.facts]
            own = [source for source in thing.operands if isinstance(source, Instance)]
            return parts[0] if len(parts) == 1 else own[0] if len(own) == 1 else None
        if Fact.PART_OF_DATASET not in thing.facts:
            return None
        whole = self.reader.objects.make(
            node, role="whole", operands=(thing,), graph=Graph.NO, facts=(Fact.WHOLE_DATASET,), name=as_text(node)
        )
        written = as_text(node.value) if isinstance(node, ast.Attribute) else ""
        options: dict[str, object] = {Option.RETURNED: isinstance(self.reader.now.statement, ast.Return)}
        self.reader.emit(Kind.READ, (thing,), node, object=whole, how="dataset", options=options, written=written)
        return whole

    def divided(self, loader: AbstractObject, given: Arguments) -> None:
        """Note of a loader whether each of several processes gets all of its dataset."""
        if given.open or not SAMPLER_ARGUMENTS.isdisjoint(loader.options):
            return
        if given.get(3, "sampler") is None and given.get(4, "batch_sampler") is None:
            found = list(objects_in(given.get(0, "dataset")))
            if found and all(map(self._is_the_same, found)):
                loader.facts |= {Fact.UNDIVIDED}

    def _is_the_same(self, dataset: AbstractObject) -> bool:
        """Whether a dataset is the same in each process: nothing in its class, or where it is made, names a process."""
        whole = dataset.operands[0] if Fact.RANDOM_PART in dataset.facts and dataset.operands else dataset
        written = self._written(whole.place)
        words = set(re.findall(r"\w+", written)) if written else {"rank"}
        if isinstance(whole, Instance) and whole.cls is not None:
            lineage = self.reader.classes.lineage(whole.cls)
            if DATASET not in {base.dotted for base in lineage if isinstance(base, Symbol)}:
                return False
            words |= {word for base in lineage if isinstance(base, Class) for word in names_in(base.node)}
        elif not whole.constructor.startswith(WHOLE):
            return False
        return not any(map(KNOWS_WORKERS.search, words))

    def _written(self, place: Place | None) -> str:
        """The code at a place, also if it has several rows; empty if these are in another file."""
        module = self.reader.now.module
        if place is None or place.text or place.path != module.source.path:
            return place.text if place is not None else ""
        rows = module.lines[place.row - 1 : place.end_row]
        return "\n".join([rows[0][place.column - 1 :], *rows[1:-1], rows[-1][: place.end_column - 1]])

    def note_whole(self, thing: AbstractObject, node: ast.AST) -> None:
        """Whether an object that was made at `node` is a wrapper of all of a dataset: what else it is given may say
        which samples are meant, unless it is a transformation."""
        if isinstance(node, ast.Call) and [Fact.WHOLE_DATASET in one.facts for one in thing.operands] == [True]:
            others = [as_text(argument) for argument in node.args[1:]]
            others += [f"{k.arg} {as_text(k.value)}" for k in node.keywords if k.arg != "dataset"]
            if all(map(TRANSFORMATION.search, others)):
                thing.facts |= {Fact.TRANSFORMED_WHOLE}

    def gives_samples(self, thing: AbstractObject) -> bool:
        """Whether `thing[i]` is a sample of a dataset, or a row of a tensor or an array."""
        if isinstance(thing, Instance):
            lineage = self.reader.classes.lineage(thing.cls) if thing.cls is not None else []
            return DATASET in {base.dotted for base in lineage if isinstance(base, Symbol)}
        known = Fact.PART_OF_DATASET in thing.facts or thing.constructor.startswith(WHOLE)
        rows = thing.type is Type.TENSOR or (thing.shape is not None and thing.shape.rank > 0)
        return known or rows or (thing.external and VALIDATION.search(thing.name) is not None)

    def describe(self, thing: AbstractObject) -> None:
        """The facts about an instance of the program's own class: whether it is a stream, the same in each worker."""
        if not isinstance(thing, Instance) or thing.cls is None:
            return
        lineage = self.reader.classes.lineage(thing.cls)
        bases = {base.dotted for base in lineage if isinstance(base, Symbol)}
        found = self.reader.classes.find_method(thing.cls, "__iter__")
        if STREAM not in bases or found is None:
            return
        words = {word for base in lineage if isinstance(base, Class) for word in names_in(base.node)}
        methods = self._run_by(thing.cls, found[0])
        reads = frozenset[str]().union(*map(names_in, methods))
        if any(map(KNOWS_WORKERS.search, words)) or any(map(DRAWS.search, reads)):
            return
        if reads & READS_ALL or any(self._iterates_over_own(thing, method) for method in methods):
            thing.facts |= {Fact.SAME_IN_WORKERS}

    def _run_by(self, cls: Class, method: Method) -> list[Method]:
        """A method, and the methods of its class that it names, directly or by way of others."""
        found, waiting = list[Method](), [method]
        while waiting:
            found.append(waiting.pop())
            named = [self.reader.classes.find_method(cls, name) for name in sorted(names_in(found[-1]))]
            waiting += [one[0] for one in named if one is not None and one[0] not in (*found, *waiting)]
        return found

    def _iterates_over_own(self, stream: Instance, method: Method) -> bool:
        """Whether a method iterates over a list or a tensor that the object keeps."""
        own = method.args.args[0].arg if method.args.args else ""
        for node in nodes(method):
            over = node.iter if isinstance(node, ast.For | ast.comprehension) else None
            over = node.value if isinstance(node, ast.YieldFrom) else over
            if isinstance(over, ast.Attribute) and last_name(over.value) == own:
                kept = self.reader.attributes.stored(stream, over.attr)
                if kept is not None and all(map(_is_data, alternatives(kept))):
                    return True
        return False


def _is_data(value: Value) -> bool:
    """Whether a value is a list, or a tensor that is made here."""
    if isinstance(value, Collection):
        return not any(isinstance(one, Instance) for one in value.elements())
    return isinstance(value, AbstractObject) and TENSOR_MAKERS.match(value.constructor) is not None


def _leaves_one_out(node: ast.Call) -> bool:
    """`ConcatDataset(folds[:i] + folds[i + 1 :])`."""
    match node.args:
        case [ast.BinOp(left=ast.Subscript(slice=ast.Slice()), op=ast.Add(), right=ast.Subscript(slice=ast.Slice()))]:
            return True
    return False


def puts_together(loader: AbstractObject) -> bool:
    """Whether it is a loader of torch that makes a batch of samples as they are."""
    given = loader.options
    batched = "collate_fn" not in given and given.get("batch_size", 1) is not None
    return loader.certain and batched and loader.constructor.startswith("torch.")

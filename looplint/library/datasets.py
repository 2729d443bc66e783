"""Parts of datasets: `random_split` and `Subset` make them, and `.dataset` of one is the whole again."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Fact, Graph, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Collection, Value, objects_in
from looplint.knowledge.datasets import SPLITS, SUBSET
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text

PARTS = 4
"""Parts of one split that are told apart; where their number is not written out, there are as many."""


class Datasets(LibraryPart):
    """Takes datasets apart."""

    def call(self, dotted: str, given: Arguments, node: ast.Call) -> Value | None:
        """The parts that a call makes; None for a call of something else."""
        if dotted == SUBSET:
            return self._part(given, node, "part")
        if dotted not in SPLITS:
            return None
        lengths = next(objects_in(given.get(1, "lengths")), None)
        known = isinstance(lengths, Collection) and not lengths.more
        number = len(lengths.items) if isinstance(lengths, Collection) and known else PARTS
        parts = self.reader.objects.collection(node, "split")
        parts.items = {index: self._part(given, node, f"part {index}") for index in range(min(number, PARTS))}
        return parts

    def _part(self, given: Arguments, node: ast.Call, role: str) -> AbstractObject:
        whole = given.get(0, "dataset")
        part = self.reader.objects.make(
            node,
            role=role,
            constructor=SUBSET,
            certain=True,
            operands=() if whole is None else (whole,),
            graph=Graph.NO,
            facts=(Fact.PART_OF_DATASET,),
        )
        self.reader.emit(Kind.MAKE, (part,), node, how=SUBSET)
        return part

    def attribute(self, thing: AbstractObject, name: str, node: ast.expr) -> Value | None:
        """`part.dataset`, also where the part is the dataset of a loader."""
        if name != "dataset":
            return None
        if thing.type is Type.LOADER:
            parts = [source for source in thing.operands if Fact.PART_OF_DATASET in source.facts]
            return parts[0] if len(parts) == 1 else None
        if Fact.PART_OF_DATASET not in thing.facts:
            return None
        whole = self.reader.objects.make(
            node, role="whole", operands=(thing,), graph=Graph.NO, facts=(Fact.WHOLE_DATASET,), name=as_text(node)
        )
        written = as_text(node.value) if isinstance(node, ast.Attribute) else ""
        self.reader.emit(Kind.READ, (thing,), node, object=whole, how="dataset", written=written)
        return whole

"""What a call returns, by its row in the tables."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Graph, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.objects import VALUES_KEPT, cut_off
from looplint.interpreter.values import Collection, Const, Instance, Value, objects_in
from looplint.knowledge.effect import Returns
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text


class Returned(LibraryPart):
    """Makes what a call returns."""

    def value(
        self, returns: Returns, thing: AbstractObject | None, given: Arguments, node: ast.Call, name: str
    ) -> Value:
        values: list[Value] = [*([thing] if thing is not None else []), *given.values]
        match returns:
            case Returns.SELF:
                return thing if thing is not None else Const(None)
            case Returns.ARGUMENT | Returns.WRAPPED:
                for one in self.reader.objects.of(given.values):
                    one.facts |= {"prepared", "wrapped"} if returns is Returns.WRAPPED else {"prepared"}
                if len(given.args) == 1 and not given.open:
                    return given.args[0]
                if not given.args:
                    return next(iter(given.keywords.values()), self.reader.objects.derived(node, values))
                bundle = self.reader.objects.collection(node)
                bundle.items = dict(enumerate(given.args))
                bundle.sources = self.reader.objects.of(given.args)
                return bundle
            case Returns.COMPILED:
                for one in self.reader.objects.of(given.values[:1]):
                    one.facts |= {"wrapped"}
                return next(iter(given.values), Const(None))
            case Returns.FIRST:
                if name == "torch.autograd.Variable":
                    made = self.reader.objects.make(
                        node,
                        Type.TENSOR,
                        role="variable",
                        constructor=next((t.constructor for v in given.values[:1] for t in objects_in(v)), ""),
                        sources=given.values[:1],
                        graph=self.reader.objects.graph_of(given.values[:1]),
                    )
                    made.facts |= frozenset(f for v in given.values[:1] for t in objects_in(v) for f in t.facts)
                    self._new_leaf(made, given, node)
                    return made
                return next(iter(given.values), Const(None))
            case Returns.NUMBER:
                return self.reader.objects.make(node, Type.NUMBER, role="number", graph=Graph.NO)
            case Returns.DETACHED | Returns.DATA:
                cut = frozenset(("detached",)) if returns is Returns.DETACHED else frozenset()
                for one in objects_in(given.args[0]) if given.args and cut else ():
                    cut |= cut_off(one)
                made = self.reader.objects.make(
                    node, Type.TENSOR, role="detached", graph=Graph.NO, constructor=name, facts=cut
                )
                self._new_leaf(made, given, node)
                return made
            case Returns.PARAMETERS:
                own = (
                    isinstance(thing, Instance)
                    and thing.cls is not None
                    and self.reader.classes.find_method(thing.cls, name)
                )
                return self.reader.objects.make(
                    node,
                    Type.PARAMETERS,
                    role="parameters",
                    certain=True,
                    sources=values[:1],
                    graph=Graph.NO,
                    facts=() if own else ("one shot",),
                )
            case Returns.PARTS:
                known = thing is not None and thing.certain
                return self.reader.objects.make(
                    node, Type.MODULE, role="parts", sources=values[:1], graph=Graph.NO, certain=known, facts=("parts",)
                )
            case Returns.STATE:
                return self.reader.objects.make(
                    node, role="state", sources=values[:1], facts=("state",), graph=Graph.NO
                )
            case Returns.MODULE:
                made = self.reader.objects.make(
                    node, Type.MODULE, role="made", constructor=name, certain=True, sources=values
                )
                self.library.constructors.made(made, node)
                return made
            case Returns.LOADED:
                return self.reader.objects.make(
                    node, Type.OTHER, role="loaded", certain=True, sources=values[:1], facts=("load result",)
                )
            case Returns.COPY:
                return self._copy(given, node)
            case Returns.DERIVED:
                result = self.reader.objects.derived(node, values, constructor=name)
                for one in objects_in(given.get(0)) if given.args else ():
                    result.facts |= one.facts & VALUES_KEPT
                if name == "scale" and isinstance(node.func, ast.Attribute):
                    result.facts |= {"scaled"}
                    result.options = {**result.options, "by": as_text(node.func.value)}
                    result.type = Type.TENSOR
                return result
            case Returns.NEW:
                return self.reader.objects.make(node, role="new", sources=values)
            case Returns.ELEMENTS:
                return given.args[0] if given.args else Const(None)
        return Const(None)

    def _new_leaf(self, made: AbstractObject, given: Arguments, node: ast.Call) -> None:
        """`torch.tensor(loss, requires_grad=True)`: made of a result, and cut off from it."""
        needs = given.keywords.get("requires_grad")
        if isinstance(needs, Const) and needs.value:
            source = next((t for v in given.args[:1] for t in objects_in(v)), None)
            if isinstance(source, Collection):
                # Of several results, those that are losses say what it is.
                parts = [t for v in source.elements() for t in objects_in(v)]
                source = next((t for t in parts if "graded" in t.facts), source)
            if source is not None:
                self.reader.emit(Kind.LEAF, (made,), node, object=source, how="tensor")

    def _copy(self, given: Arguments, node: ast.Call) -> Value:
        """A deep copy: an object of the same kind that shares nothing with the first."""
        value = given.get(0, "x")
        original = next(objects_in(value), None)
        if original is None:
            return Const(None)
        if "state" in original.facts and as_text(node.func).endswith("copy.copy"):
            return original
        if isinstance(original, Instance):
            copy, new = self.reader.objects.thing(node, "copy", kind=Instance)
            assert isinstance(copy, Instance)
            copy.cls = original.cls
        elif isinstance(original, Collection):
            return self.library.builtins.iterator("list", Arguments([original], {}), node)
        else:
            copy, new = self.reader.objects.thing(node, "copy")
        if new:
            copy.type, copy.constructor, copy.certain, copy.place = (
                original.type,
                original.constructor,
                original.certain,
                self.reader.now.place(node),
            )
            copy.graph = original.graph
            self.library.constructors.made(copy, node)
        return copy

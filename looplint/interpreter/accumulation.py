"""Accumulation: values added to sums and collections, and values kept from one iteration to the next."""

from __future__ import annotations

import ast
import dataclasses
import itertools
from collections.abc import Callable, Iterator
from typing import ClassVar

from looplint.events import AbstractObject, Fact, Graph, How, Kind, Option, Type
from looplint.interpreter.objects import value_facts
from looplint.interpreter.part import Part
from looplint.interpreter.slots import slot_of_attribute
from looplint.interpreter.values import Collection, Const, Either, Value, alternatives, objects_in
from looplint.syntax.walk import as_text


class Accumulation(Part):
    """Evaluates additions to a sum or a collection."""

    def adds_to_itself(self, value: ast.expr, target: ast.expr) -> bool:
        """`total = total + loss`, also within a longer sum, also `total = total.to(device) + loss`, and running
        averages: `average = 0.9 * average + 0.1 * loss`, `mean = (mean * n + loss) / (n + 1)`; with a first value
        (`total = loss if total is None else total + loss`), and joined: `losses = torch.cat([losses, loss])`."""
        if isinstance(value, ast.IfExp):
            return self.adds_to_itself(value.body, target) or self.adds_to_itself(value.orelse, target)
        if isinstance(value, ast.Call) and value.args and isinstance(value.args[0], ast.List | ast.Tuple):
            joins = as_text(value.func).rpartition(".")[2] in self.reader.tables.joins
            return joins and any(self._stands_for(part, target) for part in value.args[0].elts)
        value = _unscaled(value)
        while isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            if any(self._stands_for(side, target) for side in (value.left, value.right)):
                return True
            value = value.left
        return False

    def assign(self, target: ast.expr, value: Value, node: ast.Assign) -> None:
        """Bind a target to a sum that contains the target itself."""
        match target:
            case ast.Name():
                self.add_to_name(target.id, value, node, node.value)
            case ast.Attribute():
                part, before = self._added(node.value, target), self.reader.evaluate(target)
                for thing in objects_in(self.reader.evaluate(target.value)):
                    self._accumulate_attribute(thing, target, node, before, self._read_again(part), part)
            case ast.Subscript():
                part = self._added(node.value, target)
                index = self.reader.evaluate(target.slice)
                for thing in objects_in(self.reader.evaluate(target.value)):
                    self.keep(self._entry(thing, index), self._read_again(part), node, "+=", part)

    def _added(self, value: ast.expr, target: ast.expr) -> ast.expr:
        """The summand `added` in `target + added`; the whole sum if there are more summands."""
        value = _unscaled(value)
        if isinstance(value, ast.BinOp) and self._stands_for(value.left, target):
            return value.right
        if isinstance(value, ast.BinOp) and self._stands_for(value.right, target):
            return value.left
        return value

    def _stands_for(self, node: ast.expr, target: ast.expr) -> bool:
        """Whether an expression is a target, at most moved to a device or type, and scaled."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            return self._stands_for(node.left, target) or self._stands_for(node.right, target)
        same = self.reader.tables.keeps_identity
        while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in same:
            node = node.func.value
        match node:
            case ast.Call(func=ast.Attribute(value=whole, attr="get"), args=[key, *_]) if isinstance(
                target, ast.Subscript
            ):  # `totals[name] = totals.get(name, 0) + loss`
                return as_text(whole) == as_text(target.value) and as_text(key) == as_text(target.slice)
        if isinstance(target, ast.Name):
            return isinstance(node, ast.Name) and node.id == target.id
        return type(node) is type(target) and as_text(node) == as_text(target)

    def _read_again(self, expression: ast.expr) -> Value:
        with self.reader.flow.silently():
            return self.reader.evaluate(expression)

    def _may_be_carried(self, name: str) -> bool:
        """Whether a loop in the function of a local name is around: without one it is set anew in each call."""
        frame = self.reader.names.bound_at(name)[0]
        if frame is None or frame.function is None or frame is not self.reader.now.frame:
            return True
        return any(scope.function == frame.name and not scope.is_call for scope in self.reader.flow.loops)

    def add_to_name(self, name: str, value: Value, node: ast.stmt, added: ast.expr) -> None:
        """Add a value to what a name holds: `total += loss`, `total = total + loss`."""
        if isinstance(added, ast.BinOp) and isinstance(node, ast.Assign):
            added = self._added(added, ast.Name(name, ast.Load()))
            part = self._read_again(added)
        else:
            part = value
        subject = self.reader.names.accumulator(name)
        if self._may_be_carried(name):
            self.keep(subject, part, node, "+=", added)
        total = self.reader.objects.derived(node, (subject, value), role="sum")
        total.name, total.shape = name, self.reader.library.shape_of(value)
        self._spread(total, value, part)
        if isinstance(node, ast.AugAssign):
            earlier = self.reader.names.lookup(name, node)
            total.shape = self.reader.library.shape_of_operator(ast.Add(), earlier, value)
            self.reader.objects.note_added_number(total, earlier, value)
            total.facts |= {Fact.TERMS}
        added_up = list(objects_in(part))
        if added_up and all(Fact.BATCH_MEAN in one.facts for one in added_up) and self.reader.flow.loops:
            total.facts |= {Fact.SUM_OF_MEANS, Fact.BATCH_MEAN}
        before = self.reader.bindings.get((id(self.reader.names.bound_at(name)[0]), name))
        if self.reader.objects.graph(part) is Graph.NO and (
            before is None or self.reader.objects.graph(before) is Graph.NO
        ):
            total.type, total.graph = Type.NUMBER, Graph.NO
            total.facts |= value_facts(part)
        self.reader.names.bind(name, total, node)

    def _spread(self, total: AbstractObject, *values: Value) -> None:
        for value in values:
            for one in objects_in(value):
                total.facts |= one.facts & {Fact.GRADED, Fact.CUT_OFF, Fact.NUMBER_ADDED}

    def _augmented(self, node: ast.AugAssign) -> None:
        if not isinstance(node.target, ast.Name):
            self.reader.record.effects += 1
        value = self.reader.evaluate(node.value)
        self.reader.library.added(node)
        if isinstance(node.op, ast.Add):
            self.reader.best_values.count(node.target)
        match node.target:
            case ast.Name():
                self._augmented_name(node.target, value, node)
            case ast.Attribute():
                self._augmented_attribute(node.target, value, node)
            case ast.Subscript():
                self._augmented_entry(node.target, value, node)

    def _augmented_name(self, target: ast.Name, value: Value, node: ast.AugAssign) -> None:
        before = self.reader.names.lookup(target.id, target)
        if not isinstance(node.op, ast.Add):
            self._scaled(target, before, value, node)
        elif isinstance(before, Collection):
            self.keep(before, self.reader.items.element(value, node), node, "extend", node.value)
            added = value.elements() if isinstance(value, Collection) else (value,)
            before.more = (*before.more, *added)[-12:]
            before.operands = (*before.operands, *self.reader.objects.of((value,)))[-24:]
        else:
            self.add_to_name(target.id, value, node, node.value)
            after = self.reader.bindings.get((id(self.reader.names.bound_at(target.id)[0]), target.id))
            if isinstance(after, AbstractObject) and isinstance(before, AbstractObject) and after is not before:
                after.operands = (*after.operands, before) if before not in after.operands else after.operands
                if self.reader.objects.graph(before) is Graph.YES:
                    after.graph, after.type = self.reader.now.gradients, Type.TENSOR

    def _scaled(self, target: ast.Name, before: Value, value: Value, node: ast.AugAssign) -> None:
        """`total /= n`, and with every other operator but `+=`."""
        divides = isinstance(node.op, ast.Div)
        averaged = divides and self.reader.operators.averaged(before, value, node, node.value)
        if isinstance(node.op, ast.Mult):
            self.reader.operators.multiplied(before, value, node)
        shape = self.reader.library.shape_of(before)
        result = self.reader.objects.derived(node, (before, value))
        result.shape = shape
        if averaged:
            result.facts |= {Fact.AVERAGED}
        self._spread(result, before)
        self.reader.names.bind(target.id, result, node)

    def _augmented_attribute(self, target: ast.Attribute, value: Value, node: ast.AugAssign) -> None:
        before = self.reader.evaluate(target)
        for thing in objects_in(self.reader.evaluate(target.value)):
            if target.attr == "grad":
                self._augmented_gradient(thing, value, node)
            elif isinstance(node.op, ast.Add):
                self._accumulate_attribute(thing, target, node, before, value, node.value)
            else:
                changed = self.reader.objects.derived(node, (before, value))
                self.reader.bindings.set(thing, target.attr, changed, self.reader.flow.now)

    def _augmented_gradient(self, thing: AbstractObject, value: Value, node: ast.AugAssign) -> None:
        if isinstance(node.op, ast.Mult) and isinstance(value, Const) and value.value == 0:
            self.reader.emit(Kind.CLEAR, (thing,), node, how="grad *= 0")
        elif isinstance(node.op, ast.Mult | ast.Div):
            self.reader.emit(Kind.READ, (thing,), node, how=How.GRADIENT_SCALED)

    def _augmented_entry(self, target: ast.Subscript, value: Value, node: ast.AugAssign) -> None:
        owners = list(objects_in(self.reader.evaluate(target.value)))
        index = self.reader.evaluate(target.slice)
        for thing in owners:
            if isinstance(node.op, ast.Add):
                before = self.reader.items.item(thing, index, target)
                if not any(Fact.GRADIENT in one.facts for one in objects_in(before)):
                    self.keep(self._entry(thing, index), value, node, "+=", node.value)
            if isinstance(thing, Collection):
                total = self.reader.objects.derived(node, (self._entry(thing, index), value), role="sum")
                if isinstance(index, Const) and not isinstance(index.value, list | dict):
                    thing.items[index.value] = total
                elif not any(total is one for one in thing.more):
                    thing.more = (*thing.more, total)[-12:]
                thing.operands = (*thing.operands, total)[-24:]

    def _accumulate_attribute(
        self,
        thing: AbstractObject,
        target: ast.Attribute,
        node: ast.AST,
        before: Value,
        value: Value,
        added: ast.expr,
    ) -> None:
        name = target.attr
        if isinstance(before, Collection):
            self.keep(before, self.reader.items.element(value, node), node, "extend", added)
            before.operands = (*before.operands, *self.reader.objects.of((value,)))[-24:]
            return
        slot = self._sum(thing, name)
        self.keep(slot, value, node, "+=", added)
        total = self.reader.objects.derived(node, (slot, before, value), role="sum")
        total.name = f"{thing.name}.{name}"
        self.reader.bindings.set(thing, name, total, self.reader.flow.now)

    def begin(self, thing: AbstractObject, target: ast.Attribute) -> None:
        """An attribute is set: what is added to it from here on is kept since this iteration."""
        role = f"accumulator {self.reader.now.chain} {id(thing)}"
        slot = self.reader.objects.external(target, target.attr, role, owner=thing)
        slot.loops = self.reader.flow.loops
        self.reader.bindings.set(self, slot_of_attribute(thing, target.attr), slot, self.reader.flow.now)

    def _sum(self, thing: AbstractObject, name: str) -> AbstractObject:
        """What the sum in an attribute is kept in, by where the attribute was last set."""
        value = self.reader.bindings.get((id(self), slot_of_attribute(thing, name)))
        found = [one for one in alternatives(value) if isinstance(one, AbstractObject)] if value is not None else []
        # Where it was set in several places: what was there before the loop comes first.
        slot = found[0] if found else self.reader.attributes.part(thing, f"{name} (sum)")
        slot.name = f"{thing.name}.{name}" if thing.name else name
        if not found:
            slot.loops = thing.loops
            return slot
        # It was set in a loop that is over, or in an earlier pass of one: `if self.mean is None: self.mean = loss`.
        at = self.reader.bindings.stamp((id(self), slot_of_attribute(thing, name)))
        around = itertools.takewhile(
            lambda pair: pair[0] is pair[1] and pair[0].head != at,
            zip(slot.loops, self.reader.flow.loops, strict=False),
        )
        loops = tuple(scope for scope, _ in around)
        if loops != slot.loops:
            slot = self.reader.objects.external(slot, slot.name, f"sum since {len(loops)}", owner=thing)
            slot.loops = loops
        return slot

    def _entry(self, thing: AbstractObject, index: Value) -> AbstractObject:
        """The entry of a collection that a sum is kept in."""
        if isinstance(index, Const):
            slot = self.reader.attributes.part(thing, f"[{index.value!r}] (sum)")
            slot.loops, slot.owner = thing.loops, None
            slot.name = f"{thing.name}[{index.value!r}]"
            return slot
        return thing

    def keep(
        self,
        subject: AbstractObject,
        value: Value,
        node: ast.AST,
        how: str,
        expression: ast.AST | None,
        taken: bool = False,
    ) -> None:
        """A value with a graph is added to something. `taken`: it replaces an entry that is read first."""
        if (
            Fact.BOUNDED in subject.facts
            or self.reader.objects.graph(value) is Graph.NO
            or (how == "+=" and self.reader.now.gradients is Graph.NO)
            or (how != "+=" and self._is_own_entry(subject, expression))
        ):
            return
        found = [one for one in objects_in(value) if one.type is not Type.NUMBER]
        found.sort(key=lambda one: one.graph is not Graph.YES)
        # What a call or a comprehension collects has no `.detach()`.
        display = isinstance(expression, ast.List | ast.Tuple)
        one_value = display or not any(isinstance(one, Collection) for one in found)
        if len(found) == 1 and isinstance(found[0], Collection):
            inner = [
                one for one in _leaves(found[0], _nesting(expression)) if self.reader.objects.graph(one) is Graph.YES
            ]
            if inner:
                value = inner[0]
                found = inner[:1]
        # A plain 0 for a missing option leaves the sum as it is.
        added = [one for one in alternatives(value) if not (isinstance(one, Const) and one.value == 0)]
        # Where a loop goes through all values, the one with a graph is among those that are kept.
        in_turn = isinstance(value, Either) and value.in_turn and any(one.graph is Graph.YES for one in found[:1])
        certain = in_turn or (
            len(found) == len(added)
            and (
                len(added) == len(alternatives(value))
                or all(self.reader.objects.graph(one) is Graph.YES for one in added)
            )
        )
        # On the path where it is detached it may already be back-propagated, with its graph needed on the other path.
        cut = not in_turn and any(Fact.DETACHED in one.facts and one.graph is Graph.NO for one in found[1:])
        if found and certain and not cut:
            self.reader.emit(
                Kind.KEEP,
                (subject,),
                node,
                object=found[0],
                inputs=found,
                how=how,
                written="" if subject.name else _kept_in(node),
                options={
                    Option.VALUE: self._graph_part(expression) if expression is not None and one_value else None,
                    Option.TAKEN: taken,
                },
            )

    def keep_trained(
        self, subject: AbstractObject, value: Value, node: ast.AST, expression: ast.AST | None, begin: int
    ) -> None:
        """An element of a collection that is made in one expression, or added up there: a loss that its own pass
        back-propagates. `begin`: the number of nodes of the graph in front of the expression."""
        losses = {id(one) for one in objects_in(value) if one.graph is Graph.YES}
        made = self.reader.graph.nodes[begin:] if losses else ()
        if any(e is not None and e.kind is Kind.BACKWARD and losses & set(map(id, e.subjects)) for e in made):
            self.keep(subject, value, node, "append", expression)

    def _is_own_entry(self, subject: AbstractObject, expression: ast.AST | None) -> bool:
        """Whether a list gets one of its own entries again: `history.append(history[-1])` keeps nothing more alive."""
        if not isinstance(expression, ast.Subscript):
            return False
        with self.reader.flow.silently():
            return any(one is subject for one in objects_in(self.reader.evaluate(expression.value)))

    def _graph_part(self, expression: ast.AST) -> object:
        """The smallest expression in an added value that has its graph: `.item()` has to be put behind it."""
        if isinstance(expression, ast.List | ast.Tuple):
            return self._graph_part(expression.elts[0]) if len(expression.elts) == 1 else None
        inner = expression
        while isinstance(inner, ast.BinOp):
            with self.reader.flow.silently():
                sides = [
                    s
                    for s in (inner.left, inner.right)
                    if self.reader.objects.graph(self.reader.evaluate(s)) is not Graph.NO
                ]
            if len(sides) != 1:
                break
            inner = sides[0]
        text = as_text(inner)
        if isinstance(inner, ast.BinOp | ast.UnaryOp | ast.IfExp | ast.Compare | ast.BoolOp):
            text = f"({text})"
        return dataclasses.replace(self.reader.now.place(inner), text=text) if hasattr(inner, "lineno") else None

    handlers: ClassVar[dict[type[ast.stmt], Callable[..., int | None]]] = {ast.AugAssign: _augmented}


def _leaves(whole: Collection, depth: int) -> Iterator[AbstractObject]:
    """The elements of a collection, including those of nested ones."""
    for item in whole.elements():
        for one in objects_in(item):
            if isinstance(one, Collection) and depth > 1:
                yield from _leaves(one, depth - 1)
            else:
                yield one


def _nesting(node: ast.AST | None) -> int:
    """How many displays stand in each other: 2 in `(a, (b, c))`."""
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Dict(values=parts):
            return 1 + max(map(_nesting, parts), default=0)
    return 0


def _unscaled(node: ast.expr) -> ast.expr:
    """A sum without the numbers that it is multiplied or divided by."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        node = node.right if isinstance(node.op, ast.Mult) and isinstance(node.right, ast.BinOp) else node.left
    return node


def _kept_in(node: ast.AST) -> str:
    """What a call keeps its argument in, as written: `kept["loss"]` of `kept["loss"].append(loss)`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call() as whole)):
            return as_text(whole)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return as_text(node)
    return ""

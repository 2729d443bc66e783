"""Loops: each body is evaluated twice, once to find what it rebinds, once with old and new bindings joined at the loop
head."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from looplint.events import EVERYTHING, AbstractObject, Fact, How, Kind, Place, Type
from looplint.interpreter.activation import Jumps
from looplint.interpreter.bindings import Changes
from looplint.interpreter.part import Part
from looplint.interpreter.values import Collection, Const, Value, objects_in
from looplint.knowledge.name_hints import FOLD, MAKES_FOLDS, VALIDATION
from looplint.knowledge.python_names import PROGRESS
from looplint.syntax.walk import as_text, last_name, nodes

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader


class Loops(Part):
    """Evaluates `for` and `while`, and functions that are called repeatedly."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._learnt: dict[tuple[int, ast.AST], tuple[list[Changes], Place | None]] = {}

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        over = self.reader.evaluate(node.iter)
        source = self.iterable(over)
        if source is not None and VALIDATION.search(source.name):
            source.facts |= {Fact.VALIDATION}
        if source is not None and isinstance(node.iter, ast.Call):
            if FOLD.search(as_text(node.target)) or MAKES_FOLDS.search(last_name(node.iter.func)):
                source.facts |= {Fact.FOLDS}
        if source is not None and _leaves_one_out(node):
            source.facts |= {Fact.FOLDS}

        acts = any(Fact.ACTS in one.facts for thing in objects_in(over) for one in thing.ancestry())

        def body() -> None:
            batch = self.reader.items.element(over, node.target)
            for one in objects_in(batch):
                for part in self.reader.objects.flat((one,)):
                    part.facts |= {Fact.DRAWN} if part.external else set()
            self.reader.assignments.assign(node.target, batch)
            # Effects of a generator between two elements happen inside the loop; here they would come before it.
            if acts:
                self.reader.emit(Kind.ESCAPE, (EVERYTHING,), node.iter, how=How.GENERATOR)
            self.reader.run(node.body)

        self.reader.iterators.consume_by_for(node)
        self.repeat("for", node, source, body, endless=False, otherwise=node.orelse)

    def iterable(self, value: Value) -> AbstractObject | None:
        """The iterable of a loop, without `enumerate`, `zip` and so on; of several loaders, one with a sampler."""
        things = list(objects_in(value))
        sampled = (one for one in things if any(part.type is Type.SAMPLER for part in one.ancestry()))
        thing = next(sampled, next(iter(things), None))
        while (
            isinstance(thing, Collection)
            and thing.operands
            and not thing.items
            and thing.operands[0].type is not Type.TENSOR
        ):
            inner = thing.operands[0]
            if inner is thing:
                break
            thing = inner
        if isinstance(thing, Collection) and thing.items and all(isinstance(o, Const) for o in thing.elements()):
            thing.facts |= {Fact.CONSTANTS}
        return thing

    def _while(self, node: ast.While) -> None:
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)

        def body() -> None:
            self.reader.evaluate(node.test)
            self.reader.best_values.stop_by(node.test)
            self.reader.run(node.body)

        self.repeat("while", node, None, body, endless=endless, otherwise=node.orelse)

    def repeat(
        self,
        kind: str,
        node: ast.AST,
        over: AbstractObject | None,
        body: Callable[[], None],
        *,
        endless: bool,
        otherwise: Sequence[ast.stmt] = (),
        in_vain: Callable[[], bool] | None = None,
    ) -> None:
        """A loop: its body is evaluated once to find what it rebinds, and once more with these bindings joined at the
        loop head. The bindings of inner loops are found in the same passes. `in_vain`: asked in between; if so, the
        body is not evaluated again."""
        if not self.reader.flow.ends:
            return
        mark = self.reader.bindings.mark()
        learnt = self._learnt.pop((self.reader.now.chain, node), None)
        left: Place | None = None
        owners = frozenset() if self.reader.flow.silent else self.reader.bindings.owners()
        if learnt is not None:
            paths, left = learnt
            self._begin_again([self._of_frame(changes, None, id(self.reader.now.frame)) for changes in paths])
        elif not self.reader.flow.silent:
            left = self._learn(body)
            if left is None and in_vain is not None and in_vain():
                self.reader.record.in_vain = True
                return
        begun = self.reader.bindings.mark()
        jumps = Jumps(mark)
        self.reader.now.jumps.append(jumps)
        target = (
            as_text(node.target) if isinstance(node, ast.For | ast.AsyncFor) and not self.reader.flow.silent else ""
        )
        with self.reader.flow.iteration(
            kind,
            self.reader.now.place(node),
            over,
            endless=endless,
            again=jumps.again,
            leave=jumps.leave,
            target=target,
            function=self.reader.now.frame.name,
            first=first_value(node) if isinstance(node, ast.For) and not self.reader.flow.silent else None,
        ):
            body()
            if self.reader.flow.ends:
                jumps.again_states.append(self.reader.bindings.changes(mark))
        self.reader.now.jumps.pop()
        if self.reader.flow.silent:
            again = [self._of_frame(changes, id(self.reader.now.frame), None) for changes in jumps.again_states]
            self._learnt[self.reader.now.chain, node] = again, self.reader.budget.searched_up_to
        elif left is not None and self.reader.graph.searched_up_to is None:
            if self.reader.bindings.rebound(mark, begun, owners, jumps.again_states):
                self.reader.graph.searched_up_to = left
        ends = [*jumps.leave_states, *(() if endless else jumps.again_states)]
        if self.reader.flow.ends and otherwise:
            self.reader.run(otherwise)
        if ends:
            self.reader.bindings.rollback(mark)
            self.reader.bindings.merge(ends, self.reader.flow.now)
        self.reader.flow.join(jumps.leave)

    def _learn(self, body: Callable[[], None]) -> Place | None:
        """Find the names that one iteration may rebind: at its start they have the old or the new value. Returns the
        first call that was not followed, None if all were."""
        budget = self.reader.budget.left
        mark = self.reader.bindings.mark()
        jumps = Jumps(mark)
        now = self.reader.now
        inside = now.copy()
        inside.exits, inside.jumps = [*now.exits], [*now.jumps, jumps]
        saved = [(len(e.values), len(e.states), len(e.target.ends), len(e.yields)) for e in now.exits]
        self.reader.budget.learn(True)
        with self.reader.flow.silently(), self.reader.at(inside):
            body()
            again = [*jumps.again_states, *([self.reader.bindings.changes(mark)] if self.reader.flow.ends else [])]
        for one, (values, states, ends, yields) in zip(now.exits, saved, strict=True):
            del one.values[values:], one.states[states:], one.target.ends[ends:], one.yields[yields:]
        left = self.reader.budget.searched_up_to
        self.reader.budget.learn(False)
        # The first evaluation must leave enough budget for the second.
        self.reader.budget.keep(budget // 2)
        self.reader.bindings.rollback(mark)
        self._begin_again(again)
        return left

    def _begin_again(self, paths: list[Changes]) -> None:
        """The loop head joins the bindings before the loop and those at the end of each path through its body."""
        if paths:
            unchanged: Changes = {}
            self.reader.bindings.merge([unchanged, *paths], self.reader.flow.now)

    @staticmethod
    def _of_frame(changes: Changes, this: int | None, other: int | None) -> Changes:
        """The same changes for another activation of the current function."""
        return {(other if owner == this else owner, name): entry for (owner, name), entry in changes.items()}

    handlers: ClassVar[dict[type[ast.stmt], Callable[..., int | None]]] = {
        ast.For: _for,
        ast.AsyncFor: _for,
        ast.While: _while,
    }


def first_value(node: ast.For) -> tuple[str, str] | None:
    """The target that counts the passes of a loop, and its first value, as written: `("i", "0")` of `for i, x in
    enumerate(xs)`, `("epoch", "start")` of `for epoch in range(start, end)`. None if there is none, or if the body may
    bind one of the two anew."""
    over: ast.expr = node.iter
    while isinstance(over, ast.Call) and as_text(over.func).rpartition(".")[2] in PROGRESS and over.args:
        over = over.args[0]
    if not isinstance(over, ast.Call) or any(isinstance(one, ast.Starred) for one in over.args):
        return None
    target = node.target
    begins: ast.expr | None = ast.Constant(0)
    match as_text(over.func), over.args, over.keywords:
        case "enumerate", [_], []:
            pass
        case ("enumerate", [_, start], []) | ("enumerate", [_], [ast.keyword("start", start)]):
            begins = start
        case ("range", [_], []):
            pass
        case ("range", [start, _], []):
            begins = start
        case _:
            return None
    if over.func.id == "enumerate":  # type: ignore[attr-defined]
        if not isinstance(target, ast.Tuple) or len(target.elts) != 2:
            return None
        target = target.elts[0]
    if not isinstance(target, ast.Name) or not isinstance(begins, ast.Name | ast.Constant):
        return None
    counted = {target.id, begins.id} if isinstance(begins, ast.Name) else {target.id}
    bound = (one for statement in node.body for one in ast.walk(statement) if isinstance(one, ast.Name))
    if any(one.id in counted and not isinstance(one.ctx, ast.Load) for one in bound):
        return None
    return target.id, as_text(begins)


def _leaves_one_out(node: ast.For | ast.AsyncFor) -> bool:
    """Whether a loop over some names takes all others in each pass: `[one for one in names if one != held_out]`."""
    if not isinstance(node.target, ast.Name):
        return False
    over, held_out = as_text(node.iter), node.target.id
    for part in (one for one in nodes(*node.body) if isinstance(one, ast.comprehension)):
        taken = {name.id for name in nodes(part.target) if isinstance(name, ast.Name)}
        for test in part.ifs:
            match test:
                case ast.Compare(left=ast.Name(id=one), ops=[ast.NotEq()], comparators=[ast.Name(id=other)]):
                    if {one, other} - taken == {held_out} and as_text(part.iter) in (over, f"{over}.items()"):
                        return True
    return False

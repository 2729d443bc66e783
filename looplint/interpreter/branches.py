"""Branches: arms are evaluated from the same state and joined after them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from looplint.events import Context, Fact, Guard, Type
from looplint.interpreter.activation import entered
from looplint.interpreter.bindings import Changes
from looplint.interpreter.conditions import asks_for_graph, by_rank, is_periodic, resets_counter
from looplint.interpreter.part import Part
from looplint.interpreter.values import Class, Const, Either, Function, Symbol, Value, either, objects_in
from looplint.syntax.walk import as_text, last_name, nodes

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader

_IN_BOTH_ARMS = frozenset((Context.SOME_PARAMETERS, Context.BY_MODE))
"""Contexts of both arms of a condition."""


class Branches(Part):
    """Evaluates `if`, `match`, and everything else that branches."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._as_conditions: dict[ast.Match, list[ast.stmt] | None] = {}
        self.absent: set[str] = set()
        """Entries of dictionaries, as written, that are not there yet: `kept[key]` where `key not in kept`."""
        self.no_tensors: frozenset[tuple[int, str]] = frozenset()
        """Names, with the frame in which they are bound, that a condition says are no tensors."""

    def fork(self, arms: Sequence[tuple[Guard | None, Callable[[], None]]]) -> None:
        """Evaluate each arm from the same state, then join the results."""
        mark = self.reader.bindings.mark()
        paths: list[Changes] = []

        def reading(walk: Callable[[], None]) -> Callable[[], None]:
            def run() -> None:
                walk()
                if self.reader.flow.ends:
                    paths.append(self.reader.bindings.changes(mark))
                self.reader.bindings.rollback(mark)

            return run

        self.reader.flow.branch([(guard, reading(walk)) for guard, walk in arms])
        if paths:
            self.reader.bindings.merge(paths, self.reader.flow.now)

    def each(self, value: Value, do: Callable[[Value], Value]) -> Value:
        """Do it for each alternative; at once for objects that differ in nothing but their events."""
        if not isinstance(value, Either):
            return do(value)
        plain = [one for one in value.values if not isinstance(one, Const)]
        if len(plain) <= 1:
            return do(plain[0] if plain else value.values[0])
        results: list[Value] = []
        self.fork([(None, lambda one=one: results.append(do(one))) for one in plain])  # type: ignore[misc]
        return either(results) if results else Const(None)

    def _if(self, node: ast.If) -> int | None:
        """Evaluate a condition and its arms; returns the index of the branch, if there is one."""
        test = self.reader.evaluate(node.test)
        decided = self.decided(node.test, test)
        if decided is not None:
            argued = isinstance(test, Const) and test.argument
            with self.reader.within(*([Context.ARGUED] if argued else [])):
                self.reader.run(node.body if decided else node.orelse)
            return None
        self.reader.best_values.stop(node)
        yes, no = self.reader.conditions.guards(node.test)
        periodic = is_periodic(node.test) or resets_counter(node)
        periodic = periodic or any(Fact.PERIODIC in one.facts for one in objects_in(test))
        extra = [Context.PERIODIC] if periodic else [Context.GRAPH_ASKED_FOR] if asks_for_graph(node.test) else []
        if self._selects_parameters(node.test):
            extra.append(Context.SOME_PARAMETERS)
        if any(Fact.TRAINING_FLAG in one.facts for one in objects_in(test)):
            extra.append(Context.BY_MODE)
        here, there = ((one,) if one else () for one in by_rank(node.test))

        before, known = self.absent, self.no_tensors
        absent, present = (before | entries for entries in _absent_in_arms(node.test))

        def then() -> None:
            self.parts_known(node.test, True)
            self.absent = absent
            self.reader.best_values.better(node, node.body)
            with self.reader.within(*extra, *here):
                self.reader.run(node.body)

        def otherwise() -> None:
            self.no_tensors = known
            self.parts_known(node.test, False)
            self.absent = present
            self.reader.best_values.better(node, node.orelse)
            with self.reader.within(*(one for one in extra if one in _IN_BOTH_ARMS), *there):
                self.reader.run(node.orelse)

        self.fork([(yes, then), (no, otherwise)])
        self.absent, self.no_tensors = before, known
        if there and isinstance(node.body[-1], ast.Return) and not node.orelse:
            # The rest of the function is for the others.
            self.reader.now.contexts = entered(self.reader.now.contexts, there[0])
        return None if self.reader.flow.silent else len(self.reader.graph.branches) - 1

    def _selects_parameters(self, test: ast.expr) -> bool:
        """Whether a condition in a loop over parameters selects some of them, by name or shape. A selection by gradient
        or `requires_grad` does not count: it covers all parameters that matter."""
        over = [s for s in self.reader.flow.loops if s.over is not None and s.over.type is Type.PARAMETERS]
        if not over or any(isinstance(node, ast.Attribute) and "grad" in node.attr for node in nodes(test)):
            return False
        names = {node.id for node in nodes(test) if isinstance(node, ast.Name)}
        return any(not names.isdisjoint(re.findall(r"\w+", scope.target)) for scope in over)

    def parts_known(self, test: ast.expr, holds: bool) -> None:
        """Where `a and b` holds, both hold; where `a or b` does not, neither does."""
        self.reader.flow.require(self.reader.conditions.first_pass(test)[0 if holds else 1])
        self.reader.flow.require(self.reader.conditions.pass_of(test)[0 if holds else 1])
        if isinstance(test, ast.Call | ast.Compare):
            self._narrow(test, holds)
        elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            self.parts_known(test.operand, not holds)
        elif isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And if holds else ast.Or):
            for part in test.values:
                self.reader.flow.require(self.reader.conditions.guards(part)[0 if holds else 1])
                self.parts_known(part, holds)

    def _narrow(self, test: ast.Call | ast.Compare, holds: bool) -> None:
        """Where `isinstance(name, cls)` or `name.__name__ == "f"` holds, or does not, the name is none of the objects
        for which it is otherwise."""
        match test:
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), cls], keywords=[]):
                with self.reader.flow.silently():
                    asked = self.reader.evaluate(cls)
                self._leave(name, lambda one: self.reader.library.is_instance(one, asked) is not (not holds))
                if self.reader.library.rules_out_tensors(asked, holds):
                    self.no_tensors |= {(id(self.reader.names.bound_at(name)[0]), name)}
            case ast.Compare(
                left=ast.Attribute(value=ast.Name(id=name), attr="__name__"),
                ops=[ast.Eq()],
                comparators=[ast.Constant(value=str(wanted))],
            ):
                self._leave(name, lambda one: _name_of(one) is None or (_name_of(one) == wanted) is holds)

    def is_no_tensor(self, name: str) -> bool:
        """Whether a condition around this code says that the name is bound to something else than a tensor."""
        return (id(self.reader.names.bound_at(name)[0]), name) in self.no_tensors

    def _leave(self, name: str, may_be: Callable[[Value], bool]) -> None:
        """Leave of the values that a name may have those that it may still have."""
        frame, stamp = self.reader.names.bound_at(name)
        value = self.reader.bindings.get((id(frame), name))
        if stamp < 0 or not isinstance(value, Either):
            return
        left = [one for one in value.values if may_be(one)]
        if 0 < len(left) < len(value.values):
            # The same binding: conditions before and behind the test stay comparable.
            self.reader.bindings.set(frame, name, either(left), stamp)

    def decided(self, test: ast.expr, value: Value) -> bool | None:
        """The outcome of a condition that the code itself decides: a constant, or a literal argument of the call."""
        if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__":
            return isinstance(test.ops[0], ast.Eq)
        if isinstance(value, Const) and (value.argument or isinstance(test, ast.Constant)):
            return bool(value.value)
        return None

    def _match(self, node: ast.Match) -> None:
        if node not in self._as_conditions:
            self._as_conditions[node] = _as_conditions(node)
        chain = self._as_conditions[node]
        if chain is not None:
            self.reader.run(chain)
            return
        self.reader.evaluate(node.subject)

        def case(one: ast.match_case) -> Callable[[], None]:
            def walk() -> None:
                for name in (
                    n.name for n in ast.walk(one.pattern) if isinstance(n, ast.MatchAs | ast.MatchStar) and n.name
                ):
                    self.reader.names.bind(name, self.reader.objects.external(one, name), one.pattern)
                if one.guard is not None:
                    self.reader.evaluate(one.guard)
                self.reader.run(one.body)

            return walk

        arms: list[tuple[Guard | None, Callable[[], None]]] = [(None, case(one)) for one in node.cases]
        last = node.cases[-1]
        if not (isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and last.guard is None):
            arms.append((None, lambda: None))
        self.fork(arms)

    handlers: ClassVar[dict[type[ast.stmt], Callable[..., int | None]]] = {ast.If: _if, ast.Match: _match}


def _absent_in_arms(test: ast.expr) -> tuple[set[str], set[str]]:
    """The entry that is not there yet where a condition holds, and where it does not."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            there, absent = _absent_in_arms(operand)
            return absent, there
        case ast.Compare(left=key, ops=[ast.NotIn() | ast.In() as operator], comparators=[whole]):
            if isinstance(whole, ast.Call) and not whole.args and last_name(whole.func) == "keys":
                whole = whole.func.value if isinstance(whole.func, ast.Attribute) else whole
            entry = {f"{as_text(whole)}[{as_text(key)}]"}
            return (entry, set()) if isinstance(operator, ast.NotIn) else (set(), entry)
    return set(), set()


def _as_conditions(node: ast.Match) -> list[ast.stmt] | None:
    """The equivalent `if`, `elif`, `else` of a `match` that compares a name or an attribute with plain values only."""
    if not isinstance(node.subject, ast.Name | ast.Attribute):
        return None
    chain: list[ast.stmt] = []
    for case in reversed(node.cases):
        tests = _compared_with(node.subject, case.pattern)
        if tests is None or case.guard is not None:
            return None
        if not tests:
            chain = case.body
            continue
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), tests)
        chain = [ast.copy_location(ast.If(test, case.body, chain), case.body[0])]
    for part in chain:
        ast.fix_missing_locations(part)
    return chain


def _compared_with(subject: ast.expr, pattern: ast.pattern) -> list[ast.expr] | None:
    """The comparisons of which one must hold; empty for `_`, None for patterns that do more than compare."""
    match pattern:
        case ast.MatchValue(value):
            return [ast.copy_location(ast.Compare(subject, [ast.Eq()], [value]), value)]
        case ast.MatchSingleton(value):
            return [ast.copy_location(ast.Compare(subject, [ast.Is()], [ast.Constant(value)]), pattern)]
        case ast.MatchOr(patterns):
            parts = [_compared_with(subject, part) for part in patterns]
            return [test for part in parts for test in part or ()] if all(parts) else None
        case ast.MatchAs(None, None):
            return []
    return None


def _name_of(value: Value) -> str | None:
    """The `__name__` of a function or class, if known."""
    if isinstance(value, Symbol):
        return value.dotted.rpartition(".")[2]
    return getattr(value.node, "name", None) if isinstance(value, Function | Class) else None

"""Best values and patience counters: where they are reset, compared, and incremented."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence

from looplint.events import AbstractObject, How, Kind
from looplint.interpreter.part import Part
from looplint.interpreter.values import objects_in
from looplint.knowledge.name_hints import BEST_VALUE, PATIENCE_COUNTER
from looplint.knowledge.python_names import INFINITE
from looplint.syntax.walk import as_text, last_name, nodes

_ORDER = (ast.Lt, ast.Gt, ast.LtE, ast.GtE)
_LEAVES = (ast.Break, ast.Return, ast.Raise)


class BestValues(Part):
    """Evaluates `if value < best: best = value`, and the counters beside it."""

    @property
    def _recorded(self) -> bool:
        """Whether events are recorded here: only loops compare one value with the next."""
        return bool(self.reader.flow.loops) and not self.reader.flow.silent

    def better(self, node: ast.If, arm: Sequence[ast.stmt]) -> None:
        """An arm of a comparison is entered: the one in which the better value replaces the best one."""
        compared = {as_text(side) for side in _compared(node.test)} if self._recorded else ()
        for statement in arm if compared else ():
            # `if angle > LIMIT: angle = LIMIT` and `if fuel < 0: fuel = 0`: a limit clamps a value.
            if not isinstance(statement, ast.Assign) or self._is_limit(statement.value):
                continue
            for target in statement.targets:
                # `best, epoch = value, i`
                for one in target.elts if isinstance(target, ast.Tuple) else (target,):
                    if as_text(one) in compared:
                        self._emit(one, How.BETTER)

    def _is_limit(self, value: ast.expr) -> bool:
        """A constant, or a name that a function reads but that neither it nor one around it binds."""
        if _is_constant(value):
            return True
        inner = value.operand if isinstance(value, ast.UnaryOp) else value
        frame = self.reader.now.frame
        if frame.function is None or not isinstance(inner, ast.Name) or inner.id in frame.globals:
            return False
        home = self.reader.names.bound_at(inner.id)[0]
        return home is None or home.function is None

    def begin(self, target: ast.expr, value: ast.expr) -> None:
        """A name or an attribute is bound: a best value to a constant, a counter to anything."""
        if not self._recorded:
            return
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for one, other in zip(target.elts, value.elts, strict=True):
                self.begin(one, other)
        if isinstance(target, ast.Name | ast.Attribute) and _is_best_value(last_name(target)):
            for key, one in _entries(value):
                if _is_constant(one):
                    self._emit(ast.Subscript(target, key, ast.Store()), How.BEGINS, at=target)
        name = last_name(target)
        adds = isinstance(value, ast.BinOp) and self.reader.accumulation.adds_to_itself(value, target)
        if _is_counter(name) and adds:
            self._emit(target, How.COUNTS)
        elif _is_counter(name) or (_is_best_value(name) and _is_constant(value)):
            self._emit(target, How.BEGINS)

    def count(self, target: ast.expr) -> None:
        """A counter is incremented."""
        if self._recorded and _is_counter(last_name(target)):
            self._emit(target, How.COUNTS)

    def stop(self, node: ast.If) -> None:
        """A condition on a counter that ends a loop or a function, or sets a flag that may do so."""
        if not self._recorded:
            return
        counters = [side for side in _compared(node.test, (*_ORDER, ast.Eq)) if _is_counter(last_name(side))]
        if counters and any(isinstance(inner, _LEAVES) or _sets_flag(inner) for inner in nodes(*node.body)):
            for side in counters:
                self._emit(side, How.STOPS)

    def stop_by(self, value: ast.expr | None) -> None:
        """Whether a counter has reached its limit is returned, kept as a flag, or asked at the head of a loop."""
        sides = _compared(value, (*_ORDER, ast.Eq)) if value is not None else ()
        for side in sides:
            if _is_counter(last_name(side)):
                # A function that says so is evaluated at each call, though it changes nothing.
                self.reader.record.effects += 1
                if self._recorded:
                    self._emit(side, How.STOPS)

    def _emit(self, target: ast.expr, how: How, at: ast.expr | None = None) -> None:
        record = self._record(target)
        if record is not None:
            self.reader.emit(Kind.RECORD, (record,), at or target, how=how, written=as_text(target))

    def _record(self, target: ast.expr) -> AbstractObject | None:
        """The variable itself, whatever its value: one object per name of a frame, attribute of an object, or entry of
        such a dictionary."""
        if isinstance(target, ast.Subscript):
            whole = self._record(target.value)
            key = as_text(target.slice)
            return whole and self.reader.objects.external(whole, as_text(target), f"record {key}")
        if isinstance(target, ast.Name):
            return self.reader.objects.external(self.reader.names.home(target.id), target.id, f"record {target.id}")
        if not isinstance(target, ast.Attribute):
            return None
        with self.reader.flow.silently():
            owner = next(objects_in(self.reader.evaluate(target.value)), None)
        return owner and self.reader.objects.external(owner, as_text(target), f"record {target.attr}")


@functools.lru_cache(maxsize=8192)
def _is_best_value(name: str) -> bool:
    return BEST_VALUE.search(name) is not None


@functools.lru_cache(maxsize=8192)
def _is_counter(name: str) -> bool:
    return PATIENCE_COUNTER.search(name) is not None


def _compared(test: ast.expr, operators: tuple[type[ast.cmpop], ...] = _ORDER) -> Iterator[ast.expr]:
    """The names and attributes that a condition compares, also with a margin: `value < best - delta`."""
    for part in test.values if isinstance(test, ast.BoolOp) else (test,):
        if isinstance(part, ast.Compare) and len(part.ops) == 1 and isinstance(part.ops[0], operators):
            for side in (part.left, part.comparators[0]):
                inner = side.left if isinstance(side, ast.BinOp) else side
                inner = inner.target if isinstance(inner, ast.NamedExpr) else inner
                if isinstance(inner, ast.Name | ast.Attribute) or _is_entry(inner):
                    yield inner


def _is_entry(node: ast.expr) -> bool:
    """`best["loss"]`."""
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and isinstance(node.slice, ast.Constant)
        and _is_best_value(last_name(node.value))
    )


def _entries(value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The keys and values of a dictionary that is written out."""
    if isinstance(value, ast.Dict):
        yield from ((key, one) for key, one in zip(value.keys, value.values, strict=True) if key is not None)
    elif isinstance(value, ast.Call) and last_name(value.func) == "dict" and not value.args:
        yield from ((ast.Constant(one.arg), one.value) for one in value.keywords if one.arg is not None)


def _is_constant(value: ast.expr) -> bool:
    """`0.0`, `-1`, `float("inf")`, `math.inf`, `None`."""
    if isinstance(value, ast.UnaryOp):
        value = value.operand
    if isinstance(value, ast.Call) and last_name(value.func) == "float":
        return all(isinstance(argument, ast.Constant) for argument in value.args)
    return isinstance(value, ast.Constant) or last_name(value) in INFINITE


def _sets_flag(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value is True

"""Conditions: the guards on the edges behind a test, so that correlated conditions take the same branch."""

from __future__ import annotations

import ast
import copy

from looplint.events import Guard
from looplint.interpreter.part import Part
from looplint.interpreter.values import Collection, Const, Stamp
from looplint.syntax.walk import as_text, nodes

_OPPOSITE = {ast.NotEq: ast.Eq, ast.IsNot: ast.Is, ast.NotIn: ast.In, ast.GtE: ast.Lt, ast.Gt: ast.LtE}


class Conditions(Part):
    """Computes the guards of a condition."""

    def guards(self, test: ast.expr) -> tuple[Guard | None, Guard | None]:
        """The guards on the edges where the test holds, and where it does not. None if there is no guard: the test
        calls something, whose result may differ next time."""
        if self.reader.flow.silent:
            return None, None
        last = self._last_pass(test)
        if last is not None:
            return last
        holds = True
        while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            test, holds = test.operand, not holds
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _OPPOSITE:
            test = ast.Compare(test.left, [_OPPOSITE[type(test.ops[0])]()], test.comparators)
            holds = not holds
        stamps: list[Stamp] = []
        first: dict[str, str] = {}
        for node in nodes(test):
            if isinstance(
                node, ast.Call | ast.Await | ast.NamedExpr | ast.Yield | ast.Lambda | ast.ListComp | ast.GeneratorExp
            ):
                return None, None
            found = self.reader.names.named_first(node)
            if found is not None:
                stamps.extend(found[1])
                if isinstance(node, ast.Name):
                    first[node.id] = found[0]
        if any(own != text for own, text in first.items()):
            test = copy.deepcopy(test)
            # A set: the subject of a `match` is one node in the comparisons of all its cases.
            for name in {node for node in nodes(test) if isinstance(node, ast.Name)}:
                name.id = first[name.id]
        condition = f"{as_text(test)} {sorted(set(stamps))}"
        since = max((stamp for _, stamp in stamps), default=-1)
        return Guard(condition, holds, since), Guard(condition, not holds, since)

    def _last_pass(self, test: ast.expr) -> tuple[Guard | None, Guard | None] | None:
        """The guards of `i == len(loader) - 1`: the loop over `i` has no iteration after one in which it holds."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self._last_pass(test.operand)
            return inner and inner[::-1]
        if isinstance(test, ast.BoolOp):
            parts = [found for value in test.values if (found := self._last_pass(value))]
            side = 0 if isinstance(test.op, ast.And) else 1
            known = next((found[side] for found in parts if found[side]), None)
            return ((known, None), (None, known))[side] if known else None
        if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq | ast.NotEq) or len(test.ops) > 1:
            return None
        sides = [side.left if isinstance(side, ast.BinOp) else side for side in (test.left, *test.comparators)]
        length = any(isinstance(s, ast.Call) and isinstance(s.func, ast.Name) and s.func.id == "len" for s in sides)
        counter = next((side.id for side in sides if isinstance(side, ast.Name)), "")
        counted = next(
            (
                scope
                for scope in reversed(self.reader.flow.loops)
                if self.reader.flow.counts(scope, counter, self.reader.now.frame.name)
            ),
            None,
        )
        if not length or counted is None:
            return None
        yes, no = self.reader.flow.last_pass(counted)
        return (yes, no) if isinstance(test.ops[0], ast.Eq) else (no, yes)

    def pass_of(self, test: ast.expr) -> tuple[Guard | None, Guard | None]:
        """The guards of `phase == "val"` in a loop over `("train", "val")`: whether the iteration in which it holds, or
        does not, is the last."""
        if (
            self.reader.flow.silent
            or not isinstance(test, ast.Compare)
            or len(test.ops) > 1
            or not isinstance(test.ops[0], ast.Eq | ast.NotEq)
        ):
            return None, None
        name, constant = test.left, test.comparators[0]
        if not isinstance(name, ast.Name) or not isinstance(constant, ast.Constant):
            return None, None
        counted = next(
            (
                scope
                for scope in reversed(self.reader.flow.loops)
                if self.reader.flow.counts(scope, name.id, self.reader.now.frame.name)
            ),
            None,
        )
        over = counted.over if counted is not None and counted.target == name.id else None
        values = (
            list(over.items.values()) if isinstance(over, Collection) and not over.more and not over.mapping else []
        )
        written = [value.value for value in values if isinstance(value, Const)]
        if counted is None or len(written) < len(values) or written.count(constant.value) != 1:
            return None, None
        last, another = self.reader.flow.last_pass(counted)
        others = last if len(written) == 2 else None
        holds, fails = (last, another) if constant.value == written[-1] else (another, others)
        return (holds, fails) if isinstance(test.ops[0], ast.Eq) else (fails, holds)


def is_periodic(test: ast.expr) -> bool:
    """Whether a condition holds only in every k-th iteration: the modulo of a counter compared with a number, or a
    framework's flag for it."""
    for node in nodes(test):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and not isinstance(node.left, ast.Constant):
            if not (isinstance(node.right, ast.Constant) and node.right.value == 1):
                return True
        elif isinstance(node, ast.Attribute) and node.attr in ("sync_gradients", "is_gradient_accumulation_boundary"):
            return True
    return False


def resets_counter(node: ast.If) -> bool:
    """Whether a manual counter has reached a number and is reset: `if waiting == 4: ...; waiting = 0`."""
    test = node.test
    if not isinstance(test, ast.Compare) or not isinstance(test.left, ast.Name) or len(test.ops) > 1:
        return False
    zeros = [s.targets for s in node.body if isinstance(s, ast.Assign) and _is_zero(s.value)]
    names = [target.id for targets in zeros for target in targets if isinstance(target, ast.Name)]
    return isinstance(test.ops[0], ast.Eq | ast.GtE | ast.Gt) and test.left.id in names


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0 and node.value is not False


def asks_for_graph(test: ast.expr) -> bool:
    """Whether a condition tests for a graph to back-propagate through, or for gradient recording."""
    attributes = ("requires_grad", "grad_fn", "is_grad_enabled")
    return any(isinstance(node, ast.Attribute) and node.attr in attributes for node in nodes(test))

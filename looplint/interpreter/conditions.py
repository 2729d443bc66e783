"""Conditions: the guards on the edges behind a test, so that correlated conditions take the same branch."""

from __future__ import annotations

import ast
import copy
from weakref import WeakKeyDictionary

from looplint.events import Context, Guard, LoopScope
from looplint.interpreter.part import Part
from looplint.interpreter.values import Collection, Const, Stamp
from looplint.knowledge.members import ASKS_FOR_GRAPH, ENDS_ACCUMULATION
from looplint.knowledge.ranks import DISTRIBUTED, FIRST_PROCESS, RANK
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
        asked, holds = test, True
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
        spelled = _SPELLED.setdefault(asked, {})
        key = tuple(first.items())
        if key not in spelled:
            spelled[key] = _renamed(test, first)
        condition = f"{spelled[key]} {sorted(set(stamps))}"
        since = max((stamp for _, stamp in stamps), default=-1)
        return Guard(condition, holds, since), Guard(condition, not holds, since)

    def _last_pass(self, test: ast.expr) -> tuple[Guard | None, Guard | None] | None:
        """The guards of `i == len(loader) - 1`, or of `i == n - 1` in a loop over `range(n)`: the loop over `i` has no
        iteration after one in which it holds."""
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
        if counted is None or not (length or any(_ends(counted, one) for one in (test.left, *test.comparators))):
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

    def first_pass(self, test: ast.expr) -> tuple[Guard | None, Guard | None]:
        """The guards of `epoch == 0` in a loop over `range(n)`: whether it is the first pass of the loop."""
        name = test.left if isinstance(test, ast.Compare) and len(test.ops) == 1 else test
        if self.reader.flow.silent or not isinstance(name, ast.Name):
            return None, None
        value = as_text(test.comparators[0]) if isinstance(test, ast.Compare) else "0"
        function = self.reader.now.frame.name
        found = (scope for scope in reversed(self.reader.flow.loops) if scope.function == function)
        scope = next((scope for scope in found if scope.first == (name.id, value)), None)
        if scope is None:
            return None, None
        yes, no = (Guard(scope.first_pass, holds, scope.head) for holds in (True, False))
        match test:
            case ast.Compare(ops=[ast.Eq() | ast.LtE()]):
                return yes, no
            case ast.Compare(ops=[ast.NotEq() | ast.Gt()]) | ast.Name():
                return no, yes
        return None, None


def _ends(counted: LoopScope, bound: ast.expr) -> bool:
    """Whether `n - 1` is the last number of a loop over `range(n)`."""
    over = counted.over
    if over is None or over.place is None or over.constructor != "builtins.range":
        return False
    match bound:
        case ast.BinOp(left=stop, op=ast.Sub(), right=ast.Constant(value=1)):
            return over.place.text in (f"range({as_text(stop)})", f"range(0, {as_text(stop)})")
    return False


def _renamed(test: ast.expr, names: dict[str, str]) -> str:
    """A condition as code, with other names in it."""
    if any(own != text for own, text in names.items()):
        test = copy.deepcopy(test)
        # A set: the subject of a `match` is one node in the comparisons of all its cases.
        for name in {node for node in nodes(test) if isinstance(node, ast.Name)}:
            name.id = names[name.id]
    return as_text(test)


_SPELLED: WeakKeyDictionary[ast.expr, dict[tuple[tuple[str, str], ...], str]] = WeakKeyDictionary()
"""Conditions without `not`, by the names that stand for theirs."""


def is_periodic(test: ast.expr) -> bool:
    """Whether a condition holds only in every k-th iteration: the modulo of a counter compared with a number, or a
    framework's flag for it."""
    for node in nodes(test):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and not isinstance(node.left, ast.Constant):
            if not (isinstance(node.right, ast.Constant) and node.right.value == 1):
                return True
        elif isinstance(node, ast.Attribute) and node.attr in ENDS_ACCUMULATION:
            return True
    return False


def by_rank(test: ast.expr) -> tuple[Context | None, Context | None]:
    """Of processes that train together, which one gets to where a condition holds, and to where it does not: `rank ==
    0`, `not is_main_process()`, `args.local_rank in [-1, 0]`. None where that may be all of them."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        if RANK.search(_name_of(test.operand)):
            return Context.ONE_RANK, Context.OTHER_RANKS
        holds, fails = by_rank(test.operand)
        return fails, holds
    if isinstance(test, ast.BoolOp):
        parts = [by_rank(value) for value in test.values]
        side = 0 if isinstance(test.op, ast.And) else 1
        known = next((part[side] for part in parts if part[side]), None)
        # `not distributed or rank == 0`: where there are several processes, the second part says which.
        if side and known is Context.OTHER_RANKS and any(map(_asks_whether_distributed, test.values)):
            return Context.ONE_RANK, known
        return (known, None) if side == 0 else (None, known)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and _is_rank(test.left):
        numbers = _numbers(test.comparators[0])
        first = (Context.ONE_RANK, Context.OTHER_RANKS)
        match test.ops[0]:
            case ast.Eq() | ast.LtE() | ast.In() if numbers in ({0}, {-1, 0}):
                return first
            case ast.NotEq() | ast.Gt() | ast.NotIn() if numbers in ({0}, {-1, 0}):
                return first[::-1]
    return (Context.ONE_RANK, Context.OTHER_RANKS) if FIRST_PROCESS.search(_name_of(test)) else (None, None)


def _is_rank(node: ast.expr) -> bool:
    """`rank`, or `rank % gpus_per_node`: the number of a process on its machine."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and not isinstance(node.right, ast.Constant):
        node = node.left
    return RANK.search(_name_of(node)) is not None


def _asks_whether_distributed(test: ast.expr) -> bool:
    words = [
        n.attr if isinstance(n, ast.Attribute) else n.id for n in nodes(test) if isinstance(n, ast.Attribute | ast.Name)
    ]
    numbers = [
        n for n in nodes(test) if isinstance(n, ast.Compare) and _is_rank(n.left) and -1 in _numbers(n.comparators[0])
    ]
    return bool(numbers) or any(map(DISTRIBUTED.search, words))


def _numbers(node: ast.expr) -> set[object]:
    """The numbers that are written out: of `[-1, 0]` both."""
    parts = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]
    negative = [p for p in parts if isinstance(p, ast.UnaryOp) and isinstance(p.op, ast.USub)]
    found: set[object] = {p.value for p in parts if isinstance(p, ast.Constant)}
    return found | {-p.operand.value for p in negative if isinstance(p.operand, ast.Constant)}  # type: ignore[operator]


def _name_of(node: ast.expr) -> str:
    """The last name of what is read or called: `rank` of `self.rank`, `get_rank` of `dist.get_rank()`."""
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


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
    return any(isinstance(node, ast.Attribute) and node.attr in ASKS_FOR_GRAPH for node in nodes(test))

"""Statements: in which order things happen, and what names stand for afterwards."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from looplint.events import EVERYTHING, AbstractObject, Guard, Kind, Type
from looplint.interpreter.assignments import Assignments
from looplint.interpreter.bindings import Changes
from looplint.interpreter.conditions import asks_for_graph, begins_to_count_anew, guards_of, is_periodic, pass_of
from looplint.interpreter.names import _decorator
from looplint.interpreter.reader import Jumps, entered
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Function,
    Instance,
    Value,
    alternatives,
    objects_in,
)
from looplint.knowledge.name_hints import hint, is_validation
from looplint.knowledge.torch import (
    ACT_WHEN_MADE,
    CONTEXT_METHODS,
    CONTEXTS,
    MOVES,
    RECORDING,
    TENSOR_MAKERS,
)
from looplint.syntax.walk import as_text

MAY_BE_MEANT_AS_CALL = frozenset(("step", "zero_grad", "backward", "eval", "train", "update"))


class Statements(Assignments):
    """Reads statements."""

    def block(self, statements: Sequence[ast.stmt]) -> None:
        left: list[int] = []
        for statement in statements:
            if not self.flow.ends:
                break
            self.statement = statement
            handler = _HANDLERS.get(type(statement))
            if handler is not None:
                branch = handler(self, statement)
                if branch is not None and _leaves_early(statement):
                    left.append(branch)
        for branch in left:
            self.flow.extend(branch)

    # Simple statements

    def _expression(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Attribute):
            receiver = self.evaluate(value.value)
            if value.attr in MAY_BE_MEANT_AS_CALL:
                found = [t for t in objects_in(receiver) if self._trains(t, value.attr)]
                self.emit(Kind.REFERENCE, found, value, how=value.attr, written=as_text(value.value))
            return
        if isinstance(value, ast.Constant) and value.value is Ellipsis:
            # What an excerpt leaves out may do anything.
            self.emit(Kind.ESCAPE, (EVERYTHING,), value, how="left out")
            return
        result = self.evaluate(value)
        if isinstance(value, ast.Call):
            self._switch_gradients(value, result)
            name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
            found = [t for t in objects_in(result) if "context" in t.facts and t.constructor not in ACT_WHEN_MADE]
            self.emit(Kind.DISCARD, found, value, how=name, written=as_text(value.func))
            self._moved(value, result)

    def _moved(self, node: ast.Call, result: Value) -> None:
        """`inputs.to(device)` as a statement: of a tensor it makes another one, which is dropped."""
        if not (isinstance(node.func, ast.Attribute) and node.func.attr in MOVES):
            return
        receiver = node.func.value
        if not isinstance(receiver, ast.Name | ast.Attribute | ast.Subscript):
            return
        found = list(objects_in(result))
        known = [is_tensor(t) for t in found]
        if found and all(sure or _unpacked(t) for sure, t in zip(known, found, strict=True)):
            options: dict[str, object] = {"tensor": all(known), "read again": self._read_after(receiver, node)}
            written = as_text(receiver)
            self.emit(Kind.DISCARD, found, node, how=node.func.attr, written=written, options=options)

    def _switch_gradients(self, node: ast.Call, result: Value) -> None:
        """`torch.set_grad_enabled(False)` as a statement acts on all that follows."""
        if not any(t.constructor == "torch.set_grad_enabled" for t in objects_in(result)):
            return
        self.contexts = entered(self.contexts, self._recording(node))

    def _recording(self, node: ast.Call) -> str:
        """The context that `torch.set_grad_enabled(flag)` stands for: with a flag that is known, one of the other
        two."""
        for flag in node.args[:1]:
            with self.silently():
                decided = self._decided(flag, self.evaluate(flag))
            if decided is not None:
                return "enable_grad" if decided else "no_grad"
        return "set_grad_enabled"

    def _trains(self, thing: AbstractObject, method: str) -> bool:
        match method:
            case "step" | "zero_grad":
                return self.is_like(thing, Type.OPTIMIZER, Type.MODULE, Type.SCHEDULER, Type.ENGINE)
            case "backward":
                return self.is_like(thing, Type.TENSOR) or "graded" in thing.facts
            case "eval" | "train":
                return self.is_like(thing, Type.MODULE, Type.ENGINE)
        return self.is_like(thing, Type.SCALER)

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        function = Function(node, self.frame)
        self.defined.append(function)
        self.state.set(self.frame, node.name, function, self.flow.now)

    def _define_class(self, node: ast.ClassDef) -> None:
        self.state.set(self.frame, node.name, Class(node, self.frame), self.flow.now)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            value = self.imported(node, bound)
            if value is not None:
                self.state.set(self.frame, bound, value, self.flow.now)

    def _global(self, node: ast.Global) -> None:
        self.frame.globals |= set(node.names)

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        self.frame.nonlocals |= set(node.names)

    def _assert(self, node: ast.Assert) -> None:
        self.evaluate(node.test)

    # Jumps

    def _return(self, node: ast.Return) -> None:
        value = self.evaluate(node.value) if node.value is not None else Const(None)
        if self.exits:
            exits = self.exits[-1]
            exits.values.append(value)
            exits.states.append(self.state.changes(exits.mark))
            self.flow.jump(exits.target)
        else:
            self.flow.ends = []

    def _raise(self, node: ast.Raise) -> None:
        self.effects += 1
        if node.exc is not None:
            self.evaluate(node.exc)
        self.flow.ends = []

    def _break(self, node: ast.Break) -> None:
        if self.jumps:
            self.jumps[-1].leave_states.append(self.state.changes(self.jumps[-1].mark))
            self.flow.jump(self.jumps[-1].leave)

    def _continue(self, node: ast.Continue) -> None:
        if self.jumps:
            self.jumps[-1].again_states.append(self.state.changes(self.jumps[-1].mark))
            self.flow.jump(self.jumps[-1].again)

    # Branches

    def part_ways(self, arms: Sequence[tuple[Guard | None, Callable[[], None]]]) -> None:
        """Read each arm from the same state, then go on with what any of them leads to."""
        mark = self.state.mark()
        ways: list[Changes] = []

        def reading(walk: Callable[[], None]) -> Callable[[], None]:
            def run() -> None:
                walk()
                if self.flow.ends:
                    ways.append(self.state.changes(mark))
                self.state.rollback(mark)

            return run

        self.flow.branch([(guard, reading(walk)) for guard, walk in arms])
        if ways:
            self.state.merge(ways, self.flow.now)

    def _if(self, node: ast.If) -> int | None:
        """Read a condition and its arms; the index of the branch, where it is one."""
        test = self.evaluate(node.test)
        decided = self._decided(node.test, test)
        if decided is not None:
            self.block(node.body if decided else node.orelse)
            return None
        yes, no = guards_of(self, node.test)
        periodic = is_periodic(node.test) or begins_to_count_anew(node)
        extra = ["periodic"] if periodic else ["graph asked for"] if asks_for_graph(node.test) else []

        def then() -> None:
            self._parts_known(node.test, True)
            with self.within(*extra):
                self.block(node.body)

        def otherwise() -> None:
            self._parts_known(node.test, False)
            self.block(node.orelse)

        self.part_ways([(yes, then), (no, otherwise)])
        return None if self.flow.silent else len(self.loop.branches) - 1

    def _parts_known(self, test: ast.expr, holds: bool) -> None:
        """Of `a and b` both hold where it holds, of `a or b` neither holds where it does not."""
        self.flow.require(pass_of(self, test)[0 if holds else 1])
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            self._parts_known(test.operand, not holds)
        elif isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And if holds else ast.Or):
            for part in test.values:
                self.flow.require(guards_of(self, part)[0 if holds else 1])
                self._parts_known(part, holds)

    def _decided(self, test: ast.expr, value: Value) -> bool | None:
        """Which way a condition goes, where the code itself says so: a constant, an argument written out in the
        call."""
        if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__":
            return isinstance(test.ops[0], ast.Eq)
        if isinstance(value, Const) and (value.argument or isinstance(test, ast.Constant)):
            return bool(value.value)
        return None

    def _match(self, node: ast.Match) -> None:
        if node not in self._conditions:
            self._conditions[node] = _as_conditions(node)
        chain = self._conditions[node]
        if chain is not None:
            self.block(chain)
            return
        self.evaluate(node.subject)

        def case(one: ast.match_case) -> Callable[[], None]:
            def walk() -> None:
                for name in (
                    n.name for n in ast.walk(one.pattern) if isinstance(n, ast.MatchAs | ast.MatchStar) and n.name
                ):
                    self.bind(name, self.given(one, name), one.pattern)
                if one.guard is not None:
                    self.evaluate(one.guard)
                self.block(one.body)

            return walk

        arms: list[tuple[Guard | None, Callable[[], None]]] = [(None, case(one)) for one in node.cases]
        last = node.cases[-1]
        if not (isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and last.guard is None):
            arms.append((None, lambda: None))
        self.part_ways(arms)

    _conditions: dict[ast.Match, list[ast.stmt] | None]
    """What `match` statements come to that only compare."""

    def _try(self, node: ast.Try) -> None:
        def body() -> None:
            self.block(node.body)
            self.block(node.orelse)

        def handle(handler: ast.ExceptHandler) -> Callable[[], None]:
            def walk() -> None:
                if handler.name:
                    self.bind(handler.name, self.make(handler, Type.OTHER, role="error"), handler)
                self.block(handler.body)

            return walk

        def guarded() -> None:
            if node.handlers:
                self.part_ways([(None, body), *((None, handle(handler)) for handler in node.handlers)])
            else:
                body()

        if node.finalbody:
            self._on_every_way_out(guarded, lambda: self.block(node.finalbody))
        else:
            guarded()

    def _on_every_way_out(self, body: Callable[[], None], last: Callable[[], None]) -> None:
        """Read `body`, and `last` behind it wherever it is left: at its end, by `return`, `break` or `continue`."""
        targets = [exits.target for exits in self.exits[-1:]]
        targets += [target for jumps in self.jumps[-1:] for target in (jumps.leave, jumps.again)]
        before = [target.ends for target in targets]
        for target in targets:
            target.ends = []
        body()
        statement, end = self.statement, self.flow.ends
        left = [target.ends for target in targets]
        for target, earlier in zip(targets, before, strict=True):
            target.ends = earlier
        for target, ends in zip(targets, left, strict=True):
            if ends:
                mark = self.state.mark()
                self.flow.ends = ends
                last()
                self.flow.jump(target)
                self.state.rollback(mark)
        self.statement, self.flow.ends = statement, end
        if end:
            last()

    # Contexts

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        self._enter(node, 0)

    def _enter(self, node: ast.With | ast.AsyncWith, index: int) -> None:
        if index == len(node.items):
            self.block(node.body)
            return
        item = node.items[index]
        expression = item.context_expr

        def inside() -> None:
            self._enter(node, index + 1)

        manager = self._generator_manager(expression)
        if manager is not None:
            self._through_generator(manager, expression, item.optional_vars, inside)
            return
        value = self.evaluate(expression)
        names = self._context_names(expression, value)
        entered: Value = value
        instance = next((t for t in objects_in(value) if isinstance(t, Instance) and t.cls is not None), None)
        if instance is not None and instance.cls is not None:
            found = self.find_method(instance.cls, "__enter__")
            if found is not None:
                entered = self.call_function(Function(found[0], found[1].frame, instance, found[1]), [], {}, expression)
        if item.optional_vars is not None:
            if "scale_loss" in names and isinstance(expression, ast.Call) and expression.args:
                entered = self.evaluate(expression.args[0])
            self.assign(item.optional_vars, entered)

        def within() -> None:
            with self.within(*names):
                inside()

        found = (
            self.find_method(instance.cls, "__exit__") if instance is not None and instance.cls is not None else None
        )
        if found is None:
            within()
            return
        leave = Function(found[0], found[1].frame, instance, found[1])
        error: list[Value] = [Const(None)] * 3

        def exit_() -> None:
            self.call_function(leave, error, {}, expression)

        self._on_every_way_out(within, exit_)

    def _context_names(self, expression: ast.expr, value: Value) -> list[str]:
        """The contexts that a `with` item puts around its body. Where it depends on a condition whether gradients are
        recorded, it is as with `set_grad_enabled`."""
        choices = [self._contexts_of(expression, one) for one in alternatives(value)]
        switches = [frozenset(names) & RECORDING for names in choices]
        names = dict.fromkeys(name for found in choices for name in found)
        if len(set(switches)) > 1:
            return [*(name for name in names if name not in RECORDING), "set_grad_enabled"]
        return list(names)

    def _contexts_of(self, expression: ast.expr, value: Value) -> list[str]:
        names = []
        for one in objects_in(value):
            name = CONTEXTS.get(one.constructor)
            if name == "set_grad_enabled" and isinstance(expression, ast.Call):
                name = self._recording(expression)
            if name is not None:
                names.append(name)
        for part in (expression.body, expression.orelse) if isinstance(expression, ast.IfExp) else (expression,):
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
                if part.func.attr in CONTEXT_METHODS:
                    names.append(CONTEXT_METHODS[part.func.attr])
                elif part is expression and part.func.attr in ("no_grad", "inference_mode", "autocast") and not names:
                    names.append(part.func.attr)
        return names

    def _generator_manager(self, expression: ast.expr) -> Function | None:
        """The `@contextmanager` function that a `with` item calls, if it is seen."""
        if not isinstance(expression, ast.Call):
            return None
        with self.silently():
            callee = self.evaluate(expression.func)
        if isinstance(callee, Function) and any(
            _decorator(d).rpartition(".")[2] in ("contextmanager", "asynccontextmanager")
            for d in getattr(callee.node, "decorator_list", ())
        ):
            return callee
        return None

    def _through_generator(
        self, manager: Function, expression: ast.expr, target: ast.expr | None, inside: Callable[[], None]
    ) -> None:
        assert isinstance(expression, ast.Call)
        given = self._arguments(expression)
        outside = self.frame, self.module, self.exits, self.jumps, self.calls, self.statement, self.chain
        own_contexts, own_sites = self.contexts, self.sites

        def at_yield() -> None:
            saved = self.frame, self.module, self.exits, self.jumps, self.calls, self.statement, self.chain
            self.frame, self.module, self.exits, self.jumps, self.calls, self.statement, self.chain = outside
            waiting, self._at_yield = self._at_yield, None
            extra = self.contexts - own_contexts
            sites, self.sites = self.sites, own_sites
            with self.within(*extra):
                if target is not None:
                    self.assign(target, self.make(target, role="managed"))
                inside()
            self._at_yield, self.sites = waiting, sites
            self.frame, self.module, self.exits, self.jumps, self.calls, self.statement, self.chain = saved

        before, self._at_yield = self._at_yield, at_yield
        self.call_function(manager, given.args, given.keywords, expression, given.open)
        self._at_yield = before

    _at_yield: Callable[[], None] | None = None

    def yielded(self) -> None:
        if self._at_yield is not None:
            callback, self._at_yield = self._at_yield, None
            callback()

    # Loops

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        over = self.evaluate(node.iter)
        source = self._gone_over(over)
        if source is not None and is_validation(source.name):
            source.facts |= {"validation"}

        acts = any("acts" in one.facts for thing in objects_in(over) for one in thing.ancestry())

        def body() -> None:
            batch = self.element(over, node.target)
            for one in objects_in(batch):
                for part in self._flat((one,)):
                    part.facts |= {"drawn"} if part.given else set()
            self.assign(node.target, batch)
            # What a generator does between two elements happens in the midst of the loop, here it stands before it.
            if acts:
                self.emit(Kind.ESCAPE, (EVERYTHING,), node.iter, how="generator")
            self.block(node.body)

        self._goes_through(node)
        self.repeat("for", node, source, body, endless=False, otherwise=node.orelse)

    def _gone_over(self, value: Value) -> AbstractObject | None:
        """What a loop goes over, seen through `enumerate`, `zip` and the like."""
        thing = next(objects_in(value), None)
        while (
            isinstance(thing, Collection)
            and thing.sources
            and not thing.items
            and thing.sources[0].type is not Type.TENSOR
        ):
            inner = thing.sources[0]
            if inner is thing:
                break
            thing = inner
        return thing

    def _while(self, node: ast.While) -> None:
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)

        def body() -> None:
            self.evaluate(node.test)
            self.block(node.body)

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
    ) -> None:
        """A loop: its body is read once for what it changes, and once more with those changes as its start. What the
        loops inside it change is learnt on the way."""
        if not self.flow.ends:
            return
        mark = self.state.mark()
        learnt = self._learnt.pop((self.chain, node), None)
        if learnt is not None:
            self._begin_again([self._of_frame(changes, None, id(self.frame)) for changes in learnt])
        elif not self.flow.silent:
            self._learn(body)
        jumps = Jumps(mark)
        self.jumps.append(jumps)
        target = as_text(node.target) if isinstance(node, ast.For | ast.AsyncFor) and not self.flow.silent else ""
        with self.flow.iteration(
            kind,
            self.place(node),
            over,
            endless=endless,
            again=jumps.again,
            leave=jumps.leave,
            target=target,
            function=self.frame.name,
        ):
            body()
            if self.flow.ends:
                jumps.again_states.append(self.state.changes(mark))
        self.jumps.pop()
        if self.flow.silent:
            again = [self._of_frame(changes, id(self.frame), None) for changes in jumps.again_states]
            self._learnt[self.chain, node] = again
        ends = [*jumps.leave_states, *(() if endless else jumps.again_states)]
        if self.flow.ends and otherwise:
            self.block(otherwise)
        if ends:
            self.state.rollback(mark)
            self.state.merge(ends, self.flow.now)
        self.flow.join(jumps.leave)

    def _learn(self, body: Callable[[], None]) -> None:
        """What one pass through the body may change: names may stand for the old or the new at its start."""
        budget = self.budget
        mark = self.state.mark()
        jumps = Jumps(mark)
        self.jumps.append(jumps)
        statement = self.statement
        contexts, exits = self.contexts, self.exits
        self.exits = [*exits]
        saved = [(len(e.values), len(e.states), len(e.target.ends), len(e.yields)) for e in exits]
        with self.silently():
            body()
            again = [*jumps.again_states, *([self.state.changes(mark)] if self.flow.ends else [])]
        for one, (values, states, ends, yields) in zip(exits, saved, strict=True):
            del one.values[values:], one.states[states:], one.target.ends[ends:], one.yields[yields:]
        self.exits, self.contexts, self.statement = exits, contexts, statement
        # What is learnt first must leave enough for the reading that counts.
        self.budget = max(self.budget, budget // 2)
        self.jumps.pop()
        self.state.rollback(mark)
        self._begin_again(again)

    def _begin_again(self, ways: list[Changes]) -> None:
        """A loop begins with what was there before it, or with what one of the ways through its body left."""
        if ways:
            unchanged: Changes = {}
            self.state.merge([unchanged, *ways], self.flow.now)

    @staticmethod
    def _of_frame(changes: Changes, this: int | None, other: int | None) -> Changes:
        """The same changes for another activation of the function that is being read."""
        return {(other if owner == this else owner, name): entry for (owner, name), entry in changes.items()}

    _learnt: dict[tuple[int, ast.AST], list[Changes]]
    """What loops were found to change while the loop around them was learnt, by where they are read from."""


def _leaves_early(statement: ast.stmt) -> bool:
    """Whether a statement is `if ...: continue` or `if ...: return`: what follows is its other arm."""
    return (
        isinstance(statement, ast.If)
        and not statement.orelse
        and isinstance(statement.body[-1], ast.Continue | ast.Return)
    )


def _as_conditions(node: ast.Match) -> list[ast.stmt] | None:
    """The `if`, `elif`, `else` that a `match` comes to which compares a name or an attribute with plain values only."""
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


def is_tensor(thing: AbstractObject) -> bool:
    """Whether a thing is a tensor by what made it: a function of torch, a loss."""
    if isinstance(thing, Instance | Collection) or thing.type not in (Type.TENSOR, Type.UNKNOWN):
        return False
    return bool(TENSOR_MAKERS.match(thing.constructor)) or "graded" in thing.facts or _of_default_batch(thing)


def _of_default_batch(thing: AbstractObject) -> bool:
    """Whether a thing is taken out of the batch of a loader that stacks its samples as torch does by default."""
    return any(
        source.certain and source.constructor == "torch.utils.data.DataLoader" and "collate_fn" not in source.options
        for source in _batch_of(thing)
    )


def _unpacked(thing: AbstractObject) -> bool:
    """Whether a thing is a part of a batch, not the batch itself, which may move itself."""
    return any(source.type is Type.LOADER or hint(source.name) is Type.LOADER for source in _batch_of(thing))


def _batch_of(thing: AbstractObject) -> tuple[AbstractObject, ...]:
    """What was looped over to get the batch that a thing is taken out of."""
    while thing.owner is None and len(thing.sources) == 1 and not (thing.sources[0].given or thing.constructor):
        thing = thing.sources[0]
    wholes = thing.sources if thing.owner is None else (thing.owner,)
    return tuple(loader for batch in wholes if batch.given for loader in batch.sources)


_HANDLERS: dict[type[ast.stmt], Callable[..., int | None]] = {
    ast.Expr: Statements._expression,
    ast.Assign: Statements._assign_statement,
    ast.AnnAssign: Statements._annotated,
    ast.AugAssign: Statements._augmented,
    ast.Delete: Statements._delete,
    ast.FunctionDef: Statements._define,
    ast.AsyncFunctionDef: Statements._define,
    ast.ClassDef: Statements._define_class,
    ast.Import: Statements._import,
    ast.ImportFrom: Statements._import,
    ast.Global: Statements._global,
    ast.Nonlocal: Statements._nonlocal,
    ast.Assert: Statements._assert,
    ast.Return: Statements._return,
    ast.Raise: Statements._raise,
    ast.Break: Statements._break,
    ast.Continue: Statements._continue,
    ast.If: Statements._if,
    ast.Match: Statements._match,
    ast.Try: Statements._try,
    ast.TryStar: Statements._try,
    ast.With: Statements._with,
    ast.AsyncWith: Statements._with,
    ast.For: Statements._for,
    ast.AsyncFor: Statements._for,
    ast.While: Statements._while,
}

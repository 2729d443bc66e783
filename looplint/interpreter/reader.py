"""The reader (the interpreter) of one program: the state shared by its parts, and the methods through which they call
each other."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from looplint.events import AbstractObject, Context, Event, EventGraph, How, Kind, Type
from looplint.interpreter.accumulation import Accumulation
from looplint.interpreter.activation import Activation, entered
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.assignments import Assignments
from looplint.interpreter.attribute_assignments import AttributeAssignments
from looplint.interpreter.attributes import Attributes
from looplint.interpreter.best_values import BestValues
from looplint.interpreter.bindings import State
from looplint.interpreter.branches import Branches
from looplint.interpreter.budget import Budget
from looplint.interpreter.calls import Calls
from looplint.interpreter.classes import Classes
from looplint.interpreter.conditions import Conditions
from looplint.interpreter.displays import Displays
from looplint.interpreter.entry_assignments import EntryAssignments
from looplint.interpreter.expressions import Expressions
from looplint.interpreter.flow import Flow
from looplint.interpreter.imports import Imports
from looplint.interpreter.inlining import Inlining
from looplint.interpreter.instances import Instances
from looplint.interpreter.items import Items
from looplint.interpreter.iterators import Iterators
from looplint.interpreter.library import MakesLibrary
from looplint.interpreter.loops import Loops
from looplint.interpreter.method_calls import MethodCalls
from looplint.interpreter.names import Names
from looplint.interpreter.objects import Objects
from looplint.interpreter.operators import Operators
from looplint.interpreter.parameters import Parameters
from looplint.interpreter.record import Record
from looplint.interpreter.registries import Registries
from looplint.interpreter.snapshots import Snapshots
from looplint.interpreter.statements import Statements
from looplint.interpreter.try_blocks import TryBlocks
from looplint.interpreter.unknown_calls import UnknownCalls
from looplint.interpreter.values import Frame, Value
from looplint.interpreter.with_blocks import WithBlocks
from looplint.program.module import Module
from looplint.program.program import Program

_ANYWHERE = frozenset(
    (
        Kind.ESCAPE,
        Kind.ASSIGN,
        Kind.READ,
        Kind.PREDICT,
        Kind.KEEP,
        Kind.EMPTY,
        Kind.SEED,
        Kind.SAVE,
        Kind.LOAD,
        Kind.ITERATE,
        Kind.FETCH,
        Kind.LEAF,
        Kind.REBIND,
        Kind.RECORD,
        Kind.AVERAGE,
        Kind.MEASURE,
        Kind.CHANGE,
        Kind.OFFSET,
        Kind.BROADCAST,
        Kind.COLLECTIVE,
        Kind.COUNT,
        Kind.COST,
        Kind.HAND_OVER,
        Kind.MAY_SWITCH,
    )
)
"""Events that also occur in code that is not about training."""


_EXPRESSIONS: dict[type[ast.expr], tuple[str, Callable[..., Value]]] = {
    kind: (part, handler)
    for part, handlers in (
        ("expressions", Expressions.handlers),
        ("operators", Operators.handlers),
        ("attributes", Attributes.handlers),
        ("items", Items.handlers),
        ("displays", Displays.handlers),
        ("calls", Calls.handlers),
    )
    for kind, handler in handlers.items()
}
"""The part and the method that evaluate an expression, by type."""

_STATEMENTS: dict[type[ast.stmt], tuple[str, Callable[..., int | None]]] = {
    kind: (part, handler)
    for part, handlers in (
        ("statements", Statements.handlers),
        ("assignments", Assignments.handlers),
        ("accumulation", Accumulation.handlers),
        ("branches", Branches.handlers),
        ("try_blocks", TryBlocks.handlers),
        ("loops", Loops.handlers),
        ("with_blocks", WithBlocks.handlers),
    )
    for kind, handler in handlers.items()
}
"""The part and the method that evaluate a statement, by type; a branching statement returns the index of its branch."""


class Reader:
    """The evaluation of one entry point.

    Shared by all parts: `module`, the file of the entry point; `now`, the current activation; `bindings`, the values of
    names and attributes; `flow` and `graph`, the events so far; `budget`, what may still be evaluated; `record`, what
    was encountered. Each part holds the reader and nothing of another part. All recursion goes through four methods:
    `evaluate` an expression, `run` a block, `call` a value, `emit` an event.
    """

    def __init__(
        self, program: Program, graph: EventGraph, module: Module, trains: bool, makes_library: MakesLibrary
    ) -> None:
        self.program = program
        self.graph = graph
        self.module = module
        self.trains = trains
        self.flow = Flow(graph)
        self.bindings = State()
        self.budget = Budget(trains, patient=module.outline.trains or graph.complete)
        self.record = Record()
        self._frames: dict[Module, Frame] = {}
        self.now = Activation(self.frame_of(module), module)

        self.objects = Objects(self)
        self.names = Names(self)
        self.imports = Imports(self)
        self.registries = Registries(self)
        self.classes = Classes(self)
        self.instances = Instances(self)
        self.parameters = Parameters(self)
        self.attributes = Attributes(self)
        self.items = Items(self)
        self.displays = Displays(self)
        self.expressions = Expressions(self)
        self.operators = Operators(self)
        self.conditions = Conditions(self)
        self.best_values = BestValues(self)
        self.branches = Branches(self)
        self.try_blocks = TryBlocks(self)
        self.loops = Loops(self)
        self.with_blocks = WithBlocks(self)
        self.statements = Statements(self)
        self.assignments = Assignments(self)
        self.attribute_assignments = AttributeAssignments(self)
        self.entry_assignments = EntryAssignments(self)
        self.snapshots = Snapshots(self)
        self.accumulation = Accumulation(self)
        self.iterators = Iterators(self)
        self.calls = Calls(self)
        self.method_calls = MethodCalls(self)
        self.inlining = Inlining(self)
        self.unknown_calls = UnknownCalls(self)
        self.tables = makes_library.tables
        self.library = makes_library(self)

        self._chains: dict[tuple[int, int, int], int] = {}
        self._handlers = {kind: partial(handler, getattr(self, part)) for kind, (part, handler) in _EXPRESSIONS.items()}

    def close(self) -> None:
        """Release the parts, which form reference cycles with the reader and the library: the garbage collector is off
        while files are linted."""
        vars(self.library).clear()
        vars(self).clear()

    # The four recursive methods

    def evaluate(self, node: ast.expr) -> Value:
        """The value of an expression; its events are added to the graph."""
        budget = self.budget
        budget.left -= 1
        budget.work += 1
        handler = self._handlers.get(node.__class__)
        return handler(node) if handler is not None else self.expressions.other(node)

    def evaluate_all(self, nodes: Iterable[ast.expr | None]) -> list[Value]:
        """The values of several expressions, in order; None among them is left out."""
        return [self.evaluate(node) for node in nodes if node is not None]

    def run(self, block: Sequence[ast.stmt]) -> None:
        """Run the statements of a block, as far as they are reachable."""
        left: list[int] = []
        for statement in block:
            if not self.flow.ends:
                break
            self.now.statement = statement
            row = _STATEMENTS.get(type(statement))
            if row is not None:
                branch = row[1](getattr(self, row[0]), statement)
                if branch is not None and _leaves_early(statement):
                    left.append(branch)
        for index in left:
            self.flow.extend(index)

    def call(self, callee: Value, given: Arguments, node: ast.Call) -> Value:
        """The result of calling a value; its events are added to the graph."""
        return self.calls.call(callee, given, node)

    def emit(
        self,
        kind: Kind,
        subjects: Iterable[AbstractObject],
        node: ast.AST,
        *,
        object: AbstractObject | None = None,
        inputs: Iterable[AbstractObject] = (),
        how: str = "",
        options: dict[str, object] | None = None,
        written: str = "",
        outputs: Iterable[AbstractObject] = (),
    ) -> Event | None:
        """Add an event here."""
        self.record.effects += 1
        about = tuple(subjects)
        if not about:
            return None
        if kind is Kind.CLEAR and Context.SOME_PARAMETERS in self.now.contexts:
            # The other parameters keep their gradients.
            kind, how = Kind.READ, How.SOME_CLEARED
        if _is_of_a_loop(kind, about):
            self.budget.grant()
        if self.flow.silent or not self.flow.ends:
            return None
        now = self.now
        event = Event(
            kind,
            about,
            now.place(node),
            object,
            tuple(inputs),
            how,
            now.contexts,
            self.flow.loops,
            options or {},
            now.place(now.statement) if now.statement is not None else None,
            now.frame.name,
            written,
            now.sites,
            tuple(outputs),
            origin=now.module,
        )
        self.flow.add(event)
        return event

    # The current position

    def frame_of(self, module: Module) -> Frame:
        """The frame of a file's module-level statements."""
        found = self._frames.get(module)
        if found is None:
            found = self._frames[module] = Frame(module, name="<module>")
        return found

    def at(self, activation: Activation) -> _At:
        """`with reader.at(activation)`: evaluate something there, then come back."""
        return _At(self, activation)

    def in_frame(self, frame: Frame) -> _At:
        """`with reader.in_frame(frame)`: evaluate code of another function or file."""
        return _At(self, self.now.in_frame(frame))

    def called_from(self, node: ast.AST, receiver: AbstractObject | None = None) -> Activation:
        """The activation of a call at `node`: objects created there differ from those of other calls of the
        same code, and those that an attribute of one `receiver` is made of from another one's."""
        inside = self.now.copy()
        key = (self.now.chain, id(node), id(receiver))
        inside.chain = self._chains.setdefault(key, len(self._chains) + 1)
        if isinstance(node, ast.Call) and not self.flow.silent:
            inside.sites = (*self.now.sites, self.now.place(node))
        return inside

    def within(self, *names: Context) -> _Within:
        """`with reader.within(Context.NO_GRAD)`: evaluate something inside these contexts."""
        return _Within(self.now, names)


class _Within:
    """Adds contexts until the end of a `with` block."""

    __slots__ = ("_before", "_names", "_now")

    def __init__(self, now: Activation, names: tuple[Context, ...]) -> None:
        self._now, self._names, self._before = now, names, now.contexts

    def __enter__(self) -> None:
        for name in self._names:
            self._now.contexts = entered(self._now.contexts, name)

    def __exit__(self, *error: object) -> None:
        self._now.contexts = self._before


class _At:
    """Switches to another activation temporarily."""

    __slots__ = ("_before", "_inside", "_reader")

    def __init__(self, reader: Reader, inside: Activation) -> None:
        self._reader = reader
        self._inside = inside

    def __enter__(self) -> None:
        self._before = self._reader.now
        self._reader.now = self._inside

    def __exit__(self, *error: object) -> None:
        self._reader.now = self._before


def _is_of_a_loop(kind: Kind, about: tuple[AbstractObject, ...]) -> bool:
    """Whether an event occurs only in code about training."""
    if kind is Kind.MAKE:
        return any(thing.type in (Type.OPTIMIZER, Type.SCHEDULER, Type.SCALER) for thing in about)
    return kind not in _ANYWHERE


def _leaves_early(statement: ast.stmt) -> bool:
    """Whether a statement is `if ...: continue` or `if ...: return`: what follows is its other arm, as it is where that
    is written, too, and the first one ends in an error."""
    if not isinstance(statement, ast.If):
        return False
    last = statement.body[-1]
    return isinstance(last, ast.Continue | ast.Return) or (bool(statement.orelse) and isinstance(last, ast.Raise))

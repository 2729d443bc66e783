"""What the reader of code carries along: the graph that grows, the values of names, what is around, what is called."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from looplint.events import AbstractObject, Event, EventGraph, Graph, Kind, Place, Type
from looplint.interpreter.bindings import Changes, State
from looplint.interpreter.flow import Flow, Target
from looplint.interpreter.values import Class, Collection, Const, Either, Frame, Function, Method, Value, objects_in
from looplint.knowledge.name_hints import hint
from looplint.program.program import Module, Program

DEPTH = 12
"""Calls that are laid open inside each other; a deeper one is not seen through."""

BUDGET = 16_000
"""Expressions that are evaluated for one graph. When they are spent, further calls are not seen through."""

PATIENCE = 6_000
"""Of these, how many before the first event that belongs to a training loop: code that leads to none is let go
early."""

HURRY = 2_000
"""As many where the file, by its words, is not about training."""

FILES = 64
"""Files that imports are followed into; names of further ones are those of code that is not seen."""

FEW_FILES = 16
"""As many where the file is not about training."""

NESTED = 4
"""Collections inside collections that are looked into: they may hold themselves."""

SOURCES = 256
"""Things that one thing is made of: what is more is left out."""

_NO_SOURCE = frozenset((Type.NUMBER, Type.OTHER))

_NO_GRAPH = frozenset(
    (Type.NUMBER, Type.OTHER, Type.MODULE, Type.OPTIMIZER, Type.PARAMETERS, Type.LOADER, Type.SCHEDULER)
)


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
    )
)
"""Events of code that has nothing to do with training, too."""


class Exits:
    """Where `return` of the function being read leads, with the state and the values that come back."""

    def __init__(self, mark: int) -> None:
        self.mark = mark
        self.target = Target()
        self.values: list[Value] = []
        self.states: list[Changes] = []
        self.yields: list[Value] = []


class Jumps:
    """Where `break` and `continue` of the loop being read lead, with the states in which they do."""

    def __init__(self, mark: int) -> None:
        self.mark = mark
        self.leave = Target()
        self.again = Target()
        self.leave_states: list[Changes] = []
        self.again_states: list[Changes] = []


class Context:
    """State of one reading: everything below adds to it."""

    def __init__(self, program: Program, loop: EventGraph, module: Module, trains: bool) -> None:
        self.program = program
        self.loop = loop
        self.flow = Flow(loop)
        self.state = State()
        self.module = module
        self.frame = module.frame
        self.contexts: frozenset[str] = frozenset()
        self.exits: list[Exits] = []
        self.jumps: list[Jumps] = []
        self.calls: list[ast.AST] = []
        self.chain = 0
        self.sites: tuple[Place, ...] = ()
        self.inside_module = 0
        self.effects = 0
        self.trains = trains
        self.patience, self.files = (PATIENCE, FILES) if trains else (HURRY, FEW_FILES)
        self.led_to: set[str] = set()
        self.budget = self.patience
        self.work = 0
        self.hopeful = False
        self.statement: ast.stmt | None = None
        self.inlined: set[ast.AST] = set()
        self.opened: set[ast.AST] = set()
        self.refused: set[ast.AST] = set()
        self.left: set[ast.AST] = set()
        self.defined: list[Function] = []
        self.instances: list[Class] = []
        self.uncalled: dict[int, tuple[Method, ast.expr]] = {}
        self.classes: dict[ast.ClassDef, dict[str, ast.stmt]] = {}
        self._chains: dict[tuple[int, int], int] = {}
        self._things: dict[tuple[int, int, str], AbstractObject] = {}
        self._resolving: set[tuple[int, str]] = set()

    def place(self, node: ast.AST) -> Place:
        return self.module.place(node)

    def thing(
        self, node: object, role: str = "", *, kind: type[AbstractObject] = AbstractObject, shared: bool = False
    ) -> tuple[AbstractObject, bool]:
        """The object that this node makes in this chain of calls, and whether it is seen for the first time: the same
        code makes the same object, however often it is read."""
        key = (0 if shared else self.chain, id(node), role)
        found = self._things.get(key)
        if found is not None and isinstance(found, kind):
            if not self.flow.silent:
                found.loops = self.flow.loops
            return found, False
        made = kind(loops=self.flow.loops)
        self._things[key] = made
        return made, True

    def make(
        self,
        node: ast.AST,
        type: Type = Type.UNKNOWN,
        *,
        role: str = "",
        constructor: str = "",
        certain: bool = False,
        sources: Iterable[Value] = (),
        graph: Graph = Graph.UNKNOWN,
        name: str = "",
        facts: Iterable[str] = (),
        options: dict[str, object] | None = None,
    ) -> AbstractObject:
        """An object made by the code at `node`."""
        thing, new = self.thing(node, role)
        if new:
            thing.type, thing.constructor, thing.certain, thing.name = type, constructor, certain, name
            thing.place = self.place(node) if hasattr(node, "lineno") else None
            thing.options = options or {}
            thing.facts = frozenset(facts)
        thing.sources = self.objects(sources) if new else _joined(thing.sources, self.objects(sources))
        thing.graph = graph
        return thing

    def number(self, node: ast.AST) -> AbstractObject:
        return self.make(node, Type.NUMBER, role="number", graph=Graph.NO, certain=True)

    def derived(
        self, node: ast.AST, sources: Iterable[Value], *, constructor: str = "", role: str = "derived"
    ) -> AbstractObject:
        """A value computed from others: it holds a graph if one of them does and gradients are recorded."""
        values = list(sources)
        graph = self.graph_of(values)
        kind = Type.TENSOR if graph is Graph.YES else Type.UNKNOWN
        return self.make(node, kind, role=role, constructor=constructor, sources=values, graph=graph)

    def given(self, node: object, name: str, role: str = "", *, owner: AbstractObject | None = None) -> AbstractObject:
        """An object that comes from outside: a parameter, an attribute, a global."""
        thing, new = self.thing(node, role or f"given {name}", shared=True)
        if new:
            thing.name, thing.given, thing.owner = name, True, owner
        thing.loops = ()
        return thing

    def objects(self, values: Iterable[Value]) -> tuple[AbstractObject, ...]:
        """The objects among values that matter as sources of something."""
        found: dict[AbstractObject, None] = {}
        for value in values:
            for thing in objects_in(value):
                if thing.type not in _NO_SOURCE:
                    found[thing] = None
        return tuple(found)[:SOURCES]

    def graph_of(self, values: Iterable[Value]) -> Graph:
        """Whether a result computed from these values holds a graph."""
        if self.gradients is Graph.NO:
            return Graph.NO
        values = list(values)
        found = {self.graph(value) for value in values}
        if any(isinstance(value, AbstractObject) and "recorded" in value.facts for value in values):
            return Graph.YES
        if Graph.YES in found or any(map(_is_trained, values)):
            return self.gradients
        return Graph.UNKNOWN if Graph.UNKNOWN in found else Graph.NO

    def graph(self, value: Value, depth: int = 0) -> Graph:
        """Whether a value holds a graph; one that does only on some ways is unknown."""
        if not isinstance(value, Either):
            return self._graph_of_one(value, depth)
        found = {self._graph_of_one(one, depth) for one in value.values}
        return found.pop() if len(found) == 1 else Graph.UNKNOWN

    def _graph_of_one(self, value: Value, depth: int) -> Graph:
        if isinstance(value, Collection):
            if depth > NESTED:
                return Graph.UNKNOWN
            found = {self.graph(item, depth + 1) for item in value.elements()}
            return Graph.YES if Graph.YES in found else Graph.UNKNOWN if Graph.UNKNOWN in found else Graph.NO
        if isinstance(value, AbstractObject):
            return Graph.NO if value.type in _NO_GRAPH else value.graph
        return Graph.NO if isinstance(value, Const) else Graph.UNKNOWN

    @property
    def gradients(self) -> Graph:
        """Whether gradients are recorded here."""
        if "no_grad" in self.contexts or "inference_mode" in self.contexts:
            return Graph.NO
        return Graph.UNKNOWN if "set_grad_enabled" in self.contexts else Graph.YES

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
        """An event happens here."""
        about = tuple(subjects)
        self.effects += 1
        if not self.hopeful and about and _is_of_a_loop(kind, about):
            self.hopeful = True
            self.budget += BUDGET - self.patience
        if self.flow.silent or not self.flow.ends or not about:
            return None
        event = Event(
            kind,
            about,
            self.place(node),
            object,
            tuple(inputs),
            how,
            self.contexts,
            self.flow.loops,
            options or {},
            self.place(self.statement) if self.statement is not None else None,
            self.frame.name,
            written,
            self.sites,
            tuple(outputs),
        )
        self.flow.add(event)
        return event

    def is_like(self, thing: AbstractObject, *types: Type) -> bool:
        """Whether a thing is of one of these types, by what is known or, failing that, by its name."""
        if thing.type is not Type.UNKNOWN:
            return thing.type in types
        return hint(thing.name) in types

    def module_by_use(self, name: str) -> bool:
        """Whether the file uses what has this name as only a torch module can be used."""
        return not MODULE_METHODS.isdisjoint(self.module.uses.get(name.rpartition(".")[2], ()))

    @contextmanager
    def within(self, *names: str) -> Iterator[None]:
        """Read something inside these contexts."""
        before = self.contexts
        for name in names:
            self.contexts = entered(self.contexts, name)
        yield
        self.contexts = before

    @contextmanager
    def silently(self) -> Iterator[None]:
        """Read something for its values only: no events, and the flow goes on from where it was."""
        ends, statement = self.flow.ends, self.statement
        self.flow.silent += 1
        self.flow.ends = [(-1, None)]
        yield
        self.flow.silent -= 1
        self.flow.ends, self.statement = ends, statement

    @contextmanager
    def in_frame(self, frame: Frame) -> Iterator[None]:
        """Read code of another function or file."""
        before = self.frame, self.module, self.statement
        if frame.module is not self.module:
            # That of a lambda or a default value is not known, and the one at hand stands in another file.
            self.statement = None
        self.frame, self.module = frame, frame.module
        yield
        self.frame, self.module, self.statement = before

    @contextmanager
    def called_from(self, node: ast.AST) -> Iterator[None]:
        """Read a call's inside: what is made there is told apart from what other calls of the same code make."""
        before, sites = self.chain, self.sites
        self.chain = self._chains.setdefault((before, id(node)), len(self._chains) + 1)
        if isinstance(node, ast.Call) and not self.flow.silent:
            self.sites = (*sites, self.place(node))
        yield
        self.chain, self.sites = before, sites


MODULE_METHODS = frozenset(
    (
        "parameters",
        "named_parameters",
        "state_dict",
        "load_state_dict",
        "eval",
        "train",
        "zero_grad",
        "named_modules",
        "modules",
    )
)
"""Methods that, together with a `.forward`, only a torch module has."""


def _is_of_a_loop(kind: Kind, about: tuple[AbstractObject, ...]) -> bool:
    """Whether an event is one that only code about training has."""
    if kind is Kind.MAKE:
        return any(thing.type in (Type.OPTIMIZER, Type.SCHEDULER, Type.SCALER) for thing in about)
    return kind not in _ANYWHERE


def _is_trained(value: Value) -> bool:
    """Whether a value is a parameter that is trained: what is computed from it holds a graph."""
    return isinstance(value, AbstractObject) and value.type is Type.PARAMETERS and "trained" in value.facts


def cut_off(thing: AbstractObject) -> frozenset[str]:
    """What is to be known of values that are taken out of a thing: that they had a graph."""
    had = thing.graph is Graph.YES and thing.type in (Type.TENSOR, Type.UNKNOWN)
    return frozenset(("cut off",)) if had else thing.facts & {"cut off"}


def entered(contexts: frozenset[str], name: str) -> frozenset[str]:
    """The contexts after one more was entered: recording gradients again ends their being off."""
    if name == "enable_grad":
        contexts -= {"no_grad", "inference_mode", "set_grad_enabled"}
    return contexts | {name}


def _joined(old: tuple[AbstractObject, ...], new: tuple[AbstractObject, ...]) -> tuple[AbstractObject, ...]:
    if new == old:
        return old
    extra = tuple(thing for thing in new if thing not in old)
    return old + extra if extra else old

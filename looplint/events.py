"""The loop as data: events in the order in which they can happen, and the few questions that rules ask of them.

This module knows nothing of Python syntax or torch. Everything that a rule may know is here.

A `Loop` is the graph of one program from its entry on: calls into code that is seen are already laid open in it, a
function that is called again and again flows from its end to its start. A `for` or `while` body is entered at least
once, and an exception leaves a `try` either at its start or at its end.
"""

from __future__ import annotations

import bisect
import dataclasses
import functools
import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What happens. In brackets: the event's subject; then its object, where it has one."""

    FETCH = "FETCH"  # [loader] an iterator is made anew and asked once: `next(iter(loader))`
    ITERATE = "ITERATE"  # [iterator] what can be gone through once is gone through; `how`: in a `for`, or by a call
    SET_EPOCH = "SET_EPOCH"  # [sampler or loader]
    SEED = "SEED"  # [generator or torch] the random state is set
    CLEAR = "CLEAR"  # [optimizer, module or parameters] gradients are zeroed or dropped
    PREDICT = "PREDICT"  # [module]; the output
    FORWARD = "FORWARD"  # [module]; the output: `.forward(...)` called directly
    GRADE = "GRADE"  # [criterion]; the loss: `inputs` hold what was graded
    BACKWARD = "BACKWARD"  # [loss]; the scaler that scaled it, if one did
    CLIP = "CLIP"  # [module or parameters] gradients are clipped
    UNSCALE = "UNSCALE"  # [optimizer]; the scaler
    STEP = "STEP"  # [optimizer]; the scaler that steps it, if one does
    SCALER_UPDATE = "SCALER_UPDATE"  # [scaler]
    SCHEDULE = "SCHEDULE"  # [scheduler] its `step` is called
    TRAIN = "TRAIN"  # [module] switched to training mode
    EVAL = "EVAL"  # [module] switched to evaluation mode
    KEEP = "KEEP"  # [accumulator]; the value added, appended or stored
    EMPTY = "EMPTY"  # [collection] what was put into it is dropped, all of it
    MAKE = "MAKE"  # [the object that is made]
    REFERENCE = "REFERENCE"  # [object] a method is named as a statement, not called; `how` is the method
    DISCARD = "DISCARD"  # [object] a call's result is dropped as a statement; `how` is the method or function
    ASSIGN = "ASSIGN"  # [object]; the value: an attribute of it is set; `how` is the attribute
    REBIND = "REBIND"  # [object]; the value: its name is bound to what was computed from it, or to what loading it gave
    LEAF = "LEAF"  # [tensor]; what it was made of: a result is made a leaf of its own graph
    SNAPSHOT = "SNAPSHOT"  # [module]; the state: `state_dict()` bound to a name that lives on
    SAVE = "SAVE"  # [the thing saved]
    LOAD = "LOAD"  # [module or optimizer]
    READ = "READ"  # [object] something of it is looked at that makes a rule unsure: `how` says what
    ESCAPE = "ESCAPE"  # [object] it is handed to code that is not seen


class Type(StrEnum):
    """What an object is, as far as training goes."""

    OPTIMIZER = "optimizer"
    MODULE = "module"
    PARAMETERS = "parameters"
    CRITERION = "criterion"
    TENSOR = "tensor"
    SCALER = "scaler"
    SCHEDULER = "scheduler"
    LOADER = "loader"
    SAMPLER = "sampler"
    ENGINE = "engine"  # module, optimizer and clear in one (DeepSpeed)
    FRAMEWORK = "framework"  # Accelerator, Fabric, LightningModule: runs steps on behalf of the loop
    NUMBER = "number"
    COLLECTION = "collection"
    OTHER = "other"  # known, and none of these
    UNKNOWN = "unknown"


class Graph(StrEnum):
    """Whether a value holds an autograd graph."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Place:
    """A region of a source text: rows and columns from 1, columns in characters, the end exclusive."""

    path: str
    row: int
    column: int
    end_row: int
    end_column: int
    text: str = dataclasses.field(default="", compare=False)


@dataclasses.dataclass(eq=False, slots=True)
class Thing:
    """An object of the program, told apart by where it was made, never by its name alone.

    `made_by`: dotted name of what made it (`torch.optim.SGD`), empty if not known. `certain`: the type is known by
    constructor, annotation or base class; otherwise it is read off a name or a use. `sources`: what it was made of
    (an optimizer's parameters, a wrapper's module, a tensor's inputs). `owner`: what it is a part of.
    `options`: the arguments it was made with, as
    far as they are plain (`{"shuffle": False}`). `given`: it comes from outside (parameter, global, attribute).
    """

    type: Type = Type.UNKNOWN
    name: str = ""
    made_by: str = ""
    certain: bool = False
    place: Place | None = None
    sources: tuple[Thing, ...] = ()
    options: dict[str, object] = dataclasses.field(default_factory=dict)
    graph: Graph = Graph.UNKNOWN
    given: bool = False
    owner: Thing | None = None
    loops: tuple[int, ...] = ()
    facts: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name or self.type

    def ancestry(self) -> Iterator[Thing]:
        """The thing, and everything it was made of, nearest first."""
        seen = {id(self)}
        queue = deque([self])
        while queue:
            thing = queue.popleft()
            yield thing
            for source in thing.sources:
                if id(source) not in seen:
                    seen.add(id(source))
                    queue.append(source)

    def owners(self) -> Iterator[Thing]:
        """The thing, and what it is a part of (the module of a layer), innermost first."""
        thing: Thing | None = self
        seen: set[int] = set()
        while thing is not None and id(thing) not in seen:
            seen.add(id(thing))
            yield thing
            thing = thing.owner

    def comes_from(self, other: Thing) -> bool:
        """Whether `other` is this thing or something it was made of."""
        return any(thing is other for thing in self.ancestry())

    def related(self, other: Thing) -> bool:
        """Whether what is done to one may be done to the other: they share something they were made of, or one is
        made of a part of the other. Two parts of one whole are not related."""
        mine, theirs = list(self.ancestry()), list(other.ancestry())
        my_ids, their_ids = {id(thing) for thing in mine}, {id(thing) for thing in theirs}
        return any(id(owner) in my_ids for thing in theirs for owner in thing.owners()) or any(
            id(owner) in their_ids for thing in mine for owner in thing.owners()
        )


@dataclasses.dataclass(eq=False, slots=True)
class Event:
    """Something that matters happens to `subjects` (several where the code handles several at once) at a place.

    `object`: the other thing in it, see `Kind`. `inputs`: what the call was given. `how`: the method or operator as
    written. `contexts`: what is around it: no_grad, inference_mode, enable_grad, autocast, accumulate, no_sync,
    forward. `loops`: the loops around it, outermost first, as indices into `Loop.iterations`. `options`: plain
    arguments. `calls`: the calls that led here, outermost first. `outputs`: what a prediction or a criterion gives
    back, part by part.
    """

    kind: Kind
    subjects: tuple[Thing, ...]
    place: Place
    object: Thing | None = None
    inputs: tuple[Thing, ...] = ()
    how: str = ""
    contexts: frozenset[str] = frozenset()
    loops: tuple[int, ...] = ()
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    statement: Place | None = None
    function: str = ""
    written: str = ""
    calls: tuple[Place, ...] = ()
    outputs: tuple[Thing, ...] = ()
    node: int = -1

    @property
    def name(self) -> str:
        """The subject as the author writes it here."""
        return self.written or str(self.subject)

    @property
    def subject(self) -> Thing:
        """The first subject."""
        return self.subjects[0]

    def about(self, thing: Thing) -> bool:
        """Whether `thing` itself is among the subjects."""
        return any(subject is thing for subject in self.subjects)

    def leads_to(self, *things: Thing) -> bool:
        """Whether one of the things was made of what this prediction or criterion gives back."""
        return any(thing.comes_from(output) for thing in things for output in self.outputs)

    def apart(self, other: Event) -> Place:
        """Where the way of calls to this event leaves that to the other one: a call, or the place of the event."""
        index = 0
        while index < min(len(self.calls), len(other.calls)) and self.calls[index] == other.calls[index]:
            index += 1
        return self.calls[index] if index < len(self.calls) else self.place

    def may_concern(self, thing: Thing) -> bool:
        """Whether what happens here may happen to `thing`: the same object, or one that it shares something with.

        Two optimizers over known, different parameters do not concern each other; a module concerns the optimizers
        over it and every optimizer whose parameters are not known.
        """
        return any(_concerns(subject, thing) for subject in self.subjects)


_PARAMETRIC = frozenset({Type.MODULE, Type.PARAMETERS, Type.TENSOR, Type.ENGINE, Type.CRITERION, Type.UNKNOWN})


EVERYTHING = Thing(Type.UNKNOWN, "everything")
"""Stands for all objects, where code that is not followed may do anything to any of them."""


def _concerns(subject: Thing, thing: Thing) -> bool:
    if subject is EVERYTHING or subject is thing or subject.related(thing):
        return True
    if Type.OPTIMIZER in (subject.type, thing.type) and subject.type is thing.type:
        return False
    if subject.type not in _PARAMETRIC and thing.type not in _PARAMETRIC:
        return False
    return not (_rooted(subject) and _rooted(thing)) or _named_alike(subject, thing)


def _named_alike(one: Thing, other: Thing) -> bool:
    """Whether two things that come from outside may be one: `model` and `model_without_ddp`."""
    given = [
        {t.name.rpartition(".")[2] for t in thing.ancestry() if t.given and t.type in _PARAMETRIC}
        for thing in (one, other)
    ]
    return any(a in b or b in a for a in given[0] for b in given[1] if a and b)


def _rooted(thing: Thing) -> bool:
    """Whether it is known which parameters the thing is about: it is, or is made of, modules that are told apart."""
    if thing.type in (Type.MODULE, Type.ENGINE):
        return True
    return any(
        source.type in (Type.MODULE, Type.ENGINE, Type.PARAMETERS) for source in thing.ancestry() if source is not thing
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Guard:
    """A condition that holds on an edge. `since`: the node before which everything it reads was bound."""

    condition: str
    holds: bool
    since: int = -1


@dataclasses.dataclass(frozen=True, slots=True)
class Edge:
    target: int
    guard: Guard | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Branch:
    """A place where the way parts: each arm is a half-open range of nodes and begins with a node of its own."""

    node: int
    arms: tuple[tuple[int, int], ...]


@dataclasses.dataclass(eq=False, slots=True)
class Iteration:
    """A loop of the program. `kind`: "for", "while", "comprehension", or "call" for a function that is called again
    and again by code that is not seen. `over`: what a `for` goes over. `nodes`: half-open range of nodes inside it.
    `endless`: it can only be left by `break`, `return` or an exception. `target`: what a `for` binds, as written.
    `function`: the function it stands in."""

    kind: str
    place: Place
    head: int
    nodes: tuple[int, int] = (0, 0)
    over: Thing | None = None
    outer: int | None = None
    endless: bool = False
    target: str = ""
    function: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Path:
    """A way through the loop: the events that matter on it, in order, each with what is to be said of it."""

    events: tuple[Event, ...]
    notes: tuple[str, ...] = ()

    def said(self, *notes: str) -> Path:
        """The same way, with a note for each of its events (an empty note leaves the place out of the report)."""
        return Path(self.events, notes)

    def __add__(self, other: Path) -> Path:
        """This way, then the other; an event that ends one and begins the other stands once."""
        skip = 1 if self.events and other.events and self.events[-1] is other.events[0] else 0
        return Path(self.events + other.events[skip:], self.notes + other.notes[skip:])


@dataclasses.dataclass(eq=False, slots=True)
class Loop:
    """The events of one program and the ways between them.

    `nodes[i]` is an event or None (a branch, a join, the head of a loop); `edges[i]` are the ways out of it.
    `complete`: the program's own entry is seen (module code, `main`), not a function that unseen code calls.
    """

    name: str
    place: Place
    nodes: list[Event | None] = dataclasses.field(default_factory=list)
    edges: list[list[Edge]] = dataclasses.field(default_factory=list)
    branches: list[Branch] = dataclasses.field(default_factory=list)
    iterations: list[Iteration] = dataclasses.field(default_factory=list)
    complete: bool = False
    cut: bool = False
    _compiled: _Ways | None = None
    _by_kind: dict[Kind, list[Event]] | None = None
    _counted: int = -1
    _avoided: dict[tuple[tuple[Kind, ...], int], set[int]] = dataclasses.field(default_factory=dict)
    _spent: int = 0

    def renew(self) -> None:
        """Begin to count anew what questions cost: each rule may ask for `WORK_LIMIT`."""
        self._spent = 0

    def _spend(self, work: int) -> None:
        self._spent += work
        if self._spent > WORK_LIMIT:
            raise TooLarge

    def all(self, *kinds: Kind) -> list[Event]:
        """Every event of these kinds, in the order of the code."""
        if len(kinds) == 1:
            return self._of_kind(kinds[0])
        return [event for event in self.nodes if event is not None and event.kind in kinds]

    def _of_kind(self, kind: Kind) -> list[Event]:
        if self._by_kind is None or self._counted != len(self.nodes):
            self._by_kind, self._counted = {}, len(self.nodes)
            for event in self.nodes:
                if event is not None:
                    self._by_kind.setdefault(event.kind, []).append(event)
        return self._by_kind.get(kind, [])

    def path(
        self,
        start: Event,
        *,
        to: Kind | Event | Iterable[Event],
        avoiding: Kind | Iterable[Kind | Event] = (),
        about: Thing | None = None,
        doubt: bool = True,
        within: int | None = None,
    ) -> Path | None:
        """A way from `start` to an event of kind `to` (or to one of the events `to`) that passes none of `avoiding`.

        Kinds mean events that concern `about` (default: the subject of `start`): in `to`, events about that very
        thing; in `avoiding`, events that may concern it, and what may be hidden in code that is not seen.
        `doubt`: a conditional `avoiding` event counts as met, unless the start or the goal stands in another arm of its
        condition. `within`: stay inside one iteration of that loop (an index into `iterations`).
        Returns its two ends, the nearest of several goals as the second one, or None. Raises TooLarge where the graph
        is too large to tell: no way and no answer are not the same.
        """
        about = about or start.subject
        goals = self._goals(to, about)
        blocked = self._blocked(avoiding, about) - goals
        self._spend(1 + len(goals) + len(blocked))
        bounds = self._bounds(within)
        leading = self._leading(goals, blocked, bounds)
        # Most questions end here: there is no way at all, whatever its conditions.
        if all(target not in leading or target == bounds[2] for target, _, _ in self._ways.out[start.node]):
            return None
        if doubt:
            blocked |= self._closed_arms(blocked, {start.node, *goals})
        goal = self._search(start.node, goals, blocked, within)
        return None if goal is None else self._between(start, goal)

    def conditional(self, event: Event, *, unlike: Event | None = None) -> bool:
        """Whether the event stands in an arm of a branch, one in which `unlike` (if given) does not stand."""
        return any(
            low <= event.node < high and (unlike is None or not low <= unlike.node < high)
            for branch in self.branches
            for low, high in branch.arms
        )

    def always(self, events: Iterable[Event], *, before: Event, within: int) -> bool:
        """Whether each iteration of that loop (an index into `iterations`) passes one of the events before it gets to
        `before`."""
        return self._search(self._bounds(within)[2], {before.node}, {event.node for event in events}, within) is None

    def inside(self, event: Event, *contexts: str) -> bool:
        """Whether the event happens in one of these contexts (`no_grad`, `autocast`, ...)."""
        return not event.contexts.isdisjoint(contexts)

    def carried(self, event: Event) -> bool:
        """Whether the subject of the event was made before an iteration in which the event happens: what is put into
        it stays alive from one iteration into the next, unless it is emptied on each way there."""
        inside = len(event.subject.loops)
        if len(event.loops) <= inside or event.loops[:inside] != event.subject.loops:
            return False
        if not any(empty.may_concern(event.subject) for empty in self.all(Kind.EMPTY)):
            return True
        # Where no update is made in the innermost loop, it goes over the parts of one batch, for all that is known.
        whole_batches = any(event.loops[-1] in step.loops for step in self.all(Kind.STEP))
        return whole_batches and self.path(event, to=event, avoiding=Kind.EMPTY) is not None

    def origin(self, thing: Thing) -> Event | None:
        """The event that made the thing, if it is seen."""
        return next((event for event in self.all(Kind.MAKE) if event.subject is thing), None)

    def common(self, *events: Event) -> tuple[int, ...]:
        """The loops that are around all of these events, outermost first."""
        shared = events[0].loops
        for event in events[1:]:
            length = next((i for i, (a, b) in enumerate(zip(shared, event.loops, strict=False)) if a != b), None)
            shared = shared[: min(len(shared), len(event.loops)) if length is None else length]
        return shared

    def another(self, event: Event, index: int) -> bool:
        """Whether a loop goes over several things of which the event's subject is one: each pass is about another."""
        iteration = self.iterations[index]
        if iteration.function == event.function and event.written in re.findall(r"\w+", iteration.target):
            return True
        over = iteration.over
        if over is None or over is event.subject:
            return False
        several = len(event.subjects) > 1 and any(map(over.related, event.subjects))
        return several or event.subject.comes_from(over)

    def in_iteration(self, index: int, *kinds: Kind) -> list[Event]:
        """Every event of these kinds inside that loop."""
        return [event for event in self.all(*kinds) if index in event.loops]

    def trainings(self) -> list[Event]:
        """The predictions that are back-propagated, by a loss that was made of them."""
        losses = [loss for event in self.all(Kind.BACKWARD) for loss in event.subjects]
        return [event for event in self.all(Kind.PREDICT, Kind.FORWARD) if event.leads_to(*losses)]

    def differentiated(self) -> list[Event]:
        """The predictions that need a graph: back-propagated ones, and those of which a gradient is asked for."""
        reads = [event for event in self.all(Kind.READ) if event.how == "grad"]
        asked = [subject for event in (*self.all(Kind.BACKWARD), *reads) for subject in event.subjects]
        return [event for event in self.all(Kind.PREDICT, Kind.FORWARD) if event.leads_to(*asked)]

    def _goals(self, to: Kind | Event | Iterable[Event], about: Thing) -> set[int]:
        if isinstance(to, Kind):
            return {event.node for event in self.all(to) if event.about(about)}
        if isinstance(to, Event):
            return {to.node}
        return {event.node for event in to}

    def _blocked(self, avoiding: Kind | Iterable[Kind | Event], about: Thing) -> set[int]:
        wanted: Sequence[Kind | Event] = [avoiding] if isinstance(avoiding, Kind) else list(avoiding)
        kinds = [item for item in wanted if isinstance(item, Kind)]
        blocked = {item.node for item in wanted if isinstance(item, Event)}
        return blocked | self._events_of(tuple(kinds), about) if kinds else blocked

    def _events_of(self, kinds: tuple[Kind, ...], about: Thing) -> set[int]:
        """Nodes of the events of these kinds that may concern a thing, and of what may hide one."""
        key = (kinds, id(about))
        if key not in self._avoided or self._counted != len(self.nodes):
            self._spend(len(self.nodes))
            found = {event.node for kind in kinds for event in self._of_kind(kind) if event.may_concern(about)}
            made = [event for event in self._of_kind(Kind.MAKE) if Kind.CLEAR not in kinds or not self._over_old(event)]
            hidden = [*self._of_kind(Kind.ESCAPE), *made]
            found |= {event.node for event in hidden if event.about(about) or event.about(EVERYTHING)}
            self._avoided[key] = found
        return self._avoided[key]

    def _over_old(self, make: Event) -> bool:
        """Whether an optimizer is made anew in each pass of a loop over a module that stays, with its gradients."""
        if make.subject.type is not Type.OPTIMIZER:
            return False
        around = next((i for i in reversed(make.loops) if self.iterations[i].kind in ("for", "while")), None)
        parts = [t for t in make.subject.ancestry() if t.type not in (Type.OPTIMIZER, Type.PARAMETERS, Type.COLLECTION)]
        known = any(part.type is Type.MODULE and part.certain for part in parts)
        return around is not None and known and all(around not in part.loops for part in parts)

    def _closed_arms(self, blocked: Collection[int], kept: Collection[int]) -> set[int]:
        """First nodes of the arms that pass beside a conditional event that is to be avoided."""
        closed: set[int] = set()
        if not blocked:
            return closed
        nodes, kept_nodes = sorted(blocked), sorted(kept)
        for branch in self.branches:
            if _any_in(nodes, branch.arms[0][0], branch.arms[-1][1]):
                held = [_any_in(nodes, low, high) for low, high in branch.arms]
                if any(held):
                    closed.update(
                        low
                        for (low, high), here in zip(branch.arms, held, strict=True)
                        if not here and not _any_in(kept_nodes, low, high)
                    )
        return closed

    def _search(
        self,
        start: int,
        goals: Collection[int],
        blocked: Collection[int],
        within: int | None,
    ) -> int | None:
        """The first of the goals that is reached from a node, if one is."""
        ways = self._ways
        bounds = low, high, head = self._bounds(within)
        leading = self._leading(goals, blocked, bounds)
        live: Mapping[int, int] = {}
        # A state is a node with the conditions that were met as true and as false, one bit each.
        seen: dict[int, list[tuple[int, int]]] = {}
        queue: deque[_State] = deque([(start, *ways.met_at(start, self.branches))])
        visited = 0
        while queue:
            visited += 1
            self._spend(1)
            if visited == SIMPLE:
                live = ways.live(leading)
            # The nearest of several goals is asked for; a single one is found sooner by going on than by going wide.
            node, true, false = queue.pop() if len(goals) == 1 else queue.popleft()
            for target, needs, excludes in ways.out[node]:
                if target == head or not low <= target < high or true & excludes or false & needs:
                    continue
                met, unmet = true | needs, false | excludes
                if target <= node:
                    fresh = ways.forgotten(target)
                    met, unmet = met & ~fresh, unmet & ~fresh
                if target in goals:
                    return target
                if target in blocked or target not in leading:
                    continue
                if live:
                    met, unmet = met & live[target], unmet & live[target]
                known = seen.setdefault(target, [])
                # Where many conditions meet, states are compared far more often than they are visited.
                self._spend(len(known) // 16)
                if any(one & met == one and two & unmet == two for one, two in known):
                    continue
                known.append((met, unmet))
                queue.append((target, met, unmet))
        return None

    def _bounds(self, within: int | None) -> tuple[int, int, int]:
        """The nodes that a way may use: first, one past the last, and the head of the loop that it must not return
        to."""
        if within is None:
            return 0, len(self.nodes), -1
        return *self.iterations[within].nodes, self.iterations[within].head

    def _leading(self, goals: Collection[int], blocked: Collection[int], bounds: tuple[int, int, int]) -> set[int]:
        """The nodes from which a goal is reached, whatever the conditions: no way goes through others."""
        low, high, head = bounds
        into = self._ways.into
        found = {goal for goal in goals if low <= goal < high and goal != head}
        stack = list(found)
        while stack:
            for node in into[stack.pop()]:
                if node not in found and node not in blocked and low <= node < high:
                    found.add(node)
                    if node != head:
                        stack.append(node)
        self._spend(len(found))
        return found

    def _between(self, start: Event, goal: int) -> Path:
        last = self.nodes[goal]
        assert last is not None
        return Path((start, last))

    @property
    def _ways(self) -> _Ways:
        if self._compiled is None or len(self._compiled.out) != len(self.nodes):
            self._compiled = _Ways(self)
        return self._compiled


_State = tuple[int, int, int]


def _any_in(ordered: Sequence[int], low: int, high: int) -> bool:
    index = bisect.bisect_left(ordered, low)
    return index < len(ordered) and ordered[index] < high


_COMPARED = re.compile(r"(.+) == ('[^']*'|-?\d+) (\[.*\])")


def _one_of(conditions: Iterable[str]) -> dict[str, list[str]]:
    """For each condition the others that cannot hold with it: the same thing compared with another constant."""
    values: dict[tuple[str, str], list[str]] = {}
    for condition in conditions:
        if match := _COMPARED.fullmatch(condition):
            values.setdefault((match[1], match[3]), []).append(condition)
    return {one: [other for other in group if other != one] for group in values.values() for one in group}


class _Ways:
    """The edges of a loop with their conditions as bits. Only conditions that can contradict each other have one:
    those of two branches, and those of a branch in a loop that does not change what they read."""

    def __init__(self, loop: Loop) -> None:
        met: dict[str, set[int]] = {}
        since: dict[str, int] = {}
        for node, edges in enumerate(loop.edges):
            for edge in edges:
                if edge.guard is not None:
                    met.setdefault(edge.guard.condition, set()).add(node)
                    since[edge.guard.condition] = edge.guard.since
        ranges = [iteration.nodes for iteration in loop.iterations]
        beside = _one_of(met)

        def matters(condition: str, nodes: set[int]) -> bool:
            return (
                len(nodes) > 1
                or bool(beside.get(condition))
                or any(low <= node < high and since[condition] < low for node in nodes for low, high in ranges)
            )

        bits = {c: 1 << i for i, c in enumerate(c for c, nodes in met.items() if matters(c, nodes))}
        self._since = [(bit, since[condition]) for condition, bit in bits.items()]
        self._forgotten: dict[int, int] = {}
        self.out: list[list[tuple[int, int, int]]] = []
        for edges in loop.edges:
            row = []
            for edge in edges:
                bit = bits.get(edge.guard.condition, 0) if edge.guard is not None else 0
                if edge.guard is not None and edge.guard.holds:
                    others = sum(bits.get(other, 0) for other in beside.get(edge.guard.condition, ()))
                    row.append((edge.target, bit, others))
                else:
                    row.append((edge.target, 0, bit))
            self.out.append(row)

    def met_at(self, node: int, branches: Sequence[Branch]) -> tuple[int, int]:
        """The conditions that hold, and those that do not, wherever the node is reached: those of the arms around
        it."""
        true = false = 0
        for branch in branches:
            for low, high in branch.arms:
                if low <= node < high:
                    for target, needs, excludes in self.out[branch.node]:
                        if target == low:
                            true, false = true | needs, false | excludes
                    while low < node and len(self.out[low]) == 1 and any(self.out[low][0][1:]):
                        low, needs, excludes = self.out[low][0]
                        true, false = true | needs, false | excludes
        return true, false

    @functools.cached_property
    def into(self) -> list[list[int]]:
        """By node, the nodes that an edge leads from."""
        into: list[list[int]] = [[] for _ in self.out]
        for node, edges in enumerate(self.out):
            for target, _, _ in edges:
                into[target].append(node)
        return into

    def live(self, within: Collection[int]) -> dict[int, int]:
        """By node, the conditions that are asked on some way from there on through these nodes: what was found of
        others does not matter any more, and ways that differ in nothing else are the same way."""
        live = dict.fromkeys(within, 0)
        ordered = sorted(within, reverse=True)
        grown = True
        while grown:
            grown = False
            for node in ordered:
                bits = live[node]
                for target, needs, excludes in self.out[node]:
                    if target in live:
                        later = live[target] if target > node else live[target] & ~self.forgotten(target)
                        bits |= needs | excludes | later
                grown |= bits != live[node]
                live[node] = bits
        return live

    def forgotten(self, head: int) -> int:
        """The conditions of which nothing is known in the next pass of a loop: it changes what they read."""
        if head not in self._forgotten:
            self._forgotten[head] = sum(bit for bit, since in self._since if since >= head)
        return self._forgotten[head]


SIMPLE = 200
"""States after which a search is no simple one: from there on, ways are told apart by what still matters only."""

WORK_LIMIT = 1_000_000
"""Nodes that the questions of one rule to one graph may look at; a rule that needs more does not answer there."""


class TooLarge(Exception):
    """A graph too large for a rule to be answered on it within `WORK_LIMIT`."""

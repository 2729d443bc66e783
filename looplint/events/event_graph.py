"""The event graph of one entry point or module class, and the queries that rules make on it.

Calls to functions whose source is available are inlined. A function that unknown code calls repeatedly has a back edge
from its end to its start. A `for` or `while` body runs at least once; an exception leaves a `try` block at its start or
at its end.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Collection, Iterable, Iterator

from looplint.events.alternatives import can_meet, conditions, exclusive
from looplint.events.contexts import Context
from looplint.events.edges import Branch, Edge, Trace
from looplint.events.event import Event
from looplint.events.event_index import EventIndex
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.iterables import iterates_over_outputs, iterates_over_subject
from looplint.events.kinds import Graph, Kind, Type
from looplint.events.lifetimes import carried, ends_with_update
from looplint.events.loop_scope import LoopScope
from looplint.events.object import AbstractObject
from looplint.events.options import Option
from looplint.events.place import Place
from looplint.events.query_nodes import QueryNodes
from looplint.events.search import Effort, Search

FEW = 4
"""Starts of a query that are tried one after the other before the others are searched for backwards."""

PREDICTIONS = (Kind.PREDICT, Kind.FORWARD)
"""The kinds of events that compute the output of a module."""

SETS = 64
"""Members of a node set that cost as much as one node visited by a search."""


@dataclasses.dataclass(eq=False, slots=True)
class EventGraph:
    """The events of one entry point and the control-flow edges between them; or those of the definition of a module
    class, in source order.

    `name`, `place`: the entry point, a function or the module; or the class. `nodes[i]` is an event or None (a branch,
    a join, a loop head); `edges[i]` are its outgoing edges. `branches`, `iterations`: its branch points and loops.
    `complete`: the entry point is where the program starts (module code, `main`), so that no unknown caller exists.
    `cut`: a call was treated as unknown code because it lies too deep or the evaluation budget ran out; `cut_at`:
    where; `cut_limit`: the budget that ran out, in expressions, 0 if the call lies too deep. `searched_up_to`: the
    first call in the body of a loop that was not searched for what it binds, since the search had reached its bound.
    """

    name: str
    place: Place
    nodes: list[Event | None] = dataclasses.field(default_factory=list)
    edges: list[list[Edge]] = dataclasses.field(default_factory=list)
    branches: list[Branch] = dataclasses.field(default_factory=list)
    iterations: list[LoopScope] = dataclasses.field(default_factory=list)
    complete: bool = False
    cut: bool = False
    cut_at: Place | None = None
    cut_limit: int = 0
    searched_up_to: Place | None = None
    _compiled: Search | None = None
    _trainings: list[Event] | None = None
    _trained_up_to: int = 0
    _effort: Effort = dataclasses.field(default_factory=Effort)
    _index: EventIndex = dataclasses.field(init=False)
    _named: QueryNodes = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self._index = EventIndex(self.nodes, self._effort)
        self._named = QueryNodes(self.edges, self.iterations, self._index, self._effort)

    def renew(self) -> None:
        """Reset the cost counter: each rule has the whole `WORK_LIMIT`."""
        self._effort.renew()

    def all(
        self,
        *kinds: Kind,
        about: AbstractObject | None = None,
        concerning: AbstractObject | None = None,
        how: str | Collection[str] = (),
    ) -> list[Event]:
        """All events of these kinds, in source order. `about`: only those with that very object as a subject.
        `concerning`: only those that may affect it. `how`: only those that happen in that manner, or in one of
        these."""
        if how:
            manners = {how} if isinstance(how, str) else how
            return [event for event in self.all(*kinds, about=about, concerning=concerning) if event.how in manners]
        if concerning is not None:
            found = self._index.concerning(kinds, concerning)
            return found if about is None else [event for event in found if event.is_subject(about)]
        return self._index.of(kinds) if about is None else self._index.about(kinds, about)

    def subjects(self, *kinds: Kind) -> list[AbstractObject]:
        """What the events of these kinds happen to, each object once, in source order."""
        return list(dict.fromkeys(thing for event in self.all(*kinds) for thing in event.subjects))

    def alternatives(self, event: Event) -> list[Event]:
        """The event, and those that happen instead of it where a name at that place refers to another object."""
        return [e for e in self.all(event.kind) if e.place == event.place and e.calls == event.calls]

    def path(
        self,
        start: Event | Iterable[Event],
        *,
        to: Kind | Event | Collection[Event],
        avoiding: Kind | Collection[Kind | Event] = (),
        about: AbstractObject | None = None,
        doubt: bool = True,
        within: LoopScope | None = None,
    ) -> Trace | None:
        """A path from `start` to an event of kind `to` (or to one of the events `to`) that contains no event of
        `avoiding`; None if there is none.

        Its first event is the start (of several starts, the first that has a path), its last the nearest of the goals.
        A kind means events that concern `about` (default: the subject of `start`): as `to`, events with that very
        object as a subject; in `avoiding`, events that may affect it, unknown code that may do so, and its creation.

        `doubt`: give the program the benefit of the doubt. The other arms of an `if` around an `avoiding` event are
        closed, as if that event always happened: only a path that bypasses the whole `if` counts, or one whose start or
        goal lies in such an arm. An `if` that holds in the first pass of a loop alone closes none: the later passes
        bypass it for certain. Use it (the default) where the absence of an event is the mistake; with
        False, each arm can be taken, so the mistake on one of them is enough.

        `within`: stay inside one iteration of that loop: the path uses only nodes of its body and does not take its
        back edge.

        Raises TooLarge where the graph is too large to answer: no path and no answer are not the same.
        """
        if not isinstance(start, Event):
            starts = self._leading(start, to, avoiding, about, within)
            paths = (self.path(s, to=to, avoiding=avoiding, about=about, doubt=doubt, within=within) for s in starts)
            return next((path for path in paths if path), None)
        about = about or start.subject
        goals = self._named.goals(to, about)
        blocked = self._named.blocked(avoiding, about)
        # Both may be as large as the graph, and belong to the caches.
        blocked = blocked if blocked.isdisjoint(goals) else blocked - goals
        self._effort.spend(1 + (len(goals) + len(blocked)) // SETS)
        bounds = self._named.bounds(within)
        # Most queries end here: few events are reachable from the start, or a goal is near.
        known, goal = self._search.nearby(start.node, goals, blocked, bounds)
        if known and goal is None:
            return None
        if doubt and blocked:
            closed = self._named.closed_arms(self._search, blocked, start.node, goals)
            blocked = blocked | closed if closed else blocked
            known, goal = self._search.nearby(start.node, goals, blocked, bounds)
        if not known:
            if not self._search.leads(start.node, goals, blocked, bounds):
                return None
            goal = self._search.reached(start.node, goals, blocked, bounds)
        return None if goal is None else self._between(start, goal)

    def paths(
        self,
        start: Event,
        *,
        to: Iterable[Event],
        avoiding: Kind | Collection[Kind | Event] = (),
        about: AbstractObject | None = None,
        within: LoopScope | None = None,
    ) -> Iterator[Trace]:
        """A path from `start` to each of several events that has one, the nearest first; otherwise as `path`. Where a
        rule needs one of them only, the others cost nothing, however many a long function has. Raises TooLarge."""
        goals = list(to)
        while path := self.path(start, to=goals, avoiding=avoiding, about=about, within=within):
            yield path
            goals.remove(path.events[-1])

    def reached(self, start: Event, kind: Kind, about: AbstractObject, *, avoiding: Kind | None = None) -> set[Event]:
        """The events of a kind with that object as their first subject to which a path leads from `start`. `avoiding`:
        as for `path`; by default the kind itself, so that only those are meant which may be the next. Raises
        TooLarge."""
        goals = [event for event in self.all(kind) if event.subject is about]
        return {path.events[-1] for path in self.paths(start, to=goals, avoiding=avoiding or kind, about=about)}

    def _leading(
        self,
        starts: Iterable[Event],
        to: Kind | Event | Collection[Event],
        avoiding: Kind | Collection[Kind | Event],
        about: AbstractObject | None,
        within: LoopScope | None,
    ) -> Iterator[Event]:
        """The first few starts, and those of the others from which a goal is reachable, conditions ignored: of the
        hundreds that a long function may have, a search backwards from the goals meets few."""
        leading: dict[AbstractObject, Callable[[int], bool]] = {}
        for index, start in enumerate(starts):
            if index >= FEW:
                thing = about or start.subject
                if thing not in leading:
                    goals = self._named.goals(to, thing)
                    blocked = self._named.blocked(avoiding, thing) - goals
                    leading[thing] = self._search.leading(goals, blocked, self._named.bounds(within))
                if not leading[thing](start.node):
                    continue
            yield start

    def bypasses(
        self,
        start: Event,
        event: Event,
        *,
        avoiding: Kind | Collection[Kind | Event] = (),
        about: AbstractObject | None = None,
        within: LoopScope | None = None,
    ) -> bool:
        """Whether a path from `start` bypasses a conditional event: it takes another arm of the innermost branch around
        the event. `avoiding`, `about`, `within`: as for `path`. Raises TooLarge."""
        held = [(branch, arm) for branch in self.branches for arm in branch.arms if arm[0] <= event.node < arm[1]]
        if not held:
            return False
        branch, own = max(held, key=lambda one: one[1][0])
        goals = {arm[0] for arm in branch.arms if arm != own}
        blocked = self._named.blocked(avoiding, about or start.subject)
        blocked = blocked | self._named.closed_arms(self._search, blocked, start.node, goals)
        self._effort.spend(1 + (len(goals) + len(blocked)) // SETS)
        return self._search.reached(start.node, goals, blocked - goals, self._named.bounds(within)) is not None

    def conditional(self, event: Event, *, unlike: Event | None = None, within: LoopScope | None = None) -> bool:
        """Whether the event lies in an arm of a branch (one that does not contain `unlike`, if given). `within`: only
        branches inside that loop."""
        first, last, _ = self._named.bounds(within)
        return any(
            low <= event.node < high and (unlike is None or not low <= unlike.node < high)
            for branch in self.branches
            if first <= branch.node < last
            for low, high in branch.arms
        )

    def in_other_arms(self, event: Event, other: Event) -> bool:
        """Whether two events lie in different arms of one branch."""

        def arm(branch: Branch, one: Event) -> tuple[int, int] | None:
            return next((arm for arm in branch.arms if arm[0] <= one.node < arm[1]), None)

        pairs = ((arm(branch, event), arm(branch, other)) for branch in self.branches)
        return any(mine is not None and theirs is not None and mine != theirs for mine, theirs in pairs)

    def dominates(self, events: Iterable[Event], *, before: Event, within: LoopScope) -> bool:
        """Whether every path from the head of that loop to `before`, in one iteration, passes one of the events. Raises
        TooLarge."""
        bounds = self._named.bounds(within)
        return self._search.reached(bounds.head, {before.node}, {event.node for event in events}, bounds) is None

    def conditions(self, *events: Event) -> set[str]:
        """The conditions under which all of these events happen, as written: those of the arms around them."""
        return conditions(self, events)

    def inside(self, event: Event, *contexts: Context) -> bool:
        """Whether the event is enclosed by one of these contexts (`Context.NO_GRAD`, ...)."""
        return not event.contexts.isdisjoint(contexts)

    def unrecorded(self, event: Event) -> bool:
        """Whether autograd is off there: under `no_grad` or `inference_mode`."""
        return self.inside(event, Context.NO_GRAD, Context.INFERENCE_MODE)

    def origin(self, thing: AbstractObject) -> Event | None:
        """The event that created the object, if its creation is in the graph."""
        return next((event for event in self.all(Kind.MAKE) if event.subject is thing), None)

    def made(self, of: Type, *, certain: bool = False) -> list[Event]:
        """The events that create an object of this type. `certain`: only where its type is."""
        makes = (event for event in self.all(Kind.MAKE) if event.subject.type is of)
        return [event for event in makes if event.subject.certain or not certain]

    def carried(self, event: Event) -> bool:
        """Whether the subject outlives an iteration in which the event happens: it was created before the loop, so what
        is put into it stays alive into the next iteration, unless it is emptied on every path there."""
        return carried(self, event)

    def ends_with_update(self, event: Event) -> bool:
        """Whether the subject is a local object made for one update, so that the loops between it and the event iterate
        over the parts of one batch, or repeat the update with that batch."""
        return ends_with_update(self, event)

    def kept_with_graph(self) -> Iterator[tuple[Event, AbstractObject]]:
        """The KEEP events by which a value with an autograd graph outlives its iteration and the update in it, each
        with that value. Raises TooLarge."""
        for keep in self.all(Kind.KEEP):
            kept = keep.object
            if kept is not None and kept.graph is Graph.YES and self.carried(keep) and not self.ends_with_update(keep):
                yield keep, kept

    def exclusive(self, event: Event, other: Event) -> bool:
        """Whether two events cannot happen in the same iteration: their conditions compare the same value with
        different constants (`i % 2 == 0` and `i % 2 == 1`)."""
        return exclusive(self, event, other)

    def can_meet(self, event: Event, *things: AbstractObject) -> bool:
        """Whether the event can happen with all of these objects, by the conditions under which they and the modules
        and criteria that they were built from are created: `criterion = A() if kind == "a" else B()` leaves no `B`
        where `kind == "a"`. Raises TooLarge."""
        return can_meet(self, event, *things)

    def common(self, *events: Event | AbstractObject) -> tuple[LoopScope, ...]:
        """The loops around all of these events, or around the creation of these objects, outermost first."""
        shared = events[0].loops
        for event in events[1:]:
            length = next((i for i, (a, b) in enumerate(zip(shared, event.loops, strict=False)) if a != b), None)
            shared = shared[: min(len(shared), len(event.loops)) if length is None else length]
        return shared

    def innermost(self, *events: Event | AbstractObject) -> LoopScope | None:
        """The innermost loop around all of these events, or the creation of these objects, or None."""
        return next(reversed(self.common(*events)), None)

    def iterates_over_subject(self, event: Event, scope: LoopScope) -> bool:
        """Whether the loop iterates over several objects of which the event's subject is one: each iteration is about
        another."""
        return iterates_over_subject(event, scope)

    def iterables(self) -> set[AbstractObject]:
        """What the loops iterate over, as far as it is known."""
        return {scope.over for scope in self.iterations if scope.over is not None}

    def iterates_over_outputs(self, scope: LoopScope) -> bool:
        """Whether the loop iterates over what a network predicted: over parts of one batch."""
        return iterates_over_outputs(self, scope)

    def repeats(self, scope: LoopScope, event: Event | None = None) -> bool:
        """Whether the loop has a back edge: its body does not always end in `break` or `return`. With an event inside
        it: whether another pass may follow that event."""
        low, high = scope.nodes
        if event is None:
            return any(edge.target == scope.head for node in range(low, high) for edge in self.edges[node])
        waiting, seen = [event.node], {event.node}
        while waiting:
            for edge in self.edges[waiting.pop()]:
                if edge.target == scope.head:
                    return True
                if low <= edge.target < high and edge.target not in seen:
                    seen.add(edge.target)
                    waiting.append(edge.target)
        return False

    def in_iteration(
        self,
        scope: LoopScope,
        *kinds: Kind,
        about: AbstractObject | None = None,
        concerning: AbstractObject | None = None,
        how: str | Collection[str] = (),
    ) -> list[Event]:
        """All events of these kinds inside that loop. `about`, `concerning`, `how`: as for `all`."""
        found = self._index.inside(kinds, scope)
        if about is None and concerning is None and not how:
            return found
        wanted = set(self.all(*kinds, about=about, concerning=concerning, how=how))
        return [event for event in found if event in wanted]

    def nested_with(self, event: Event, *kinds: Kind) -> list[Event]:
        """The events of these kinds inside all loops of the event, or directly inside one of them or none."""
        return self._index.nested_with(kinds, event)

    def gradient_switches(self) -> list[Event]:
        """The events that turn gradients of a module or of parameters on or off."""
        return self.all(Kind.ASSIGN, how=("requires_grad", "requires_grad_"))

    def clips(self) -> list[Event]:
        """The events that clip gradients; an infinite `max_norm` only measures them."""
        return [event for event in self.all(Kind.CLIP) if event.options.get(Option.MAX_NORM) != math.inf]

    def leading_to(self, things: Iterable[AbstractObject], *kinds: Kind) -> list[Event]:
        """The events of these kinds (default: predictions) from whose outputs one of the things was computed."""
        return self._index.leading_to(kinds or PREDICTIONS, things)

    def backwards_through(self, predict: Event) -> list[Event]:
        """The BACKWARD events of losses that were computed from an output of this prediction."""
        return self._index.backwards(predict, PREDICTIONS)

    def losses(self) -> list[AbstractObject]:
        """What is back-propagated, by each BACKWARD event in turn."""
        return [loss for event in self.all(Kind.BACKWARD) for loss in event.subjects]

    def trainings(self) -> list[Event]:
        """The predictions that are back-propagated through a loss computed from them."""
        if self._trainings is None or self._trained_up_to != len(self.nodes):
            self._trainings = self.leading_to(self.losses())
            self._trained_up_to = len(self.nodes)
        return self._trainings

    def differentiated(self) -> list[Event]:
        """The predictions that need a graph: back-propagated ones, and those whose gradient is read."""
        reads = self.all(Kind.READ, how=How.GRADIENT)
        return self.leading_to(thing for event in (*self.all(Kind.BACKWARD), *reads) for thing in event.subjects)

    def may_accumulate(self) -> bool:
        """Whether a framework may add up the gradients of several batches: the arguments of its constructor are
        unknown, or ask for it."""
        made = [make.subject for make in self.all(Kind.MAKE) if make.subject.type is Type.FRAMEWORK]
        return not made or any(Fact.ACCUMULATES in one.facts or "**" in one.options for one in made)

    def _between(self, start: Event, goal: int) -> Trace:
        last = self.nodes[goal]
        assert last is not None
        return Trace((start, last))

    @property
    def _search(self) -> Search:
        if self._compiled is None or len(self._compiled.out) != len(self.nodes):
            self._compiled = Search(self.edges, self.branches, self.iterations, self._effort)
        return self._compiled

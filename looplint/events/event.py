"""Events: what happens, to which objects, and which other objects it may affect."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from looplint.events.contexts import Context
from looplint.events.facts import Fact
from looplint.events.kinds import Kind, Type
from looplint.events.loop_scope import LoopScope
from looplint.events.object import EVERYTHING, AbstractObject, any_comes_from
from looplint.events.place import Place

if TYPE_CHECKING:
    from looplint.syntax.located import ConcreteNode


@dataclasses.dataclass(eq=False, slots=True)
class Event:
    """Something happens to `subjects` (several where the code handles several at once) at a place.

    - `kind`: what happens; its row in `Kind` says what `subjects` and `object` are
    - `place`: the call, expression or statement that does it, where a finding is reported
    - `object`: the other object involved, if the kind has one
    - `inputs`: the arguments of the call
    - `how`: the method, function, attribute or operator as written, or a `How`
    - `contexts`: the context managers, decorators and conditions around it, those of inlined callers included
    - `loops`: the loops around it, outermost first
    - `options`: plain arguments (literals) by name or position, and attributes by `Option`
    - `statement`: the statement that contains it
    - `function`: the name of the function that contains it, `<module>` outside of functions
    - `written`: the subject as the source spells it here
    - `calls`: the inlined call sites that lead here, outermost first
    - `outputs`: what a prediction or a criterion returns, element by element
    - `node`: its index in `EventGraph.nodes`
    - `origin`: the source file that contains it
    """

    kind: Kind
    subjects: tuple[AbstractObject, ...]
    place: Place
    object: AbstractObject | None = None
    inputs: tuple[AbstractObject, ...] = ()
    how: str = ""
    contexts: frozenset[Context] = frozenset()
    loops: tuple[LoopScope, ...] = ()
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    statement: Place | None = None
    function: str = ""
    written: str = ""
    calls: tuple[Place, ...] = ()
    outputs: tuple[AbstractObject, ...] = ()
    node: int = -1
    origin: Any = None

    @property
    def tree(self) -> ConcreteNode | None:
        """The libcst node of the call, expression or statement, with its ancestors; None if libcst cannot parse the
        file.

        For rules of your own that ask about syntax, with `libcst.matchers`.
        """
        return None if self.origin is None else self.origin.concrete_at(self.place)

    @property
    def callee(self) -> Place | None:
        """The place of the function in the call, `nn.MSELoss` of `nn.MSELoss(x, y)`; None if it is no call."""
        return None if self.origin is None else self.origin.callee_at(self.place)

    @property
    def name(self) -> str:
        """The subject as the author spells it here."""
        return self.written or str(self.subject)

    @property
    def subject(self) -> AbstractObject:
        """The first subject."""
        return self.subjects[0]

    @property
    def movable(self) -> str:
        """The code that a fix moves: the call, or the statement around one of several rows, unless it is compound."""
        return self.place.text or (self.statement.text if self.statement is not None else "")

    @property
    def written_loop(self) -> LoopScope | None:
        """The innermost `for` or `while` statement around it."""
        return next((scope for scope in reversed(self.loops) if scope.is_written), None)

    def nearest(self, events: Iterable[Event]) -> list[Event]:
        """These events, closest to this one in the source first: the best place if one of them is enough."""
        return sorted(events, key=lambda event: abs(event.node - self.node))

    def is_subject(self, thing: AbstractObject) -> bool:
        """Whether `thing` itself is one of the subjects."""
        return any(subject is thing for subject in self.subjects)

    def comes_from(self, thing: AbstractObject) -> bool:
        """Whether one of the subjects is `thing` or was built from it."""
        return any(subject.comes_from(thing) for subject in self.subjects)

    def is_part_of(self, thing: AbstractObject) -> bool:
        """Whether `thing` is one of the subjects or was built from one, as a scheduler is from an optimizer."""
        return any(map(thing.comes_from, self.subjects))

    def beside(self, other: Event) -> bool:
        """Whether both are in the same function, inside the same loops: one can be moved next to the other."""
        return (self.function, self.loops) == (other.function, other.loops)

    def leads_to(self, *things: AbstractObject) -> bool:
        """Whether one of the things was computed from an output of this prediction or criterion."""
        return bool(self.outputs) and any_comes_from(things, self.outputs)

    def divergence(self, other: Event) -> Place:
        """Where the call stack of this event leaves that of the other: a call site, or the event's own place."""
        index = 0
        while index < min(len(self.calls), len(other.calls)) and self.calls[index] == other.calls[index]:
            index += 1
        return self.calls[index] if index < len(self.calls) else self.place

    def may_concern(self, thing: AbstractObject) -> bool:
        """Whether this event may affect `thing`: the same object, or one that may share state with it.

        Two optimizers over known, different parameters do not affect each other; a module affects the optimizers over
        it and every optimizer whose parameters are unknown.
        """
        return any(_concerns(subject, thing) for subject in self.subjects)


_PARAMETRIC = frozenset({Type.MODULE, Type.PARAMETERS, Type.TENSOR, Type.ENGINE, Type.CRITERION, Type.UNKNOWN})


def _concerns(subject: AbstractObject, thing: AbstractObject) -> bool:
    if subject is EVERYTHING or subject is thing or subject.related(thing) or Fact.SOME_ATTRIBUTE in subject.facts:
        return True
    if Type.OPTIMIZER in (subject.type, thing.type) and subject.type is thing.type:
        return False
    if subject.type not in _PARAMETRIC and thing.type not in _PARAMETRIC:
        return False
    # Neither does an optimizer over such tensors alone, which trains an input.
    if thing.type is Type.MODULE and subject.type is Type.OPTIMIZER and _over_inputs(subject):
        return False
    # A tensor created here is not among the parameters of a module or of an optimizer that existed before.
    if Fact.LEAF in subject.facts and not subject.external and (thing.external or _rooted(thing)):
        return False
    return not (_rooted(subject) and _rooted(thing)) or _named_alike(subject, thing)


def _over_inputs(optimizer: AbstractObject) -> bool:
    """Whether an optimizer holds only tensors that were created as leaves, rather than parameters of a module."""
    held = [one for one in optimizer.ancestry() if one is not optimizer and one.type is not Type.COLLECTION]
    return bool(held) and all(Fact.LEAF in one.facts and not one.external for one in held)


def _named_alike(one: AbstractObject, other: AbstractObject) -> bool:
    """Whether two external objects may be the same one: `model` and `model_without_ddp`."""
    given = [
        {t.name.rpartition(".")[2] for t in thing.ancestry() if t.external and t.type in _PARAMETRIC}
        for thing in (one, other)
    ]
    return any(a in b or b in a for a in given[0] for b in given[1] if a and b)


def _rooted(thing: AbstractObject) -> bool:
    """Whether its parameters are known: it is, or was built from, modules that are distinguished from each other."""
    if thing.type in (Type.MODULE, Type.ENGINE):
        return True
    return any(
        source.type in (Type.MODULE, Type.ENGINE, Type.PARAMETERS) for source in thing.ancestry() if source is not thing
    )

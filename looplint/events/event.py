"""What happens, to which objects, and which others it may concern."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from looplint.events.contexts import Context
from looplint.events.facts import Fact
from looplint.events.kinds import Kind, Type
from looplint.events.loop_scope import LoopScope
from looplint.events.object import EVERYTHING, AbstractObject
from looplint.events.place import Place

if TYPE_CHECKING:
    from looplint.syntax.located import ConcreteNode


@dataclasses.dataclass(eq=False, slots=True)
class Event:
    """Something that matters happens to `subjects` (several where the code handles several at once) at a place.

    `object`: the other thing in it, see `Kind`. `inputs`: what the call was given. `how`: the method or operator as
    written. `contexts`: what is around it: no_grad, inference_mode, enable_grad, autocast, accumulate, no_sync,
    forward. `loops`: the loops around it, outermost first. `options`: plain
    arguments. `calls`: the calls that led here, outermost first. `outputs`: what a prediction or a criterion gives
    back, part by part. `origin`: the file that was read.
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
        """libcst's node of the call, expression or statement in which this happens, with its ancestors.

        For house rules that ask about syntax, with `libcst.matchers`. None where libcst cannot read the file.
        """
        return None if self.origin is None else self.origin.concrete_at(self.place)

    @property
    def name(self) -> str:
        """The subject as the author writes it here."""
        return self.written or str(self.subject)

    @property
    def subject(self) -> AbstractObject:
        """The first subject."""
        return self.subjects[0]

    def nearest(self, events: Iterable[Event]) -> list[Event]:
        """These events, those that stand nearest to this one first: where one is enough, it is most likely there."""
        return sorted(events, key=lambda event: abs(event.node - self.node))

    def is_subject(self, thing: AbstractObject) -> bool:
        """Whether `thing` itself is among the subjects."""
        return any(subject is thing for subject in self.subjects)

    def leads_to(self, *things: AbstractObject) -> bool:
        """Whether one of the things was made of what this prediction or criterion gives back."""
        return any(thing.comes_from(output) for thing in things for output in self.outputs)

    def divergence(self, other: Event) -> Place:
        """Where the way of calls to this event leaves that to the other one: a call, or the place of the event."""
        index = 0
        while index < min(len(self.calls), len(other.calls)) and self.calls[index] == other.calls[index]:
            index += 1
        return self.calls[index] if index < len(self.calls) else self.place

    def may_concern(self, thing: AbstractObject) -> bool:
        """Whether what happens here may happen to `thing`: the same object, or one that it shares something with.

        Two optimizers over known, different parameters do not concern each other; a module concerns the optimizers
        over it and every optimizer whose parameters are not known.
        """
        return any(_concerns(subject, thing) for subject in self.subjects)


_PARAMETRIC = frozenset({Type.MODULE, Type.PARAMETERS, Type.TENSOR, Type.ENGINE, Type.CRITERION, Type.UNKNOWN})


def _concerns(subject: AbstractObject, thing: AbstractObject) -> bool:
    if subject is EVERYTHING or subject is thing or subject.related(thing):
        return True
    if Type.OPTIMIZER in (subject.type, thing.type) and subject.type is thing.type:
        return False
    if subject.type not in _PARAMETRIC and thing.type not in _PARAMETRIC:
        return False
    # A tensor made here is not among the parameters of an optimizer that was there before, nor among a module's.
    if Fact.LEAF in subject.facts and not subject.external and (thing.external or _rooted(thing)):
        return False
    return not (_rooted(subject) and _rooted(thing)) or _named_alike(subject, thing)


def _named_alike(one: AbstractObject, other: AbstractObject) -> bool:
    """Whether two things that come from outside may be one: `model` and `model_without_ddp`."""
    given = [
        {t.name.rpartition(".")[2] for t in thing.ancestry() if t.external and t.type in _PARAMETRIC}
        for thing in (one, other)
    ]
    return any(a in b or b in a for a in given[0] for b in given[1] if a and b)


def _rooted(thing: AbstractObject) -> bool:
    """Whether it is known which parameters the thing is about: it is, or is made of, modules that are told apart."""
    if thing.type in (Type.MODULE, Type.ENGINE):
        return True
    return any(
        source.type in (Type.MODULE, Type.ENGINE, Type.PARAMETERS) for source in thing.ancestry() if source is not thing
    )

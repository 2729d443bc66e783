"""What only the complete graph says of its objects."""

from __future__ import annotations

from looplint.events import EventGraph, Fact, Graph, How, Kind, Option, Type
from looplint.interpreter.suggested_by_name import hint
from looplint.interpreter.values import Instance


def finish(loop: EventGraph, document: bool) -> None:
    """Set the facts that need the whole graph. `document`: it is that of a page of documentation."""
    _mark_backpropagated(loop)
    _mark_modules(loop, document)


def _mark_backpropagated(loop: EventGraph) -> None:
    """What is differentiated, by BACKWARD or by reading its gradient, consumes the graph of its operands; a sum that it
    reaches is a loss, not a log."""
    keeps = loop.all(Kind.KEEP)
    if not keeps:
        return
    backwards = []
    differentiations = (*loop.all(Kind.BACKWARD), *loop.all(Kind.READ, how=How.GRADIENT))
    for event in differentiations:
        made_of = [thing for subject in event.subjects for thing in subject.ancestry()]
        # A value computed in a loop over a collection derives from its elements.
        iterated = {id(scope.over) for thing in made_of for scope in thing.loops if scope.over is not None}
        reached = {id(thing) for thing in made_of}
        backwards.append((event, {id(subject) for subject in event.subjects}, reached, iterated))
    ends = {id(subject) for event in differentiations for subject in event.subjects}
    for keep in keeps:
        # Of several values that are kept one after the other, the one that is back-propagated itself says most.
        keep.object = next((one for one in keep.inputs if id(one) in ends and one.graph is Graph.YES), keep.object)
        # A loop in which it was made, and which has ended, does not enclose the event that keeps it.
        outside = sum(scope in keep.loops for scope in keep.subject.loops)
        for event, direct, reached, iterated in backwards:
            elsewhere = len(loop.common(keep, event)) <= outside
            drawn = id(keep.subject) in iterated
            # A loss computed behind the loop that keeps its parts reads them from where they were kept.
            behind = keep.node < event.node and keep.loops[outside:] and keep.loops[-1] not in event.loops
            gathered = behind and id(keep.object) in reached
            itself = keep.object is not None and id(keep.object) in direct
            # A generator back-propagates a loss before it yields it to the loop that keeps it.
            spent = itself and keep.object is not None and event.loops == keep.object.loops
            made_together = keep.object is not None and any(
                id(thing) in direct
                or (id(thing) in reached and thing.graph is Graph.YES and len(thing.loops) > outside)
                for thing in keep.object.ancestry()
            )
            if drawn or gathered or id(keep.subject) in reached or (elsewhere and itself and not spent):
                keep.subject.facts |= {Fact.BACKPROPAGATED}
            # A gradient that is read says nothing of what is computed with it later.
            elif event.kind is Kind.BACKWARD and keep.object is not None and (spent if elsewhere else made_together):
                keep.object.facts |= {Fact.BACKPROPAGATED}
    # A name bound to one of several collections refers to one of them at a time, and so do values read from it.
    reached_at = {keep.place for keep in keeps if Fact.BACKPROPAGATED in keep.subject.facts}
    for keep in keeps:
        if keep.place in reached_at and keep.subject.type is Type.COLLECTION:
            keep.subject.facts |= {Fact.BACKPROPAGATED}


def _mark_modules(loop: EventGraph, document: bool) -> None:
    """An object with a `forward` is a module if the file uses it as one, or if a loss computed from its output is
    back-propagated; for known classes the bases decide. A document about training omits classes: there it is also
    one if it is called and its name suggests a module. A network with a `backward(gradient)` is written by hand."""
    calls = [e for e in loop.all(Kind.FORWARD) if not e.subject.certain and not isinstance(e.subject, Instance)]
    calls = [call for call in calls if Fact.HAS_BACKWARD not in call.subject.facts]
    losses = [subject for event in loop.all(Kind.BACKWARD) for subject in event.subjects] if calls else []
    predicting = {event.subject for event in loop.all(Kind.PREDICT)}
    for call in calls:
        named = document and losses and call.subject.type is Type.MODULE and call.subject in predicting
        trained = not call.options.get(Option.PLAIN) and hint(call.subject.name) is Type.MODULE
        if call.options.get(Option.BY_USE) or named or (trained and call.leads_to(*losses)):
            call.subject.certain = True

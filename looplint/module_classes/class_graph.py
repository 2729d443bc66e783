"""The definition of a module class as an event graph, for the rules.

Its events follow one another as they do in the source, without a loop: in which order the methods of a class run, its
definition does not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from looplint.events import AbstractObject, Context, Edge, Event, EventGraph, Fact, How, Kind, Option, Place, Type
from looplint.module_classes.module_class import Layer, ModuleClass

HOW = {"made": How.CONSTRUCTED, "mask": How.MASK_DRAWN, "noise": How.NOISE_ADDED, "rate": How.RATE_SET}


def class_graph(cls: ModuleClass, origin: object = None) -> EventGraph:
    """The event graph of a class, or of a function that builds a network without one. `origin`: the file that contains
    it."""
    events = sorted(_Definition(cls).events(), key=lambda event: event.place)
    for node, event in enumerate(events, 1):
        event.node, event.origin = node, origin
    edges = [*([Edge(node + 1)] for node in range(len(events))), []]
    return EventGraph(cls.name, cls.place, nodes=[None, *events], edges=edges)


class _Definition:
    """The events of one class."""

    def __init__(self, cls: ModuleClass) -> None:
        self._cls = cls
        self._owner = _class(cls)

    def events(self) -> Iterator[Event]:
        """Its definition, what a forward pass does, what its attributes hold, and how it uses single layers."""
        if not self._cls.function:
            yield Event(Kind.DEFINE, (self._owner,), self._cls.place)
        yield from self._of_forward()
        yield from self._of_attributes()
        for shared in self._cls.shared_layers:
            layer = self._object(Type.MODULE, shared.layer)
            on_purpose = {Option.ON_PURPOSE: shared.on_purpose}
            yield self._event(Kind.SHARE, layer, shared.place, shared.mended, on_purpose, function=shared.method)
        for index in self._cls.sequences:
            layer = self._object(Type.MODULE, index.layer, place=index.made)
            yield self._event(Kind.PICK, layer, index.place, index.mended)

    def _of_forward(self) -> Iterator[Event]:
        for made in self._cls.built_in_forward:
            around = _contexts(recording=made.recording)
            layer, once = _layer(made, self._owner), {Option.MADE_ONCE: made.conditional}
            yield self._event(Kind.BUILD, layer, made.place, None, once, function=made.method, contexts=around)
        for called in self._cls.dropouts:
            around, thing = _contexts(by_mode=called.decided), self._object(Type.OTHER, called.name)
            more = {Option.ON_PURPOSE: called.on_purpose, Option.CURE: called.cure}
            where = {"function": called.method, "contexts": around}
            yield self._event(Kind.DROPOUT, thing, called.place, called.mended, more, **where)
        for one in self._cls.unswitched:
            around, thing = _contexts(by_mode=one.decided), self._object(Type.OTHER, one.name)
            more = {Option.ON_PURPOSE: one.on_purpose}
            where = {"function": one.method, "contexts": around, "how": HOW[one.kind]}
            yield self._event(Kind.UNSWITCHED, thing, one.place, one.mended, more, **where)

    def _of_attributes(self) -> Iterator[Event]:
        for kept in self._cls.collections:
            layers = tuple(_layer(layer, self._owner) for layer in kept.layers)
            held = self._object(Type.COLLECTION, f"self.{kept.attribute}", operands=layers)
            registered = {Option.REGISTERED: kept.registered}
            yield self._event(Kind.HOLD, held, kept.place, kept.wrapped, registered, how=kept.kind)
        for tensor in self._cls.derived_parameters:
            derived = self._object(Type.TENSOR, f"self.{tensor.attribute}")
            registered = {Option.REGISTERED: tensor.registered}
            yield self._event(Kind.DERIVE, derived, tensor.place, tensor.mended, registered, how=tensor.operation)

    def _object(self, type: Type, name: str, **more: Any) -> AbstractObject:
        return AbstractObject(type, name, certain=True, owner=self._owner, **more)

    def _event(
        self,
        kind: Kind,
        subject: AbstractObject,
        place: Place,
        mended: str | None,
        options: Mapping[Any, object] = MappingProxyType({}),
        **more: Any,
    ) -> Event:
        event = Event(kind, (subject,), place, self._owner, **more)
        event.options.update(options)
        if mended is not None:
            event.options[Option.MENDED] = mended
        return event


def _contexts(*, recording: bool = True, by_mode: bool = False) -> frozenset[Context]:
    found = {Context.FORWARD}
    if not recording:
        found.add(Context.NO_GRAD)
    if by_mode:
        found.add(Context.BY_MODE)
    return frozenset(found)


def _class(cls: ModuleClass) -> AbstractObject:
    known = {
        Fact.HYPERNETWORK: cls.hypernetwork,
        Fact.NO_PARAMETERS: not cls.parameters,
        Fact.FRESH: cls.fresh,
        Fact.MODE_FREE: not cls.mode_sensitive,
        Fact.STATISTICS: cls.statistics,
        Fact.RETURNS_BY_MODE: cls.returns_by_mode,
    }
    owner = AbstractObject(Type.MODULE, cls.name, certain=cls.certain, place=cls.place)
    owner.options = {Option.BASES: cls.bases}
    owner.facts = frozenset(fact for fact, holds in known.items() if holds)
    owner.operands = tuple(_layer(layer, owner) for layer in cls.layers)
    return owner


def _layer(layer: Layer, owner: AbstractObject) -> AbstractObject:
    known = {Fact.NO_PARAMETERS: not layer.parameters, Fact.OWN_WEIGHTS: layer.own_weights}
    return AbstractObject(
        Type.MODULE,
        layer.attribute,
        layer.constructor,
        certain=True,
        place=layer.place,
        options=dict(layer.options),
        owner=owner,
        facts=frozenset(fact for fact, holds in known.items() if holds),
    )

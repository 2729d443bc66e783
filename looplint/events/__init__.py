"""The loop as data: events in the order in which they can happen, and the few questions that rules ask of them.

Nothing here knows Python syntax or torch, and everything that a rule may know of a loop is here:

- `kinds`: the words for what happens, for what an object is, and for whether a value holds a graph
- `place`, `object`, `event`: where it happens, to which object, and what
- `contexts`, `how`, `options`: what may be around it, how it happens, and what else is said of it
- `facts`: what is known of an object beside its type
- `derivation`: what a value was computed from
- `edges`: what leads from event to event, and under which conditions
- `event_graph`: all of it together, with the questions
- `search`: how an answer is found
"""

from looplint.events.caller import Caller
from looplint.events.contexts import Context
from looplint.events.derivation import derivation
from looplint.events.edges import Branch, Edge, Guard, Trace
from looplint.events.event import Event
from looplint.events.event_graph import EventGraph
from looplint.events.facts import Fact
from looplint.events.how import How
from looplint.events.kinds import Graph, Kind, Type
from looplint.events.loop_scope import LoopScope
from looplint.events.object import EVERYTHING, AbstractObject
from looplint.events.options import Option
from looplint.events.place import Place
from looplint.events.search import TooLarge

__all__ = [
    "EVERYTHING",
    "AbstractObject",
    "Branch",
    "Caller",
    "Context",
    "Edge",
    "Event",
    "EventGraph",
    "Fact",
    "Graph",
    "Guard",
    "How",
    "Kind",
    "LoopScope",
    "Option",
    "Place",
    "TooLarge",
    "Trace",
    "Type",
    "derivation",
]

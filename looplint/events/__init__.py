"""A training loop, or the definition of a module class, as data: its events, and the queries that rules make on them.

Nothing here knows Python syntax or torch, and everything that a rule may know about a loop is here:

- `kinds`: the kinds of events and of objects, and whether a value holds an autograd graph
- `place`, `object`, `event`: a source range, an object, and what happens to it there
- `contexts`, `how`, `options`: what surrounds an event, how it happens, and its other attributes
- `facts`: what is known about an object beside its type
- `shape`: what is certain of the dimensions of a tensor
- `derivation`: what a value was computed from
- `edges`: control-flow edges and their conditions
- `event_graph`: all of it together, with the queries
- `search`: the path search behind the queries

Further queries are in `queries`, a folder for each subject and a module for each question:

- `modes`, training and evaluation mode: `switches`, `evaluation`, `training_mode`, `after_validation`, `freezing`
- `gradients`, autograd: `autograd`, `reach`, `loss_terms`, `kept_graphs`, `recorded_evaluation`
- `steps`, updates: `updates`, `unstepped`, `micro_batches`, `scaling`, `schedules`, `averages`
- `ownership`, what others hold of a network: `untrained`, `replaced_parameters`, `kept_states`, `prepared`, `wrappers`
- `loops`, loops and long functions: `repetition`, `nearby`

The rest is what the graph consists of: `loop_scope` and `iterables` are about its loops, `lifetimes` and `alternatives`
answer some of its queries, and `event_index`, `query_nodes` and `search` make answers fast.
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
from looplint.events.shape import Shape

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
    "Shape",
    "TooLarge",
    "Trace",
    "Type",
    "derivation",
]

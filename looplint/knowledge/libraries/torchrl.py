"""torchrl 0.14.1, run: a loss module returns losses, with a graph, beside values to log, without one.

`ClipPPOLoss` and `DQNLoss` were run; the others return a dictionary of the same form (their reference pages).
"""

from __future__ import annotations

from looplint.events import Fact, Type
from looplint.knowledge.library_rows import Known, LibraryRows

_NAMES = (
    "A2C ClipPPO CQL CrossQ DDPG DiscreteCQL DiscreteIQL DiscreteSAC DQN IQL KLPENPPO PPO REDQ Reinforce SAC TD3 TD3BC"
)
_LOSSES = tuple(f"torchrl.*.{name}Loss" for name in _NAMES.split())

ROWS = LibraryRows(
    types=dict.fromkeys(_LOSSES, Type.MODULE),
    facts=dict.fromkeys(_LOSSES, (Known(frozenset((Fact.LOGS_BESIDE_LOSSES,))),)),
)

"""How much of a program is evaluated for one graph, in expressions, calls and files."""

from __future__ import annotations

DEPTH = 12
"""Calls that are inlined inside each other; a deeper one is treated as unknown code."""

BUDGET = 16_000
"""Expressions that are evaluated for one graph. When they are spent, further calls are treated as unknown code."""

PATIENCE = 6_000
"""Budget before the first event that belongs to a training loop; without one the reading stops inlining."""

HURRY = 2_000
"""The same where the file, by its words, is not about training."""

FILES = 64
"""Files that imports are followed into; names of further ones are those of unknown code."""

FEW_FILES = 16
"""The same where the file is not about training."""


class Budget:
    """What one reading may still spend. `left`: expressions; `work`: expressions evaluated so far; `files`: how many
    files imports may lead into; `hopeful`: an event that belongs to a training loop was met."""

    def __init__(self, trains: bool) -> None:
        self._patience, self.files = (PATIENCE, FILES) if trains else (HURRY, FEW_FILES)
        self.left = self._patience
        self.work = 0
        self.hopeful = False

    def spend(self) -> None:
        """One expression is evaluated."""
        self.left -= 1
        self.work += 1

    def hope(self) -> None:
        """Code of a training loop was met: the rest is worth reading, too."""
        self.hopeful = True
        self.left += BUDGET - self._patience

    def keep(self, least: int) -> None:
        """Have at least so much left."""
        self.left = max(self.left, least)

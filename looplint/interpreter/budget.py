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

IDLE = 60_000
"""Expressions of calls in which nothing of a training loop happens that cost nothing, where the file is about training:
what builds networks or reads settings must not spend what the loop needs."""

FILES = 64
"""Files that imports are followed into; names of further ones are those of unknown code."""

FEW_FILES = 16
"""The same where the file is not about training."""


class Budget:
    """What one reading may still spend. `left`: expressions; `work`: expressions evaluated so far; `files`: how many
    files imports may lead into; `hopeful`: an event that belongs to a training loop was met; `events`: how many."""

    def __init__(self, trains: bool) -> None:
        self._patience, self.files = (PATIENCE, FILES) if trains else (HURRY, FEW_FILES)
        self.left = self._patience
        self.work = 0
        self.hopeful = False
        self.events = 0
        self._idle = IDLE if trains else 0

    def refund(self, left: int, events: int) -> None:
        """A call is over that began with so much left, after so many events of training loops: if there was none in
        it, it cost nothing."""
        spent = left - self.left
        if self.events == events and 0 < spent <= self._idle:
            self._idle -= spent
            self.left = left

    def spend(self) -> None:
        """One expression is evaluated."""
        self.left -= 1
        self.work += 1

    def hope(self) -> None:
        """Code of a training loop was met: the rest is worth reading, too."""
        self.events += 1
        if not self.hopeful:
            self.hopeful = True
            self.left += BUDGET - self._patience

    def keep(self, least: int) -> None:
        """Have at least so much left."""
        self.left = max(self.left, least)

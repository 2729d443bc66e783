"""Evaluation budgets of one graph, in expressions, calls and files.

Measured on 400 files with a backward call from 119 public repositories, with 16,000 expressions a graph, of which the
first pass over a loop could take half: of their 1,221 graphs 1.7 % run out of budget. The median evaluates 600
expressions, the 95th percentile 19,500, including free calls.
"""

from __future__ import annotations

from looplint.events import Place

DEPTH = 12
"""Depth of inlined calls; a deeper one is treated as unknown code."""

BUDGET = 8_000
"""Expressions that are evaluated for one graph. Once they are spent, further calls are treated as unknown code:
mistakes that need these calls are missed."""

PATIENCE = 6_000
"""Budget before the first event of a training loop; without one, no more calls are inlined. In 25 repositories the
first event comes after 700 expressions in the median and 3,500 at most, free calls included."""

PATIENCE_BY_IMPORT = 3_000
"""The same for a function of a file whose own words are not about training, and that uses a name through which another
file trains: in 25 repositories the first event of 56 such graphs comes after 2,700 expressions at most."""

PATIENCE_ELSEWHERE = 2_000
"""The same for a file that is not about training, judged by its words."""

IDLE = 40_000
"""Expressions in calls without training events that are free of charge: building networks and reading settings must not
spend what the loop needs. In the functions of a file whose own words are not about training, only after the first
event: most of what such files import trains nothing."""

LEARNING = 4_000
"""Expressions that may be evaluated to find what the body of a loop binds, before it is evaluated for its events. Calls
behind them count as calls that bind nothing. Without this bound the search took 36 to 64 % of all expressions in 20
repositories, and where an outer loop runs a whole experiment nothing was left for the experiment's own loops; with it
no finding changed in 43 repositories. A notice names the first of these calls."""

FILES = 64
"""Files that imports are followed into; names from further ones are unknown."""

FEW_FILES = 16
"""The same for a file that is not about training."""


class Budget:
    """The remaining budget of one graph. `left`: expressions; `work`: expressions evaluated so far; `files`: files that
    imports may still be followed into; `granted`: a training event has occurred; `events`: how many.
    `searched_up_to`: the first call that the search for what the present loop binds does not follow.

    `trains`: the graph is about training. `patient`: calls before the first event may be free.
    """

    def __init__(self, trains: bool, patient: bool) -> None:
        self._patience, self.files = (PATIENCE, FILES) if trains else (PATIENCE_ELSEWHERE, FEW_FILES)
        if trains and not patient:
            self._patience = PATIENCE_BY_IMPORT
        self.left = self._patience
        self.work = 0
        self._learnt_at: int | None = None
        self.searched_up_to: Place | None = None
        self.granted = False
        self.events = 0
        self._idle = IDLE
        self._patient = patient

    @property
    def limit(self) -> int:
        """The budget that applies now, in expressions."""
        return BUDGET if self.granted else self._patience

    def learn(self, begin: bool) -> None:
        """The search for what a loop binds begins or ends here."""
        self._learnt_at = self.work + LEARNING if begin else None
        self.searched_up_to = None

    @property
    def learnt(self) -> bool:
        """Whether the search for what a loop binds has reached its bound."""
        return self._learnt_at is not None and self.work >= self._learnt_at

    def refund(self, left: int, events: int) -> None:
        """A call has ended that began with this budget and this number of training events: without a new event it is
        free."""
        spent = left - self.left
        if self.events == events and 0 < spent <= self._idle and (self.granted or self._patient):
            self._idle -= spent
            self.left = left

    def grant(self) -> None:
        """A training event occurred: grant the full budget."""
        self.events += 1
        if not self.granted:
            self.granted = True
            self.left += BUDGET - self._patience

    def keep(self, least: int) -> None:
        """Raise the remaining budget to at least this."""
        self.left = max(self.left, least)

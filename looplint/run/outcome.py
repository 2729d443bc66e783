"""The result of analysing entry points."""

from __future__ import annotations

import ast
import dataclasses
import os
from typing import NamedTuple

from looplint.events import Place
from looplint.rule import Mistake, Rule


class Fault(NamedTuple):
    """An error in the analysis of a file or in a rule, in one line. `rule_at`: the place in the rule's file if the rule
    is not one of looplint's own."""

    what: str
    rule_at: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Cut:
    """Code whose evaluation was cut short. `name`: the function, or `<module>`. `place`: where evaluation stopped, or
    where the function begins. `why`: the limit that was reached, as the end of a sentence. `loop`: it has a training
    loop. `bindings`: only the search for what its loops bind was cut short."""

    name: str
    place: Place
    why: str
    loop: bool
    bindings: bool = False


@dataclasses.dataclass(slots=True)
class Outcome:
    """The result of analysing entry points.

    `mistakes`: in whatever file they lie. `inlined`: functions that were inlined. `left`: functions abandoned before
    their first training event. `in_vain`: functions that were inlined in an entry point without events, whose values
    alone were evaluated. `loops`: training loops, each with the files whose code runs in it. `work`: evaluated
    expressions. `events`: there are training events. `given_up`: a part was left out because it took too long. `cuts`:
    what was not evaluated to its end. `callers`: the limit that kept callers in other files from being evaluated, as
    the end of a sentence. `imports`: the limit that kept code which other files train from being evaluated, likewise.
    """

    mistakes: list[tuple[Rule, Mistake]] = dataclasses.field(default_factory=list)
    inlined: set[ast.AST] = dataclasses.field(default_factory=set)
    left: set[ast.AST] = dataclasses.field(default_factory=set)
    in_vain: set[ast.AST] = dataclasses.field(default_factory=set)
    loops: dict[Place, set[str]] = dataclasses.field(default_factory=dict)
    work: int = 0
    events: bool = False
    given_up: bool = False
    errors: list[Fault] = dataclasses.field(default_factory=list)
    cuts: list[Cut] = dataclasses.field(default_factory=list)
    callers: str = ""
    imports: str = ""

    @property
    def effort(self) -> int:
        """Its expressions as if each entry point were evaluated twice, as those are that reach an event."""
        return 2 * self.work if self.in_vain else self.work

    def add(self, other: Outcome) -> None:
        """Add what another entry point showed."""
        self.mistakes += other.mistakes
        self.inlined |= other.inlined
        self.left |= other.left
        self.in_vain |= other.in_vain
        for loop, files in other.loops.items():
            self.loops.setdefault(loop, set()).update(files)
        self.work += other.work
        self.events |= other.events
        self.given_up |= other.given_up
        self.errors += other.errors
        self.cuts += other.cuts
        self.callers = self.callers or other.callers
        self.imports = self.imports or other.imports


def format_error(error: BaseException) -> str:
    """An internal error in one line: the exception, and where in looplint it was raised."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = "?" if last is None else f"{os.path.basename(last.tb_frame.f_code.co_filename)}:{last.tb_lineno}"
    return f"{type(error).__name__}: {error} ({where})"

"""The result of a run over files."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from looplint.notice import Notice

if TYPE_CHECKING:
    from looplint.finding import Finding


@dataclasses.dataclass(frozen=True, slots=True)
class Defect:
    """An internal error while a file was linted: what was being done, and the exception. `rule_at`: the place in a
    rule's file where it was raised, `lint/my_rule.py:12`, if the rule is not one of looplint's own."""

    path: str
    what: str
    rule_at: str = ""

    def __str__(self) -> str:
        if self.rule_at:
            return f"{self.rule_at}: {self.what}, in {self.path}"
        return f"{self.path}: internal error: {self.what}"


@dataclasses.dataclass(slots=True)
class Result:
    """The result of a run. `notes`: what could not be read or evaluated; `errors`: internal errors; `followed`: the
    training loops that were followed, in whatever file they lie (path, row, column); `files`: files read."""

    findings: list[Finding] = dataclasses.field(default_factory=list)
    notes: list[Notice] = dataclasses.field(default_factory=list)
    errors: list[Defect] = dataclasses.field(default_factory=list)
    followed: set[tuple[str, int, int]] = dataclasses.field(default_factory=set)
    files: int = 0

    @property
    def loops(self) -> int:
        """The number of training loops that were followed."""
        return len(self.followed)

    def add(self, other: Result) -> None:
        """Add the result of other files; a loop that both followed counts once."""
        self.findings += other.findings
        self.notes += other.notes
        self.errors += other.errors
        self.followed |= other.followed
        self.files += other.files

"""Notices of a run that are not findings: what was not read, or not analysed completely."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

NoticeKind = Literal[
    "unreadable", "aside", "unread", "cut", "cut-function", "bindings", "callers", "imports", "block", "error", "other"
]

DETAILS: frozenset[NoticeKind] = frozenset(("bindings", "callers", "imports", "block"))
"""Kinds that are listed with `-v` only. What a file lacks that its callers, or far imports, would have shown is found
where these are linted themselves, what late calls in a loop bind hardly ever matters, and an excerpt without training
code holds no mistake."""

SUMMED_UP: frozenset[NoticeKind] = frozenset(("bindings", "callers", "imports"))
"""Kinds of which the summary says how many files there are, and which a report for other programs contains."""


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """One sentence about a run, with the remedy.

    `text`: the sentence, with the path in front if there is one. `path`: the file, as findings name it. `kind`:
    `unreadable` for a file that cannot be opened or decoded, `aside` for one that most likely has no training code
    anyway, `unread` for a part of a file, `cut` for a training loop that was not analysed completely, `cut-function`
    for other code, `bindings` for a training loop in which not every call was checked for variables that it changes,
    `callers` for a file whose callers were not all analysed, `imports` for one whose imports lead to training code
    through more files or more code than is followed, `block` for one of a page that is labelled as Python, has a
    syntax error and contains no training code, `error` for a defect of looplint, `other` if it is not about a file.
    `row`: from 1, in the notebook's `cell` if there is one.
    """

    text: str
    path: str = ""
    kind: NoticeKind = "other"
    row: int = 1
    cell: int | None = None

    def __str__(self) -> str:
        return self.text

    @property
    def message(self) -> str:
        """The sentence without the leading path."""
        return self.text.removeprefix(self.path).removeprefix(":").removeprefix(" ")

    @property
    def level(self) -> Literal["error", "warning", "note"]:
        """Its severity, in the words of a finding."""
        return (
            "error" if self.kind in ("unreadable", "aside", "error") else "warning" if self.kind == "unread" else "note"
        )

    def to_json(self) -> dict[str, Any]:
        """The notice as JSON-ready data; `from_json` turns it back."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Notice:
        """Inverse of `to_json`. Raises TypeError on anything else."""
        return cls(**data)

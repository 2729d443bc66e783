"""What a run has to say that is no finding: what was not read, or not followed to its end."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

NoticeKind = Literal["unreadable", "aside", "unread", "cut", "error", "other"]


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """One sentence about a run, with the remedy.

    `text`: as a person reads it, beginning with the path where there is one. `path`: the file, as findings name it.
    `kind`: `unreadable` for a file that cannot be opened or decoded, `aside` for one that most likely has no code about
    training anyway, `unread` for a part of a file, `cut` for code that was not followed to its end, `error` for a
    defect of looplint, `other` for what is not about a file. `row`: from 1, in the notebook's `cell` if there is one.
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
        """The sentence without the path that it begins with."""
        return self.text.removeprefix(self.path).removeprefix(":").removeprefix(" ")

    @property
    def level(self) -> Literal["error", "warning", "note"]:
        """How bad it is, in the words of a finding's severity."""
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

"""A finding: plain data, the same for every output format, the cache and other processes.

Rows and columns count from 1, columns in characters, as editors show them. In a notebook they count within the cell.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal


class Severity(StrEnum):
    """How bad: training is wrong or crashes; memory, mode or schedule suffers; advice."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Location:
    """A row and a column, both from 1, the column in characters."""

    row: int
    column: int


@dataclasses.dataclass(frozen=True, slots=True)
class TraceStep:
    """One place on the path that proves a finding, in execution order."""

    filename: str
    location: Location
    end_location: Location
    message: str
    cell: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of `Source.text` (the Python text that was parsed): rows from 1, columns in characters from 1.
    `path`: the file of that text, empty for the finding's own."""

    row: int
    column: int
    end_row: int
    end_column: int
    path: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Action:
    """One change of code in terms of the program, applied by `looplint.fix`.

    `replace`: the expression at `span` becomes `code` (empty: only for a span inside an expression, it is cut out).
    `prefix`: `code` is put directly before the expression at `span`, in its brackets (`suffix`: directly behind it).
    `insert`: the statement `code` is inserted before the statement that contains `span` (`insert-after`: after it),
              with its indentation.
    `delete`: the statement at `span` is removed (a block left empty keeps a `pass`).
    `wrap`: the statement that contains `span` is put into `with code:`. `wrap-rest`: that statement
            becomes `with code:` around the rest of its block.
    """

    kind: Literal["replace", "prefix", "suffix", "insert", "insert-after", "delete", "wrap", "wrap-rest"]
    span: Span
    code: str = ""

    @property
    def path(self) -> str:
        """The file that is changed, empty for the finding's own."""
        return self.span.path


@dataclasses.dataclass(frozen=True, slots=True)
class Fix:
    """A fix. `safe`: it preserves behaviour, or the intent is unambiguous. `unsafe`: read it before you commit it."""

    message: str
    applicability: Literal["safe", "unsafe"]
    actions: tuple[Action, ...]

    @property
    def elsewhere(self) -> frozenset[str]:
        """The other files that it changes."""
        return frozenset(action.path for action in self.actions if action.path)

    def apply(self, text: str, path: str = "code.py") -> str:
        """The fixed text. `text`: the text that was linted. `path`: its suffix says what it is (Python, a notebook's
        JSON, Markdown).

        Raises looplint.Refused, with the reason, if the fix cannot be applied.
        """
        import importlib

        # `fix` imports this module, and is needed only here.
        apply_fix = importlib.import_module("looplint.fix.apply_fix").apply_fix
        new: bytes = apply_fix(text.encode("utf-8", "surrogatepass"), path, self)
        return new.decode("utf-8", "surrogatepass")


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One mistake at one place, with the path that proves it.

    `cell`: the index of the notebook's cell, from 0 over all cells, as in `nbformat.read(...).cells`; reports count
    cells from 1. `cell_id`: its id in nbformat, if it has one.
    """

    code: str
    name: str
    severity: Severity
    message: str
    filename: str
    location: Location
    end_location: Location
    cell: int | None = None
    cell_id: str | None = None
    trace: tuple[TraceStep, ...] = ()
    help: str | None = None
    fix: Fix | None = None
    url: str | None = None

    def __str__(self) -> str:
        """`train.py:11:9: LOOP201 missing-zero-grad: message`"""
        cell = "" if self.cell is None else f"cell {self.cell + 1}:"
        place = f"{self.filename}:{cell}{self.location.row}:{self.location.column}"
        return f"{place}: {self.code} {self.name}: {self.message}"

    @property
    def sort_key(self) -> tuple[Any, ...]:
        """Sort key: file, place, code."""
        return (self.filename, self.cell or 0, self.location, self.code, self.message)

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON-ready data; `from_json` turns it back."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """Inverse of `to_json`. Raises KeyError or TypeError on anything else."""
        fields = dict(data)
        fields["severity"] = Severity(fields["severity"])
        for key in ("location", "end_location"):
            fields[key] = Location(**fields[key])
        fields["trace"] = tuple(
            TraceStep(
                **{**step, "location": Location(**step["location"]), "end_location": Location(**step["end_location"])}
            )
            for step in fields["trace"]
        )
        if fields["fix"] is not None:
            actions = tuple(Action(**{**a, "span": Span(**a["span"])}) for a in fields["fix"]["actions"])
            fields["fix"] = Fix(**{**fields["fix"], "actions": actions})
        return cls(**fields)

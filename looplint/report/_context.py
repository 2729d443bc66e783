"""Information about the run that a format may need beside the findings."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from looplint.finding import Finding, Location
from looplint.notice import Notice
from looplint.report._notebook_rows import file_row

if TYPE_CHECKING:
    from looplint.rule import Rule


class Edit(Protocol):
    """A text edit in the user's file: the text between the two locations (end exclusive) becomes `content`. `filename`:
    empty for the finding's own file."""

    @property
    def location(self) -> Location: ...
    @property
    def end_location(self) -> Location: ...
    @property
    def content(self) -> str: ...
    @property
    def cell(self) -> int | None: ...
    @property
    def filename(self) -> str: ...


def _nothing(*_: object) -> None:
    return None


def absolute(path: str | Path) -> str:
    """The absolute path, without `..`, symbolic links not resolved."""
    return os.path.abspath(path)


@dataclasses.dataclass(frozen=True, slots=True)
class Context:
    """The context of a report; every part has a usable default.

    `version`: looplint's own. `rules`: those that ran. `base`: the folder that relative paths in machine-readable
    formats start from. `color`: use ANSI colours. `width`: columns of the terminal, None for no limit. `lines(filename,
    cell)`: the rows of a file (or of one cell of a notebook), None if unavailable. `edits(finding)`: its fix as text
    edits, None without one. `measured(name)`: the measured effect of the mistake in one line, `picture(name)`: its plot
    as SVG. `changed(filename)`: the rows changed in the change under review, None if unknown. `file_row(filename, cell,
    row)`: the row of a notebook's file that contains this row of a cell, None if unknown. `notices`: what was not read
    or not analysed completely; to be iterated once, after the findings.
    """

    version: str = ""
    rules: Sequence[Rule] = ()
    base: Path = dataclasses.field(default_factory=Path.cwd)
    color: bool = False
    width: int | None = None
    lines: Callable[[str, int | None], Sequence[str] | None] = _nothing
    edits: Callable[[Finding], Sequence[Edit] | None] = _nothing
    measured: Callable[[str], str | None] = _nothing
    picture: Callable[[str], str | None] = _nothing
    changed: Callable[[str], Collection[int] | None] = _nothing
    file_row: Callable[[str, int, int], int | None] = file_row
    notices: Iterable[Notice] = ()

    def relative(self, filename: str, base: Path | None = None) -> str:
        """The path with forward slashes, relative to `base` if it is below it, else absolute. Symbolic links are not
        resolved: the name is the one known to the user and to version control."""
        root, path = absolute(base or self.base), absolute(filename)
        below = path.startswith(root.rstrip(os.sep) + os.sep)
        return (os.path.relpath(path, root) if below else path).replace(os.sep, "/")

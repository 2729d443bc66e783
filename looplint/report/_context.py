"""What a format may ask about the run beside the findings themselves."""

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
    """A change of text in the user's file: what is between the two locations (end exclusive) becomes `content`.
    `filename`: empty for the finding's own file."""

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
    """The path from the root, without `..`, its symbolic links left as they are."""
    return os.path.abspath(path)


@dataclasses.dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of a report; every part has a default with which a report can be written.

    `version`: looplint's own. `rules`: those that were asked. `base`: the folder that relative paths of machine-read
    formats start from. `color`: ANSI colours are wanted. `width`: columns of the terminal, None for no limit.
    `lines(filename, cell)`: the rows of a file (or of one cell of a notebook), None when they cannot be had.
    `edits(finding)`: its fix as changes of text, None without one. `measured(name)`: the measured effect of the
    mistake in one line, `picture(name)`: its drawing as SVG. `changed(filename)`: the rows that the change under
    review touches, None when not known.
    `file_row(filename, cell, row)`: the row of a notebook's file that holds this row of a cell, None when not known.
    `notices`: what was not read or not followed to its end; to be gone through once, when all findings are.
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
        """The path with forward slashes, relative to `base` when it lies below it, else absolute. Symbolic links are
        not followed: the name is the one that the user and the version control know."""
        root, path = absolute(base or self.base), absolute(filename)
        below = path.startswith(root.rstrip(os.sep) + os.sep)
        return (os.path.relpath(path, root) if below else path).replace(os.sep, "/")

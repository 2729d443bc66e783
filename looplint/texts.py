"""The texts behind findings, each file read once: for reports, baselines and comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from looplint.finding import Finding
from looplint.fix import Edit, edits
from looplint.sources import Source, Unreadable, from_text, kind_of
from looplint.sources.decode import decode
from looplint.suppress import row_in_source


class Texts:
    """Files by the name that findings give them. `given`: contents that are not on the disk, or not as they are there
    (stdin, an old revision)."""

    def __init__(self, given: Mapping[str, bytes] | None = None) -> None:
        self._raw: dict[str, bytes] = dict(given or {})
        self._sources: dict[str, list[Source]] = {}
        self._cells: dict[str, dict[int, list[str]]] = {}

    def raw(self, filename: str) -> bytes:
        """The bytes of a file; none when it cannot be read, which whoever linted it has said."""
        if filename not in self._raw:
            try:
                self._raw[filename] = Path(filename).read_bytes()
            except (OSError, ValueError):
                self._raw[filename] = b""
        return self._raw[filename]

    def sources(self, filename: str) -> list[Source]:
        """What is linted of a file; nothing when it cannot be read."""
        if filename not in self._sources:
            try:
                self._sources[filename] = from_text(self.raw(filename), filename)
            except Unreadable:
                self._sources[filename] = []
        return self._sources[filename]

    def lines(self, filename: str, cell: int | None) -> Sequence[str] | None:
        """The rows of a file, or of one cell of a notebook, as their author sees them."""
        try:
            if cell is None:
                return decode(self.raw(filename), filename).split("\n") if self.raw(filename) else None
            return self._notebook(filename).get(cell)
        except Unreadable:
            return None

    def edits(self, finding: Finding) -> Sequence[Edit] | None:
        """The fix of a finding as changes of text in its file."""
        if finding.fix is None:
            return None
        for source in self.sources(finding.filename):
            if row_in_source(finding, source):
                return edits(source, finding.fix) or None
        return None

    def file_row(self, filename: str, cell: int, row: int) -> int | None:
        """The row of a notebook's file that holds a row of one of its cells."""
        from looplint.sources.notebook import code_cells, spans

        try:
            document = decode(self.raw(filename), filename)
            where = spans(document)
            key = next(block.key for block in code_cells(document, filename)[0] if block.cell == cell)
        except (Unreadable, StopIteration):
            return None
        start, _ = where.get((*key, row - 1)) or where[key]
        return document.count("\n", 0, start) + 1

    def _notebook(self, filename: str) -> dict[int, list[str]]:
        if filename not in self._cells:
            from looplint.sources.notebook import code_cells

            blocks, _ = code_cells(decode(self.raw(filename), filename), filename)
            self._cells[filename] = {b.cell: [row.original for row in b.rows] for b in blocks if b.cell is not None}
        return self._cells[filename] if kind_of(filename) == "notebook" else {}

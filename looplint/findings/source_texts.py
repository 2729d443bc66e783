"""A cache of source texts, each file read once: for reports, baselines and suppression comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from looplint.finding import Finding
from looplint.findings.suppress import row_in_source
from looplint.fix import Edit, can_be_applied, edits
from looplint.sources import Source, Unreadable, bytes_of, from_text, kind_of
from looplint.sources.decode import decode, decode_as, normalise


class Texts:
    """Files by the name that findings give them. `given`: contents that differ from the disk (stdin, an old
    revision)."""

    def __init__(self, given: Mapping[str, bytes] | None = None) -> None:
        self._raw: dict[str, bytes] = dict(given or {})
        self._sources: dict[str, list[Source]] = {}
        self._lines: dict[str, list[str] | None] = {}
        self._notebooks: dict[str, _Notebook | None] = {}

    def raw(self, filename: str) -> bytes:
        """The bytes of a file; empty if it cannot be read, which was reported when it was linted."""
        if filename not in self._raw:
            self._raw[filename] = bytes_of(filename)
        return self._raw[filename]

    def sources(self, filename: str) -> list[Source]:
        """The sources in a file; none if it cannot be read."""
        if filename not in self._sources:
            try:
                self._sources[filename] = from_text(self.raw(filename), filename)
            except Unreadable:
                self._sources[filename] = []
        return self._sources[filename]

    def lines(self, filename: str, cell: int | None) -> Sequence[str] | None:
        """The rows of a file, or of one cell of a notebook, as their author sees them."""
        if cell is not None:
            notebook = self._notebook(filename)
            return notebook.lines.get(cell) if notebook else None
        if filename not in self._lines:
            text = self._text(filename)
            self._lines[filename] = normalise(text).split("\n") if text else None
        return self._lines[filename]

    def edits(self, finding: Finding) -> Sequence[Edit] | None:
        """The fix of a finding as text edits in its file."""
        if finding.fix is None:
            return None
        found: list[Edit] = []
        for path in dict.fromkeys(action.path for action in finding.fix.actions):
            sources = self.sources(path) if path else self.sources(finding.filename)
            source = next((each for each in sources if path or row_in_source(finding, each)), None)
            here = edits(source, finding.fix, path) if source is not None else []
            if not here:
                return None  # A part of it is no fix.
            found += here
        return found

    def fixable(self, finding: Finding) -> bool:
        """Whether the fix of a finding can be applied."""
        if finding.fix is None:
            return False
        for path in dict.fromkeys(action.path for action in finding.fix.actions):
            actions = [action for action in finding.fix.actions if action.path == path]
            sources = self.sources(path) if path else self.sources(finding.filename)
            if not any(can_be_applied(source, actions) for source in sources if path or row_in_source(finding, source)):
                return False
        return True

    def file_row(self, filename: str, cell: int, row: int) -> int | None:
        """The row of a notebook's file that contains a row of one of its cells."""
        notebook = self._notebook(filename)
        return notebook.file_row(cell, row) if notebook else None

    def _text(self, filename: str) -> str | None:
        raw = self.raw(filename)
        try:
            return decode(raw, filename) if kind_of(filename) == "python" else decode_as("utf-8-sig", raw, filename)
        except Unreadable:
            return None

    def _notebook(self, filename: str) -> _Notebook | None:
        if filename not in self._notebooks:
            text = self._text(filename)
            try:
                self._notebooks[filename] = _Notebook(text, filename) if text else None
            except Unreadable:
                self._notebooks[filename] = None
        return self._notebooks[filename]


class _Notebook:
    """The cells of a notebook: their rows, and the rows of the file that contain them."""

    def __init__(self, document: str, path: str) -> None:
        from looplint.sources.notebook import cell_rows, spans

        whole = cell_rows(document, path)
        self.lines = {cell: rows for cell, (_, rows) in whole.items()}
        self._keys = {cell: key for cell, (key, _) in whole.items()}
        self._document, self._spans = document, spans(document)

    def file_row(self, cell: int, row: int) -> int | None:
        if cell not in self._keys:
            return None
        key = self._keys[cell]
        start, _ = self._spans.get((*key, row - 1)) or self._spans[key]
        return self._document.count("\n", 0, start) + 1

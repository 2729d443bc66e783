"""Findings as diagnostics: the path is related information, the code links to the page of the rule."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from lsprotocol import types

from looplint.finding import Finding, Location, Severity, TraceStep
from looplint.findings.source_texts import Texts
from looplint.server.documents import Documents
from looplint.server.worker import Answer

SOURCE = "looplint"
SEVERITY = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}


class Places:
    """Converts the places of findings to positions in the editor. `text`: the linted content of the file at hand."""

    def __init__(self, documents: Documents, answer: Answer) -> None:
        self._documents = documents
        given = {path: documents.content(path) for path in documents.paths() if path != answer.path}
        self._texts = Texts({**given, answer.path: answer.text})

    def location(self, place: Finding | TraceStep) -> types.Location:
        """The URI and the range of a place; in an open notebook, of the cell."""
        path, start, end = place.filename, place.location, place.end_location
        cell = place.cell
        uri = self._documents.uri(path)
        if cell is not None:
            notebook = self._documents.notebook(path)
            if notebook is not None and cell < len(notebook.cells):
                uri = notebook.cells[cell][0]
            else:
                # The notebook is shown as a file: the row of its JSON that contains the code.
                row = self._texts.file_row(path, cell, start.row) or 1
                last = self._texts.file_row(path, cell, end.row) or row
                start, end, cell = Location(row, 1), Location(last + 1, 1), None
        lines = self._texts.lines(path, cell)
        return types.Location(uri, self._documents.units.range(lines or [""], start, end))


def diagnostics(
    documents: Documents, answer: Answer, *, related: bool, pages: bool
) -> Mapping[str, Sequence[types.Diagnostic]]:
    """The diagnostics of a file by URI, empty lists included. `related`: whether the client shows related information
    (else the message lists the path). `pages`: whether it shows links of codes."""
    places = Places(documents, answer)
    found: dict[str, list[types.Diagnostic]] = defaultdict(list)
    for uri, _ in documents.parts(answer.path):
        found[uri] = []
    for finding in answer.findings:
        place = places.location(finding)
        found[place.uri].append(_diagnostic(finding, place.range, places, related, pages))
    for note in answer.notes:
        uri, row = _row(documents, answer, note)
        message = note.partition(": ")[2] or note
        line = types.Range(types.Position(row - 1, 0), types.Position(row, 0))
        found[uri].append(types.Diagnostic(line, message, types.DiagnosticSeverity.Information, source=SOURCE))
    return found


def _diagnostic(finding: Finding, where: types.Range, places: Places, related: bool, pages: bool) -> types.Diagnostic:
    steps = [
        types.DiagnosticRelatedInformation(places.location(step), f"{number}. {step.message}")
        for number, step in enumerate(finding.trace, 1)
    ]
    message = f"{finding.name}: {finding.message}"
    if finding.help:
        message += f"\nhelp: {finding.help}"
    if not related:
        message += "".join(
            f"\n{number}. line {step.location.row}: {step.message}" for number, step in enumerate(finding.trace, 1)
        )
    return types.Diagnostic(
        where,
        message,
        SEVERITY[finding.severity],
        finding.code,
        types.CodeDescription(finding.url) if finding.url and pages else None,
        SOURCE,
        related_information=steps if related else None,
    )


def _row(documents: Documents, answer: Answer, note: str) -> tuple[str, int]:
    """The URI and row of a note: the row that it names, else the top."""
    parts = {cell: uri for uri, cell in documents.parts(answer.path)}
    place = re.match(r"(?::cell (\d+))?(?::(\d+))?", note.removeprefix(answer.path))
    cell, row = (place[1], place[2]) if place else (None, None)
    uri = parts.get(int(cell) - 1 if cell else None) or next(iter(parts.values()), documents.uri(answer.path))
    return uri, int(row or 1)

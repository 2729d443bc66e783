"""The editor's open texts: files, and notebooks with a document for each cell."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from looplint.server.positions import Units
from looplint.sources import DEFAULT_EXTENSIONS, Unreadable
from looplint.sources.decode import encoding
from looplint.sources.notebook import notebook_text

LANGUAGES = ("python", "markdown", "ipynb")


@dataclasses.dataclass(slots=True)
class Document:
    """One text in the editor: a file, or a cell of a notebook. `uri`: as the editor spells it."""

    uri: str
    path: str
    text: str
    version: int | None = None


@dataclasses.dataclass(slots=True)
class Notebook:
    """A notebook in the editor; `cells`: the documents of all its cells in order, and whether each is code."""

    uri: str
    path: str
    cells: list[tuple[str, bool]]


class Documents:
    """All open documents. `folder`: the assumed folder of a text without a file."""

    def __init__(self, units: Units, folder: str) -> None:
        self.units = units
        self._folder = folder
        self._documents: dict[str, Document] = {}
        self._notebooks: dict[str, Notebook] = {}
        self._of_path: dict[str, str] = {}

    def path(self, uri: str) -> str:
        """The path of a document."""
        found = to_fs_path(uri)
        name = uri.partition(":")[2].strip("/") or "untitled"
        return os.path.normpath(found) if found else os.path.join(self._folder, name.replace("/", "_"))

    def uri(self, path: str) -> str:
        """The URI of a file, as the editor spells it if it is open."""
        return self._of_path.get(path) or from_fs_path(path) or ""

    def open(self, item: types.TextDocumentItem) -> str | None:
        """Open a text; returns its path if looplint lints such files."""
        path = self.path(item.uri)
        if item.language_id not in LANGUAGES and Path(path).suffix.lower() not in DEFAULT_EXTENSIONS:
            return None
        self._documents[item.uri] = Document(item.uri, path, item.text, item.version)
        self._of_path[path] = item.uri
        return path

    def change(
        self, uri: str, changes: Sequence[types.TextDocumentContentChangeEvent], version: int | None
    ) -> str | None:
        """Apply edits; returns the path of the file, None for an unknown text."""
        document = self._documents.get(uri)
        if document is None:
            return None
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start = self.units.offset(document.text, change.range.start)
                end = self.units.offset(document.text, change.range.end)
                document.text = document.text[:start] + change.text + document.text[end:]
            else:
                document.text = change.text
        document.version = version
        return document.path

    def close(self, uri: str) -> str | None:
        """Close a text; returns its path."""
        document = self._documents.pop(uri, None)
        if document is None:
            return None
        self._of_path.pop(document.path, None)
        return document.path

    def open_notebook(self, notebook: types.NotebookDocument, texts: Sequence[types.TextDocumentItem]) -> str:
        """Open a notebook; returns its path."""
        path = self.path(notebook.uri)
        self._notebooks[notebook.uri] = Notebook(notebook.uri, path, [_cell(cell) for cell in notebook.cells])
        self._of_path[path] = notebook.uri
        self._take(texts, path)
        return path

    def change_notebook(self, uri: str, change: types.NotebookDocumentChangeEvent) -> str | None:
        """Apply edits to a notebook; returns its path."""
        notebook = self._notebooks.get(uri)
        if notebook is None or change.cells is None:
            return None
        structure = change.cells.structure
        if structure is not None:
            start, count = structure.array.start, structure.array.delete_count
            notebook.cells[start : start + count] = [_cell(cell) for cell in structure.array.cells or ()]
            self._take(structure.did_open or (), notebook.path)
            for closed in structure.did_close or ():
                self._documents.pop(closed.uri, None)
        for content in change.cells.text_content or ():
            self.change(content.document.uri, content.changes, content.document.version)
        return notebook.path

    def close_notebook(self, uri: str) -> str | None:
        """Close a notebook; returns its path."""
        notebook = self._notebooks.pop(uri, None)
        if notebook is None:
            return None
        for cell, _ in notebook.cells:
            self._documents.pop(cell, None)
        self._of_path.pop(notebook.path, None)
        return notebook.path

    def _take(self, texts: Sequence[types.TextDocumentItem], path: str) -> None:
        for item in texts:
            self._documents[item.uri] = Document(item.uri, path, item.text, item.version)

    def document(self, uri: str) -> Document | None:
        """The open text with a URI."""
        return self._documents.get(uri)

    def notebook(self, path: str) -> Notebook | None:
        """The open notebook with a path."""
        return self._notebooks.get(self._of_path.get(path, ""))

    def paths(self) -> set[str]:
        """The paths of all open documents."""
        return set(self._of_path)

    def content(self, path: str) -> bytes:
        """The content of an open file or notebook if it were saved now."""
        notebook = self.notebook(path)
        if notebook is None:
            return _encoded(self._documents[self._of_path[path]].text, path)
        return notebook_text([(self._documents[uri].text, code) for uri, code in notebook.cells]).encode()

    def parts(self, path: str) -> Iterator[tuple[str, int | None]]:
        """The URIs that show the findings of a file, each with its cell."""
        notebook = self.notebook(path)
        if notebook is None:
            yield self.uri(path), None
        else:
            yield from ((uri, index) for index, (uri, _) in enumerate(notebook.cells))


def _cell(cell: types.NotebookCell) -> tuple[str, bool]:
    return cell.document, cell.kind == types.NotebookCellKind.Code


def _encoded(text: str, path: str) -> bytes:
    """The bytes of a text in the encoding that it declares."""
    raw = text.encode("utf-8", "replace")
    try:
        name = encoding(raw, path)
        return raw if name.startswith("utf-8") else text.encode(name)
    except (Unreadable, UnicodeError):
        return raw

"""Code actions: fix a finding, suppress it here, apply all safe fixes."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from typing import Any

from lsprotocol import types

from looplint.finding import Finding
from looplint.findings.suppress import add_ignores
from looplint.fix import Refused, fix_bytes
from looplint.fix.apply_fix import apply_fix
from looplint.run.workspace import Workspace
from looplint.server.documents import Documents
from looplint.server.positions import lines_of
from looplint.server.worker import Answer
from looplint.sources import Unreadable, kind_of
from looplint.sources.decode import decode, normalise

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.looplint"


def wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Whether a client that asks for some kinds of actions wants this one."""
    return only is None or any(kind == k or kind.startswith(f"{k}.") or not k for k in only)


def quick_fixes(answer: Answer, finding: Finding) -> list[tuple[str, bytes, bool]]:
    """The actions for one finding: a title, the content of the file after it, and whether to prefer it."""
    actions = []
    if finding.fix is not None:
        unsafe = finding.fix.applicability == "unsafe"
        try:
            new = apply_fix(answer.text, answer.path, finding.fix)
            mark = " (unsafe: read it first)" if unsafe else ""
            actions.append((f"looplint: {finding.fix.message}{mark}", new, not unsafe))
        except (Refused, Unreadable):
            pass
    try:
        new = add_ignores(answer.text, answer.path, [finding])
        if new != answer.text:
            actions.append((f"looplint: ignore {finding.code} here", new, False))
    except Unreadable:
        pass
    return actions


def fixed(workspace: Workspace, answer: Answer) -> bytes:
    """The content of a file after all safe fixes. Raises Unreadable."""

    def lint(text: bytes) -> list[Finding]:
        before = workspace.text(answer.path)
        workspace.hold(answer.path, text)
        try:
            checked = workspace.check(answer.path)
            return [] if checked is None else [f for f in checked.result.findings if f.filename == answer.path]
        finally:
            workspace.hold(answer.path, before)

    return fix_bytes(answer.text, answer.path, lint, unsafe=False).new


def edit(documents: Documents, answer: Answer, new: bytes, *, versions: bool) -> types.WorkspaceEdit | None:
    """The edit from the linted text to a new content, None if the text in the editor has changed since. `versions`:
    whether the client supports versioned document edits."""
    if documents.content(answer.path) != answer.text:
        return None
    changes: dict[str, list[types.TextEdit]] = {}
    uris = [uri for uri, _ in documents.parts(answer.path)]
    texts = (_plain(documents, answer.path, raw) for raw in (answer.text, new))
    for uri, old_text, new_text in zip(uris, *texts, strict=True):
        if edits := text_edits(documents, old_text, new_text):
            changes[uri] = edits
    if not versions:
        return types.WorkspaceEdit(changes=changes)
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(
                    uri, document.version if (document := documents.document(uri)) else None
                ),
                list(edits),
            )
            for uri, edits in changes.items()
        ]
    )


def text_edits(documents: Documents, old: str, new: str) -> list[types.TextEdit]:
    """The changed lines between two texts."""
    before, after = _rows(old), _rows(new)
    lines = lines_of(old)
    end = types.Position(len(lines) - 1, documents.units.width(lines[-1]))
    edits = []
    for tag, start, stop, new_start, new_stop in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        if tag != "equal":
            first = types.Position(start, 0) if start < len(before) or old.endswith(("\n", "\r")) or not old else end
            last = types.Position(stop, 0) if stop < len(before) else end
            edits.append(types.TextEdit(types.Range(first, last), "".join(after[new_start:new_stop])))
    return edits


def _rows(text: str) -> list[str]:
    """The lines of a text, with normalised line ends."""
    return re.findall(r"[^\n]*\n|[^\n]+", normalise(text))


def _plain(documents: Documents, path: str, raw: bytes) -> list[str]:
    """The texts of the documents of a file: itself, or the cells of a notebook."""
    if documents.notebook(path) is not None:
        return [_source(cell) for cell in json.loads(raw)["cells"]]
    return [decode(raw, path) if kind_of(path) == "python" else raw.decode("utf-8")]


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)

"""Code actions: fix a finding, suppress it here, apply all safe fixes."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lsprotocol import types

from looplint.finding import Finding
from looplint.findings.suppress import add_ignores
from looplint.fix import Refused, fix_bytes
from looplint.fix.apply_fix import apply_fix
from looplint.fix.fix_files import contents
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


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """The contents of some files before and after an action."""

    old: Mapping[str, bytes]
    new: Mapping[str, bytes]


def quick_fixes(answer: Answer, finding: Finding, texts: Mapping[str, bytes]) -> list[tuple[str, Change, bool]]:
    """The actions for one finding: a title, what it changes, and whether to prefer it. `texts`: other open files."""
    actions = []
    held = {**texts, answer.path: answer.text}
    if finding.fix is not None:
        safe = finding.fix.applicability == "safe"
        others = ", ".join(sorted(map(os.path.basename, finding.fix.elsewhere)))
        where = f" in {others}" if others else ""
        mark = "" if safe else " (unsafe: read it first)"
        with contextlib.suppress(Refused, Unreadable):
            if finding.fix.elsewhere:
                change = Change(*contents(finding, held))
            else:
                change = Change(held, {answer.path: apply_fix(answer.text, answer.path, finding.fix)})
            actions.append((f"looplint: {finding.fix.message}{where}{mark}", change, safe))
    with contextlib.suppress(Unreadable):
        new = add_ignores(answer.text, answer.path, [finding])
        if new != answer.text:
            actions.append((f"looplint: ignore {finding.code} here", Change(held, {answer.path: new}), False))
    return actions


def all_fixes(workspace: Workspace, answer: Answer) -> Change:
    """All safe fixes of a file. Raises Unreadable."""

    def lint(text: bytes) -> list[Finding]:
        before = workspace.text(answer.path)
        workspace.hold(answer.path, text)
        try:
            checked = workspace.check(answer.path)
            return [] if checked is None else [f for f in checked.result.findings if f.filename == answer.path]
        finally:
            workspace.hold(answer.path, before)

    new = fix_bytes(answer.text, answer.path, lint, unsafe=False).new
    return Change({answer.path: answer.text}, {answer.path: new})


def edit(documents: Documents, change: Change, *, versions: bool) -> types.WorkspaceEdit | None:
    """The edit that makes a change, None if a text in the editor has changed since. `versions`: whether the client
    supports versioned document edits."""
    changes: dict[str, list[types.TextEdit]] = {}
    for path, new in change.new.items():
        old = change.old[path]
        if path in documents.paths() and documents.content(path) != old:
            return None
        uris = [uri for uri, _ in documents.parts(path)]
        texts = (_plain(documents, path, raw) for raw in (old, new))
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

"""GitHub Actions: annotations on the lines of a pull request, and the complete list in the job's summary.

docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from looplint.finding import Finding, Severity
from looplint.notice import Notice
from looplint.report._advice import advice
from looplint.report._context import Context
from looplint.report._position import in_file, message_of, path_lines, position
from looplint.sources.printable import printable

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
SUMMARY_LIMIT = 1024 * 1024  # bytes of one step's summary; GitHub drops all of a longer one


NOTICES = 50  # of them that a summary lists


def write(findings: Sequence[Finding], stream: TextIO, context: Context) -> None:
    """`::error title=...,file=...,line=...,col=...,endLine=...,endColumn=...::message`, the most severe first and among
    them those on changed lines, since GitHub shows ten of each level and silently drops the rest.

    The complete list is appended to the file that `GITHUB_STEP_SUMMARY` names, as Markdown, cut below 1 MiB.
    """
    root = Path(os.environ.get("GITHUB_WORKSPACE") or context.base)
    ordered = sorted(findings, key=lambda finding: _urgency(finding, context))
    for finding in ordered:
        start, end = in_file(finding, context)
        properties = {
            "title": f"{finding.code} {finding.name}",
            "file": context.relative(finding.filename, root),
            "line": str(start.row),
            "col": str(start.column),
            "endLine": str(end.row),
        }
        if end.row == start.row and end.column > start.column:
            # GitHub accepts columns only within one row.
            properties["endColumn"] = str(end.column)
        listed = ",".join(f"{key}={_escape(printable(value), ':,')}" for key, value in properties.items())
        body = "\n".join(
            map(printable, [message_of(finding), *path_lines(finding), *(f"help: {line}" for line in advice(finding))])
        )
        stream.write(f"::{_LEVELS[finding.severity]} {listed}::{_escape(body)}\n")
    notices = [notice for notice in context.notices if notice.path]
    for notice in notices:
        place = f"title=looplint,file={_escape(printable(context.relative(notice.path, root)), ':,')},line={notice.row}"
        stream.write(f"::notice {place}::{_escape(printable(notice.message))}\n")
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        _summarize(ordered, notices, Path(path), root, context)


def _urgency(finding: Finding, context: Context) -> tuple[int, bool]:
    start, _ = in_file(finding, context)
    changed = context.changed(finding.filename) or ()
    return list(_LEVELS).index(finding.severity), start.row not in changed


def _escape(text: str, more: str = "") -> str:
    """Percent escapes that the runner decodes: `%` and line ends everywhere, `:` and `,` in properties."""
    for char in "%\r\n" + more:
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def _summarize(
    findings: Sequence[Finding], notices: Sequence[Notice], path: Path, root: Path, context: Context
) -> None:
    rows = [_row(finding, root, context) for finding in findings]
    noun = "finding" if len(rows) == 1 else "findings"
    text = f"### looplint: {len(rows) or 'no'} {noun}\n\n"
    for notice in notices[:NOTICES]:
        text += f"- {_cell(context.relative(notice.path, root))}: {_cell(notice.message)}\n"
    if len(notices) > NOTICES:
        text += f"- {len(notices) - NOTICES} more notices are in the log of this step\n"
    text += "\n" if notices else ""
    if rows:
        text += "| | rule | place | what is wrong |\n|---|---|---|---|\n"
    left = SUMMARY_LIMIT - 200 - len(text.encode()) - (path.stat().st_size if path.exists() else 0)
    for number, row in enumerate(rows):
        left -= len(row.encode())
        if left < 0:
            text += f"\n{len(rows) - number} more are in the log of this step: a summary holds no more than 1 MiB.\n"
            break
        text += row
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text + "\n")


def _row(finding: Finding, root: Path, context: Context) -> str:
    file = context.relative(finding.filename, root)
    place = _cell(f"{file}:{position(finding)}")
    server, repository, commit = (os.environ.get(f"GITHUB_{key}") for key in ("SERVER_URL", "REPOSITORY", "SHA"))
    if server and repository and commit and not file.startswith("/"):
        row = in_file(finding, context)[0].row
        place = f"[{place}]({server}/{repository}/blob/{commit}/{quote(os.fsencode(file))}#L{row})"
    return f"| {finding.severity} | {finding.code} {finding.name} | {place} | {_cell(finding.message)} |\n"


def _cell(text: str) -> str:
    """Text inside a Markdown table: nothing in it begins a column, a tag or a link; code in backticks stays code."""
    code = re.compile(r"(`[^`]*`)")
    return "".join(
        part.replace("|", r"\|") if code.fullmatch(part) else re.sub(r"([\\<>\[\]*_|~&`])", r"\\\1", part)
        for part in code.split(printable(text))
    )

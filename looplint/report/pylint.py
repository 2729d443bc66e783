"""Pylint's `parseable` lines, which many CI servers and `diff-quality` read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from looplint.finding import Finding
from looplint.report._context import Context
from looplint.report._position import in_file, message_of
from looplint.sources.printable import printable


def write(findings: Iterable[Finding], stream: TextIO, context: Context) -> None:
    """`path:row: [code(name), ] message`, pylint's own template `{path}:{line}: [{msg_id}({symbol}), {obj}] {msg}`."""
    for finding in findings:
        start, _ = in_file(finding, context)
        path = printable(context.relative(finding.filename))
        stream.write(f"{path}:{start.row}: [{finding.code}({finding.name}), ] {printable(message_of(finding))}\n")

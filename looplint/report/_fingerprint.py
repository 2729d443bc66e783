"""Fingerprints that identify a finding from one commit to the next."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from looplint.finding import Finding
from looplint.report._context import Context


def fingerprints(findings: Sequence[Finding], context: Context) -> list[str]:
    """One distinct fingerprint for each finding, in hexadecimal. It does not change when lines move: it hashes the
    code, the file's path, the words of the line and how many equal ones precede it in the list."""
    seen: Counter[tuple[str, str, str]] = Counter()
    result = []
    for finding in findings:
        key = (finding.code, context.relative(finding.filename), _words(finding, context))
        text = "\0".join((*key, str(seen[key])))
        seen[key] += 1
        result.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return result


def _words(finding: Finding, context: Context) -> str:
    lines = context.lines(finding.filename, finding.cell)
    if lines is None or not 1 <= finding.location.row <= len(lines):
        return finding.message
    return " ".join(lines[finding.location.row - 1].split())

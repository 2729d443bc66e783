"""GitLab's Code Quality report: docs.gitlab.com/ci/testing/code_quality (the subset of Code Climate that it reads)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TextIO

from looplint.finding import Finding, Severity
from looplint.report._context import Context
from looplint.report._fingerprint import fingerprints
from looplint.report._position import in_file, message_of

_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def write(findings: Sequence[Finding], stream: TextIO, context: Context) -> None:
    """An array of issues, each with a unique fingerprint, by which GitLab separates new from old ones."""
    issues = []
    for finding, fingerprint in zip(findings, fingerprints(findings, context), strict=True):
        start, end = in_file(finding, context)
        issues.append(
            {
                "type": "issue",
                "check_name": finding.code,
                "description": f"{finding.name}: {message_of(finding)}",
                "categories": ["Bug Risk"],
                "severity": _SEVERITY[finding.severity],
                "fingerprint": fingerprint,
                "location": {
                    "path": context.relative(finding.filename),
                    "positions": {
                        "begin": {"line": start.row, "column": start.column},
                        "end": {"line": end.row, "column": end.column},
                    },
                },
            }
        )
    json.dump(issues, stream, indent=2)
    stream.write("\n")

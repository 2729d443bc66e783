"""Findings per rule: the table of `--statistics`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TextIO

from looplint.finding import Finding


def statistics(findings: Sequence[Finding], stream: TextIO, output_format: str = "full") -> None:
    """Write the number of findings of each rule, most frequent first, and how many have a fix.

    As JSON for the formats `json` and `json-lines`: `code`, `name`, `count`, `safe_fixes`, `unsafe_fixes`. Else as a
    table: count, code, `[*]` if every finding has a safe fix (`[-]` any fix), and name; nothing without findings.
    """
    counts = _counts(findings)
    if output_format == "json":
        stream.write(json.dumps(counts, indent=2) + "\n")
    elif output_format == "json-lines":
        stream.writelines(json.dumps(count) + "\n" for count in counts)
    elif counts:
        _table(counts, stream)


def _counts(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    by_rule: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.code, finding.name].append(finding)
    counts = []
    for (code, name), found in sorted(by_rule.items(), key=lambda item: (-len(item[1]), item[0])):
        kinds = [finding.fix.applicability for finding in found if finding.fix]
        counts.append(
            {
                "code": code,
                "name": name,
                "count": len(found),
                "safe_fixes": kinds.count("safe"),
                "unsafe_fixes": kinds.count("unsafe"),
            }
        )
    return counts


def _table(counts: Sequence[dict[str, Any]], stream: TextIO) -> None:
    digits = max(len(str(row["count"])) for row in counts)
    letters = max(len(row["code"]) for row in counts)
    for row in counts:
        safe = row["safe_fixes"] == row["count"]
        mark = "[*]" if safe else "[-]" if row["safe_fixes"] or row["unsafe_fixes"] else "[ ]"
        stream.write(f"{row['count']:>{digits}}  {row['code']:<{letters}}  {mark}  {row['name']}\n")

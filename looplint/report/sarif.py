"""SARIF 2.1.0: docs.oasis-open.org/sarif/sarif/v2.1.0, read by GitHub code scanning and editors."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from looplint.finding import Finding, Location
from looplint.report._advice import advice
from looplint.report._context import Context, absolute
from looplint.report._fingerprint import fingerprints
from looplint.report._position import in_file, message_of, position

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"


def write(findings: Sequence[Finding], stream: TextIO, context: Context) -> None:
    """One run: the rules with their pages, a result for each finding with its fingerprint, path (`codeFlows`, and
    `relatedLocations` for readers that know no flows) and fix. Columns count Unicode code points."""
    descriptors = _descriptors(findings, context)
    index = {descriptor["id"]: number for number, descriptor in enumerate(descriptors)}
    results = [
        _result(finding, fingerprint, index[finding.code], context)
        for finding, fingerprint in zip(findings, fingerprints(findings, context), strict=True)
    ]
    driver: dict[str, Any] = {"name": "looplint", "rules": descriptors}
    if context.version:
        driver |= {"version": context.version, "semanticVersion": context.version}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": Path(absolute(context.base)).as_uri().rstrip("/") + "/"}},
        "results": results,
        "invocations": [_invocation(context)],
    }
    json.dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, stream, indent=2)
    stream.write("\n")


def _descriptors(findings: Sequence[Finding], context: Context) -> list[dict[str, Any]]:
    """The rules that found something, by code; a rule that is not among those that ran, as far as the finding describes
    it."""
    found = {finding.code for finding in findings}
    urls = {finding.code: finding.url for finding in findings if finding.url}
    known: dict[str, dict[str, Any]] = {}
    for rule in (rule for rule in context.rules if rule.code in found):
        known[rule.code] = {
            "id": rule.code,
            "name": rule.name,
            "shortDescription": {"text": rule.summary},
            "fullDescription": {"text": rule.section("What it does") or rule.summary},
            "help": {"text": rule.doc, "markdown": rule.doc},
            "defaultConfiguration": {"level": str(rule.severity)},
            "properties": {"tags": ["pytorch", "training"], "problem.severity": _problem(rule.severity)},
        }
    for finding in findings:
        known.setdefault(
            finding.code, {"id": finding.code, "name": finding.name, "shortDescription": {"text": finding.name}}
        )
    for code, url in urls.items():
        known[code]["helpUri"] = url
    return [known[code] for code in sorted(known)]


def _invocation(context: Context) -> dict[str, Any]:
    """The execution of the run: what was not read or not analysed completely, which code scanning shows as the tool's
    status."""
    notices = list(context.notices)
    notifications = []
    for notice in notices:
        notification: dict[str, Any] = {"level": notice.level, "message": {"text": notice.message}}
        if notice.path:
            place: dict[str, Any] = {"artifactLocation": _artifact(notice.path, context)}
            if notice.cell is None:
                place["region"] = {"startLine": notice.row}
            notification["locations"] = [{"physicalLocation": place}]
        notifications.append(notification)
    succeeded = all(notice.kind != "error" for notice in notices)
    return {"executionSuccessful": succeeded, "toolExecutionNotifications": notifications}


def _problem(severity: str) -> str:
    """GitHub's name for a severity."""
    return "recommendation" if severity == "note" else severity


def _result(finding: Finding, fingerprint: str, rule: int, context: Context) -> dict[str, Any]:
    message = "\n".join([message_of(finding), *(f"help: {line}" for line in advice(finding))])
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": str(finding.severity),
        "message": {"text": message},
        "locations": [_location(finding, context)],
        # The key that GitHub looks up before it computes its own fingerprint.
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }
    if finding.trace:
        steps = [
            {**_location(step, context), "message": {"text": step.message or f"step {number}"}}
            for number, step in enumerate(finding.trace, 1)
        ]
        result["relatedLocations"] = [{"id": number, **step} for number, step in enumerate(steps, 1)]
        flow = [{"location": step, "executionOrder": number} for number, step in enumerate(steps, 1)]
        result["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    # Edits inside a notebook's cell have no region in the file.
    edits = context.edits(finding) if finding.fix and finding.cell is None else None
    if finding.fix and edits:
        changes = [
            {
                "artifactLocation": _artifact(path or finding.filename, context),
                "replacements": [
                    {
                        "deletedRegion": _region(edit.location, edit.end_location),
                        "insertedContent": {"text": edit.content},
                    }
                    for edit in edits
                    if edit.filename == path
                ],
            }
            for path in dict.fromkeys(edit.filename for edit in edits)
        ]
        result["fixes"] = [{"description": {"text": finding.fix.message}, "artifactChanges": changes}]
    return result


def _location(place: Any, context: Context) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(place.filename, context),
            "region": _region(*in_file(place, context)),
        }
    }
    if place.cell is not None:
        location["logicalLocations"] = [{"name": f"cell {place.cell + 1}", "fullyQualifiedName": position(place)}]
    return location


def _region(start: Location, end: Location) -> dict[str, int]:
    return {"startLine": start.row, "startColumn": start.column, "endLine": end.row, "endColumn": end.column}


def _artifact(filename: str, context: Context) -> dict[str, str]:
    path = context.relative(filename)
    if path.startswith("/") or path[1:3] == ":/":
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(os.fsencode(path)), "uriBaseId": _ROOT}

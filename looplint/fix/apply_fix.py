"""Applies one fix to a text."""

from __future__ import annotations

from looplint.finding import Finding, Fix, Location, Severity
from looplint.fix.fix_file import fix_bytes
from looplint.fix.splice import Refused


def apply_fix(raw: bytes, path: str, fix: Fix) -> bytes:
    """The content of a file after the fix of one of its findings, safe or not. `path`: its suffix says what it is.

    Raises Refused, with the reason, if the fix cannot be applied, and Unreadable.
    """
    if fix.elsewhere:
        raise Refused(f"it changes {', '.join(sorted(fix.elsewhere))}, too")
    nowhere = Location(1, 1)
    finding = Finding("", "", Severity.NOTE, "", path, nowhere, nowhere, fix=fix)
    result = fix_bytes(raw, path, lambda text: [finding] if text == raw else [], unsafe=True)
    if not result.applied:
        reason = result.notes[0].rpartition(" is not fixed: ")[2] if result.notes else "there is nothing to change"
        raise Refused(reason)
    return result.new

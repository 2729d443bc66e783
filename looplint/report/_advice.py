"""The help of a finding, as a line that reads well behind `help:`."""

from __future__ import annotations

from looplint.finding import Finding


def advice(finding: Finding) -> list[str]:
    """What the fix does and which options carry it out; where there is none, the rule's advice, if it gives any."""
    if finding.fix is None:
        return [finding.help] if finding.help else []
    options = "--fix" if finding.fix.applicability == "safe" else "--fix --unsafe-fixes"
    message = finding.fix.message
    return [f"{message[:1].lower()}{message[1:]} ({options})"]

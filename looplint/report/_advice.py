"""The help of a finding, as the text behind `help:`."""

from __future__ import annotations

from looplint.finding import Finding


def advice(finding: Finding) -> list[str]:
    """The effect of the fix and the options that apply it; without a fix, the rule's advice, if any."""
    if finding.fix is None:
        return [finding.help] if finding.help else []
    options = "--fix" if finding.fix.applicability == "safe" else "--fix --unsafe-fixes"
    message = finding.fix.message
    return [f"{message[:1].lower()}{message[1:]} ({options})"]

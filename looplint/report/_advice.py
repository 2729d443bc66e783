"""How to mend a finding, in one or two lines, each of which reads well behind `help:`."""

from __future__ import annotations

import re

from looplint.finding import Finding


def advice(finding: Finding) -> list[str]:
    """What the fix does and which options carry it out, then the rule's advice where it says something else."""
    lines = []
    if finding.fix:
        options = "--fix" if finding.fix.applicability == "safe" else "--fix --unsafe-fixes"
        message = finding.fix.message
        lines.append(f"{message[:1].lower()}{message[1:]} ({options})")
    if finding.help and not (finding.fix and _says(finding.fix.message, finding.help)):
        lines.append(finding.help)
    return lines


def _says(told: str, more: str) -> bool:
    """Whether advice names no code that was not told already."""
    named = re.findall(r"`[^`]*`", more)
    return told.casefold() == more.casefold() or (bool(named) and set(named) <= set(re.findall(r"`[^`]*`", told)))

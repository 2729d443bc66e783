"""How to mend a finding, in one or two lines, each of which reads well behind `help:`."""

from __future__ import annotations

from looplint.finding import Finding


def advice(finding: Finding) -> list[str]:
    """What the fix does and which options carry it out, then the rule's advice where it says something else."""
    lines = []
    if finding.fix:
        options = "--fix" if finding.fix.applicability == "safe" else "--fix --unsafe-fixes"
        lines.append(f"{finding.fix.message} ({options})")
    if finding.help and not (finding.fix and finding.fix.message == finding.help):
        lines.append(finding.help)
    return lines

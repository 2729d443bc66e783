"""Hover text: the finding at the pointer, its path, and the page of its rule with the measured effect."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from looplint.finding import Finding
from looplint.pages.rule_markdown import page
from looplint.rule import Rule
from looplint.server.documents import Documents


def markdown(findings: Sequence[Finding], rules: Mapping[str, Rule], documents: Documents) -> str:
    """Some findings at one place as Markdown. `rules`: by code."""
    return "\n\n---\n\n".join(_one(finding, rules.get(finding.code), documents) for finding in findings)


def _one(finding: Finding, rule: Rule | None, documents: Documents) -> str:
    parts = [f"**{finding.code} {finding.name}**: {finding.message}"]
    if finding.trace:
        steps = (
            f"{number}. [{os.path.basename(step.filename)}:{step.location.row}]"
            f"({documents.uri(step.filename)}#L{step.location.row}) {step.message}"
            for number, step in enumerate(finding.trace, 1)
        )
        parts.append("\n".join(steps))
    if finding.help:
        parts.append(f"help: {finding.help}")
    if rule is not None:
        parts.append(page(rule).partition("\n")[2].lstrip())  # The first line already shows its title.
    return "\n\n".join(parts)

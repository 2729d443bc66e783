"""What the proofs measured, for the `measured:` line under a finding: read from the records, without torch."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]


@functools.cache
def records() -> dict[str, Any]:
    """The record of each kind of device, the CPU's first: {"cpu": {"device", "torch", "date", "rules"}, ...}."""
    import json

    for folder in (PACKAGE / "reference" / "records", PACKAGE.parent / "reference" / "records"):
        if folder.is_dir():
            return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))}
    return {}


def measured(rule_name: str) -> str | None:
    """The effect of the mistake that `rule_name` names, in one line with the numbers measured; None without a proof."""
    for record in records().values():
        if rule_name in record["rules"]:
            effect: str = record["rules"][rule_name]["effect"]
            return effect
    return None

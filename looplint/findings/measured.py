"""The measurements of the proofs, as text and as a picture: read from the records, without torch."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]


@functools.cache
def records() -> dict[str, Any]:
    """The record of each kind of device, the CPU's first: {"cpu": {"device", "torch", "date", "rules"}, ...}."""
    import json

    files = sorted(_folder("records").glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def measured(rule_name: str) -> str | None:
    """The measured effect of the mistake that `rule_name` names, in one line with the numbers; None without a proof."""
    for record in records().values():
        if rule_name in record["rules"]:
            effect: str = record["rules"][rule_name]["effect"]
            return effect
    return None


def picture(rule_name: str) -> str | None:
    """The plot of the measurement, iteration by iteration, as SVG; None without a proof."""
    file = _folder("pictures") / f"{rule_name}.svg"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _folder(name: str) -> Path:
    """A folder of the reference: in the package or, in a checkout, beside it."""
    inside = PACKAGE / "reference" / name
    return inside if inside.is_dir() else PACKAGE.parent / "reference" / name

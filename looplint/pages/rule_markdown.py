"""The rule pages as Markdown for GitHub: one file per rule, and an index by the step of the training loop."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from looplint.findings.measured import measured
from looplint.project.catalog import folder as home
from looplint.rule import HOME, Rule

INDEX = "README.md"
STEPS = {
    "1": "Fetch",
    "2": "Clear",
    "3": "Predict",
    "4": "Grade",
    "5": "Derivatives",
    "6": "Update",
    "7": "Log",
    "8": "Validate",
    "9": "Checkpoint",
    "0": "Text and comments",
}
OTHER = "Other rules"

_TIERS = {
    "default": "on by default",
    "preview": "in preview: needs `--preview`",
    "off": "off unless selected by its own name or code",
}
_FIXES = {
    "safe": "`looplint --fix` applies it: it preserves behaviour, or its intent is unambiguous.",
    "unsafe": "`looplint --fix --unsafe-fixes` applies it. Review it: it may change what the program does.",
}
_NO_FIX = "There is none: the code does not show what was intended."


def write_pages(rules: Sequence[Rule], folder: Path) -> list[Path]:
    """Write the page of each rule and the index into a folder, creating it if needed; returns the files in order.

    Raises OSError. Other files in the folder are left alone.
    """
    texts = pages(rules, folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in texts]


def pages(rules: Sequence[Rule], folder: Path) -> dict[str, str]:
    """The files of `write_pages`: text by file name, the index last."""
    return {f"{rule.name}.md": page(rule, folder) for rule in rules} | {INDEX: index(rules, folder)}


def page(rule: Rule, folder: Path | None = None) -> str:
    """The page of a rule. `folder`: where it will be written, for relative links to the picture and the index."""
    facts = [step(rule), str(rule.severity), _TIERS[tier(rule)]]
    facts += [f"[all rules]({INDEX})"] if folder else []
    parts = [f"# {rule.name} ({rule.code})", " · ".join(facts), rule.summary]
    if effect := measured(rule.name):
        parts.append(f"![What was measured, batch by batch]({picture(rule, folder)})")
        parts.append(f"Measured in looplint's own sample: {effect}. `looplint prove {rule.name}` runs it again.")
    parts.append(_body(rule))
    parts.append("## Fix\n\n" + "\n\n".join([_FIXES[kind] for kind in rule.fixes] or [_NO_FIX]))
    if changes := history(rule):
        parts.append("## History\n\n" + "\n".join(f"- {change}" for change in changes))
    return "\n\n".join(part for part in parts if part) + "\n"


def index(rules: Sequence[Rule], folder: Path | None = None) -> str:
    """A table of the rules for each step of the training loop, in execution order."""
    parts = [
        "# The rules, by step of the training loop",
        "Each name links to the page of the rule, each measured number to its plot. Rules marked *preview* need "
        "`--preview`; rules marked *off* must be selected by name. A *safe* fix is applied by `--fix`, an *unsafe* one "
        "by `--fix --unsafe-fixes`.",
    ]
    order = [*STEPS.values(), OTHER]
    for name, group in groupby(sorted(rules, key=lambda rule: (order.index(step(rule)), rule.code)), key=step):
        parts += [f"## {name}", table(group, "", folder)]
    return "\n\n".join(parts) + "\n"


def table(rules: Iterable[Rule], pages: str, folder: Path | None) -> str:
    """A row for each rule, with links to its page below `pages` ("" or a folder that ends in `/`) and its picture."""
    rows = ["| code | rule | what goes wrong | measured | fix |", "|---|---|---|---|---|"]
    for rule in rules:
        mark = "" if tier(rule) == "default" else f" ({tier(rule)})"
        effect = measured(rule.name)
        shown = f"[{effect}]({picture(rule, folder)})" if effect else ""
        summary = rule.summary.rstrip(".")
        cells = [rule.code, f"[{rule.name}]({pages}{rule.name}.md){mark}", summary, shown, ", ".join(rule.fixes)]
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |".replace("  ", " "))
    return "\n".join(rows)


def step(rule: Rule) -> str:
    """The step of the training loop that a rule is about: the first digit of looplint's own codes."""
    number = re.fullmatch(r"LOOP(\d)\d\d", rule.code)
    return STEPS[number[1]] if number else OTHER


def tier(rule: Rule) -> str:
    """Whether a rule is on: "default", "preview" or "off"."""
    return "preview" if rule.preview else "off" if rule.off else "default"


def picture(rule: Rule, folder: Path | None) -> str:
    """The address of the measured plot: relative from a folder beside the pictures, else on GitHub."""
    pictures = home("reference") / "pictures"
    if folder is not None and folder.resolve().parent == pictures.resolve().parent:
        return f"../pictures/{rule.name}.svg"
    return f"{HOME}/raw/main/reference/pictures/{rule.name}.svg"


def history(rule: Rule) -> list[str]:
    """Severity and tier of one of looplint's own rules in each version that changed them, oldest first."""
    if rule.url is None:
        return []
    lines = []
    before = None
    for version, known in [*released().items(), ("next version", {rule.name: standing(rule)})]:
        now = known.get(rule.name)
        if now is not None and now != before:
            lines.append(f"{version}: {now}")
        before = now
    return lines


def standing(rule: Rule) -> str:
    """Severity and tier in a few words: "error", "warning, preview"."""
    return f"{rule.severity}" if tier(rule) == "default" else f"{rule.severity}, {tier(rule)}"


@functools.cache
def released() -> dict[str, dict[str, str]]:
    """The severity and tier of each rule by version, oldest first, from `reference/history.json`."""
    try:
        found: dict[str, dict[str, str]] = json.loads((home("reference") / "history.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _body(rule: Rule) -> str:
    """The rule's page below its summary, with GitHub's headings."""
    _, _, body = rule.doc.strip().partition("\n")
    return re.sub(r"^(.+)\n-{3,}$\n?", r"## \1\n\n", body.strip(), flags=re.MULTILINE)

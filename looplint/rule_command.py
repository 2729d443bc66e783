"""`looplint rule`: the pages of the rules, for people and for tools."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from typing import Any

import click

from looplint.catalog import BadRule, rules_with
from looplint.cli import Failure, colored
from looplint.config import ConfigError, Configuration
from looplint.measured import measured
from looplint.rule import SECTIONS, Rule
from looplint.selection import matching, selectable


def run(word: str | None, *, every: bool, output_format: str, config: str | None, color: str) -> int:
    """Print a list of all rules, the page of one, or all pages. Raises Failure for a word that is no rule."""
    try:
        known = selectable(rules_with(Configuration(config).for_folder(".").rule_packs))
        chosen = known if word is None else matching(word.replace("_", "-") if word.islower() else word, known)
    except (ConfigError, BadRule) as error:
        raise Failure(str(error)) from None
    if output_format == "json":
        click.echo(json.dumps([to_json(rule) for rule in chosen], indent=2, ensure_ascii=False))
    elif word is None and not every:
        _list(chosen)
    else:
        color_on = colored(color, sys.stdout)
        pages = "\n\n".join(page(rule, color=color_on) for rule in chosen)
        show = click.echo_via_pager if len(chosen) > 1 and sys.stdout.isatty() else click.echo
        show(pages)
    return 0


def to_json(rule: Rule) -> dict[str, Any]:
    """A rule as JSON-ready data; `sections`: the parts of its page in Markdown, by heading."""
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": str(rule.severity),
        "summary": rule.summary,
        "preview": rule.preview,
        "default": not (rule.preview or rule.off),
        "explanation": rule.doc,
        "measured": measured(rule.name),
        "sections": {heading: rule.section(heading) for heading in SECTIONS},
    }


def page(rule: Rule, *, color: bool) -> str:
    """The page of a rule as a terminal shows it: headline, tier, summary, sections with bold headings."""
    state = "in preview (--preview)" if rule.preview else "off unless selected by name" if rule.off else "on by default"
    body = re.sub(r"^(.+)\n-+$", lambda m: _bold(m[1], color), rule.doc, flags=re.MULTILINE)
    body = re.sub(r"^```\w*\n(.*?)^```$", lambda m: _indented(m[1]), body, flags=re.MULTILINE | re.DOTALL)
    effect = measured(rule.name)
    proof = f"\n\n{_bold('Measured', color)}\n{effect} (looplint prove {rule.name})" if effect else ""
    return f"{_bold(f'{rule.code} {rule.name}', color)}  {rule.severity}, {state}\n\n{body.rstrip()}{proof}"


def _list(rules: Sequence[Rule]) -> None:
    width = max((len(rule.name) for rule in rules), default=0)
    for rule in rules:
        mark = "preview" if rule.preview else "off" if rule.off else ""
        click.echo(f"{rule.code}  {rule.name:<{width}}  {rule.severity:<7}  {mark:<7}  {rule.summary}".rstrip())


def _bold(text: str, color: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if color else text


def _indented(code: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in code.splitlines(keepends=True)).rstrip("\n")

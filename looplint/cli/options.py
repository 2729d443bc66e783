"""Options that several commands have: how their values are written, split and completed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem


def complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete codes and names of rules, also behind a comma."""
    from looplint.project.catalog import rules

    before, _, word = incomplete.rpartition(",")
    before += "," if before else ""
    known = [(text, rule.summary) for rule in rules() for text in (rule.name, rule.code)]
    return [CompletionItem(before + text, help=summary) for text, summary in known if text.startswith(word)]


def complete_formats(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the names of output formats."""
    from looplint.project.settings import OUTPUT_FORMATS

    return [CompletionItem(name) for name in OUTPUT_FORMATS if name.startswith(incomplete)]


def words(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> list[str] | None:
    """`--select A,B --select C`: one list; None when the option was not given."""
    return [word.strip() for text in value for word in text.split(",") if word.strip()] if value else None


def ignores(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, list[str]] | None:
    """`tests/*:LOOP7,*.ipynb:LOOP2`: the rules for each pattern; a rule alone belongs to the pattern before it."""
    table: dict[str, list[str]] = {}
    pattern = ""
    for part in words(ctx, param, value) or ():
        head, colon, rule = part.rpartition(":")
        pattern = head if colon else pattern
        if not pattern:
            raise click.BadParameter(f"`{part}` lacks its file pattern; expected GLOB:RULE, as in `tests/*:LOOP7`")
        table.setdefault(pattern, []).append(rule)
    return table or None


def rules_option(name: str) -> Callable[[Any], Any]:
    """An option that takes rules, separated by commas, and may be repeated."""
    return click.option(name, multiple=True, metavar="RULES", callback=words, shell_complete=complete_rules)


def flags(*names: str) -> Callable[[Any], Any]:
    """An option and its opposite; if neither is passed, the configuration decides."""
    return click.option(*names, default=None)

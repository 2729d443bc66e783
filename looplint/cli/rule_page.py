"""`looplint rule`: the pages of the rules, for people and for tools."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from looplint.cli.failure import Failure
from looplint.cli.terminal import colored, filled, width
from looplint.findings.measured import measured
from looplint.project.catalog import BadRule, rules_with
from looplint.project.config import Configuration
from looplint.project.selection import matching, selectable
from looplint.project.settings import ConfigError
from looplint.rule import HOME, SECTIONS, Rule


def run(word: str | None, *, every: bool, output_format: str, config: str | None, color: str) -> int:
    """Print a list of all rules, the page of one, or all pages; with `every`, `word` is the folder for Markdown pages.
    Raises Failure for a word that is no rule, or a folder that cannot be written."""
    folder = None
    if every and word is not None:
        if output_format != "markdown":
            raise Failure(f"`{word}` and `--all` are different things to ask for: leave out one of them")
        folder, word = Path(word), None
    try:
        known = selectable(rules_with(Configuration(config).for_folder(".").rule_packs))
        chosen = known if word is None else matching(word.replace("_", "-") if word.islower() else word, known)
    except (ConfigError, BadRule) as error:
        raise Failure(str(error)) from None
    if output_format == "json":
        click.echo(json.dumps([to_json(rule) for rule in chosen], indent=2, ensure_ascii=False))
    elif output_format == "markdown":
        _markdown(chosen, folder, every)
    elif word is None and not every:
        _list(chosen)
    else:
        color_on = colored(color, sys.stdout)
        pages = "\n\n\n".join(page(rule, color=color_on, columns=width(sys.stdout)) for rule in chosen)
        show = click.echo_via_pager if len(chosen) > 1 and sys.stdout.isatty() else click.echo
        show(pages)
    return 0


def _markdown(rules: Sequence[Rule], folder: Path | None, every: bool) -> None:
    from looplint.pages import rule_markdown

    if folder is None:
        listed = not every and len(rules) > 1
        click.echo(rule_markdown.index(rules) if listed else "\n\n".join(map(rule_markdown.page, rules)), nl=False)
        return
    try:
        files = rule_markdown.write_pages(rules, folder)
    except OSError as error:
        raise Failure(f"{error.filename or folder}: cannot be written: {error.strerror}") from None
    click.echo(f"Wrote {len(rules)} pages and their index, {files[-1]}", err=True)


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
        "fixes": list(rule.fixes),
        "url": rule.url,
        "picture": picture(rule),
        "sections": {heading: rule.section(heading) for heading in SECTIONS},
    }


def picture(rule: Rule) -> str | None:
    """The address of the measured plot, None without a proof."""
    return f"{HOME}/blob/main/reference/pictures/{rule.name}.svg" if measured(rule.name) else None


def page(rule: Rule, *, color: bool, columns: int | None = None) -> str:
    """The page of a rule on a terminal: headline, tier, summary, sections with bold headings, and last the measured
    effect and the address of the page. `columns`: the width of the terminal, None to leave the lines as they are."""
    state = "in preview (--preview)" if rule.preview else "off unless selected by name" if rule.off else "on by default"
    body = re.sub(r"^(.+)\n-+$", lambda m: _bold(m[1], color), _reflowed(rule.doc, columns), flags=re.MULTILINE)
    body = re.sub(r"^```\w*\n(.*?)^```$", lambda m: _indented(m[1]), body, flags=re.MULTILINE | re.DOTALL)
    effect = measured(rule.name)
    proof = ""
    if effect:
        effect_text = filled(f"{effect} (looplint prove {rule.name})", columns)
        heading = _bold("Measured in looplint's own sample", color)
        proof = f"\n\n{heading}\n{effect_text}\n{picture(rule)}"
    fix = f"{' and '.join(rule.fixes) or 'no'} fix"
    where = f"\n\n{_bold('This page', color)}\n{rule.url}" if rule.url else ""
    return (
        f"{_bold(f'{rule.code} {rule.name}', color)}  {rule.severity}, {state}, {fix}\n\n{body.rstrip()}{proof}{where}"
    )


def _reflowed(text: str, columns: int | None) -> str:
    """Wrap the paragraphs and list items of a page to the width of the terminal, code and headings unchanged."""
    if columns is None:
        return text
    rows: list[str] = []
    open_rows: list[str] = []
    code = False

    def close() -> None:
        if open_rows:
            # The bullet of an item stays with its first word.
            text = re.sub(r"^- ", "-\xa0", " ".join(open_rows))
            rows.append(filled(text, columns, "  " * text.startswith("-")).replace("\xa0", " "))
            open_rows.clear()

    for row in text.splitlines():
        fence = row.startswith("```")
        if row.startswith("- ") or not row.strip("- ") or fence or code:
            close()
        if code or fence or not row.strip("- "):
            rows.append(row)
        else:
            open_rows.append(row.strip())
        code ^= fence
    close()
    return "\n".join(rows)


def _list(rules: Sequence[Rule]) -> None:
    """A row for each rule; two on a terminal that is too narrow for one."""
    longest = max((len(rule.name) for rule in rules), default=0)
    rows = []
    for rule in rules:
        mark = "preview" if rule.preview else "off" if rule.off else ""
        rows.append((f"{rule.code}  {rule.name:<{longest}}  {rule.severity:<7}  {mark:<7}", rule.summary))
    columns = width(sys.stdout)
    narrow = columns is not None and any(len(head) + 2 + len(summary) > columns for head, summary in rows)
    for head, summary in rows:
        click.echo(
            f"{head.rstrip()}\n{filled(f'         {summary}', columns, ' ' * 9)}" if narrow else f"{head}  {summary}"
        )


def _bold(text: str, color: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if color else text


def _indented(code: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in code.splitlines(keepends=True)).rstrip("\n")

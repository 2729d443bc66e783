"""The settings in force."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

import click

from looplint.cli.messages import count
from looplint.cli.terminal import filled, width

if TYPE_CHECKING:
    from looplint.cli.lint import Run


def show_settings(run: Run) -> int:
    """Print each configuration in force among the files, as TOML, and the rules that it turns on."""
    from looplint.project.catalog import rules_with
    from looplint.project.selection import rules_on

    for settings in run.every or [run.settings]:
        number = sum(each is settings for each in run.files.values())
        click.echo(f"# configuration: {settings.origin or 'none'}; applies to {count(number, 'file')} here")
        on = rules_on(settings, rules_with(settings.rule_packs))
        click.echo(filled(f"# rules that are on: {', '.join(sorted(on))}", width(sys.stdout), "#     "))
        for field in dataclasses.fields(settings):
            click.echo(f"{field.name.replace('_', '-')} = {_toml(getattr(settings, field.name))}")
    return 0


def _toml(value: Any) -> str:
    import json

    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inside = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        shown = (f"{name.replace('_', '-')} = {_toml(item)}" for name, item in inside.items() if item is not None)
        return f"{{ {', '.join(shown)} }}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return '""' if value is None else json.dumps(value)

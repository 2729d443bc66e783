"""A usage error of the command line."""

from __future__ import annotations

from typing import Any

import click

from looplint.cli.terminal import say


class Failure(click.ClickException):
    """A usage error, found after the options were parsed: one sentence, exit status 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        say(f"looplint: {self.message}")

"""A bar on the terminal that shows how far a long run has come."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click


class Bar:
    """A bar on the terminal's stderr that appears when a run takes longer than a second."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.started = time.monotonic()
        self.bars: list[Any] = []
        self.closed = False

    def advance(self, done: int, _: int) -> None:
        """Show that this many files are done."""
        if not self.bars and not self.closed and time.monotonic() - self.started > 1:
            bar = click.progressbar(length=self.total, file=sys.stderr, label="Linting", show_pos=True)
            self.bars.append(bar.__enter__())
        for bar in self.bars:
            if done - bar.pos > self.total / 200 or done == self.total:
                bar.update(done - bar.pos)

    def close(self) -> None:
        """Remove the bar for good."""
        self.closed = True
        while self.bars:
            self.bars.pop().__exit__(None, None, None)
            click.echo("\x1b[1A\x1b[2K", nl=False, file=sys.stderr)


@contextmanager
def progress(total: int, *, on: bool) -> Iterator[Bar | None]:
    """A bar while the files of a run are linted; None if it is off, or stderr is no terminal."""
    if not on or not sys.stderr.isatty():
        yield None
        return
    bar = Bar(total)
    try:
        yield bar
    finally:
        bar.close()

"""Prose on a terminal: broken between words at its width; elsewhere a line stays a line, for whatever reads it."""

from __future__ import annotations

import sys
from typing import IO, Any

import click


def width(stream: IO[Any]) -> int | None:
    """Columns of the terminal that a stream leads to, None for a file or a pipe."""
    import shutil

    return shutil.get_terminal_size().columns if stream.isatty() else None


def say(text: str, indent: str = "") -> None:
    """One sentence on stderr, `indent` before all rows but the first; control characters in it, such as those of a
    file's name, are shown as escapes."""
    click.echo(filled(shown(text), width(sys.stderr), indent), err=True)


def shown(text: str) -> str:
    """A line of text that may be printed on a terminal whatever it holds."""
    if text.isprintable():
        return text
    from looplint.sources.printable import printable

    return printable(text)


def filled(text: str, columns: int | None, indent: str = "") -> str:
    """The text broken between words, `indent` before all rows but the first; code in backticks is not broken."""
    if columns is None or len(text) <= columns:
        return text
    import re
    import textwrap

    kept = re.sub(r"`[^`]*`", lambda code: code[0].replace(" ", "\xa0"), text)
    rows = textwrap.wrap(
        kept, max(columns, 20), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(rows).replace("\xa0", " ")

"""Prose on a terminal, wrapped between words to its width; elsewhere one line, for other programs. Its colours, and the
bytes that are printed as they are."""

from __future__ import annotations

import os
import sys
from typing import IO, Any

import click


def width(stream: IO[Any]) -> int | None:
    """Columns of the terminal behind a stream, None for a file or a pipe."""
    import shutil

    return shutil.get_terminal_size().columns if stream.isatty() else None


def say(text: str, indent: str = "") -> None:
    """Print one sentence on stderr, with `indent` before all rows but the first; control characters, as in a file's
    name, are escaped."""
    click.echo(filled(shown(text), width(sys.stderr), indent), err=True)


def shown(text: str) -> str:
    """A line of text that is safe to print on a terminal."""
    if text.isprintable():
        return text
    from looplint.sources.printable import printable

    return printable(text)


def filled(text: str, columns: int | None, indent: str = "") -> str:
    """The text wrapped between words, `indent` before all rows but the first; code in backticks is not broken."""
    if columns is None or len(text) <= columns:
        return text
    import re
    import textwrap

    kept = re.sub(r"`[^`]*`", lambda code: code[0].replace(" ", "\xa0"), text)
    rows = textwrap.wrap(
        kept, max(columns, 20), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(rows).replace("\xa0", " ")


def to_stdout(text: bytes) -> None:
    """Print bytes as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()


def close_stdout() -> None:
    """After a broken pipe: keep the interpreter from writing the rest to it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def colored(choice: str, stream: IO[Any]) -> bool:
    """Whether to colour: the option, else NO_COLOR (https://no-color.org), FORCE_COLOR, else on a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"

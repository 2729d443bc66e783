"""The base of the reader's parts: each holds the reader, and nothing of another part."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader


class Part:
    """A part of the reader. Its own state is private; shared state is on the reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

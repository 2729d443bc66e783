"""What the parts of the reader have in common: each holds the reader, and nothing of another part."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader


class Part:
    """A part of the reader. What it keeps for itself is its own; what is shared stands on the reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

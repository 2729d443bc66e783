"""What the parts of the library have in common: each holds the reader, and reaches the others through the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from looplint.interpreter.part import Part

if TYPE_CHECKING:
    from looplint.library.library import Library


class LibraryPart(Part):
    """A part of the library."""

    @property
    def library(self) -> Library:
        """The library that this is a part of."""
        return cast("Library", self.reader.library)

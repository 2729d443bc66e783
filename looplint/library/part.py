"""The base of the library's parts: each holds the reader and the library, and nothing of another part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.interpreter.part import Part

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library


class LibraryPart(Part):
    """A part of the library."""

    def __init__(self, reader: Reader, library: Library) -> None:
        super().__init__(reader)
        self.library = library

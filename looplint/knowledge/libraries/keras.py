"""keras 3.15.1 on torch, run: layers use the argument `training`, not the mode of the module."""

from __future__ import annotations

from looplint.knowledge.library_rows import LibraryRows

ROWS = LibraryRows(mode_free=frozenset(("keras.*.Model", "keras.*.Sequential", "keras.*.Layer")))

"""Whether rule packs are installed: asked for each run, before any rule is loaded.

`importlib.metadata` answers, too; to import and ask it takes a quarter of a run over a file without mistakes.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

GROUP = "looplint.rules"
"""The entry-point group of rule packs."""


@functools.cache
def installed() -> bool:
    """Whether a package on Python's search path has an entry point in the group."""
    return any(map(_declares, filter(None, sys.path)))


def _declares(folder: str) -> bool:
    files = (file for kind in ("dist", "egg") for file in Path(folder).glob(f"*.{kind}-info/entry_points.txt"))
    return any(f"[{GROUP}]".encode() in file.read_bytes() for file in files)

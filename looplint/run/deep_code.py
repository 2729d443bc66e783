"""Room for code that is nested deeply: a sum of 800 terms and a chain of 250 `elif` are nested as many times."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

FRAMES = 5000
"""Calls within each other while a file is read. A term of a sum takes two, an `elif` takes five. Each may also take
up to a kilobyte of the thread's own stack, of which the smallest in use (musl aside) are 8 MiB."""


@contextlib.contextmanager
def room_for_deep_code() -> Iterator[None]:
    """Let calls nest as deep as `FRAMES`; what is deeper raises RecursionError, as ever."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)

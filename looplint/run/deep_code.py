"""Recursion limit for deeply nested code: a sum of 800 terms and a chain of 250 `elif` are nested as many times."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

FRAMES = 5000
"""Recursion limit while a file is evaluated. A term of a sum takes two frames, an `elif` takes five. Each may also take
up to a kilobyte of the thread's stack, of which the smallest default (musl aside) is 8 MiB."""


@contextlib.contextmanager
def room_for_deep_code() -> Iterator[None]:
    """Raise the recursion limit to `FRAMES`; deeper code raises RecursionError, as ever."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)

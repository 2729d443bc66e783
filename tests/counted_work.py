"""Work measured as calls of Python functions: the same count on a fast machine, a slow one and a busy one."""

from __future__ import annotations

import cProfile
from collections.abc import Callable
from typing import TypeVar

_Result = TypeVar("_Result")


def counted(run: Callable[[], _Result]) -> tuple[_Result, int]:
    """What `run` returns, and how many calls of Python functions it took (built-in functions are not counted)."""
    profile = cProfile.Profile(builtins=False)
    result = profile.runcall(run)
    return result, sum(entry.callcount for entry in profile.getstats())

"""Syntax of Python 3.12 and later, and patterns that detect it.

The patterns are approximate: a text that the running Python rejects is parsed with libcst only if one of them matches.
"""

from __future__ import annotations

import dataclasses
import re
import sys


@dataclasses.dataclass(frozen=True, slots=True)
class Syntax:
    """One piece of syntax: the Python version that introduced it, its name, and a pattern that detects it."""

    since: tuple[int, int]
    name: str
    pattern: re.Pattern[str]


NEWER = tuple(
    Syntax(since, name, re.compile(pattern, re.MULTILINE))
    for since, name, pattern in (
        ((3, 12), "a `type` statement", r"^[ \t]*type[ \t]+\w+"),  # PEP 695
        ((3, 12), "type parameters", r"\b(?:def|class)[ \t]+\w+[ \t]*\["),  # PEP 695, 696
        ((3, 12), "such an f-string", r"\b(?:[fF][rR]?|[rR][fF])[\"']"),  # PEP 701
        ((3, 13), "defaults of type parameters", r"\b(?:def|class|type)[ \t]+\w+[ \t]*\[[^\]\n]*="),  # PEP 696
        ((3, 14), "`except` without brackets", r"\bexcept\b[ \t]*\*?[ \t]*[^(\s:][^:\n]*,"),  # PEP 758
        ((3, 14), "a template string", r"\b(?:[tT][rR]?|[rR][tT])[\"']"),  # PEP 750
        ((3, 15), "unpacking in a comprehension", r"[\[({]\s*\*[^\n]*(?:\n[^\n]*){0,3}?\bfor\b"),  # PEP 798
        ((3, 15), "a lazy import", r"\blazy[ \t]+(?:import|from)\b"),  # PEP 810
    )
)


def newer_syntax(text: str, than: tuple[int, int] | None = None) -> Syntax | None:
    """The first newer syntax that a text may contain and a Python version (default: the running one) lacks."""
    version = than or sys.version_info[:2]
    return next((each for each in NEWER if each.since > version and each.pattern.search(text)), None)

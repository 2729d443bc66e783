"""What a mistyped word most likely means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping


def nearest(word: str, words: Iterable[str], otherwise: str | None = None) -> str:
    """`did you mean ...?`, or if no word is near: `otherwise` if given, else all valid words."""
    import difflib

    words = list(words)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known are: {', '.join(words)}" if otherwise is None else otherwise


def nearest_rule(word: str, codes: Mapping[str, str]) -> str:
    """The likely meaning of a word that is no rule. `codes`: the code for each code and name."""
    code = re.sub(r"(?<=[0-9])[0-9OIL]+$", lambda digits: digits[0].translate(_DIGITS), word.upper())
    step = re.fullmatch(r"([A-Z]+[0-9])[0-9]*", code)
    beside = sorted({code for code in codes.values() if step and code.startswith(step[1])})
    if step is None or not beside:
        return nearest(word, codes, "`looplint rule` lists all rules")
    return f"did you mean `{code}`?" if code in beside else f"{step[1]} has {', '.join(beside)}"


_DIGITS = str.maketrans("OIL", "011")
"""Letters that are typed for digits."""

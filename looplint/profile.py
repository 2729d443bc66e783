"""Where the time of a run goes, for `looplint --profile`.

`with timed("parse"):` names what is being done; each second counts for the innermost part that it was spent in.
"""

from __future__ import annotations

import time

REST = "everything else"
LEAST = 0.005
"""Seconds below which a rule gets no row of its own."""


class Profile:
    """Processor time by part and by rule, in seconds."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {"start of Python and of the command line": time.process_time()}
        self.rules: dict[str, float] = {}
        self._since = time.process_time()
        self._inside: list[tuple[dict[str, float], str]] = [(self.parts, REST)]

    def enter(self, table: dict[str, float], name: str) -> None:
        self._count()
        self._inside.append((table, name))

    def leave(self) -> None:
        self._count()
        self._inside.pop()

    def _count(self) -> None:
        """What has passed since counts for the innermost part."""
        now = time.process_time()
        table, name = self._inside[-1]
        table[name] = table.get(name, 0.0) + now - self._since
        self._since = now

    def rows(self) -> list[str]:
        """The tables as text, the slowest first; the parts hold the rules together as one row."""
        self._count()
        parts = {**self.parts, "rules": sum(self.rules.values())}
        named = {name: seconds for name, seconds in self.rules.items() if seconds >= LEAST}
        rest = len(self.rules) - len(named)
        return [
            *_table("seconds  part", {**parts, "all": sum(parts.values())}),
            "",
            *_table("seconds  rule", named),
            *([f"         {rest} under {LEAST} s each"] if rest else []),
        ]


def _table(head: str, seconds: dict[str, float]) -> list[str]:
    slowest = sorted(seconds.items(), key=lambda row: -row[1])
    return [head, *(f"{spent:7.3f}  {name}" for name, spent in slowest)]


_running: Profile | None = None


def start() -> Profile:
    """Count from here on, in this process. A run without `--profile` counts nothing."""
    global _running
    _running = Profile()
    return _running


def stop() -> None:
    """Count no further."""
    global _running
    _running = None


class timed:
    """`with timed("parse"):`, or `with timed("LOOP201 missing-zero-grad", rule=True):` for what a rule asks."""

    __slots__ = ("_name", "_profile", "_rule")

    def __init__(self, name: str, *, rule: bool = False) -> None:
        self._name, self._rule, self._profile = name, rule, _running

    def __enter__(self) -> None:
        if self._profile is not None:
            self._profile.enter(self._profile.rules if self._rule else self._profile.parts, self._name)

    def __exit__(self, *error: object) -> None:
        if self._profile is not None:
            self._profile.leave()

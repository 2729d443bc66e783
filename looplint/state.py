"""The values of all variables and attributes at one point of the code, with a way back.

Arms of a branch are read one after the other from the same state: each is rolled back, then their changes are joined.
"""

from __future__ import annotations

from looplint.values import Value, either

Key = tuple[int | None, str]
"""Identity of a frame or an object, and the name in it; None for whatever frame it will be."""

Changes = dict[Key, tuple[Value | None, int]]


class State:
    """Variables and attributes, as a dictionary with a trail of its changes.

    Each binding has a stamp: the number of the graph's node at which it was made. Two conditions that read the same
    stamps read the same values.
    """

    def __init__(self) -> None:
        self._entries: dict[Key, tuple[Value | None, int]] = {}
        self._trail: list[tuple[Key, tuple[Value | None, int] | None]] = []
        self._keep: list[object] = []

    def get(self, key: Key) -> Value | None:
        entry = self._entries.get(key)
        return None if entry is None else entry[0]

    def stamp(self, key: Key) -> int:
        """When the binding was made; -1 if it never was."""
        entry = self._entries.get(key)
        return -1 if entry is None else entry[1]

    def set(self, owner: object, name: str, value: Value, stamp: int) -> None:
        key = (id(owner), name)
        self._trail.append((key, self._entries.get(key)))
        self._entries[key] = (value, stamp)
        self._keep.append(owner)

    def mark(self) -> int:
        return len(self._trail)

    def changes(self, mark: int) -> Changes:
        """What has changed since the mark."""
        missing = (None, -1)
        return {key: self._entries.get(key, missing) for key, _ in self._trail[mark:]}

    def rollback(self, mark: int) -> None:
        while len(self._trail) > mark:
            key, old = self._trail.pop()
            if old is None:
                self._entries.pop(key, None)
            else:
                self._entries[key] = old

    def merge(self, ways: list[Changes], stamp: int) -> None:
        """Go on with the state that any of these ways leads to."""
        if len(ways) == 1:
            for key, entry in ways[0].items():
                self._put(key, entry)
            return
        for key in dict.fromkeys(key for way in ways for key in way):
            before = self._entries.get(key)
            entries = [way.get(key, before) for way in ways]
            first = entries[0]
            if all(entry is first for entry in entries):
                if first is not None and first[0] is not None:
                    self._put(key, first)
                continue
            values = [entry[0] for entry in entries if entry is not None and entry[0] is not None]
            if values:
                same = first is not None and all(entry is not None and entry[1] == first[1] for entry in entries)
                self._put(key, (either(values), first[1] if first is not None and same else stamp))

    def _put(self, key: Key, entry: tuple[Value | None, int]) -> None:
        self._trail.append((key, self._entries.get(key)))
        self._entries[key] = entry


def without(changes: Changes, owner: int | None) -> Changes:
    """The same changes, but those of one frame or object."""
    return changes if owner is None else {key: entry for key, entry in changes.items() if key[0] != owner}

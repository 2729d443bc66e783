"""Variable and attribute bindings at a program point, with an undo log.

The arms of a branch are evaluated one after the other from the same state: each is rolled back, then their changes are
joined.
"""

from __future__ import annotations

from looplint.interpreter.values import Value, either

Key = tuple[int | None, str]
"""Identity of a frame or an object, and the name in it; None for any frame."""

Changes = dict[Key, tuple[Value | None, int]]


class State:
    """Variables and attributes: a dictionary with an undo log.

    Each binding has a stamp: the index of the graph's next node when it was bound. Two conditions that read the same
    stamps read the same values.
    """

    def __init__(self) -> None:
        self._entries: dict[Key, tuple[Value | None, int]] = {}
        self._trail: list[tuple[Key, tuple[Value | None, int] | None]] = []
        self._keep: list[object] = []
        self._names: dict[int, dict[str, None]] = {}

    def get(self, key: Key) -> Value | None:
        """The value of a name; None if it is not bound."""
        entry = self._entries.get(key)
        return None if entry is None else entry[0]

    def stamp(self, key: Key) -> int:
        """When the name was bound; -1 if never."""
        entry = self._entries.get(key)
        return -1 if entry is None else entry[1]

    def set(self, owner: object, name: str, value: Value, stamp: int) -> None:
        """Bind a name of a frame or an object. `stamp`: the index of the graph's next node."""
        key = (id(owner), name)
        self._trail.append((key, self._entries.get(key)))
        self._entries[key] = (value, stamp)
        self._names.setdefault(id(owner), {})[name] = None
        self._keep.append(owner)

    def remember(self, owner: object, name: str, value: Value) -> None:
        """Cache a binding that has existed from the start, whatever is rolled back later."""
        self._entries[id(owner), name] = (value, -1)
        self._names.setdefault(id(owner), {})[name] = None

    def attributes(self, owner: object) -> list[Value | None]:
        """The values of all names of a frame or an object."""
        entries, of = self._entries, id(owner)
        found = (entries.get((of, name)) for name in self._names.get(of, ()))
        return [entry[0] for entry in found if entry is not None]

    def mark(self) -> int:
        """A point of the undo log to which `rollback` returns."""
        return len(self._trail)

    def changes(self, mark: int) -> Changes:
        """The changes since the mark."""
        missing = (None, -1)
        return {key: self._entries.get(key, missing) for key, _ in self._trail[mark:]}

    def owners(self) -> frozenset[int | None]:
        """The identities of the frames and objects of which a name is bound."""
        return frozenset(owner for owner, _ in self._entries)

    def rebound(self, mark: int, begun: int, owners: frozenset[int | None], paths: list[Changes]) -> bool:
        """Whether one of these paths through a loop binds a name of these owners, or one that was read before, without
        its head knowing. `mark`: before the loop; `begun`: at its head, behind what is known there."""
        known = {key for key, _ in self._trail[mark:begun]}
        read = {key for key, old in self._trail[begun:] if old is not None and old[1] < 0}
        bound = {key for path in paths for key in path} - known
        return any(key[0] in owners or key in read for key in bound)

    def rollback(self, mark: int) -> None:
        """Undo the changes since the mark."""
        entries, trail = self._entries, self._trail
        for key, old in reversed(trail[mark:]):
            if old is None:
                entries.pop(key, None)
            else:
                entries[key] = old
        del trail[mark:]

    def leave(self, frame: object, mark: int) -> None:
        """Remove the names that were bound since the mark in a frame that is not read any more."""
        owner = id(frame)
        left = [change for change in self._trail[mark:] if change[0][0] == owner]
        self._trail[mark:] = [change for change in self._trail[mark:] if change[0][0] != owner]
        for key, _ in left:
            self._entries.pop(key, None)

    def merge(self, paths: list[Changes], stamp: int) -> None:
        """Join: continue with the state after any of these paths."""
        if len(paths) == 1:
            entries, trail = self._entries, self._trail
            for key, changed in paths[0].items():
                trail.append((key, entries.get(key)))
                entries[key] = changed
            return
        keys: dict[Key, None] = {}
        for path in paths:
            keys.update(dict.fromkeys(path))
        for key in keys:
            before = self._entries.get(key)
            first = paths[0].get(key, before)
            alike, same, values = True, first is not None, []
            for path in paths:
                entry = path.get(key, before)
                alike = alike and entry is first
                if entry is None:
                    same = False
                    continue
                same = same and first is not None and entry[1] == first[1]
                if entry[0] is not None:
                    values.append(entry[0])
            if alike:
                if first is not None and first[0] is not None:
                    self._put(key, first)
            elif values:
                self._put(key, (either(values), first[1] if first is not None and same else stamp))

    def _put(self, key: Key, entry: tuple[Value | None, int]) -> None:
        self._trail.append((key, self._entries.get(key)))
        self._entries[key] = entry


def without(changes: Changes, owner: int | None) -> Changes:
    """The same changes, without those of one frame or object."""
    return changes if owner is None else {key: entry for key, entry in changes.items() if key[0] != owner}

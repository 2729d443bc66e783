"""The names of a file through which its importers reach a step of a training loop: `train_epoch`, `Trainer`.

Files are searched as bytes, without parsing: of the many files that import one that trains, few call what trains.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from looplint import prefilter
from looplint.program.importers import imports_in, modules_meant
from looplint.program.outline import COMMON
from looplint.sources import Contents

HOPS = 3
"""Imports between a file and one that trains, at most."""

_BLOCK = re.compile(rb"\n(?=[^\s)\]}#])")
_DEFINED = re.compile(rb"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_METHOD = re.compile(rb"\n([ \t]+)(?:async[ \t]+)?def[ \t]")
_ASSIGNED = re.compile(rb"(\w+(?:\s*,\s*\w+)*)\s*(?::[^=\n]+)?=(?!=)")
_NAMED_AS = re.compile(rb"(?<!except )\b(\w+)\s+as\s+(\w+)")
_WORD = re.compile(rb"[A-Za-z_]\w*")


class Part(NamedTuple):
    """A top-level statement, a method, or the rest of a class. `binds`: the names through which it is reached.
    `method`: its name, empty for what is no method."""

    binds: tuple[bytes, ...]
    method: bytes
    words: frozenset[bytes]
    steps: bool


class Reach(NamedTuple):
    """How such code is reached through a name. `hops`: the imports on the way. `methods`: of a class, those that reach
    it."""

    hops: int
    methods: frozenset[bytes] = frozenset()


Reached = dict[bytes, Reach]


class StepNames:
    """Which names of which files lead to code that clears, steps or back-propagates, through imports as well.

    `locate`: given a file, a dotted name and the number of dots before it, the path of the module that it means.
    `contents`: reads a file.
    """

    def __init__(self, locate: Callable[[str, str, int], str | None], contents: Contents) -> None:
        self._locate = locate
        self._contents = contents
        self._names: dict[str, Reached] = {}
        self._further: dict[str, frozenset[bytes]] = {}
        self._targets: dict[str, tuple[tuple[str, frozenset[bytes]], ...]] = {}

    def drop(self, path: str) -> None:
        """Read a file again, and work out anew what depends on it."""
        self._targets.pop(path, None)
        self._names.clear()
        self._further.clear()

    def trains(self, path: str) -> bool:
        """Whether a file clears, steps or back-propagates, or uses a name through which another one does."""
        data = self._contents(path)
        return prefilter.steps(data) or bool(self.imported(path, data))

    def imported(self, path: str, data: bytes) -> frozenset[bytes]:
        """The names in a file's text through which its imports lead to such code."""
        self._solve(path, data)
        found = self._imported(path, data, HOPS)
        return frozenset(found).union(*(reach.methods for reach in found.values()))

    def ends_before(self, path: str, data: bytes) -> bool:
        """Whether a file's imports lead to such code through one more import than are followed."""
        self._solve(path, data)
        words: frozenset[bytes] = frozenset()
        for target, names in self._imports(path, data):
            if target != path and (beyond := self._beyond(target)):
                words = words or frozenset(_WORD.findall(data))
                if beyond & (names or words):
                    return True
        return False

    def _beyond(self, path: str) -> frozenset[bytes]:
        """The names of a file that reach such code through one more import than are followed from its importers."""
        if path not in self._further:
            text = prefilter.code(self._contents(path))
            last = {name: reach for name, reach in self._imported(path, text, HOPS).items() if reach.hops == HOPS - 1}
            reached = _reaching(text, last, HOPS).keys() - self._names[path].keys() if last else ()
            self._further[path] = frozenset(reached)
        return self._further[path]

    def _solve(self, path: str, data: bytes) -> None:
        """Work out the names of all files that a file imports, directly or not: breadth first, by number of imports."""
        new = self._new_below(path, data)
        wanted: dict[str, frozenset[bytes]] = {}
        for hops in range(HOPS):
            for each, text in new.items():
                imported = self._imported(each, text, hops - 1)
                if imported.keys() != wanted.get(each, frozenset()) or (hops == 0 and prefilter.steps(text)):
                    wanted[each] = frozenset(imported)
                    self._names[each] = _reaching(text, imported, hops) | self._names[each]

    def _new_below(self, path: str, data: bytes) -> dict[str, bytes]:
        """The files that a file imports, directly or not, whose names are not known yet, with their code."""
        found: dict[str, bytes] = {}
        waiting = [target for target, _ in self._imports(path, data)]
        while waiting:
            target = waiting.pop()
            if target not in self._names:
                self._names[target] = {}
                found[target] = prefilter.code(self._contents(target))
                waiting += (each for each, _ in self._imports(target, found[target]))
        return found

    def _imported(self, path: str, data: bytes, hops: int) -> Reached:
        """The names that a file imports, or uses of files that it imports, by at most so many further imports."""
        found: Reached = {}
        words: frozenset[bytes] = frozenset()
        for target, names in self._imports(path, data):
            reached = self._names[target]
            if reached and not names:
                words = words or frozenset(_WORD.findall(data))
            if target != path:
                found |= {n: reached[n] for n in (names or words) & reached.keys() if reached[n].hops <= hops}
        if found:
            found |= {new: found[old] for old, new in _NAMED_AS.findall(data) if old in found}
        return found

    def _imports(self, path: str, data: bytes) -> tuple[tuple[str, frozenset[bytes]], ...]:
        """The files that the imports of a file resolve to, each with the names that are taken from it, none if it is
        imported as a whole."""
        if path not in self._targets:
            self._targets[path] = tuple(self._located(path, data))
        return self._targets[path]

    def _located(self, importer: str, data: bytes) -> Iterator[tuple[str, frozenset[bytes]]]:
        for imported in imports_in(data):
            level, dotted, names = imported
            for meant in modules_meant(imported):
                if (path := self._locate(importer, meant, level)) is not None:
                    yield path, frozenset(name.encode() for name in names) if meant == dotted else frozenset()


@functools.lru_cache(maxsize=128)
def _parts(data: bytes) -> tuple[Part, ...]:
    """The parts of a file's code."""
    return tuple(_split(data))


def _split(data: bytes) -> Iterator[Part]:
    steps = prefilter.step_sites(data)

    def part(text: bytes, binds: Iterable[bytes], method: bytes = b"") -> Part:
        return Part(tuple(binds), method, frozenset(_WORD.findall(text)), steps(text))

    for block in _BLOCK.split(b"\n" + data):
        if block.startswith((b"import", b"from", b"@")):
            continue
        defined: list[bytes] = _DEFINED.findall(block)
        indent = _METHOD.search(block)
        if block.startswith(b"class") and indent:
            head, *methods = re.split(rb"\n%b(?=(?:async[ \t]+)?def[ \t])" % indent[1], block)
            yield part(head, defined[:1])
            for method in methods:
                yield part(method, defined[:1], _DEFINED.findall(method)[0])
        elif _DEFINED.match(block):
            yield part(block, defined[:1])
        elif assigned := _ASSIGNED.match(block):
            yield part(block, _WORD.findall(assigned[1]))
        else:
            yield part(block, defined)


def _reaching(data: bytes, imported: Reached, hops: int) -> Reached:
    """The names of a file's code through which a part is reached that steps or uses one of the imported names."""
    parts = _parts(data)
    users: dict[bytes, list[int]] = {}
    own = {name for part in parts for name in (*part.binds, part.method)}
    for index, part in enumerate(parts):
        for word in part.words & (own | imported.keys()):
            users.setdefault(word, []).append(index)
    owned = Counter(part.method for part in parts)
    found = {name: Reach(hops, reach.methods) for name, reach in imported.items()}
    reached = {index for index, part in enumerate(parts) if part.steps or not part.words.isdisjoint(imported)}
    waiting = list(reached)
    while waiting:
        part = parts[waiting.pop()]
        # A method that many classes share says nothing about its class.
        shared = owned[part.method] > COMMON or part.method.startswith(b"__")
        methods = frozenset({part.method} if part.method and not shared else ())
        more = {index for name in (*part.binds, *methods) for index in users.get(name, ())} - reached
        reached |= more
        waiting += more
        if not part.method:
            methods = methods.union(*(imported[name].methods for name in part.words & imported.keys()))
        for name in part.binds:
            found[name] = Reach(hops, methods | (found[name].methods if name in found else frozenset()))
    return found

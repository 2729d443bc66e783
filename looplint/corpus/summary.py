"""Statistics of a run's tables: how often each rule finds something, and in which shapes.

Shares have Wilson's score interval at 95 % (E. B. Wilson, Probable inference, the law of succession, and statistical
inference, JASA 22, 1927), which stays within 0 and 1 and is valid for small numbers and rare findings. It assumes
independence. Repositories that copy from each other are not independent, and files of one repository are less so.
"""

from __future__ import annotations

import dataclasses
import math
import os
import re
from collections import Counter
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from looplint.corpus.inputs import reason
from looplint.corpus.schema import SCHEMA_VERSION, TABLES
from looplint.corpus.tables import is_finished
from looplint.project.settings import WrongUse

Z = 1.959964
"""The 97.5 % quantile of the normal distribution."""

SHAPES = 10
"""Shapes that are shown."""

ROWS = 40
"""Rows of a code frame that is preferred to longer ones."""


@dataclasses.dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`, with its interval."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        """The share itself, from 0 to 1."""
        return self.part / self.whole if self.whole else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval at 95 %; [0, 1] if nothing was counted."""
        if not self.whole:
            return 0.0, 1.0
        n, p = self.whole, self.value
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclasses.dataclass(slots=True)
class RuleCount:
    """One rule: its findings, and how many of the repositories and of the files that hold a training loop have one."""

    code: str
    name: str
    preview: bool
    findings: int
    repositories: Share
    files: Share


@dataclasses.dataclass(slots=True)
class Shape:
    """Findings that differ only in names. `example`: the place of the first one; `picture`: its code frame."""

    code: str
    name: str
    text: str
    findings: int
    repositories: int
    example: str
    picture: str


@dataclasses.dataclass(slots=True)
class Summary:
    """The content of the summary. `copies`: files with findings whose content occurred before."""

    repositories: int = 0
    with_loop: int = 0
    states: Counter[str] = dataclasses.field(default_factory=Counter)
    retried: int = 0
    files: int = 0
    files_with_loop: int = 0
    lines: int = 0
    loops: int = 0
    findings: int = 0
    copies: int = 0
    cut_off: int = 0
    noted: int = 0
    defects: int = 0
    seconds: float = 0.0
    rules: list[RuleCount] = dataclasses.field(default_factory=list)
    shapes: list[Shape] = dataclasses.field(default_factory=list)
    stopped: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)
    versions: list[str] = dataclasses.field(default_factory=list)


def summary_of(folder: str) -> Summary:
    """The summary of a finished run, from its Parquet files alone. Raises WrongUse for a folder without one."""
    if not is_finished(folder):
        raise WrongUse(f"{folder}: holds no finished run (the folders {', '.join(TABLES)}): finish the run first")
    found = Summary()
    versions: set[str] = set()
    for table in _tables(folder, "units"):
        for unit in table.to_pylist():
            found.repositories += 1
            found.with_loop += unit["loops"] > 0
            found.states[unit["state"]] += 1
            found.retried += unit["state"] == "done" and unit["attempts"] > 1
            versions.add(unit["version"])
            if unit["state"] != "done":
                found.stopped.append((unit["repository"], unit["state"], unit["error"]))
    with_loop, looping = _files(folder, found)
    _findings(folder, found, with_loop, looping)
    found.versions = sorted(versions)
    found.stopped.sort()
    return found


def _files(folder: str, found: Summary) -> tuple[set[str], set[tuple[str, str]]]:
    """Count the files; returns the repositories and the files with a training loop."""
    with_loop: set[str] = set()
    looping: set[tuple[str, str]] = set()
    contents: set[str] = set()
    names = ["repository", "path", "digest", "lines", "loops", "findings", "notes", "errors", "seconds", "cut_off"]
    for table in _tables(folder, "files", names):
        for file in table.to_pylist():
            found.files += 1
            found.lines += file["lines"]
            found.loops += file["loops"]
            found.cut_off += file["cut_off"]
            found.noted += bool(file["notes"])
            found.defects += len(file["errors"])
            found.seconds += file["seconds"]
            if file["loops"]:
                with_loop.add(file["repository"])
                looping.add((file["repository"], file["path"]))
            if file["findings"]:
                found.copies += file["digest"] in contents
                contents.add(file["digest"])
    found.files_with_loop = len(looping)
    return with_loop, looping


def _findings(folder: str, found: Summary, with_loop: set[str], looping: set[tuple[str, str]]) -> None:
    rules: dict[str, tuple[str, bool]] = {}
    number: Counter[str] = Counter()
    repositories: dict[str, set[str]] = {}
    files: dict[str, set[tuple[str, str]]] = {}
    shapes: Counter[tuple[str, str, str]] = Counter()
    of_shape: dict[tuple[str, str, str], set[str]] = {}
    for table in _tables(folder, "findings", ["repository", "path", "code", "name", "message", "trace", "preview"]):
        for finding in table.to_pylist():
            code, repository = finding["code"], finding["repository"]
            rules[code] = finding["name"], finding["preview"]
            number[code] += 1
            if repository in with_loop:
                repositories.setdefault(code, set()).add(repository)
            if (repository, finding["path"]) in looping:
                files.setdefault(code, set()).add((repository, finding["path"]))
            key = code, finding["name"], shape(finding["message"], finding["trace"])
            shapes[key] += 1
            of_shape.setdefault(key, set()).add(repository)
    found.findings = number.total()
    found.rules = [
        RuleCount(
            code,
            *rules[code],
            number[code],
            Share(len(repositories.get(code, ())), found.with_loop),
            Share(len(files.get(code, ())), found.files_with_loop),
        )
        for code in sorted(rules, key=lambda code: (-number[code], code))
    ]
    chosen = sorted(shapes, key=lambda key: (-shapes[key], key))[:SHAPES]
    pictures = _pictures(folder, chosen)
    found.shapes = [Shape(*key, shapes[key], len(of_shape[key]), *pictures[key]) for key in chosen]


def shape(message: str, trace: list[dict[str, object]]) -> str:
    """A finding without names and numbers: its message, then the notes of its path."""
    steps = [_plain(str(step["message"])) for step in trace]
    several = " (in several files)" if len({step["path"] for step in trace}) > 1 else ""
    return " → ".join([_plain(message), *steps]) + several


def _plain(text: str) -> str:
    return re.sub(r"\d+(\.\d+)?", "N", re.sub(r"`[^`]*`", "`…`", text))


def _pictures(folder: str, wanted: list[tuple[str, str, str]]) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Place and code frame of one finding of each shape: the first short one."""
    best: dict[tuple[str, str, str], tuple[bool, tuple[str, str, int], str]] = {}
    for table in _tables(folder, "findings"):
        for finding in table.to_pylist():
            key = finding["code"], finding["name"], shape(finding["message"], finding["trace"])
            if key in wanted:
                place = finding["repository"], finding["path"], finding["row"]
                known = finding["picture"].count("\n") > ROWS, place, finding["picture"]
                best[key] = min(best.get(key, known), known)
    return {key: (f"{place[0]}: {place[1]}:{place[2]}", picture) for key, (_, place, picture) in best.items()}


def _tables(folder: str, name: str, columns: list[str] | None = None) -> Iterator[pa.Table]:
    """The files of a table one after the other, so that memory does not grow with it. Raises WrongUse."""
    place = os.path.join(folder, name)
    for file in sorted(os.listdir(place)):
        path = os.path.join(place, file)
        if not file.endswith(".parquet"):
            continue
        try:
            parquet = pq.ParquetFile(path)
            version = (parquet.schema_arrow.metadata or {}).get(b"looplint-schema", b"?").decode()
            if version != str(SCHEMA_VERSION):
                raise WrongUse(f"{path}: has schema {version}, this looplint reads {SCHEMA_VERSION}: run it again")
            for batch in parquet.iter_batches(columns=columns):
                yield pa.Table.from_batches([batch])
        except (OSError, pa.ArrowException) as error:
            raise WrongUse(f"{path}: cannot be read ({reason(error)}): run it again") from None

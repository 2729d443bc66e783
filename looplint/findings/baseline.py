"""The baseline: a file that suppresses the findings that existed when it was written, and no later ones.

A finding is matched by its content, not by its row: its file, code, function, and text, and how often that occurs. Code
that moves within its file, or with its file, stays in the baseline; changed code does not.

As in basedpyright, only `--write-baseline` adds findings, and every run removes fixed ones, so that the baseline never
suppresses the same mistake twice. (detekt and PHPStan keep dead entries until the file is written again; PHPStan fails
the build until then.) Where the variable `CI` is set the file is left alone, because nobody commits the change; the run
names what could be removed. Only entries that a run has checked are removed: of files that it linted or that no longer
exist, and of rules that were on.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from looplint.finding import Finding
from looplint.project.paths import display_path
from looplint.project.settings import WrongUse
from looplint.sources.atomic_write import write_whole

if TYPE_CHECKING:
    from looplint.sources import Source

FORMAT = 1


class BaselineError(WrongUse):
    """A baseline cannot be read or written; the message names the file and the remedy."""


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Entry:
    """The content that a finding is matched by. `path`: with forward slashes, relative to the baseline's folder.
    `function`: dotted name of the enclosing function or class, "" at module level. `text`: the marked code, with
    single spaces."""

    path: str
    code: str
    name: str
    function: str
    text: str

    @property
    def mark(self) -> tuple[str, str]:
        """Code and text, without white space."""
        return self.code, "".join(self.text.split()).replace(",)", ")").replace(",]", "]")


Baseline = Mapping[Entry, int]
"""How often each entry may occur."""


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """`new`: findings that are not in the baseline. `remaining`: the baseline without fixed findings, the others at
    their current places. `mended`: how many are fixed."""

    new: list[Finding]
    remaining: Baseline
    mended: int


def read(file: Path) -> Baseline:
    """Read a baseline. Raises BaselineError if the file is missing or no baseline."""
    shown = display_path(file)
    if file.exists() and not file.is_file():
        raise BaselineError(f"{shown}: is a folder or a pipe: name a file as the baseline")
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise BaselineError(
                f"{shown}: has format {document['format']}, this looplint reads {FORMAT}: update looplint"
            )
        words = ("code", "name", "function", "text")
        return {
            Entry(path, *(_text(item[word]) for word in words)): int(item.get("count", 1))
            for path, items in document["findings"].items()
            for item in items
        }
    except FileNotFoundError:
        raise BaselineError(f"{shown}: there is no such baseline; make one with `--write-baseline`") from None
    except OSError as error:
        raise BaselineError(f"{shown}: cannot be read ({error.strerror}): check its permissions") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise BaselineError(f"{shown}: is not a baseline; write a new one with `--write-baseline`") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def write(file: Path, baseline: Baseline) -> None:
    """Write a baseline atomically, sorted, one finding a line: suited to be committed and merged.

    Raises BaselineError if the file cannot be written.
    """
    by_path: dict[str, list[str]] = defaultdict(list)
    for entry, count in sorted(baseline.items()):
        item: dict[str, Any] = {k: v for k, v in dataclasses.asdict(entry).items() if k != "path"}
        if count > 1:
            item["count"] = count
        by_path[entry.path].append(json.dumps(item, ensure_ascii=False))
    blocks = ",\n".join(
        f"    {json.dumps(path, ensure_ascii=False)}: [\n      " + ",\n      ".join(items) + "\n    ]"
        for path, items in by_path.items()
    )
    text = f'{{\n  "format": {FORMAT},\n  "findings": {{\n{blocks}\n  }}\n}}\n'
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Undecodable bytes of a path become escapes, as in JSON.
        write_whole(file, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise BaselineError(
            f"{display_path(file)}: cannot be written ({error.strerror}): check its folder's permissions"
        ) from None


def describe(findings: Iterable[Finding], folder: Path, read: Callable[[str], Sequence[Source]]) -> list[Entry]:
    """The entry of each finding. `folder`: the baseline's. `read`: the sources of a file, by its name."""
    places: dict[str, _Places] = {}
    entries = []
    for finding in findings:
        if finding.filename not in places:
            places[finding.filename] = _Places(read(finding.filename))
        function, text = places[finding.filename].of(finding)
        path = os.path.relpath(finding.filename, folder).replace(os.sep, "/")
        entries.append(Entry(path, finding.code, finding.name, function, text))
    return entries


def collect(entries: Iterable[Entry]) -> Baseline:
    """A baseline of exactly these entries."""
    return Counter(entries)


def compare(
    baseline: Baseline,
    findings: Sequence[Finding],
    entries: Sequence[Entry],
    *,
    linted: Collection[str] = (),
    codes: Collection[str] = (),
    gone: Callable[[str], bool] = lambda path: False,
) -> Comparison:
    """Separate new findings from those in the baseline. `entries`: `describe` of the findings. `linted`: paths of the
    linted files. `codes`: of the rules that were on. `gone`: whether a path no longer exists."""
    left = Counter(baseline)
    remaining: Counter[Entry] = Counter()
    unknown = list(range(len(findings)))
    # The nearest entry matches: at the same place, else in the same file, else from a file that was moved.
    matchers: tuple[tuple[Callable[[Entry], Any], Callable[[str], bool]], ...] = (
        (lambda entry: (entry.mark, entry.path, entry.function), lambda path: True),
        (lambda entry: (entry.mark, entry.path), lambda path: True),
        (lambda entry: (entry.mark, entry.function), gone),
    )
    for key, allowed in matchers:
        known: dict[Any, list[Entry]] = defaultdict(list)
        for entry, count in left.items():
            if count > 0 and allowed(entry.path):
                known[key(entry)].append(entry)
        still_unknown = []
        for index in unknown:
            if candidates := known[key(entries[index])]:
                entry = candidates[-1]
                left[entry] -= 1
                if not left[entry]:
                    candidates.pop()
                remaining[entries[index]] += 1
            else:
                still_unknown.append(index)
        unknown = still_unknown
    mended = 0
    for entry, count in left.items():
        if entry.code in codes and (entry.path in linted or gone(entry.path)):
            mended += max(count, 0)
        elif count > 0:
            remaining[entry] += count
    return Comparison([findings[index] for index in unknown], remaining, mended)


class _Places:
    """The text and the functions of one file, looked up by finding."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._files = [(source, source.text.split("\n"), _functions(source.text)) for source in sources]

    def of(self, finding: Finding) -> tuple[str, str]:
        """Dotted name of the function around a finding, and the marked text."""
        from looplint.findings.suppress import row_in_source

        for source, lines, functions in self._files:
            row = row_in_source(finding, source)
            if 0 < row <= len(lines):
                rows = lines[row - 1 : row + finding.end_location.row - finding.location.row]
                rows[-1] = rows[-1][: max(finding.end_location.column - 1, 0)]
                rows[0] = rows[0][finding.location.column - 1 :]
                text = " ".join(" ".join(rows).split())
                # The innermost function is the last one that begins before the row and has not ended.
                around = [name for first, last, name in functions if first <= row <= last]
                return (around[-1] if around else ""), text
        return "", ""


def _functions(text: str) -> list[tuple[int, int, str]]:
    """First row, last row and dotted name of all functions and classes, outer ones first."""
    import ast

    from looplint.syntax.in_part import read_in_part
    from looplint.syntax.parse import parse

    tree = parse(read_in_part(text)[0])
    found: list[tuple[int, int, str]] = []
    pending: list[tuple[ast.AST, str]] = [(tree, "")]
    while pending:
        node, within = pending.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                continue
            name = within
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{within}.{child.name}".lstrip(".")
                found.append((child.lineno, child.end_lineno or child.lineno, name))
            pending.append((child, name))
    return sorted(found, key=lambda item: (item[0], -item[1]))

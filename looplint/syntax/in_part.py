"""Partial parsing of a text with syntax errors: everything but the definition or statement that contains the fault.

Unparsed parts become blanks, so that all other positions stay the same.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from looplint.syntax.parse import Parser, parse
from looplint.syntax.syntax_errors import is_python_2, reason

# Rows that continue the statement above.
_GOES_ON = re.compile(r"[)\]}#]|(?:else|elif|except|finally|case)\b")
_UNFINISHED = re.compile("never closed|unterminated|EOF")
_CONFLICT = re.compile(r"<{7}(?: |\Z)")
TOGETHER = 40
"""Pieces that are parsed as one before the first of them is given up: it may start a string over several rows."""
LEFTOVERS = 2
"""Faults of a text in Python 3 with a line of Python 2; one with more of them is Python 2 as a whole."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """A place that is not Python. Rows from 1, columns from 1 in characters, the end exclusive.

    `reason`: the error, as the end of a sentence. `rows`: first and last row that was skipped because of it. In a
    notebook all count within the cell.
    """

    row: int
    column: int
    end_row: int
    end_column: int
    reason: str
    rows: tuple[int, int]
    cell: int | None = None
    cell_id: str | None = None


def read_in_part(text: str, parser: Parser | None = None) -> tuple[str, tuple[Fault, ...]]:
    """The text with blanks in place of unparsable parts, and their faults; the text itself and no faults if all of it
    parses."""
    error = _error(text, parser)
    if error is None:
        return text, ()
    lines = text.split("\n")
    faults = list(_one_side_of_conflicts(lines))
    if faults:
        error = _error("\n".join(lines), parser)
    if error is not None:
        if error.lineno is None:
            return _nothing(text), (_fault(error, lines, 0, len(lines)),)
        whole = _fault(error, lines, 0, len(lines))
        faults += _blank(lines, 0, len(lines), "", parser)
        if len(faults) > LEFTOVERS and is_python_2(error, text):
            return _nothing(text), (whole,)
        if rest := _error("\n".join(lines), parser):
            return _nothing(text), (_fault(rest, text.split("\n"), 0, len(lines)),)
    return "\n".join(lines), tuple(sorted(faults, key=lambda fault: fault.row))


def _error(text: str, parser: Parser | None) -> SyntaxError | None:
    try:
        parse(text, parser)
    except SyntaxError as error:
        return error
    return None


def _nothing(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _fault(error: SyntaxError, lines: Sequence[str], start: int, end: int) -> Fault:
    """The fault in the rows with the indices from `start` to `end`; `error` counts its rows from `start`."""
    row = min(start + (error.lineno or 1), len(lines))
    line = lines[row - 1]
    blank = len(line) - len(line.lstrip())
    column = max(min(error.offset or 1, len(line)), min(blank + 1, len(line)), 1)
    last = next((at for at in range(end, start, -1) if lines[at - 1].strip()), start + 1)
    why = reason(error, "\n".join(lines[start:end]))
    return Fault(row, column, row, max(len(line.rstrip()) + 1, column), why, (start + 1, last))


def _one_side_of_conflicts(lines: list[str]) -> Iterator[Fault]:
    """Blank the merge conflict markers and all sides but the first."""
    at = 0
    while at < len(lines):
        if _CONFLICT.match(lines[at]):
            middle = next((row for row in range(at, len(lines)) if re.match(r"\|{7}|={7}\Z", lines[row])), None)
            end = next((row for row in range(at, len(lines)) if lines[row].startswith(">>>>>>>")), None)
            if middle is not None and end is not None and middle < end:
                width = len(lines[at])
                why = "a merge conflict was left unresolved; only its first side was read"
                yield Fault(at + 1, 1, at + 1, width + 1, why, (middle + 1, end + 1))
                for row in (at, *range(middle, end + 1)):
                    lines[row] = " " * len(lines[row])
                at = end
        at += 1


def _blank(lines: list[str], start: int, end: int, head: str, parser: Parser | None) -> list[Fault]:
    """Blank the pieces of a block that do not parse. `head`: the row that has to precede a piece."""
    faults: list[Fault] = []
    starts = [*_starts(lines, start, end), end]
    index = 0
    while index + 1 < len(starts):
        first, stop, error = starts[index], index + 1, None
        for stop in range(index + 1, min(index + 1 + TOGETHER, len(starts))):
            found = _error(head + "\n".join(lines[first : starts[stop]]), parser)
            error = error or found
            if found is None or error is None or not _UNFINISHED.search(error.msg or ""):
                break
        if error is None or found is None:
            index = stop
            continue
        indented = first + (error.lineno or 1) - 1
        if not head and first < indented < starts[index + 1] and _is_simple("\n".join(lines[first:indented]), parser):
            # Indented rows without a block above: the statement above is not at fault.
            starts.insert(index + 1, indented)
            continue
        last = starts[index + 1]
        index += 1
        if head:
            error.lineno = max((error.lineno or 1) - 1, 1)
        inside = _members(lines, first, last, parser) if not head else None
        if inside is not None:
            faults += inside
            continue
        here = _fault(error, lines, first, last)
        for row in range(first, last):
            lines[row] = " " * len(lines[row])
        if faults and not any(lines[row].strip() for row in range(faults[-1].rows[1], first)):
            # An unparsable piece right below a fault belongs to it.
            faults[-1] = dataclasses.replace(faults[-1], rows=(faults[-1].rows[0], here.rows[1]))
        else:
            faults.append(here)
    return faults


def _is_simple(text: str, parser: Parser | None) -> bool:
    """Whether the text is statements without blocks."""
    try:
        return not any(hasattr(each, "body") or hasattr(each, "cases") for each in parse(text, parser).body)
    except SyntaxError:
        return False


def _starts(lines: Sequence[str], start: int, end: int) -> Iterator[int]:
    """The indices of the rows that may start the statements of a block; its first row has its indentation."""
    indent, decorated = "", False
    for index in range(start, end):
        line = lines[index].lstrip(" \t\f")
        if not line or line.startswith("#"):
            continue
        margin = lines[index][: len(lines[index]) - len(line)]
        indent = margin if index == start else indent
        if len(margin) > len(indent) or (index > start and (_GOES_ON.match(line) or decorated)):
            decorated = decorated and len(margin) > len(indent)
            continue
        decorated = line.startswith("@")
        yield index


def _members(lines: list[str], start: int, end: int, parser: Parser | None) -> list[Fault] | None:
    """Blank the members of a class that do not parse; None if this is no class, or none of it parses."""
    for body in range(start + 1, min(start + TOGETHER, end)):
        line = lines[body].lstrip(" \t")
        indent = lines[body][: len(lines[body]) - len(line)]
        head = "\n".join(lines[start:body])
        if line and indent and not line.startswith("#") and head.rstrip().endswith(":"):
            break
    else:
        return None
    if not re.search(r"^class\b", head, re.MULTILINE) or _error(f"{head}\n{indent}pass", parser):
        return None
    before = lines[body:end]
    faults = _blank(lines, body, end, "class _:\n", parser)
    if not any(line.strip() and not line.lstrip().startswith("#") for line in lines[body:end]):
        lines[body:end] = before
        return None
    return faults

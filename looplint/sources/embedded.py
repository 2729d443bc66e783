"""Rows of Python embedded in another file (a notebook's cell, a block of Markdown), as parsed and as in the file."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from looplint.sources.magics import MAGIC, neutralise
from looplint.sources.source import Kind, Segment, Source
from looplint.syntax.in_part import Fault, read_in_part
from looplint.syntax.parse import parse

PROMPT = re.compile(r"[ \t]*(?:>>>|\.\.\.)(?: |$)|[ \t]*In ?\[[ \d]*\]: ?|[ \t]+\.{3,}: ?")
BODIES = 20
"""Blocks without a statement in one cell or block that are completed as excerpts."""
_HEAD = re.compile(r"expected an indented block after .* on line (\d+)$")
_FIRST_PROMPT = re.compile(r"\s*(?:>>>(?: |$)|In ?\[[ \d]*\]:)")


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A row: `prefix + original + newline` is its content in the file, `text` is parsed in place of `original`."""

    text: str
    original: str
    prefix: str = ""
    newline: str = "\n"


@dataclasses.dataclass(frozen=True, slots=True)
class Block:
    """Rows that parse as Python. `key`: their path in a notebook's JSON. `file`: the file that they are written to."""

    rows: tuple[Row, ...]
    origin_row: int = 1
    cell: int | None = None
    cell_id: str | None = None
    key: tuple[str | int, ...] = ()
    file: str = ""

    @property
    def text(self) -> str:
        """The Python text, rows ended by `\\n`."""
        return "\n".join(row.text for row in self.rows)


def python_rows(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows without what is not Python: prompts and output, magics, common indentation.

    As little as possible is removed: rows that parse are returned unchanged. Empty if the rows declare another
    language. Raises SyntaxError if nothing helps.
    """
    failure: SyntaxError | None = None
    if any(row.text.strip() for row in rows) and _FIRST_PROMPT.match(
        next(row.text for row in rows if row.text.strip())
    ):
        rows = [_without_prompt(row) for row in rows]
    for variant in (rows, _dedented(rows)):
        try:
            parse("\n".join(row.text for row in variant))
            return tuple(variant)
        except SyntaxError as error:
            failure = failure or error
        texts = neutralise([row.text for row in variant])
        if texts is None:
            return ()
        for changed in (texts, _with_bodies(texts)):
            if changed == [row.text for row in variant]:
                continue
            try:
                parse("\n".join(changed))
                return tuple(dataclasses.replace(row, text=text) for row, text in zip(variant, changed, strict=True))
            except SyntaxError as error:
                failure = error
    assert failure is not None
    raise failure


def rows_in_part(rows: Sequence[Row]) -> tuple[tuple[Row, ...], tuple[Fault, ...]]:
    """Rows with syntax errors, with blanks in place of the faulty parts, and the faults, relative to these rows. No
    rows if only blanks and magics remain."""
    texts = [row.text for row in rows]
    read = neutralise(texts) or texts
    text, faults = read_in_part("\n".join(read))
    faults = tuple(
        fault if read[fault.row - 1] == texts[fault.row - 1] else _whole_row(fault, rows) for fault in faults
    )
    left = text.split("\n")
    if not any(line.strip() and not line.lstrip().startswith(("#", MAGIC)) for line in left):
        return (), faults
    return tuple(dataclasses.replace(row, text=line) for row, line in zip(rows, left, strict=True)), faults


def _whole_row(fault: Fault, rows: Sequence[Row]) -> Fault:
    """The fault in a row whose text was replaced (a magic), so that its columns mean nothing to the author."""
    row = rows[fault.row - 1].original
    start = len(row) - len(row.lstrip()) + 1
    return dataclasses.replace(fault, column=start, end_row=fault.row, end_column=max(len(row.rstrip()) + 1, start))


def join(
    path: str,
    kind: Kind,
    blocks: Sequence[Block],
    notes: Sequence[str] = (),
    faults: Sequence[Fault] = (),
    excerpts: Sequence[str] = (),
) -> Source:
    """One program of several blocks, in order. The other arguments as in `Source`."""
    segments, row = [], 1
    for block in blocks:
        indents = tuple(len(line.prefix) for line in block.rows)
        filled = {len(line.prefix) for line in block.rows if line.text} or {0}
        uniform = len(filled) == 1
        segments.append(
            Segment(
                row=row,
                rows=len(block.rows),
                origin_row=block.origin_row,
                indent=min(filled),
                cell=block.cell,
                cell_id=block.cell_id,
                indents=() if uniform else indents,
                file=block.file,
            )
        )
        row += len(block.rows)
    text = "\n".join(block.text for block in blocks)
    return Source(path, text, kind, tuple(segments), tuple(notes), tuple(excerpts), tuple(faults))


def _without_prompt(row: Row) -> Row:
    prompt = PROMPT.match(row.text)
    if not prompt:
        return dataclasses.replace(row, text="")
    cut = prompt.end()
    return Row(row.text[cut:], row.original[cut:], row.prefix + row.original[:cut], row.newline)


def _with_bodies(texts: Sequence[str]) -> list[str]:
    """The rows, with `pass` added to blocks whose body is only a comment (`# your code`), as in excerpts and
    exercises."""
    filled = list(texts)
    for _ in range(BODIES):
        try:
            parse("\n".join(filled))
        except IndentationError as error:
            head = _HEAD.search(error.msg or "")
            row = next((at for at in range(int(head[1]), len(filled)) if filled[at].strip()), None) if head else None
            if head is None or row is None:
                break
            code = filled[row].lstrip(" \t")
            indent, outer = filled[row][: -len(code)], filled[int(head[1]) - 1]
            # A comment for a linter has to stay in place.
            speaks = re.search(r"(?i)looplint|noqa", code)
            if speaks or not code.startswith("#") or len(indent) <= len(outer) - len(outer.lstrip(" \t")):
                break
            filled[row] = f"{indent}pass  {code}"
        except SyntaxError:
            break
        else:
            break
    return filled


def _dedented(rows: Sequence[Row]) -> Sequence[Row]:
    filled = [row.text for row in rows if row.text.strip()]
    indents = [text[: len(text) - len(text.lstrip(" \t"))] for text in filled] or [""]
    least, most = min(indents), max(indents)
    cut = next((index for index, char in enumerate(least) if char != most[index]), len(least))
    common = least[:cut]
    if not common:
        return rows
    return [
        Row(row.text[cut:], row.original[cut:], row.prefix + row.original[:cut], row.newline)
        if row.text.startswith(common)
        else row
        for row in rows
    ]

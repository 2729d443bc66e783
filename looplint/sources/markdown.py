"""Python in Markdown and reStructuredText: fenced and directive blocks, all blocks of a file as one program.

After CommonMark 0.31 (https://spec.commonmark.org/0.31.2/#fenced-code-blocks), read leniently where authors are: a
fence may have any indentation, and a new opening fence ends a block whose closing fence is missing.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from looplint.knowledge.training_words import OTHER_FRAMEWORKS, TRAINING
from looplint.sources.decode import split_rows
from looplint.sources.elisions import with_elisions
from looplint.sources.embedded import Block, Row, join, python_rows
from looplint.sources.source import Source
from looplint.syntax.syntax_errors import syntax_note

_PYTHON = frozenset(
    {
        "python",
        "python3",
        "python2",
        "py",
        "py3",
        "ipython",
        "ipython2",
        "ipython3",
        "pycon",
        "pycon3",
        "python-repl",
        "testcode",
    }
)
_DIRECTIVES = frozenset(["code", "code-block", "code-cell", "sourcecode"])
_TAB = re.compile(r"(?:#[ \t]*@|%%)tab[ \t]+(?P<tabs>\w[\w, \t]*)$")
_BINDING = re.compile(r"^[ \t]*(?:((?:\w+[ \t]*,[ \t]*)*\w+)[ \t]*=(?!=)|(?:class|def)[ \t]+(\w+))", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")

_OPEN = re.compile(
    r"(?P<head>[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$"
)
_QUOTE = re.compile(r"[ \t]*> ?")
_DIRECTIVE = re.compile(
    r"(?P<indent>[ \t]*)\.\. (?P<name>code|code-block|sourcecode|testcode|ipython)::[ \t]*(?P<language>[\w+-]*)"
)
_DOCTEST = re.compile(r"[ \t]*>>>(?: |$)")
_OPTION = re.compile(r"[ \t]*:[\w-]+:")
_DASHES = re.compile(r"[ \t]*---[ \t]*$")


@dataclasses.dataclass(slots=True)
class _Block:
    """Rows of a code block, unchanged. `labelled`: True for Python, None for another language, False without a label.

    `options`: the first rows may be a directive's options (MyST): fields, or YAML between dashes (`listed`).
    """

    origin_row: int
    labelled: bool | None
    options: bool = False
    listed: bool = False
    rows: list[Row] = dataclasses.field(default_factory=list)

    def takes_option(self, row: str) -> bool:
        """Whether a row is one of the directive's options; the code starts after the last one."""
        if not self.options:
            return False
        if _DASHES.match(row) and (self.listed or not self.rows):
            self.options = self.listed = not self.listed
            return True
        self.options = self.listed or _OPTION.match(row) is not None
        return self.options


def read_markdown(text: str, path: str) -> Source:
    """The Python blocks of a Markdown or reStructuredText file (by its suffix) as one program.

    Blocks with syntax errors are skipped; a note names those labelled as Python.
    """
    blocks, notes, excerpts = python_blocks(text, path)
    return join(path, "markdown", blocks, notes, excerpts=excerpts)


def python_blocks(text: str, path: str) -> tuple[list[Block], list[str], list[str]]:
    """The blocks that parse as Python, and notes on those that should have, with and without training code. Unlabelled
    blocks are included if they contain training code, or define or use names of those that do."""
    rows = split_rows(text)
    blocks, notes, excerpts = list[Block](), list[str](), list[str]()
    others: list[Block] = []
    for block in _directives(rows) if path.lower().endswith(".rst") else _fences(rows):
        code = "\n".join(row.text for row in block.rows)
        trains = has_training_words(code)
        wanted = block.labelled or trains
        if not block.rows or block.labelled is None or _in_another_tab(block):
            continue
        if not wanted and not _BINDING.search(code):
            continue
        try:
            rows_read = with_elisions(python_rows(block.rows))
        except SyntaxError as error:
            if block.labelled:
                (notes if trains else excerpts).append(syntax_note(path, error, code, origin_row=block.origin_row))
            continue
        if rows_read:
            (blocks if wanted else others).append(Block(rows_read, block.origin_row))
    return sorted([*blocks, *_joined(blocks, others)], key=lambda block: block.origin_row), notes, excerpts


def _joined(blocks: Sequence[Block], others: Sequence[Block]) -> list[Block]:
    """The blocks among the others that share a name with one of these blocks, or with another one that does, if one of
    the two binds it."""
    found: list[Block] = []
    bound, named = set[str](), set[str]()
    for block in blocks:
        bound |= _bound(block.text)
        named |= _names(block.text)
    waiting = list(others) if blocks else []
    grown = True
    while grown:
        grown = False
        for other in list(waiting):
            if not named.isdisjoint(_bound(other.text)) or not bound.isdisjoint(_names(other.text)):
                waiting.remove(other)
                found.append(other)
                bound |= _bound(other.text)
                named |= _names(other.text)
                grown = True
    return found


def _bound(code: str) -> set[str]:
    return {name for found in _BINDING.findall(code) for name in _WORD.findall("".join(found))}


def _names(code: str) -> set[str]:
    return set(_WORD.findall(code))


def _in_another_tab(block: _Block) -> bool:
    """Whether a page shows a block only to readers who chose another framework (d2lbook: `%%tab jax`, `#@tab
    mxnet`)."""
    tab = _TAB.match(next((row.text for row in block.rows if row.text.strip()), ""))
    return tab is not None and OTHER_FRAMEWORKS.issuperset(re.findall(r"\w+", tab["tabs"]))


def has_training_words(code: str) -> bool:
    """Whether unlabelled code is worth parsing."""
    return TRAINING.search(code) is not None


def _fences(rows: Sequence[tuple[str, str]]) -> Iterator[_Block]:
    block: _Block | None = None
    quotes, indent, fence = 0, 0, ""
    commented = False
    for number, (row, newline) in enumerate(rows, 1):
        # An HTML comment is not shown to readers (CommonMark, "HTML blocks", kind 2).
        if block is None and (commented or row.lstrip(" ").startswith("<!--")):
            commented = "-->" not in row
            continue
        if block is None and "```" not in row and "~~~" not in row:
            continue
        opening = _OPEN.match(row)
        if block is not None:
            cut = _cut(row, quotes, indent)
            inside = cut is not None and not (
                opening and opening["info"].strip() and opening["fence"].startswith(fence)
            )
            if cut is not None and inside:
                rest = row[cut:].strip(" \t")
                if rest.startswith(fence) and not rest.strip(fence[0]):
                    yield block
                    block = None
                else:
                    is_option = block.takes_option(row[cut:])
                    block.rows.append(Row("" if is_option else row[cut:], row[cut:], row[:cut], newline))
                continue
            yield block
            block = None
        if opening:
            head, fence = opening["head"], opening["fence"]
            quotes = head.count(">")
            indent = _columns(head[_cut(head, quotes, 0) or 0 :])
            block = _Block(number + 1, _label(opening["info"]), options=opening["info"].lstrip().startswith("{"))
    if block is not None:
        yield block


def _label(info: str) -> bool | None:
    """The label in an info string: `python title="x"`, `{python}`, `{.numberLines .py}`, `{code-cell} ipython3`, ``."""
    words = re.findall(r"[\w+-]+", info.lower())
    if not words:
        return False
    if not info.lstrip().startswith("{"):
        return True if words[0] in _PYTHON else None
    if words[0] in _DIRECTIVES:
        return _label(" ".join(words[1:])) or (words[0] == "code-cell" and len(words) == 1)
    return True if _PYTHON.intersection(words) else None


def _cut(row: str, quotes: int, indent: int) -> int | None:
    """How many characters of a row belong to the block quotes and the list around it; None where a quote ends."""
    at = 0
    for _ in range(quotes):
        quote = _QUOTE.match(row, at)
        if not quote:
            return None
        at = quote.end()
    columns = 0
    while at < len(row) and row[at] in " \t":
        columns += 1 if row[at] == " " else 4 - columns % 4
        if columns > indent:
            break
        at += 1
    return at


def _columns(head: str) -> int:
    columns = 0
    for char in head:
        columns += 4 - columns % 4 if char == "\t" else 1
    return columns


def _directives(rows: Sequence[tuple[str, str]]) -> Iterator[_Block]:
    """The code directives, literal blocks (`::`) and doctests of reStructuredText."""
    index = 0
    while index < len(rows):
        row = rows[index][0]
        directive = _DIRECTIVE.match(row)
        if _DOCTEST.match(row):
            start = index
            while index < len(rows) and rows[index][0].strip():
                index += 1
            yield _block(rows, start, index, True)
        elif directive or (row.rstrip().endswith("::") and not row.lstrip().startswith("..")):
            depth = len(row) - len(row.lstrip(" \t"))
            start = index = index + 1
            while index < len(rows) and (not rows[index][0].strip() or _indented(rows[index][0], depth)):
                index += 1
            end = index
            while start < end and (not rows[start][0].strip() or (directive and _OPTION.match(rows[start][0]))):
                start += 1
            while end > start and not rows[end - 1][0].strip():
                end -= 1
            yield _block(rows, start, end, _directive_label(directive) if directive else False)
        else:
            index += 1


def _directive_label(directive: re.Match[str]) -> bool | None:
    if directive["name"] in _PYTHON:
        return True
    return _label(directive["language"])


def _indented(row: str, depth: int) -> bool:
    return len(row) - len(row.lstrip(" \t")) > depth


def _block(rows: Sequence[tuple[str, str]], start: int, end: int, labelled: bool | None) -> _Block:
    return _Block(start + 1, labelled, rows=[Row(row, row, newline=newline) for row, newline in rows[start:end]])

"""IPython's extensions of Python, neutralised row by row: magics, shell lines, `?` and automagic.

After IPython's input transformations (https://ipython.readthedocs.io/en/stable/config/inputtransforms.html). A row
keeps its number and its indentation; its original text is kept behind it as a comment, for reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from looplint.syntax.parse import parses

# Cell magics that run their body as Python in the notebook's own namespace; it is linted as usual.
_SAME_PROGRAM = frozenset({"capture", "debug", "looplint", "prun", "time", "timeit"})
# Cell magics whose body is another language or another program; the body of an unknown one decides.
_OTHER_PROGRAM = frozenset(
    {
        *("SVG", "bash", "bigquery", "cmd", "html", "HTML", "javascript", "js", "julia", "latex", "markdown"),
        *("cython", "file", "perl", "pypy", "python", "python2", "python3", "R", "ruby", "script", "sh", "skip"),
        *("sql", "svg", "system", "sx", "writefile"),
    }
)
# Databricks names the language of a whole cell with one per cent sign.
_FOREIGN = re.compile(r"%%|%(?:md|md-sandbox|sql|sh|scala|r|fs)\b")

_WRITES = re.compile(
    r"%%(?:writefile|file)[ \t]+(?P<append>(?:-a|--append)[ \t]+)?"
    r"(?P<quote>[\"']?)(?P<path>\S.*\.py)(?P=quote)[ \t]*$"
)

MAGIC = "pass  # magic:"
"""Replaces a magic, followed by the magic itself."""

_STATEMENT = re.compile(r"[ \t]*(%(?:time|timeit|prun|memit)[ \t]+)(?!-)\S")
_ASSIGNMENT = re.compile(r"""([^=#'"!%?]*+=)[ \t]*[!%]""")
_HELP = re.compile(r"""[^#'"]*[\w\])*]\?{1,2}[ \t]*$""")
_AUTOMAGIC = re.compile(
    r"[ \t]*(?:cat|cd|conda|cp|git|ls|mamba|man|mkdir|more|mv|pip|pip3|rm|rmdir|wget)[ \t]+[^\s=(\[,:]"
)
_LEXEME = re.compile(r"""\"\"\"|'''|"(?:\\.|[^"\\])*+"?|'(?:\\.|[^'\\])*+'?|\#.*|[(\[{]|[)\]}]|\\$""")
_END = {quote: re.compile(rf"(?:\\.|[^\\])*?{quote}") for quote in ('"""', "'''")}


def without_magics(text: str) -> str:
    """A script with magics at the start of lines, as exported by Colab, as Python; any other text unchanged."""
    if not ("\n!" in text or "\n%" in text or text.startswith(("!", "%"))) or parses(text):
        return text
    rows = neutralise(text.split("\n"))
    changed = "\n".join(rows or ())
    return changed if parses(changed) and rows else text


def written_file(row: str) -> tuple[str, bool] | None:
    """The Python file that a cell starting with this row writes (`%%writefile`), and whether it appends."""
    match = _WRITES.match(row)
    if not match:
        return None
    parts = [part for part in match["path"].split("/") if part not in ("", ".", "..")]
    return "/".join(parts), match["append"] is not None


def neutralise(rows: Sequence[str]) -> list[str] | None:
    """The rows as Python, as many as before; None for a cell that declares another language (`%%bash`).

    Meant for rows that do not parse: a row may start with `%` inside an expression, which brackets and open strings
    around it reveal.
    """
    texts = list(rows)
    start = 0
    judged_by_body = False
    for index, row in enumerate(rows):
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        if not _FOREIGN.match(row):
            break
        name = re.match(r"%%(\w+)", row)
        if not name or name[1] in _OTHER_PROGRAM:
            return None
        judged_by_body |= name[1] not in _SAME_PROGRAM
        texts[index] = commented("", row)
        start = index + 1
    for index, last in _logical_lines(rows, start):
        first = _harmless(rows[index])
        if first is None:
            continue
        indent = rows[index][: len(rows[index]) - len(rows[index].lstrip())]
        texts[index] = first
        if _STATEMENT.match(rows[index]):
            continue
        texts[index + 1 : last + 1] = [commented(indent, row) for row in rows[index + 1 : last + 1]]
    return None if judged_by_body and not parses("\n".join(texts)) else texts


def _harmless(row: str) -> str | None:
    """Python in place of the first row of a logical line; None if it may already be Python."""
    stripped = row.lstrip()
    if not stripped or stripped[0] == "#":
        return None
    if statement := _STATEMENT.match(row):
        magic, rest = statement[1], row[statement.end(1) :]
        # The timed statement keeps its column.
        return row[: statement.start(1)] + "0;".ljust(len(magic)) + rest
    if stripped[0] in "%!?/,;" or _HELP.match(row) or (_AUTOMAGIC.match(row) and not parses(stripped)):
        return commented(row[: len(row) - len(stripped)], row)
    if assignment := _ASSIGNMENT.match(row):
        # IPython turns it into a method call on this function's result.
        return f"{assignment[1]} get_ipython()  # magic: {stripped}"
    return None


def commented(indent: str, row: str) -> str:
    """A row without effect, with its original text behind it."""
    return f"{indent}{MAGIC} {row.strip()}"


def _logical_lines(rows: Sequence[str], start: int) -> Iterator[tuple[int, int]]:
    """(first, last) index of each logical line. A line that is not Python continues only after a backslash."""
    index = start
    while index < len(rows):
        first = index
        if _harmless(rows[index]) is not None and not _STATEMENT.match(rows[index]):
            while rows[index].endswith("\\") and index + 1 < len(rows):
                index += 1
        else:
            depth, quote = 0, ""
            while True:
                depth, quote, goes_on = _scan(rows[index], depth, quote)
                if not (goes_on or depth > 0 or quote) or index + 1 == len(rows):
                    break
                index += 1
        yield first, index
        index += 1


def _scan(row: str, depth: int, quote: str) -> tuple[int, str, bool]:
    """Depth of brackets and the open triple quote at the end of a row, and whether a backslash continues it."""
    at = 0
    while True:
        if quote:
            end = _END[quote].match(row, at)
            if not end:
                return depth, quote, False
            at, quote = end.end(), ""
        lexeme = _LEXEME.search(row, at)
        if not lexeme:
            return depth, "", False
        token, at = lexeme[0], lexeme.end()
        if token in _END:
            quote = token
        elif token in "([{":
            depth += 1
        elif token in ")]}":
            depth = max(0, depth - 1)
        elif token == "\\":
            return depth, "", True

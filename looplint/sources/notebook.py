"""Jupyter notebooks (nbformat 3 and 4): one program across the code cells, in order."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from looplint.sources.decode import split_rows
from looplint.sources.embedded import Block, Row, join, python_rows, rows_in_part
from looplint.sources.magics import commented, written_file
from looplint.sources.source import Source, Unreadable
from looplint.syntax.in_part import Fault

_PYTHON = re.compile(r"(?i)i?python\d*|pyspark|xpython|sage|conda-.*py.*")
_JSON = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},]|[^\s"\[\]{},:]+')


def read_notebook(text: str, path: str) -> Source:
    """The program of a notebook, given as the text of its file. Raises Unreadable when it is not a notebook.

    Of a cell that does not parse what can be read is kept; the faults say what is not. A notebook in another language
    has no code. Cells that write a Python file are part of the text; their segments say which file.
    """
    blocks, faults = code_cells(text, path)
    return join(path, "notebook", blocks, faults=faults)


def notebook_text(cells: Sequence[str | tuple[str, bool]]) -> str:
    """A notebook with these cells in Python: the text of each and, unless all are, whether it is code."""
    pairs = [(cell, True) if isinstance(cell, str) else cell for cell in cells]
    book = {
        "cells": [{"cell_type": "code" if code else "markdown", "source": text} for text, code in pairs],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    return json.dumps(book)


def code_cells(text: str, path: str) -> tuple[list[Block], list[Fault]]:
    """The code cells, each with its path in the JSON, and the parts that are not Python and were skipped."""
    blocks, faults = [], list[Fault]()
    written: Counter[str] = Counter()
    for number, (key, cell) in enumerate(_cells(text, path)):
        code = _code(cell, key[-1])
        if code is None:
            continue
        rows = [Row(row, row, newline=newline) for row, newline in split_rows(code)]
        file, rows = _written(rows, written)
        cell_id = cell.get("id") if isinstance(cell.get("id"), str) else None
        try:
            rows_read = python_rows(rows)
        except SyntaxError:
            rows_read, broken = rows_in_part(rows)
            faults += [dataclasses.replace(fault, cell=number, cell_id=cell_id) for fault in broken]
        if rows_read:
            blocks.append(Block(rows_read, 1, number, cell_id, key, file))
    return [dataclasses.replace(block, file=_last_name(block.file, written)) for block in blocks], faults


def cell_rows(text: str, path: str) -> dict[int, tuple[tuple[str | int, ...], list[str]]]:
    """The code cells by number, unreadable ones included: the key in the JSON, and the rows as in the notebook. Raises
    Unreadable."""
    return {
        number: (key, [row for row, _ in split_rows(code)])
        for number, (key, cell) in enumerate(_cells(text, path))
        if (code := _code(cell, key[-1])) is not None
    }


def _written(rows: list[Row], versions: Counter[str]) -> tuple[str, list[Row]]:
    """The file that a cell writes, with its version in front, and its rows without the `%%writefile` row."""
    index = next((index for index, row in enumerate(rows) if row.text.strip()), 0)
    file = written_file(rows[index].text)
    if file is None:
        return "", rows
    name, appended = file
    versions[name] += not (appended and versions[name])
    magic = dataclasses.replace(rows[index], text=commented("", rows[index].text))
    return f"{versions[name]}/{name}", [*rows[:index], magic, *rows[index + 1 :]]


def _last_name(file: str, versions: Counter[str]) -> str:
    """The last version of a file has the plain name: imports resolve to it."""
    version, _, name = file.partition("/")
    return name if version == str(versions[name]) else file


def spans(text: str) -> dict[tuple[str | int, ...], tuple[int, int]]:
    """The positions of the values with the key "source" or "input" in the text of a valid JSON document, by their path.

    A path is the keys and indices of the value; the span is half-open, in characters.
    """
    found: dict[tuple[str | int, ...], tuple[int, int]] = {}
    path: list[str | int] = []
    starts: list[int] = []
    key_is_next = False
    for token in _JSON.finditer(text):
        mark = token[0]
        if mark == ",":
            last = path[-1]
            if isinstance(last, int):
                path[-1] = last + 1
            else:
                key_is_next = True
            continue
        if mark in "[{":
            starts.append(token.start())
            path.append(0 if mark == "[" else "")
            key_is_next = mark == "{"
            continue
        if mark in "]}":
            path.pop()
            start = starts.pop()
            key_is_next = False
        elif key_is_next:
            path[-1] = json.loads(mark)
            key_is_next = False
            continue
        else:
            start = token.start()
        if len(path) < 7 and ("source" in path or "input" in path):
            found[tuple(path)] = start, token.end()
    return found


def _cells(text: str, path: str) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """All cells, with the key of their source."""
    if not text.strip():
        return
    try:
        # No number matters, and Python refuses to parse very long ones.
        book = json.loads(text, parse_int=float)
    except (ValueError, RecursionError) as error:
        reason = f"{error.msg}, line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise Unreadable(path, f"is not valid JSON ({reason}): open and save it in Jupyter, or exclude it") from None
    if not isinstance(book, dict) or not (isinstance(book.get("cells"), list) or _sheets(book)):
        raise Unreadable(path, "has no list of cells, so it is not a notebook of nbformat 3 or 4: exclude it")
    if not _PYTHON.fullmatch(_language(book)):
        return
    if isinstance(book.get("cells"), list):
        for index, cell in enumerate(book["cells"]):
            yield ("cells", index, "source"), cell if isinstance(cell, dict) else {}
        return
    for number, sheet in enumerate(_sheets(book)):
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        for index, cell in enumerate(cells if isinstance(cells, list) else []):
            yield ("worksheets", number, "cells", index, "input"), cell if isinstance(cell, dict) else {}


def _sheets(book: dict[str, Any]) -> list[Any]:
    sheets = book.get("worksheets")
    return sheets if isinstance(sheets, list) else []


def _language(book: dict[str, Any]) -> str:
    metadata = book.get("metadata")
    for section, name in (("language_info", "name"), ("kernelspec", "language")):
        value = metadata.get(section) if isinstance(metadata, dict) else None
        if isinstance(value, dict) and isinstance(value.get(name), str) and value[name]:
            return str(value[name])
    return "python"


def _code(cell: dict[str, Any], key: str | int) -> str | None:
    """The cell's text if it is Python code. nbformat allows a string or a list of strings."""
    if cell.get("cell_type") != "code" or not _PYTHON.fullmatch(str(cell.get("language") or "python")):
        return None
    code = cell.get(str(key))
    if isinstance(code, list) and all(isinstance(part, str) for part in code):
        return "".join(code)
    return code if isinstance(code, str) else None

"""Files with one source file per row, as tables with the same columns: `repository`, `path`, `content`, `note`."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from looplint.corpus.columns import NAMES, Columns, choose
from looplint.corpus.inputs import filesystem, reason
from looplint.project.settings import WrongUse

ROWS = pa.schema(
    [("repository", pa.string()), ("path", pa.string()), ("content", pa.large_binary()), ("note", pa.string())]
)
PORTION = 8 << 20
"""Bytes of content per batch."""

UNNAMED = "(without a repository)"
"""The repository of rows that name none, or cannot be read."""

READERS = 16
"""Footers of Parquet files that are read in parallel."""


@dataclasses.dataclass(slots=True)
class ParquetFiles:
    """Parquet files by their columns, the bytes of all their content, and the unreadable ones with a sentence each."""

    files: dict[Columns, list[str]] = dataclasses.field(default_factory=dict)
    size: int = 0
    unreadable: dict[str, str] = dataclasses.field(default_factory=dict)


def read_footers(paths: Sequence[str], wanted: Mapping[str, str | None]) -> ParquetFiles:
    """Read the footers of Parquet files. Raises WrongUse if the columns cannot be determined."""
    found = ParquetFiles()
    with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
        for path, footer in zip(paths, pool.map(_footer, paths), strict=True):
            if isinstance(footer, str):
                found.unreadable[path] = footer
                continue
            schema = footer.schema.to_arrow_schema()
            columns = choose(schema.names, wanted, path)
            found.files.setdefault(columns, []).append(path)
            index = footer.schema.names.index(columns.content) if columns.content in footer.schema.names else -1
            for number in range(footer.num_row_groups):
                group = footer.row_group(number)
                found.size += group.total_byte_size if index < 0 else group.column(index).total_uncompressed_size
    return found


def _footer(path: str) -> pq.FileMetaData | str:
    system, place = filesystem(path)
    try:
        return pq.read_metadata(place, filesystem=system)
    except (OSError, pa.ArrowException) as error:
        return f"{path}: is no Parquet file that can be read ({reason(error)}): write or fetch it again"


class Rename:
    """Renames the columns of a data set to those of `ROWS`, and drops repositories that are already done."""

    def __init__(self, columns: Columns, done: frozenset[str]) -> None:
        self.columns, self.done = columns, done

    def __call__(self, batch: pa.Table) -> pa.Table:
        c = self.columns
        rows = zip(*(batch[name].to_pylist() for name in (c.repository, c.path, c.content)), strict=True)
        return table([row for row in map(_row, rows) if row["repository"] not in self.done])


class ReadJsonLines:
    """Reads the rows of JSON lines files: the column `item` contains their paths."""

    def __init__(self, wanted: Mapping[str, str | None], done: frozenset[str]) -> None:
        self.wanted, self.done = wanted, done

    def __call__(self, batch: Mapping[str, Sequence[str]]) -> Iterator[pa.Table]:
        for path in batch["item"]:
            rows: list[dict[str, Any]] = []
            size = 0
            for row in json_lines(str(path), self.wanted):
                if row["repository"] not in self.done:
                    rows.append(row)
                    size += len(row["content"] or b"")
                if size > PORTION:
                    yield table(rows)
                    rows, size = [], 0
            yield table(rows)


def json_lines(path: str, wanted: Mapping[str, str | None]) -> Iterator[dict[str, Any]]:
    """The rows of one file; an invalid line becomes a row with a note. Raises WrongUse, for the first line only, if the
    columns cannot be determined."""
    system, place = filesystem(path)
    columns: Columns | None = None
    name = os.path.basename(path)
    number = 0
    try:
        with system.open_input_stream(place) as stream, io.BufferedReader(stream, PORTION) as file:
            for number, line in enumerate(iter(file.readline, b""), 1):
                if not line.strip():
                    continue
                try:
                    data = json.loads(line)
                except ValueError as error:
                    yield _noted(f"{name}:{number}", f"is not JSON ({error}): correct the line")
                    continue
                if not isinstance(data, dict):
                    yield _noted(f"{name}:{number}", "is no JSON object with a repository, a path and a content")
                    continue
                columns = columns or choose(list(data), wanted, path)
                yield _row((data.get(columns.repository), data.get(columns.path), data.get(columns.content)))
    except (OSError, pa.ArrowException) as error:
        yield _noted(f"{name}:{number + 1}", f"cannot be read ({reason(error)}): fetch the file again")


def first_columns(paths: Sequence[str], wanted: Mapping[str, str | None]) -> None:
    """Check before the run whether the columns of JSON lines files can be determined. Raises WrongUse."""
    for path in paths:
        next(json_lines(path, wanted), None)


def table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table."""
    return pa.Table.from_pylist(list(rows), schema=ROWS)


def _row(values: tuple[Any, Any, Any]) -> dict[str, Any]:
    repository, path, content = values
    named = UNNAMED if repository is None or repository == "" else str(repository)
    if not isinstance(path, str) or not path:
        return {"repository": named, "path": "(without a path)", "content": None, "note": "the row has no path"}
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    if not isinstance(content, bytes):
        return {"repository": named, "path": path, "content": None, "note": "the row has no content"}
    return {"repository": named, "path": path, "content": content, "note": None}


def _noted(place: str, note: str) -> dict[str, Any]:
    return {"repository": UNNAMED, "path": place, "content": None, "note": note}


__all__ = [
    "NAMES",
    "ROWS",
    "ParquetFiles",
    "ReadJsonLines",
    "Rename",
    "WrongUse",
    "first_columns",
    "read_footers",
    "table",
]

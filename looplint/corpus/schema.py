"""The tables of a run over many repositories, as Arrow schemas; every column has a description.

`SCHEMA_VERSION` increases by one when a column is removed or changes its type or meaning; a new column does not change
it. It is in the metadata of every file, beside each column's description:
`pyarrow.parquet.read_schema(file).metadata[b"looplint-schema"]`.
"""

from __future__ import annotations

import pyarrow as pa

SCHEMA_VERSION = 1

STATES = {
    "done": "every file was linted",
    "hung": "stopped: no file was finished within the time limit, twice",
    "memory": "stopped: the process exceeded the memory limit, twice",
    "died": "the process that linted it ended by itself, twice",
    "unreadable": "it could not be unpacked or read",
}
"""The outcome of a unit. Of a unit that was stopped, the findings in the files finished by then are kept."""


def _column(name: str, kind: pa.DataType, about: str) -> pa.Field:
    return pa.field(name, kind, metadata={"description": about})


_STEP = pa.struct(
    [
        ("path", pa.string()),
        ("cell", pa.int32()),
        ("row", pa.int32()),
        ("column", pa.int32()),
        ("end_row", pa.int32()),
        ("end_column", pa.int32()),
        ("message", pa.string()),
    ]
)


def _table(*columns: pa.Field) -> pa.Schema:
    return pa.schema(columns, metadata={"looplint-schema": str(SCHEMA_VERSION)})


_REPOSITORY = _column("repository", pa.string(), "The repository, as its folder, archive or column names it.")
_VERSION = _column("version", pa.string(), "The version of looplint.")

FINDINGS = _table(
    _REPOSITORY,
    _column("path", pa.string(), "The file, relative to the repository, with forward slashes."),
    _column("cell", pa.int32(), "The cell of a notebook, from 1; null in other files."),
    _column("row", pa.int32(), "Where the finding begins: row from 1, in a notebook inside the cell."),
    _column("column", pa.int32(), "Column from 1, in characters."),
    _column("end_row", pa.int32(), "Where it ends."),
    _column("end_column", pa.int32(), "Column behind its last character."),
    _column("code", pa.string(), "The rule's code, as LOOP201."),
    _column("name", pa.string(), "The rule's name, as missing-zero-grad."),
    _column("severity", pa.string(), "error, warning or note."),
    _column("message", pa.string(), "The message, one sentence."),
    _column("trace", pa.list_(_STEP), "The path through the code that proves it, in the order in which it happens."),
    _column("preview", pa.bool_(), "Whether the rule is in preview."),
    _column("picture", pa.string(), "The code with the path marked in it, as `looplint` prints it."),
    _VERSION,
)

FILES = _table(
    _REPOSITORY,
    _column("path", pa.string(), "The file, relative to the repository, with forward slashes."),
    _column("digest", pa.string(), "BLAKE2b (16 bytes) of its content: equal for copies; empty if it was not read."),
    _column("lines", pa.int64(), "Rows of the file."),
    _column("loops", pa.int32(), "Training loops in it."),
    _column("findings", pa.int32(), "Findings in it."),
    _column("notes", pa.list_(pa.string()), "One sentence for each thing in it that could not be read."),
    _column("errors", pa.list_(pa.string()), "Defects of looplint that it led to."),
    _column("seconds", pa.float64(), "Processor time that it took."),
    _column("cut_off", pa.bool_(), "Whether it took too long, so that a part was not read."),
    _VERSION,
)

UNITS = _table(
    _REPOSITORY,
    _column("source", pa.string(), "Where it came from: `folder:PATH`, `archive:PATH` or `rows`."),
    _column("state", pa.string(), "; ".join(f"{word}: {meaning}" for word, meaning in STATES.items()) + "."),
    _column("attempts", pa.int32(), "Processes that tried it: 1, or 2 after a failure."),
    _column("files", pa.int32(), "Files that were finished."),
    _column("lines", pa.int64(), "Their rows."),
    _column("loops", pa.int32(), "Their training loops."),
    _column("findings", pa.int32(), "Their findings."),
    _column("seconds", pa.float64(), "Seconds from its start to its end, unpacking included, all attempts together."),
    _column("peak_memory", pa.int64(), "Largest resident memory of the process that linted it, in bytes."),
    _column("error", pa.string(), "The error, in one sentence; empty if there was none."),
    _VERSION,
)

TABLES = {"findings": FINDINGS, "files": FILES, "units": UNITS}
"""The tables by name: each is a folder of Parquet files."""

ORDER = {
    "findings": ("repository", "path", "cell", "row", "column", "code", "message"),
    "files": ("repository", "path"),
    "units": ("repository", "source"),
}
"""The sort keys of each table."""

PART = pa.schema(
    [
        ("of", pa.int32()),
        ("unit", pa.struct(list(UNITS))),
        ("files", pa.list_(pa.struct(list(FILES)))),
        ("findings", pa.list_(pa.struct(list(FINDINGS)))),
    ]
)
"""One unit in one row, as stored while a run is unfinished. `of`: units of the same source, all in the same file."""

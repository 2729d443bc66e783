"""The output folder: the parts of an unfinished run, and the tables of a finished one.

While a run is unfinished, `unfinished/` contains one Parquet file for each group of finished units. A file counts only
if it is complete, which its footer shows: a run killed while writing loses only that group.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from looplint.corpus.schema import ORDER, PART, SCHEMA_VERSION, TABLES
from looplint.project.settings import WrongUse
from looplint.sources.atomic_write import write_whole
from looplint.version import VERSION

UNFINISHED = "unfinished"
RUN = "run.json"


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """The finished units. `parts`: their files, each with the rows that count: of a unit done twice, because a machine
    died before it could report it, one. `items`: sources of folders and archives. `repositories`: those read from
    rows."""

    parts: Mapping[str, list[int]]
    items: frozenset[str]
    repositories: frozenset[str]


class Output:
    """The output folder of a run. Raises WrongUse if it contains another run, OSError if it is not writable."""

    def __init__(self, folder: str, inputs: list[str], settings: Mapping[str, Any]) -> None:
        self.folder = os.path.abspath(folder)
        self.parts = os.path.join(self.folder, UNFINISHED)
        self._lock: int | None = None
        run = {"version": VERSION, "schema": SCHEMA_VERSION, "inputs": sorted(inputs), **settings}
        os.makedirs(self.folder, exist_ok=True)
        self._hold()
        known = self._known()
        if known is None:
            there = [name for name in os.listdir(self.folder) if not name.startswith(".")]
            if there:
                raise WrongUse(f"{folder}: contains other files ({there[0]}): pass an empty folder as --output")
            write_whole(os.path.join(self.folder, RUN), (json.dumps(run, indent=2) + "\n").encode())
        elif known != json.loads(json.dumps(run)):
            other = [key for key in {**known, **run} if known.get(key) != json.loads(json.dumps(run)).get(key)]
            raise WrongUse(
                f"{folder}: holds a run with other {', '.join(sorted(other))}: choose another --output, or remove it"
            )
        self.finished = known is not None and not os.path.isdir(self.parts) and is_finished(self.folder)
        if not self.finished:
            os.makedirs(self.parts, exist_ok=True)

    def done(self) -> Done:
        """The units finished earlier. Incomplete files are removed."""
        parts: dict[str, list[int]] = {}
        seen: set[tuple[str, str]] = set()
        sources: dict[str, int] = {}
        wanted: dict[str, int] = {}
        repositories: set[str] = set()
        for path in _parquet_files(self.parts):
            try:
                table = pq.read_table(path, columns=["of", "unit"])
            except (OSError, pa.ArrowException):
                os.unlink(path)
                continue
            rows = []
            for number, row in enumerate(table.to_pylist()):
                unit = row["unit"]
                key = unit["source"], unit["repository"]
                if key in seen:
                    continue
                seen.add(key)
                rows.append(number)
                if unit["source"] == "rows":
                    repositories.add(unit["repository"])
                else:
                    sources[unit["source"]] = sources.get(unit["source"], 0) + 1
                    wanted[unit["source"]] = row["of"]
            parts[path] = rows
        items = frozenset(source for source, number in sources.items() if number >= wanted[source])
        return Done(parts, items, frozenset(repositories))

    def add(self, rows: list[dict[str, Any]], name: str) -> None:
        """Store units that are done without Ray."""
        path = os.path.join(self.parts, name)
        pq.write_table(pa.Table.from_pylist(rows, schema=PART), f"{path}.unfinished")
        os.replace(f"{path}.unfinished", path)

    def finish(self, made: str) -> None:
        """Move finished tables, in a folder here, to their final place."""
        for name in TABLES:
            place = os.path.join(self.folder, name)
            shutil.rmtree(place, ignore_errors=True)
            os.replace(os.path.join(made, name), place)
        # In one move: half of it would look like a complete run.
        finished = f"{self.parts}-{os.urandom(6).hex()}"
        os.replace(self.parts, finished)
        shutil.rmtree(finished)

    def close(self) -> None:
        """Release the lock on the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _known(self) -> dict[str, Any] | None:
        try:
            with open(os.path.join(self.folder, RUN), encoding="utf-8") as file:
                known = json.load(file)
            return known if isinstance(known, dict) else None
        except (OSError, ValueError):
            return None

    def _hold(self) -> None:
        """Lock the folder: two runs in it would both do everything."""
        import fcntl

        self._lock = os.open(os.path.join(self.folder, ".lock"), os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise WrongUse(
                f"{self.folder}: another run is writing to it: wait for it, or pass another --output"
            ) from None


def is_finished(folder: str) -> bool:
    """Whether a folder contains the tables of a run."""
    return all(os.path.isdir(os.path.join(folder, name)) for name in TABLES)


def of_parts(name: str, parts: pa.Table) -> pa.Table:
    """The rows of one table from rows of `PART`, in order."""
    column = parts["unit"] if name == "units" else pc.list_flatten(parts[name])
    found = pa.Table.from_struct_array(pa.chunked_array(column.chunks, type=pa.struct(list(TABLES[name]))))
    found = found.cast(TABLES[name])
    if found.num_rows:
        found = found.sort_by([(key, "ascending") for key in ORDER[name]])
    return found.replace_schema_metadata(TABLES[name].metadata)


def read(folder: str, name: str, columns: list[str] | None = None) -> pa.Table:
    """A table of a finished run, or the given columns."""
    tables = [pq.read_table(file, columns=columns) for file in _parquet_files(os.path.join(folder, name))]
    return pa.concat_tables(tables) if tables else TABLES[name].empty_table()


def write_empty(folder: str, name: str) -> None:
    """A table without rows, if nothing was found: readers expect a file."""
    os.makedirs(folder, exist_ok=True)
    if not _parquet_files(folder):
        pq.write_table(TABLES[name].empty_table(), os.path.join(folder, "empty.parquet"))


def _parquet_files(folder: str) -> list[str]:
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".parquet")]

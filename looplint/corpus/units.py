"""The Ray Data actor: units in, rows of `schema.PART` out."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import IO, Any, cast

import pyarrow as pa

from looplint.corpus.inputs import filesystem, is_repository, repositories
from looplint.corpus.job import Job
from looplint.corpus.schema import PART
from looplint.corpus.supervise import Linter, part
from looplint.corpus.unpack import Damaged, unpack, write_files
from looplint.version import VERSION


class _Units:
    """A warm linting process, and a folder for unpacked units."""

    def __init__(self, job: Job) -> None:
        self.linter = Linter(job)
        self.job = job

    @contextlib.contextmanager
    def folder(self) -> Iterator[str]:
        """An empty folder, removed afterwards; alone in its parent, so that nothing beside it can affect the
        findings."""
        os.makedirs(self.job.scratch, exist_ok=True)
        above = tempfile.mkdtemp(dir=self.job.scratch)
        try:
            inside = os.path.join(above, "repository")
            os.mkdir(inside)
            yield inside
        finally:
            shutil.rmtree(above, ignore_errors=True)

    def __del__(self) -> None:
        self.linter.stop()


class LintItems(_Units):
    """Lints folders and archives: columns `kind`, `name`, `path`, `source`."""

    def __call__(self, batch: pa.Table) -> Iterator[pa.Table]:
        for item in batch.to_pylist():
            found = self._folder(item) if item["kind"] == "folder" else self._archive(item)
            yield pa.Table.from_pylist([{**row, "of": len(found)} for row in found], schema=PART)

    def _folder(self, item: dict[str, Any]) -> list[dict[str, Any]]:
        if not os.path.isdir(item["path"]):
            return [_unreadable(item, "is no folder on the machine that should read it: share it between the machines")]
        return [self.linter.lint(item["name"], item["path"], item["source"])]

    def _archive(self, item: dict[str, Any]) -> list[dict[str, Any]]:
        with self.folder() as folder:
            try:
                system, place = filesystem(item["path"])
                with system.open_input_file(place) as file:
                    left_out = unpack(place, cast(IO[bytes], file), folder)
            except (FileNotFoundError, PermissionError) as error:
                return [_unreadable(item, f"cannot be read by the machine that should: {error.strerror or error}")]
            except Damaged as error:
                return [_unreadable(item, str(error))]
            units = [(item["name"], folder)] if is_repository(folder) else repositories(folder)
            if not is_repository(folder):
                alone = len(units) == 1
                units = [(item["name"] if alone else f"{item['name']}/{name}", path) for name, path in units]
            if not units:
                return [_unreadable(item, "contains no folder and no code: it was skipped")]
            found = [self.linter.lint(name, path, item["source"]) for name, path in units]
        found[0]["unit"]["error"] = "; ".join(filter(None, (found[0]["unit"]["error"], *left_out)))
        return found


class LintRows(_Units):
    """Lints the files of one repository: columns `path`, `content`, `note` (why a row has no content)."""

    def __call__(self, group: pa.Table) -> pa.Table:
        repository = group["repository"][0].as_py()
        rows = sorted(zip(*(group[name].to_pylist() for name in ("path", "content", "note")), strict=True), key=_order)
        del group
        left_out = {path: note for path, _, note in rows if note}
        with self.folder() as folder:
            left_out |= write_files(((path, content) for path, content, note in rows if not note), folder)
            del rows
            row = self.linter.lint(repository, folder, "rows")
        row["files"] += [_left_out(repository, path, note) for path, note in sorted(left_out.items())]
        return pa.Table.from_pylist([row], schema=PART)


def _order(row: tuple[str, bytes, str]) -> tuple[str, bytes]:
    return row[0], row[1] or b""


def _left_out(repository: str, path: str, note: str) -> dict[str, Any]:
    return {
        "repository": repository,
        "path": path,
        "digest": "",
        "lines": 0,
        "loops": 0,
        "findings": 0,
        "notes": [note],
        "errors": [],
        "seconds": 0.0,
        "cut_off": False,
        "version": VERSION,
    }


def _unreadable(item: dict[str, Any], why: str) -> dict[str, Any]:
    return part(item["name"], item["source"], "unreadable", error=f"{item['path']}: {why}")

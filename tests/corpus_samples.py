"""Small repositories with and without mistakes, in every layout that `looplint corpus` reads."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

LOOP = """\
import torch
from {helper} import score


def fit(net: torch.nn.Module, batches):
    adam = torch.optim.Adam(net.parameters())
    total = 0
    for x, y in batches:
{clear}        loss = score(net(x), y)
        loss.backward()
        adam.step()
        total += loss
    return total
"""
SCORE = """\
import torch


def score(guess, truth):
    return torch.nn.functional.cross_entropy(torch.softmax(guess, 1), truth)
"""
CLEAN = SCORE.replace("torch.softmax(guess, 1)", "guess")
NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "source": LOOP.format(helper="grades", clear=""), "metadata": {}, "outputs": []},
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}
BROKEN = "def fit(:\n    loss.backward()\n    optimizer.step()\n"


def repositories(number: int = 6) -> dict[str, dict[str, bytes]]:
    """Files by path, by repository: mistakes in one file and across files, a notebook, a page, a broken file."""
    found: dict[str, dict[str, bytes]] = {}
    for index in range(number):
        clear = "        adam.zero_grad()\n" if index % 3 == 0 else ""
        files = {
            "pyproject.toml": "[project]\nname = 'sample'\n",
            "fit.py": LOOP.format(helper="grades", clear=clear),
            "grades.py": CLEAN if index % 2 == 0 else SCORE,
            "tools/plain.py": "print('nothing to see')\n",
        }
        if index % 3 == 1:
            files["play.ipynb"] = json.dumps(NOTEBOOK)
            files["README.md"] = "# Sample\n\n```python\n" + LOOP.format(helper="grades", clear="") + "```\n"
        if index % 3 == 2:
            files["broken.py"] = BROKEN
        found[f"sample{index}"] = {path: text.encode() for path, text in files.items()}
    return found


def lay_out(repositories: dict[str, dict[str, bytes]], folder: Path) -> Path:
    """As folders."""
    for name, files in repositories.items():
        for path, data in files.items():
            place = folder / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    return folder


def archive(repositories: dict[str, dict[str, bytes]], file: Path) -> Path:
    """As one archive with a folder for each."""
    file.parent.mkdir(parents=True, exist_ok=True)
    members = [(f"{name}/{path}", data) for name, files in repositories.items() for path, data in files.items()]
    if file.suffix == ".zip":
        with zipfile.ZipFile(file, "w") as packed:
            for path, data in members:
                packed.writestr(path, data)
        return file
    with tarfile.open(file, "w:gz" if file.suffix == ".gz" else "w") as opened:
        for path, data in members:
            info = tarfile.TarInfo(path)
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))
    return file


def rows(repositories: dict[str, dict[str, bytes]]) -> list[dict[str, Any]]:
    """As rows, those of one repository far from each other."""
    listed = [
        {"repo_name": name, "path": path, "content": data.decode()}
        for name, files in repositories.items()
        for path, data in files.items()
    ]
    return sorted(listed, key=lambda row: (row["path"], row["repo_name"]))


def parquet(repositories: dict[str, dict[str, bytes]], folder: Path, files: int = 3, group: int = 2) -> Path:
    """As Parquet files with several row groups."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    listed = rows(repositories)
    for number in range(files):
        table = pa.Table.from_pylist(listed[number::files])
        pq.write_table(table, folder / f"part-{number}.parquet", row_group_size=group)
    return folder


def json_lines(repositories: dict[str, dict[str, bytes]], file: Path) -> Path:
    """As JSON lines."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows(repositories)), encoding="utf-8")
    return file


def by_looplint(folder: Path) -> set[tuple[Any, ...]]:
    """What `looplint` finds in a folder of repositories: repository, path, cell, place, code, message, trace."""
    command = [sys.executable, "-m", "looplint", "--isolated", "--no-cache", "-q", "--output-format", "json", "."]
    found: set[tuple[Any, ...]] = set()
    for repository in sorted(folder.iterdir()):
        done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
        for finding in json.loads(done.stdout):
            place, end = finding["location"], finding["end_location"]
            trace = tuple(
                (step["filename"], step["cell"], step["row"], step["column"], step["message"])
                for step in finding["trace"]
            )
            found.add(
                (
                    repository.name,
                    finding["filename"],
                    finding["cell"],
                    *(place["row"], place["column"], end["row"], end["column"]),
                    finding["code"],
                    finding["message"],
                    trace,
                )
            )
    return found


def by_corpus(output: Path) -> set[tuple[Any, ...]]:
    """The same of a run's table. Fails if a row is there twice."""
    from looplint.corpus.tables import read

    listed = read(str(output), "findings").to_pylist()
    found = {
        (
            *(row[key] for key in ("repository", "path", "cell", "row", "column", "end_row", "end_column")),
            *(row[key] for key in ("code", "message")),
            tuple((step["path"], step["cell"], step["row"], step["column"], step["message"]) for step in row["trace"]),
        )
        for row in listed
    }
    assert len(found) == len(listed)
    return found


def everything(output: Path) -> dict[str, list[Any]]:
    """All rows of all tables in order, without what is measured."""
    from looplint.corpus.tables import read

    measured = {"seconds", "peak_memory"}
    return {
        name: sorted(
            json.dumps({key: value for key, value in row.items() if key not in measured}, sort_keys=True)
            for row in read(str(output), name).to_pylist()
        )
        for name in ("findings", "files", "units")
    }

"""The Ray Data pipeline: read, group by repository, lint in a pool of actors, write.

Memory is bounded whatever the size of the input. Contents wait in Ray's object store, which Ray fills to `STORE` bytes
and spills to disk, and the grouping is done on disk. A worker holds one group of repositories, of about `GROUP` bytes
(or their `PARTITIONS`th part, if that is more), or one repository if that is larger; the process that lints it is held
to the job's own limit.

Each process that runs Ray Data takes seconds of processor time to start, and each block that goes through it a tenth of
a second. So few processes read and write, and small repositories share a block.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import ray
import ray.data
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from looplint.corpus.inputs import Item, reason
from looplint.corpus.job import Job
from looplint.corpus.rows import ParquetFiles, ReadJsonLines, Rename
from looplint.corpus.schema import PART, TABLES
from looplint.corpus.tables import Done, of_parts, write_empty
from looplint.corpus.units import LintItems, LintRows
from looplint.project.settings import WrongUse

STORE = 1 << 30
"""Bytes of Ray's object store on this machine; at most a fifth of its memory is used."""

GROUP = 1 << 20
"""Bytes of code that are linted together: about ten seconds of work, which is lost when a machine is."""

SMALLEST = GROUP // 8
"""Bytes of a group of rows below which there are fewer groups."""

PORTIONS = 8
"""Groups for each worker, at least, so that all of them end at about the same time."""

PARTITIONS = 20_000
"""Maximum number of groups of rows: each adds a small cost to every read task."""

BLOCKS = 4_000
"""Maximum number of groups of folders and archives, since each becomes a file."""

BLOCK = 32 << 20
"""Bytes of rows that are read and sorted into groups at once."""

SHARE = 0.5
"""CPUs that Ray reserves per worker, so that reading and writing run beside them."""

LIGHT = {"num_cpus": 1}
"""What a task that reads or writes reserves: as much as two workers, so that there are few such processes."""

TOGETHER = 50
"""Parts of the unfinished run that become one file of a table."""


@contextlib.contextmanager
def cluster(address: str | None, workers: int | None) -> Iterator[int]:
    """Start Ray on this machine or join a cluster; yields the number of workers. Raises WrongUse if there is none."""
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray's own choice is 15: beside other work a run would get a small part of what `looplint -j` gets.
    os.environ.setdefault("RAY_worker_niceness", "0")
    joined = ray.is_initialized()
    try:
        if joined:
            pass
        elif address is None:
            cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
            store = max(100 << 20, min(STORE, _memory() // 5))
            # Two CPUs beside the workers: with one, Ray Data grants half a CPU to the step that groups rows by
            # repository. It needs a whole one, so it ran only while nobody linted, and all workers but one were idle.
            own = {"num_cpus": (workers or cores) + 2, "include_dashboard": False, "object_store_memory": store}
            ray.init("local", **own, **quiet)
            workers = workers or cores
        else:
            ray.init(address=address, **quiet)
    except Exception as error:
        # Ray raises a plain Exception if a machine is too slow to start it.
        where = "on this machine" if address is None else f"at {address}"
        raise WrongUse(f"Ray cannot be started or reached {where}: {reason(error)}") from None
    try:
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = sys.stderr.isatty()
        context.use_disk_based_hash_shuffle = True
        context.shuffle_input_batch_bytes = 2 * BLOCK
        context.target_max_block_size = BLOCK
        # With Ray's own thresholds, of two workers the one that waits is ended, and started again for the next group,
        # which costs seconds each time. Where all of them wait, some have to make room for those who read and write:
        # of two machines one may be lost. They come back: with one task for each, a pool in full use is at 1, and
        # Ray's own threshold of 1.75 would not be reached.
        context.autoscaling_config.actor_pool_util_downscaling_threshold = 0.0
        context.autoscaling_config.actor_pool_util_upscaling_threshold = 1.0
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        yield workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
    finally:
        if not joined:
            ray.shutdown()


def check_shared(folder: str) -> None:
    """Check that every machine can see the output folder. Raises WrongUse."""
    nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"]]
    if len(nodes) > 1:
        visible = ray.remote(num_cpus=0)(os.path.isdir)
        there = [
            visible.options(scheduling_strategy=NodeAffinitySchedulingStrategy(n, soft=True)).remote(folder)
            for n in nodes
        ]
        if not all(ray.get(there)):
            raise WrongUse(f"{folder}: not every machine of the cluster can read it: pass a shared folder as --output")


def lint_items(items: Sequence[Item], done: Done, job: Job, workers: int, parts: str) -> None:
    """Lint folders and archives, the largest first."""
    left = [item for item in items if item.source not in done.items]
    if left:
        blocks = [
            pa.Table.from_pylist([dataclasses.asdict(i) | {"source": i.source} for i in group])
            for group in grouped(left, workers)
        ]
        units = ray.data.from_arrow(blocks)
        found = units.map_batches(LintItems, batch_size=None, batch_format="pyarrow", **_pool(job, workers))
        found.write_parquet(parts, ray_remote_args=LIGHT)


def grouped(items: Sequence[Item], workers: int) -> Iterator[list[Item]]:
    """Items, the largest first, in groups that shrink towards the end, so that no worker is the last for long."""
    left = sum(item.size for item in items)
    most = max(GROUP, left // BLOCKS)
    group: list[Item] = []
    size = 0
    for item in items:
        if group and size + item.size > min(most, left // (PORTIONS * workers)):
            yield group
            left -= size
            group, size = [], 0
        group.append(item)
        size += item.size
    if group:
        yield group


def lint_rows(
    parquet: ParquetFiles,
    json_lines: Mapping[str, int],
    wanted: Mapping[str, str | None],
    done: Done,
    job: Job,
    workers: int,
    parts: str,
) -> None:
    """Lint the repositories whose files are rows. `json_lines`: files with their sizes."""
    read = [
        ray.data.read_parquet(paths, **LIGHT)
        .select_columns([columns.repository, columns.path, columns.content])
        .map_batches(Rename(columns, done.repositories).__call__, batch_format="pyarrow", batch_size=256, **LIGHT)
        for columns, paths in parquet.files.items()
    ]
    if json_lines:
        files = ray.data.from_items(sorted(json_lines), override_num_blocks=len(json_lines))
        read.append(files.map_batches(ReadJsonLines(wanted, done.repositories).__call__, batch_size=1, **LIGHT))
    if read:
        rows = read[0].union(*read[1:]) if len(read) > 1 else read[0]
        size = parquet.size + sum(json_lines.values())
        portions = min(PORTIONS * workers, size // SMALLEST)
        partitions = min(PARTITIONS, max(2 * workers, portions, size // GROUP))
        groups = rows.groupby("repository", num_partitions=partitions)
        found = groups.map_groups(LintRows, batch_format="pyarrow", **_pool(job, workers))
        found.write_parquet(parts, ray_remote_args=LIGHT)


def write_tables(done: Done, folder: str) -> None:
    """Convert the parts of the unfinished run to its tables."""
    for name in TABLES:
        os.makedirs(os.path.join(folder, name))
    files = sorted(done.parts.items())
    write = ray.remote(**LIGHT)(_write_tables)
    ray.get(
        [
            write.remote(dict(files[start : start + TOGETHER]), folder, f"{number:06}.parquet")
            for number, start in enumerate(range(0, len(files), TOGETHER))
        ]
    )
    for name in TABLES:
        write_empty(os.path.join(folder, name), name)


def _write_tables(parts: Mapping[str, list[int]], folder: str, file: str) -> None:
    """The rows of all tables in files of parts. `parts`: the rows that count, by file."""
    import pyarrow.parquet as pq

    rows = pa.concat_tables([pq.read_table(path, schema=PART).take(numbers) for path, numbers in parts.items()])
    for name in TABLES:
        table = of_parts(name, rows)
        if table.num_rows:
            pq.write_table(table, os.path.join(folder, name, file))


def _pool(job: Job, workers: int) -> dict[str, Any]:
    # A machine alone is not lost: its workers stay, if they leave room for those who read and write.
    room = ray.cluster_resources().get("CPU", 0) - workers * SHARE
    least = workers if len(ray.nodes()) == 1 and room >= LIGHT["num_cpus"] else 1
    # One unit at a time: a second one queued behind a long one would delay the end.
    compute = ray.data.ActorPoolStrategy(
        min_size=least, max_size=workers, initial_size=workers, max_tasks_in_flight_per_actor=1
    )
    return {"compute": compute, "fn_constructor_args": (job,), "num_cpus": SHARE}


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")

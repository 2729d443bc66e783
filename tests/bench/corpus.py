"""What `looplint corpus` costs: `python tests/bench/corpus.py --tree FOLDER [--runs 3]`, FOLDER holding repositories.

Side by side, in turn: `looplint -j 2` on the folder, and `looplint corpus` with two workers on the same folder, as it
lies there and as Parquet. Ray's start is given apart. Then the costs of the parts, and from these a model of clusters.

Seconds depend on what else the machine does; the processor time of all processes together, Ray's own among them, does
not. `--processor` measures that alone: each command runs below a process that waits for all that it leaves behind.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORKERS = 2
CORES = 16
"""Processors of a machine in the model."""


class Memory:
    """The largest resident memory of each kind of process below this one, in MB, looked at four times a second."""

    def __init__(self, kinds: dict[str, str]) -> None:
        self.kinds = {name: re.compile(pattern) for name, pattern in kinds.items()}
        self.peak = dict.fromkeys(kinds, 0.0)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(0.25):
            for entry in os.scandir("/proc"):
                if entry.name.isdigit():
                    self._add(entry.path)

    def _add(self, process: str) -> None:
        try:
            words = Path(process, "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            for name, pattern in self.kinds.items():
                if pattern.search(words):
                    status = Path(process, "status").read_text(encoding="ascii", errors="replace")
                    found = re.search(r"VmHWM:\s+(\d+)", status)
                    self.peak[name] = max(self.peak[name], int(found[1]) / 1024 if found else 0.0)
        except OSError:
            return


def by_looplint(tree: str) -> tuple[float, float]:
    """Seconds, and the memory of its largest process."""
    command = [sys.executable, "-m", "looplint", "-q", "--isolated", "--exit-zero", "--no-cache", "-j", str(WORKERS)]
    with Memory({"worker": re.escape(f"--no-cache -j {WORKERS} {tree}")}) as memory:
        started = time.perf_counter()
        subprocess.run([*command, tree], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return time.perf_counter() - started, memory.peak["worker"]


def by_corpus(inputs: str, output: str) -> tuple[float, dict[str, float]]:
    """Seconds with Ray running already, and the memory of what lints and of the Ray actors around it."""
    from looplint.corpus.run import Request, run

    with Memory({"lints": "looplint.corpus.lint_process", "actor": r"ray::.*(LintItems|LintRows)"}) as memory:
        started = time.perf_counter()
        run(Request((inputs,), output, workers=WORKERS), lambda text: None)
        return time.perf_counter() - started, memory.peak


def processor_time(command: list[str]) -> float:
    """Seconds of processor time of a command and of everything that it started."""
    script = [sys.executable, os.path.abspath(__file__), "--reap", *command]
    done = subprocess.run(script, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return float(done.stdout.split()[-1])


def reap(command: list[str]) -> None:
    """Run a command, wait for all that it leaves behind, and print the processor time of all of them."""
    import ctypes
    import resource

    # prctl(PR_SET_CHILD_SUBREAPER): whoever loses its parent becomes our child.
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(usage.ru_utime + usage.ru_stime)
    if done.returncode > 1:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}")


def processor(tree: str, runs: int) -> None:
    """A table of processor times; that of a run over nothing is Ray's start and end."""
    with tempfile.TemporaryDirectory() as folder:
        empty_repositories(Path(folder, "nothing"), 1)
        files = as_parquet(tree, f"{folder}/rows")
        ours = [sys.executable, "-m", "looplint"]
        taken: dict[str, list[float]] = {}
        for run in range(runs):
            corpus = [*ours, "corpus", f"--workers={WORKERS}", f"--output={folder}/out{run}"]
            commands = {
                "looplint -j 2": [*ours, "-q", "--isolated", "--no-cache", "--exit-zero", f"-j{WORKERS}", tree],
                "corpus, folders": [*corpus[:-1], f"{corpus[-1]}-folders", tree],
                "corpus, Parquet": [*corpus[:-1], f"{corpus[-1]}-rows", f"{folder}/rows"],
                "corpus, nothing": [*corpus[:-1], f"{corpus[-1]}-nothing", f"{folder}/nothing"],
            }
            for name, command in commands.items():
                taken.setdefault(name, []).append(processor_time(command))
        least = {name: min(each) for name, each in taken.items()}
        print(f"| {files} files | processor s | without Ray's start and end | files for each | beside |")
        print("|---|---|---|---|---|")
        for name, seconds in least.items():
            own = seconds - (least["corpus, nothing"] if name in ("corpus, folders", "corpus, Parquet") else 0.0)
            print(f"| {name} | {seconds:.1f} | {own:.1f} | {files / own:.1f} | {least['looplint -j 2'] / own:.2f} |")


def as_parquet(tree: str, folder: str, group: int = 200, rows: int = 4000) -> int:
    """The files of a folder of repositories as rows, spread over row groups and files; gives their number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from looplint.corpus.inputs import find
    from looplint.sources.discover import DEFAULT_EXTENSIONS

    names = [
        (item.name, path)
        for item in find([tree]).items
        for path in sorted(Path(item.path).rglob("*"))
        if path.suffix in (*DEFAULT_EXTENSIONS, ".toml", ".cfg") and path.is_file() and not path.is_symlink()
    ]
    # By path, not by repository, so that each repository lies in many row groups.
    names.sort(key=lambda pair: (pair[1].name, pair[0]))
    places = {item.name: item.path for item in find([tree]).items}
    os.makedirs(folder)
    for number, start in enumerate(range(0, len(names), rows)):
        table = pa.Table.from_pylist(
            [
                {"repo_name": name, "path": str(path.relative_to(places[name])), "content": path.read_bytes()}
                for name, path in names[start : start + rows]
            ]
        )
        pq.write_table(table, f"{folder}/part-{number:04}.parquet", row_group_size=group)
    return len(names)


def empty_repositories(folder: Path, number: int) -> None:
    for index in range(number):
        place = folder / f"r{index:05}"
        place.mkdir(parents=True)
        (place / "plain.py").write_text("x = 1\n")


@dataclasses.dataclass(frozen=True, slots=True)
class Costs:
    """What was measured, in seconds. `start`: of Ray, and of a run over nothing; `unit`: for a further repository
    beside its linting, in the driver and in a worker; `file`: processor time to lint one; `read`: for a file that
    comes as a row, beside that; `tables`: to write the tables, for a repository; `largest`: the repository that took
    longest."""

    start: float
    unit: float
    file: float
    read: float
    tables: float
    largest: float
    files: float


def model(costs: Costs, repositories: int, nodes: int) -> dict[str, float]:
    """Seconds of the parts of a run over so many repositories, as rows, on machines of `CORES` processors.

    Linting and reading are shared out among the workers; the driver starts a group of repositories at a time, one
    after the other; nobody is done before the largest repository is.
    """
    from looplint.corpus.pipeline import PARTITIONS

    workers = nodes * CORES
    groups = min(PARTITIONS, max(2 * workers, repositories // 50))
    lint = repositories * costs.files * (costs.file + costs.read) / min(workers, groups)
    return {
        "start": costs.start,
        "lint and read": lint,
        "driver": groups * costs.unit,
        "largest": costs.largest,
        "tables": repositories * costs.tables / min(workers, max(1, groups // 50)),
    }


def total(parts: dict[str, float]) -> float:
    return parts["start"] + max(parts["lint and read"] + parts["largest"], parts["driver"]) + parts["tables"]


def measure(tree: str, runs: int, empty: int) -> Costs:
    import ray

    from looplint.corpus.tables import read

    # As `looplint corpus` does: else Ray's workers give way to everything else.
    os.environ.setdefault("RAY_worker_niceness", "0")
    started = time.perf_counter()
    ray.init("local", num_cpus=WORKERS + 2, include_dashboard=False, object_store_memory=1 << 30, log_to_driver=False)
    start = time.perf_counter() - started
    taken: dict[str, list[float]] = {}
    peaks: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        as_parquet(tree, f"{folder}/rows")
        ways: dict[str, Callable[[], tuple[float, Any]]] = {}
        for run in range(runs):
            ways = {
                "looplint -j 2": lambda: by_looplint(tree),
                "corpus, folders": lambda: by_corpus(tree, f"{folder}/folders{run}"),  # noqa: B023
                "corpus, Parquet": lambda: by_corpus(f"{folder}/rows", f"{folder}/parquet{run}"),  # noqa: B023
            }
            for name, way in ways.items():
                seconds, memory = way()
                taken.setdefault(name, []).append(seconds)
                for kind, megabytes in (memory if isinstance(memory, dict) else {"lints": memory}).items():
                    peaks[f"{name}: {kind}"] = max(peaks.get(f"{name}: {kind}", 0.0), megabytes)
        files = read(f"{folder}/folders0", "files").to_pylist()
        units = read(f"{folder}/folders0", "units").to_pylist()
        empty_repositories(Path(folder, "one"), 1)
        empty_repositories(Path(folder, "many"), empty + 1)
        nothing, _ = by_corpus(f"{folder}/one", f"{folder}/one-done")
        further = (by_corpus(f"{folder}/many", f"{folder}/many-done")[0] - nothing) / empty
    base = statistics.median(taken["looplint -j 2"])
    print(f"{len(units)} repositories, {len(files)} files; Ray's start {start:.1f} s, run over nothing {nothing:.1f} s")
    print()
    print("| | median s | files/s | beside | without a run over nothing, beside |")
    print("|---|---|---|---|---|")
    for name, each in taken.items():
        middle = statistics.median(each)
        own = base / (middle - nothing) if name.startswith("corpus") else 1.0
        print(f"| {name} | {middle:.1f} | {len(files) / middle:.1f} | {base / middle:.2f} | {own:.2f} |")
    print()
    for name, megabytes in peaks.items():
        print(f"- {name}: {megabytes:.0f} MB at most")
    lint = sum(file["seconds"] for file in files)
    read_cost = (statistics.median(taken["corpus, Parquet"]) - statistics.median(taken["corpus, folders"])) * WORKERS
    return Costs(
        start + nothing,
        max(0.0, further),
        lint / len(files),
        max(0.0, read_cost / len(files)),
        max(0.0, 0.1 * further),
        max(unit["seconds"] for unit in units),
        len(files) / len(units),
    )


def main() -> None:
    if sys.argv[1:2] == ["--reap"]:
        reap(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tree", required=True, help="a folder of repositories")
    parser.add_argument("--processor", action="store_true", help="processor time alone")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--empty", type=int, default=500, help="repositories without code, to see what each costs")
    parser.add_argument("--repositories", type=int, default=1_000_000, help="as many in the model")
    arguments = parser.parse_args()
    if arguments.processor:
        processor(os.path.abspath(arguments.tree), arguments.runs)
        return
    costs = measure(os.path.abspath(arguments.tree), arguments.runs, arguments.empty)
    print(
        f"\n{costs}\n\n| machines of {CORES} | hours | of a straight line | lint and read | driver | largest | tables |"
    )
    print("|---|---|---|---|---|---|---|")
    one = total(model(costs, arguments.repositories, 1))
    for nodes in (1, 10, 100, 1000):
        parts = model(costs, arguments.repositories, nodes)
        share = one / nodes / total(parts)
        row = [parts[name] / 3600 for name in ("lint and read", "driver", "largest", "tables")]
        print(
            f"| {nodes} | {total(parts) / 3600:.2f} | {share:.0%} | "
            + " | ".join(f"{hours:.2f}" for hours in row)
            + " |"
        )


if __name__ == "__main__":
    main()

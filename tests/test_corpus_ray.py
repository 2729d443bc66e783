"""`looplint corpus` on real Ray: every layout, killed processes and machines, runs that are stopped and go on."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import corpus_samples
import pytest

pa = pytest.importorskip("pyarrow", reason="needs looplint[corpus]")
pq = pytest.importorskip("pyarrow.parquet", reason="needs looplint[corpus]")
ray = pytest.importorskip("ray", reason="needs looplint[corpus]")
pytest.importorskip("ray.data", reason="needs looplint[corpus]")

from looplint.corpus.inputs import Item  # noqa: E402
from looplint.corpus.job import Job  # noqa: E402
from looplint.corpus.pipeline import BLOCKS, GROUP, _pool, check_shared, cluster, grouped  # noqa: E402
from looplint.corpus.run import Request, run  # noqa: E402
from looplint.project.settings import WrongUse  # noqa: E402

pytestmark = pytest.mark.ray

PATIENCE = 600
"""Seconds that a run may take before the test is a failure."""


@pytest.fixture(scope="module")
def local() -> Iterator[None]:
    """A Ray that several tests share."""
    os.environ.setdefault("RAY_worker_niceness", "0")
    ray.init("local", num_cpus=3, include_dashboard=False, object_store_memory=200 << 20, log_to_driver=False)
    yield
    ray.shutdown()


def lint(inputs: Path, output: Path, **request: Any) -> list[str]:
    """Run in this process; gives what was said."""
    said: list[str] = []
    run(Request((str(inputs),), str(output), **{"workers": 2, **request}), said.append)
    return said


def command(inputs: Path, output: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "looplint", "corpus", str(inputs), "--output", str(output), "--workers=2", *options]


def many(number: int) -> dict[str, dict[str, bytes]]:
    """Repositories that take a while together."""
    some = corpus_samples.repositories()
    return {f"r{index:03}": some[f"sample{index % len(some)}"] for index in range(number)}


def within(seconds: float, what: str) -> Iterator[None]:
    """Look again and again until the caller has seen enough."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.05)
    pytest.fail(f"not within {seconds} seconds: {what}")


def parts(output: Path) -> int:
    """Files of units that are done and written whole."""
    whole = 0
    for file in (output / "unfinished").glob("*.parquet"):
        with contextlib.suppress(OSError, pa.ArrowException):
            whole += pq.read_metadata(file).num_rows > 0
    return whole


@pytest.mark.parametrize("layout", ["folders", "tar.gz", "parquet", "jsonl"])
def test_every_layout_gives_what_looplint_finds(layout: str, local: None, tmp_path: Path) -> None:
    trees = corpus_samples.repositories()
    folder = corpus_samples.lay_out(trees, tmp_path / "trees")
    inputs = {
        "folders": lambda: folder,
        "tar.gz": lambda: corpus_samples.archive(trees, tmp_path / "in" / "all.tar.gz"),
        "parquet": lambda: corpus_samples.parquet(trees, tmp_path / "in"),
        "jsonl": lambda: corpus_samples.json_lines(trees, tmp_path / "in" / "all.jsonl"),
    }[layout]()
    lint(inputs, tmp_path / "out")
    found = {(f[0].removeprefix("all/"), *f[1:]) for f in corpus_samples.by_corpus(tmp_path / "out")}
    assert found == corpus_samples.by_looplint(folder)
    assert not (tmp_path / "out" / "unfinished").exists()


def test_a_file_of_rows_that_cannot_be_read_costs_only_itself(local: None, tmp_path: Path) -> None:
    trees = corpus_samples.repositories()
    corpus_samples.parquet(trees, tmp_path / "in")
    (tmp_path / "in" / "broken.parquet").write_bytes(b"PAR1 and no more")
    lint(tmp_path / "in", tmp_path / "out")
    units = corpus_samples.everything(tmp_path / "out")["units"]
    assert len(units) == len(trees) + 1
    assert len([unit for unit in units if '"unreadable"' in unit and "broken.parquet" in unit]) == 1


def test_a_run_that_is_finished_is_not_done_again(local: None, tmp_path: Path) -> None:
    corpus_samples.lay_out(corpus_samples.repositories(), tmp_path / "in")
    lint(tmp_path / "in", tmp_path / "out")
    before = corpus_samples.everything(tmp_path / "out")
    said = lint(tmp_path / "in", tmp_path / "out")
    assert said == [f"{tmp_path / 'out'}: the run is already finished; its summary is written again"]
    assert corpus_samples.everything(tmp_path / "out") == before


def test_workers_that_wait_while_rows_are_grouped_come_back(local: None) -> None:
    """Ray takes idle ones away, and adds one where the tasks in flight for each worker reach its threshold."""
    with cluster(None, 2):
        scaling = ray.data.DataContext.get_current().autoscaling_config
        threshold = scaling.actor_pool_util_upscaling_threshold
        assert scaling.actor_pool_util_downscaling_threshold == 0, "one waits, and the others work: it is not ended"
    pool = _pool(Job({}, None, 60.0, 2 << 30, ""), 2)["compute"]
    assert (pool.min_size, pool.max_size) == (2, 2), "nobody needs their processors"
    assert _pool(Job({}, None, 60.0, 2 << 30, ""), 6)["compute"].min_size == 1, "six would leave none for reading"
    assert pool.max_tasks_in_flight_per_actor >= threshold


def test_repositories_are_linted_in_groups_that_shrink_towards_the_end() -> None:
    items = [Item("folder", f"r{number}", f"/r{number}", 1000 - number) for number in range(500)]
    groups = list(grouped(items, 2))
    assert [item for group in groups for item in group] == items
    sizes = [sum(item.size for item in group) for group in groups]
    assert 16 < len(groups) < 100 and sizes[0] > 10 * sizes[-1] and all(map(len, groups))
    large = [Item("folder", f"r{number}", f"/r{number}", GROUP // 4) for number in range(400)]
    assert max(map(len, grouped(large, 1))) == 4
    assert len(list(grouped([Item("folder", str(n), str(n), 9 * GROUP) for n in range(9 * BLOCKS)], 1))) <= 1.1 * BLOCKS
    assert list(grouped([], 2)) == []


def test_a_worker_that_is_killed_changes_nothing(local: None, tmp_path: Path) -> None:
    corpus_samples.lay_out(many(40), tmp_path / "in")
    lint(tmp_path / "in", tmp_path / "undisturbed")
    killed: list[int] = []

    def kill() -> None:
        while not killed:
            done = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True)
            working = parts(tmp_path / "out") if (tmp_path / "out").exists() else 0
            for pid in re.findall(r"^ *(\d+) ray::\S*MapBatches\(LintItems\)", done.stdout, re.MULTILINE):
                if working and mine(int(pid)) and not killed:
                    os.kill(int(pid), signal.SIGKILL)
                    killed.append(int(pid))
            time.sleep(0.05)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    lint(tmp_path / "in", tmp_path / "out")
    thread.join(5)
    assert killed
    assert corpus_samples.everything(tmp_path / "out") == corpus_samples.everything(tmp_path / "undisturbed")


def mine(pid: int) -> bool:
    """Whether a process belongs to this one's Ray, not to that of somebody else's tests."""
    session = ray._private.worker.global_worker.node.get_session_dir_path()
    with contextlib.suppress(OSError):
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        parent = int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
        raylet = Path(f"/proc/{parent}/cmdline").read_bytes()
        return session.encode() in environment + raylet
    return False


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_stopped_goes_on_and_ends_the_same(end: signal.Signals, tmp_path: Path) -> None:
    corpus_samples.lay_out(many(60), tmp_path / "in")
    first = subprocess.Popen(command(tmp_path / "in", tmp_path / "out"), stderr=subprocess.PIPE, text=True)
    for _ in within(PATIENCE, "the first repositories are done"):
        if parts(tmp_path / "out") >= 5:
            break
    first.send_signal(end)
    said = first.communicate(timeout=PATIENCE)[1]
    assert first.returncode == (-signal.SIGKILL if end == signal.SIGKILL else 130), said
    if end == signal.SIGINT:
        assert "run the same command again to continue" in said
    assert (tmp_path / "out" / "unfinished").exists()
    again = subprocess.run(
        command(tmp_path / "in", tmp_path / "out"), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert again.returncode == 0, again.stderr
    assert int(re.findall(r"looplint: (\d+) units were done before", again.stderr)[0]) >= 4
    subprocess.run(command(tmp_path / "in", tmp_path / "undisturbed"), check=True, timeout=PATIENCE)
    assert corpus_samples.everything(tmp_path / "out") == corpus_samples.everything(tmp_path / "undisturbed")


def linting(mark: str) -> int:
    """How many processes lint whose environment holds this mark."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            lints = b"looplint.corpus.lint_process" in (process / "cmdline").read_bytes()
            found += lints and mark.encode() in (process / "environ").read_bytes()
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked at in /proc")
def test_rows_are_linted_by_every_worker(tmp_path: Path) -> None:
    corpus_samples.parquet(many(300), tmp_path / "in", files=4, group=20)
    mark = f"LOOPLINT_TEST={tmp_path}"
    words = ["env", mark, *command(tmp_path / "in", tmp_path / "out")]
    run_of_two = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    most = 0
    for _ in within(PATIENCE, "the run ends"):
        most = max(most, linting(mark))
        if most == 2 or run_of_two.poll() is not None:
            break
    said = run_of_two.communicate(timeout=PATIENCE)[1]
    assert run_of_two.returncode == 0, said
    assert most == 2


def test_rows_that_were_stopped_go_on_and_end_the_same(tmp_path: Path) -> None:
    corpus_samples.parquet(many(60), tmp_path / "in", files=4, group=20)
    first = subprocess.Popen(command(tmp_path / "in", tmp_path / "out"), stderr=subprocess.PIPE, text=True)
    for _ in within(PATIENCE, "the first repositories are done"):
        if parts(tmp_path / "out") >= 1:
            break
    first.kill()
    first.communicate()
    again = subprocess.run(
        command(tmp_path / "in", tmp_path / "out"), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert again.returncode == 0, again.stderr
    assert "units were done before" in again.stderr
    subprocess.run(command(tmp_path / "in", tmp_path / "undisturbed"), check=True, timeout=PATIENCE)
    assert corpus_samples.everything(tmp_path / "out") == corpus_samples.everything(tmp_path / "undisturbed")


def test_a_full_disk_stops_the_run_and_nothing_is_lost(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(small)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("a small disk can only be made by root")
    try:
        corpus_samples.lay_out(many(40), tmp_path / "in")
        full = subprocess.run(
            command(tmp_path / "in", small / "out"), capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert full.returncode == 2, full.stderr
        assert "the disk is full: make room; finished work is kept" in full.stderr
        subprocess.run(["mount", "-o", "remount,size=50m", str(small)], check=True)
        again = subprocess.run(
            command(tmp_path / "in", small / "out"), capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert again.returncode == 0, again.stderr
        assert "units were done before" in again.stderr
        subprocess.run(command(tmp_path / "in", tmp_path / "undisturbed"), check=True, timeout=PATIENCE)
        assert corpus_samples.everything(small / "out") == corpus_samples.everything(tmp_path / "undisturbed")
    finally:
        subprocess.run(["umount", str(small)], check=False)


@pytest.mark.parametrize("layout", ["folders", "parquet"])
def test_a_machine_that_is_lost_in_the_middle_changes_nothing(layout: str, tmp_path: Path) -> None:
    from ray.cluster_utils import Cluster

    trees = many(60)
    if layout == "folders":
        inputs = corpus_samples.lay_out(trees, tmp_path / "in")
    else:
        inputs = corpus_samples.parquet(trees, tmp_path / "in", files=4, group=20)
    ray.shutdown()
    os.environ.setdefault("RAY_worker_niceness", "0")
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    second = cluster.add_node(num_cpus=2)
    lost: list[bool] = []

    def lose() -> None:
        while not lost:
            if (tmp_path / "out").exists() and parts(tmp_path / "out") >= 2:
                cluster.remove_node(second, allow_graceful=False)
                lost.append(True)
            time.sleep(0.05)

    try:
        ray.init(address=cluster.address, log_to_driver=False)
        with pytest.raises(WrongUse, match="not every machine of the cluster can read it"):
            check_shared(str(tmp_path / "absent"))
        lint(inputs, tmp_path / "undisturbed", workers=4)
        thread = threading.Thread(target=lose, daemon=True)
        thread.start()
        lint(inputs, tmp_path / "out", workers=4)
        thread.join(10)
        assert lost and len([node for node in ray.nodes() if node["Alive"]]) == 1
        assert corpus_samples.everything(tmp_path / "out") == corpus_samples.everything(tmp_path / "undisturbed")
    finally:
        ray.shutdown()
        cluster.shutdown()

"""Distributes files over processes. The findings do not depend on the distribution."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from looplint.project.config import Configuration
from looplint.run.check_file import Checked, Checker

PORTION = 400_000
"""Bytes per portion, at most: enough for files of one folder to share what they parse."""

TURNS = 16
"""Portions per process, at least, so that the last one does not keep the others waiting."""

_checker: Checker | None = None


def check_all(files: Sequence[str], configuration: Configuration, jobs: int) -> Iterator[tuple[str, Checked]]:
    """Yield each file with its result as it is done, the largest portions first."""
    left = set(files)
    method = "fork" if sys.platform == "linux" else "spawn"
    if method == "fork":
        # Loaded once, before the fork.
        from looplint.findings import suppress  # noqa: F401
        from looplint.project import catalog, selection  # noqa: F401
        from looplint.run import analysis  # noqa: F401

        catalog.rules()
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(jobs, context, _begin, (configuration,)) as pool:
        waiting = [pool.submit(_check, portion) for portion in portions(files, jobs)]
        try:
            for future in as_completed(waiting):
                for path, checked in future.result():
                    left.discard(path)
                    yield path, checked
        except BrokenProcessPool:
            # A process was killed, most likely for its memory: check the rest here, one by one.
            checker = Checker(configuration, alone=False)
            for path in [path for path in files if path in left]:
                yield path, checker.check_file(path)
        finally:
            for future in waiting:
                future.cancel()


def portions(files: Sequence[str], jobs: int) -> list[list[str]]:
    """Files of one folder together, in portions, the largest first."""
    sizes = {path: _size(path) for path in files}
    enough = min(PORTION, sum(sizes.values()) // (TURNS * jobs))
    folders: dict[str, list[tuple[int, str]]] = {}
    for path in files:
        folders.setdefault(os.path.dirname(path), []).append((sizes[path], path))
    found: list[tuple[int, list[str]]] = []
    total = 0
    portion: list[str] = []
    for folder in folders.values():
        for size, path in folder:
            if portion and total + size > enough:
                found.append((total, portion))
                total, portion = 0, []
            total += size
            portion.append(path)
    found.append((total, portion))
    return [paths for _, paths in sorted(found, key=lambda item: -item[0])]


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _begin(configuration: Configuration) -> None:
    global _checker
    # Ctrl-C is handled by the parent process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()
    _checker = Checker(configuration, alone=False)


def _end_with_parent() -> None:
    """End this process when its parent has ended. A parent that is killed cannot notify its processes, and they would
    wait for the next portion forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _check(files: list[str]) -> list[tuple[str, Checked]]:
    assert _checker is not None
    return [(path, _checker.check_file(path)) for path in files]

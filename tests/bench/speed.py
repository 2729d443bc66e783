"""How long looplint takes beside other linters: `python tests/bench/speed.py --tree PATH [--tools FOLDER]`.

Whole processes, medians of `--runs` runs, all tools in turn so that a busy machine disturbs all of them alike.
`--tools`: the folder with the other linters' programs; those that are missing are left out.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

LOOP = """\
import torch

def train(model: torch.nn.Module, loader, loss_fn):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
{body}
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
"""


def commands(tree: str, tools: str, cache: str) -> dict[str, list[str]]:
    ours = [sys.executable, "-m", "looplint", "-q", "--isolated", "--exit-zero", "--output-format", "concise"]
    ruff = ["ruff", "check", "-q", "--isolated", "--exit-zero", "--select", "F,B"]
    known = {
        "looplint cold": [*ours, "--no-cache", tree],
        "looplint cold -j 1": [*ours, "--no-cache", "-j", "1", tree],
        "looplint warm": [*ours, "--cache-dir", f"{cache}/looplint", tree],
        "ruff cold": [*ruff, "--no-cache", tree],
        "ruff warm": [*ruff, "--cache-dir", f"{cache}/ruff", tree],
        "torchfix": ["torchfix", tree],
        "flake8": ["flake8", "--isolated", "--exit-zero", tree],
        "pylint": ["pylint", "--recursive=y", "--exit-zero", "-j", "0", tree],
    }
    found = {}
    for name, (program, *arguments) in known.items():
        place = program if os.path.isabs(program) else shutil.which(program, path=tools or None)
        if place:
            found[name] = [place, *arguments]
    return found


def timed(command: list[str], limit: float) -> tuple[float, float]:
    """Seconds, infinite where the limit was reached, and the memory of the largest of its processes in megabytes."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # A wait with a limit of its own looks only every 50 milliseconds.
    stop = threading.Timer(limit, process.kill)
    stop.start()
    _, _, usage = os.wait4(process.pid, 0)
    stop.cancel()
    took = time.perf_counter() - started
    return (took if took < limit else float("inf")), usage.ru_maxrss / 1024


def compare(tree: str, tools: str, runs: int, limit: float) -> None:
    """A table of medians, and of ratios to looplint's own cold run."""
    with tempfile.TemporaryDirectory() as cache:
        known = commands(tree, tools, cache)
        for name in ("looplint warm", "ruff warm"):
            if name in known:
                timed(known[name], limit)
        times: dict[str, list[float]] = {name: [] for name in known}
        peaks = dict.fromkeys(known, 0.0)
        for _ in range(runs):
            for name, command in known.items():
                if float("inf") not in times[name]:
                    seconds, memory = timed(command, limit)
                    times[name].append(seconds)
                    peaks[name] = max(peaks[name], memory)
    base = statistics.median(times["looplint cold"])
    print(f"| {tree} | median s | least s | beside looplint cold | peak MB |\n|---|---|---|---|---|")
    for name, each in times.items():
        middle = statistics.median(each)
        print(f"| {name} | {middle:.3f} | {min(each):.3f} | {middle / base:.2f} | {peaks[name]:.0f} |")
    print()


def curves(runs: int, limit: float) -> None:
    """Time against size: more files, a longer file, a longer function, deeper loops."""
    with tempfile.TemporaryDirectory() as folder:
        for what in ("files", "functions in a file", "rows in a function", "loops in each other"):
            row = []
            for size in (1, 2, 4, 8):
                tree = Path(folder, what.replace(" ", "_"), str(size))
                tree.mkdir(parents=True)
                lay_out(tree, what, size)
                command = [sys.executable, "-m", "looplint", "-q", "--isolated", "--exit-zero", "--no-cache", "-j", "1"]
                row.append(statistics.median(timed([*command, str(tree)], limit)[0] for _ in range(runs)))
            print(f"| {what} | " + " | ".join(f"{seconds:.2f}" for seconds in row) + " |")


def lay_out(tree: Path, what: str, size: int) -> None:
    plain = LOOP.format(body="        print(inputs)")
    if what == "files":
        for number in range(25 * size):
            (tree / f"train{number}.py").write_text(plain)
    elif what == "functions in a file":
        text = "".join(plain.replace("def train", f"def train{number}") for number in range(25 * size))
        (tree / "train.py").write_text(text)
    elif what == "rows in a function":
        body = "\n".join(f"        y{number} = inputs * {number} if loader else y0" for number in range(100 * size))
        (tree / "train.py").write_text(LOOP.format(body=body))
    else:
        body = "".join(f"{' ' * (8 + depth)}for i{depth} in range(3):\n" for depth in range(4 * size))
        (tree / "train.py").write_text(LOOP.format(body=body + " " * (8 + 4 * size) + "print(inputs)"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tree", action="append", default=[], help="a file or folder to lint; may be repeated")
    parser.add_argument("--tools", default="", help="folder with the programs of the other linters")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=600, help="seconds after which a run is given up")
    parser.add_argument("--curves", action="store_true", help="time against size, too")
    arguments = parser.parse_args()
    for tree in arguments.tree:
        compare(tree, arguments.tools, arguments.runs, arguments.limit)
    if arguments.curves:
        curves(arguments.runs, arguments.limit)


if __name__ == "__main__":
    main()

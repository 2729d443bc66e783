"""How long looplint takes: `python tests/bench/speed.py [--before LOOPLINT] [--repositories FOLDER] [--tree PATH]`.

Whole processes and their processor time, medians of `--runs` runs; what is compared is run in turn, so that a busy
machine disturbs all of it alike. Measure an installed looplint: a checkout may have to be compiled in each run.

`--before`: the program of another looplint, for ratios. `--repositories`: a folder of checkouts, each linted by itself.
`--tree`: a folder or file that the other linters are run on, too; `--tools`: the folder with their programs, of which
those that are missing are left out.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

OURS = [sys.executable, "-m", "looplint"]
COLD = ["-q", "--isolated", "--exit-zero", "--no-cache", "-j", "1"]
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
PLAIN = LOOP.format(body="        print(inputs)")

Used = tuple[float, float]
"""What a run used: seconds of processor time, infinite where it was stopped, and the megabytes of its largest
process."""


def run(command: Sequence[str], limit: float, folder: Path | None = None) -> Used:
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # A wait with a limit of its own looks only every 50 milliseconds.
    stop = threading.Timer(limit, process.kill)
    stop.start()
    _, status, usage = os.wait4(process.pid, 0)
    stop.cancel()
    killed = os.WIFSIGNALED(status)
    return float("inf") if killed else usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def in_turn(commands: dict[str, list[str]], runs: int, limit: float, folder: Path | None = None) -> dict[str, Used]:
    """The median time, and the greatest memory, of each command."""
    used: dict[str, list[Used]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            if not used[name] or used[name][-1][0] < float("inf"):
                used[name].append(run(command, limit, folder))
    return {
        name: (statistics.median(seconds for seconds, _ in each), max(memory for _, memory in each))
        for name, each in used.items()
    }


def row(*cells: object) -> None:
    print(
        "| " + " | ".join(f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in cells) + " |", flush=True
    )


def repositories(folder: Path, before: str, runs: int, limit: float) -> None:
    """Each checkout of a folder, and all together: at most 0.4 of before."""
    row("repository", "before, s", "now, s", "now / before", "peak MB")
    row(*["---"] * 5)
    total = {"before": 0.0, "now": 0.0}
    for tree in sorted(path for path in folder.iterdir() if path.is_dir()):
        commands = {"before": [before], "now": OURS} if before else {"now": OURS}
        used = in_turn({name: [*command, *COLD, "."] for name, command in commands.items()}, runs, limit, tree)
        for name, (seconds, _) in used.items():
            total[name] += seconds
        old = used["before"][0] if before else float("nan")
        row(tree.name, old, used["now"][0], used["now"][0] / old, round(used["now"][1]))
    row("all, bar 0.40", total["before"], total["now"], total["now"] / (total["before"] or float("nan")), "")
    print()


def single_files(runs: int, limit: float) -> None:
    """A clean file, one with a loop and a mistake, and one edited file of 200 beside a run with nothing edited."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clean, loop = folder / "clean.py", folder / "loop.py"
        clean.write_text("x = 1\n")
        loop.write_text(PLAIN.replace("        optimizer.zero_grad()\n", ""))
        used = in_turn(
            {
                "clean": [*OURS, *COLD, str(clean)],
                "loop": [*OURS, *COLD, str(loop)],
                "python": [sys.executable, "-c", "pass"],
                "libcst": [sys.executable, "-c", "import libcst"],
            },
            runs,
            limit,
        )
        bar = 1.5 * used["clean"][0] + used["libcst"][0] - used["python"][0]
        row("one file", "now, s", "bar, s")
        row(*["---"] * 3)
        row("clean", used["clean"][0], "")
        row("with a loop", used["loop"][0], bar)
        project, cache = folder / "project", folder / "cache"
        project.mkdir()
        for number in range(200):
            (project / f"part{number}.py").write_text(PLAIN)
        warm = [*OURS, "-q", "--isolated", "--exit-zero", "--cache-dir", str(cache), "-j", "1", str(project)]
        run(warm, limit)
        same, edited = [], []
        for number in range(runs):
            same.append(run(warm, limit)[0])
            (project / "part7.py").write_text(PLAIN + f"# {number}\n")
            edited.append(run(warm, limit)[0])
        row("none of 200 edited", statistics.median(same), "")
        row("one of 200 edited", statistics.median(edited), 1.2 * statistics.median(same))
        print()


def _many_functions(size: int) -> str:
    return "".join(PLAIN.replace("def train", f"def train{number}") for number in range(12 * size))


def _many_rows(size: int) -> str:
    return LOOP.format(
        body="\n".join(f"        y{number} = inputs * {number} if loader else y0" for number in range(150 * size))
    )


def _deep_loops(size: int) -> str:
    body = "".join(f"{' ' * (8 + depth)}for i{depth} in range(3):\n" for depth in range(4 * size))
    return LOOP.format(body=body + " " * (8 + 4 * size) + "print(inputs)")


def _many_loops(size: int) -> str:
    head, loop = PLAIN.split("    for ")
    return head + f"    for {loop}" * 40 * size


def _many_optimizers(size: int) -> str:
    names = [f"optimizer{number}" for number in range(6 * size)]
    made = "".join(f"    {name} = torch.optim.SGD(models[{i}].parameters(), lr=0.1)\n" for i, name in enumerate(names))
    cleared = "".join(f"        {name}.zero_grad()\n" for name in names)
    stepped = "".join(f"        {name}.step()\n" for name in names)
    loop = f"    for x, y in loader:\n{cleared}        loss_fn(models[0](x), y).backward()\n{stepped}"
    return f"import torch\n\n\ndef train(models, loader, loss_fn):\n{made}{loop}"


def _many_conditions(size: int) -> str:
    tests = "".join(f"        if flags[{number}]:\n            print(inputs)\n" for number in range(60 * size))
    return LOOP.replace("loss_fn)", "loss_fn, flags)").format(body=tests.rstrip("\n"))


def _deep_calls(size: int) -> str:
    depth = 3 * size
    calls = "".join(
        f"def f{number}(model, x):\n    return f{number + 1}(model, x) + {number}\n\n\n" for number in range(depth)
    )
    last = f"def f{depth}(model, x):\n    return model(x)\n\n\n"
    return (
        "import torch\n\n\n"
        + calls
        + last
        + PLAIN.split("import torch\n\n")[1].replace("model(inputs)", "f0(model, inputs)")
    )


def _cells(size: int) -> str:
    first, loop = PLAIN.replace("def train(model: torch.nn.Module, loader, loss_fn):\n", "").split("    for ")
    sources = [first.replace("    ", ""), *["for " + loop.replace("\n    ", "\n")] * 40 * size]
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for source in sources
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _files(size: int) -> Iterator[tuple[str, str]]:
    yield from ((f"train{number}.py", PLAIN) for number in range(15 * size))


def _callers(size: int) -> Iterator[tuple[str, str]]:
    yield "part.py", PLAIN
    for number in range(4 * size):
        yield (
            f"main{number}.py",
            "from part import train\n\n\ndef main(model, loader, f):\n    train(model, loader, f)\n",
        )


def _file(name: str, text: Callable[[int], str]) -> Callable[[int], list[tuple[str, str]]]:
    return lambda size: [(name, text(size))]


GROWTH: dict[str, Callable[[int], Iterator[tuple[str, str]] | list[tuple[str, str]]]] = {
    "files": _files,
    "functions in a file": _file("train.py", _many_functions),
    "rows in a function": _file("train.py", _many_rows),
    "loops in each other": _file("train.py", _deep_loops),
    "loops in a function": _file("train.py", _many_loops),
    "optimizers": _file("train.py", _many_optimizers),
    "conditions": _file("train.py", _many_conditions),
    "callers": _callers,
    "depth of calls": _file("train.py", _deep_calls),
    "cells of a notebook": _file("train.ipynb", _cells),
}
"""What grows, and the files of each size."""


def growth(runs: int, limit: float) -> None:
    """Time against size, and the greatest of the factors from one size to twice that: at most 2.2."""
    sizes = (1, 2, 4, 8)
    row("seconds for a program of size", *sizes, "greatest factor, bar 2.20")
    row(*["---"] * (len(sizes) + 2))
    with tempfile.TemporaryDirectory() as name:
        for what, files in GROWTH.items():
            seconds = []
            for size in sizes:
                tree = Path(name, what.replace(" ", "_"), str(size))
                tree.mkdir(parents=True)
                for file, text in files(size):
                    (tree / file).write_text(text)
                seconds.append(in_turn({"": [*OURS, *COLD, str(tree)]}, runs, limit)[""][0])
            row(what, *seconds, max(after / before for before, after in itertools.pairwise(seconds)))
    print()


def beside_others(tree: str, before: str, tools: str, runs: int, limit: float) -> None:
    """One tree, by looplint and by other linters."""
    with tempfile.TemporaryDirectory() as cache:
        ruff = ["ruff", "check", "-q", "--isolated", "--exit-zero", "--select", "F,B"]
        known = {
            "looplint cold": [*OURS, "-q", "--isolated", "--exit-zero", "--no-cache", tree],
            "looplint cold, before": [before, "-q", "--isolated", "--exit-zero", "--no-cache", tree],
            "looplint warm": [*OURS, "-q", "--isolated", "--exit-zero", "--cache-dir", f"{cache}/looplint", tree],
            "ruff cold": [*ruff, "--no-cache", tree],
            "ruff warm": [*ruff, "--cache-dir", f"{cache}/ruff", tree],
            "torchfix": ["torchfix", tree],
            "flake8": ["flake8", "--isolated", "--exit-zero", tree],
            "pylint": ["pylint", "--recursive=y", "--exit-zero", "-j", "0", tree],
        }
        commands = {}
        for name, (program, *arguments) in known.items():
            place = program if os.path.isabs(program) else shutil.which(program, path=tools or None)
            if place:
                commands[name] = [place, *arguments]
        for name in {"looplint warm", "ruff warm"} & commands.keys():
            run(commands[name], limit)
        used = in_turn(commands, runs, limit)
    row(tree, "s", "looplint cold / this", "peak MB")
    row(*["---"] * 4)
    for name, (seconds, memory) in used.items():
        row(name, seconds, used["looplint cold"][0] / seconds, round(memory))
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", default="", help="the program of another looplint")
    parser.add_argument("--repositories", type=Path, help="a folder of checkouts")
    parser.add_argument("--tree", action="append", default=[], help="a file or folder to lint; may be repeated")
    parser.add_argument("--tools", default="", help="folder with the programs of the other linters")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--limit", type=float, default=600, help="seconds after which a run is given up")
    given = parser.parse_args()
    single_files(given.runs, given.limit)
    growth(given.runs, given.limit)
    if given.repositories:
        repositories(given.repositories, given.before, given.runs, given.limit)
    for tree in given.tree:
        beside_others(tree, given.before, given.tools, given.runs, given.limit)


if __name__ == "__main__":
    main()

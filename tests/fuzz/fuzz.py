"""The coverage-guided fuzzer, run by hand (`pip install atheris`, Python 3.11):

    python tests/fuzz/fuzz.py [libFuzzer's options, such as -max_total_time=600] [a folder for what it finds]

It starts from the seeds beside it. The suffix of a file is drawn from its first byte. What breaks a promise is written
to the current folder as `crash-...`; made small, it becomes a seed.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

SEEDS = Path(__file__).parent / "seeds"
SUFFIXES = (".py", ".ipynb", ".md", ".rst")


def main() -> None:
    """Fuzz until something breaks or the time is up."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports():
        from promises import keeps_its_promises

    def one(data: bytes) -> None:
        if data:
            keeps_its_promises(data[1:], SUFFIXES[data[0] % len(SUFFIXES)])

    start = Path(tempfile.mkdtemp(prefix="looplint-fuzz-"))
    for seed in SEEDS.iterdir():
        (start / seed.name).write_bytes(bytes([SUFFIXES.index(seed.suffix)]) + seed.read_bytes())
    given = [word if word.startswith("-") else str(Path(word).resolve()) for word in sys.argv[1:]]
    artifacts = f"-artifact_prefix={Path.cwd()}{os.sep}"
    # In a folder of its own: nothing of a project takes part.
    os.chdir(tempfile.mkdtemp(prefix="looplint-fuzz-"))
    atheris.Setup([sys.argv[0], artifacts, "-timeout=60", *given, str(start)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

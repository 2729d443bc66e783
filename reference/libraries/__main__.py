"""Execute contracts: `python reference/libraries [NAME...]` (all of them where none is named).

Each gets a virtual environment with the versions that it pins, on top of one that is shared and holds what several pin
alike: PyTorch is large. The environments go into a temporary folder, or into `--keep FOLDER`, to be used again. Exits
with 1 if a contract fails: its library no longer behaves as the rows in `looplint/knowledge/libraries` say. Needs a
package index; CI lints the contracts and does not execute them.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

HERE = Path(__file__).parent
SHARED = ("torch", "numpy")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python reference/libraries", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="libraries whose contract is executed (default: all)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the environments here")
    asked = parser.parse_args()
    files = {file.stem.removeprefix("with_"): file for file in sorted(HERE.glob("with_*.py"))}
    if unknown := set(asked.names) - set(files):
        parser.error(f"no contract with {', '.join(sorted(unknown))}; there are {', '.join(files)}")
    failed = []
    with contextlib.nullcontext(asked.keep) if asked.keep else tempfile.TemporaryDirectory() as folder:
        for name in asked.names or files:
            print(f"{name}: {' '.join(dependencies(files[name]))}", flush=True)
            if not execute(files[name], Path(folder)):
                failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "every contract holds")
    return 1 if failed else 0


def dependencies(file: Path) -> list[str]:
    """What a contract pins, from its inline script metadata (PEP 723)."""
    block = re.search(r"^# /// script\n((?:#.*\n)+?)# ///$", file.read_text(encoding="utf-8"), re.M)
    if block is None:
        raise ValueError(f"{file} has no inline script metadata: begin it with `# /// script` and its dependencies")
    lines = (line.removeprefix("#").removeprefix(" ") for line in block[1].splitlines())
    pinned: list[str] = tomllib.loads("\n".join(lines))["dependencies"]
    return pinned


def execute(file: Path, folder: Path) -> bool:
    """Whether a contract holds, in its environment below `folder`."""
    pinned = dependencies(file)
    shared = [one for one in pinned if one.partition("==")[0] in SHARED]
    base = environment(folder / "-".join(("shared", *shared)).replace("==", "-"), shared)
    own = environment(folder / file.stem, pinned, base)
    return subprocess.run([own, file], check=False).returncode == 0


def environment(folder: Path, packages: list[str], base: Path | None = None) -> Path:
    """The interpreter of a virtual environment with these packages, made unless it is there. `base`: the interpreter of
    one whose packages it sees, too."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
        if base is not None:
            (site(python) / "shared.pth").write_text(f"{site(base)}\n", encoding="utf-8")
    # Quick where all of them are there already; an installation that was interrupted is made whole.
    subprocess.run([python, "-m", "pip", "--disable-pip-version-check", "install", "-q", *packages], check=True)
    return python


def site(python: Path) -> Path:
    """The folder in which an interpreter keeps what is installed."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip())


if __name__ == "__main__":
    sys.exit(main())

"""The project as others get it: its files in a folder of their own, to be installed from there."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def copy_project(folder: Path) -> Path:
    """Copy every file that version control has or would take to `folder`, which must not exist; returns it."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def clean_environment(**more: str) -> dict[str, str]:
    """The environment with `more`, without what leads git, Python or GitHub's runner back to this checkout or asks for
    colours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "GITHUB_", "PYTHON", "VIRTUAL_ENV", "PRE_COMMIT", "FORCE_COLOR"))
    }
    return {**kept, **more}


@functools.cache
def unreachable_registry() -> str | None:
    """Why pip cannot fetch a package here, or None when it can."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "pathspec"]
        done = subprocess.run(command, capture_output=True, text=True)
    return None if done.returncode == 0 else f"pip reaches no package registry: {done.stderr.strip()[-300:]}"

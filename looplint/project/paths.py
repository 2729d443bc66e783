"""Paths as the configuration has them and as messages show them."""

from __future__ import annotations

import os
from pathlib import Path


def absolute(path: str | Path) -> Path:
    """The absolute path, without `..`, symbolic links not resolved."""
    return Path(os.path.abspath(path))


def display_path(file: Path) -> str:
    """A path relative to the current folder if it is below it."""
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)

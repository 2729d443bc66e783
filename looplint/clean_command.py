"""`looplint clean`: remove the caches."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from looplint.cli import Failure
from looplint.config import ConfigError, Configuration

NAME = ".looplint_cache"
TAG = "CACHEDIR.TAG"
TAGGED = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of looplint.\n"


def run(folders: Sequence[str]) -> int:
    """Remove the caches in and below the folders, and those their configuration names. Raises Failure."""
    configuration = Configuration()
    for name in folders:
        try:
            configured = configuration.for_folder(name).cache_dir
        except ConfigError as error:
            raise Failure(str(error)) from None
        for cache in (*_below(Path(name)), *([Path(configured)] if configured else [])):
            # Whoever names their home as cache-dir must not lose it: only what is marked as looplint's own goes.
            if cache.is_dir() and not cache.is_symlink() and (cache.name == NAME or _is_marked(cache)):
                try:
                    shutil.rmtree(cache)
                except OSError as error:
                    raise Failure(f"{cache}: cannot be removed: {error.strerror}") from None
                click.echo(f"Removed {cache}")
    return 0


def _is_marked(cache: Path) -> bool:
    try:
        return (cache / TAG).read_text(encoding="utf-8") == TAGGED
    except (OSError, ValueError):
        return False


def _below(folder: Path) -> Iterator[Path]:
    for place, inside, _ in os.walk(folder):
        if NAME in inside:
            yield Path(place, NAME)
        inside[:] = [name for name in inside if name not in (NAME, ".git", "node_modules")]

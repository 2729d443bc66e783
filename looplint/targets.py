"""The files that paths on the command line stand for, each under the settings that hold where it lies."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from looplint.config import Configuration, Settings
from looplint.selection import fits
from looplint.sources import DEFAULT_EXTENSIONS, discover, kind_of


def files(paths: Sequence[str], configuration: Configuration) -> list[str]:
    """The files to lint, each once; no paths: the current folder. A file that is named is among them whatever is
    excluded, unless `force-exclude` is set, and also when it does not exist: reading it says so.

    Raises ConfigError when a configuration file on the way is wrong.
    """
    starts: dict[Settings, list[str]] = {}
    for name in paths or (".",):
        folder = name if Path(name).is_dir() else Path(name).parent
        starts.setdefault(configuration.for_folder(folder), []).append(name)
    named = {Path(os.path.normpath(name)) for name in paths}
    in_folder: dict[Path, Settings] = {}
    found: dict[str, None] = {}
    for start, here in starts.items():
        wanted = [suffix for suffix in DEFAULT_EXTENSIONS if start.markdown or kind_of(f"x{suffix}") != "markdown"]
        for path in discover(
            here,
            exclude=start.excluded,
            respect_gitignore=start.respect_gitignore,
            extensions=wanted,
            root=Path(start.root or "."),
        ):
            if path.parent not in in_folder:
                in_folder[path.parent] = configuration.for_folder(path.parent)
            settings = in_folder[path.parent]
            # A walk leaves out what its start excludes; what a folder further down excludes is left out here.
            judged = settings.force_exclude if path in named else settings is not start
            if not (judged and any(fits(str(path), pattern, settings.root) for pattern in settings.excluded)):
                found[str(path)] = None
    return list(found) if len(starts) == 1 else sorted(found)

"""Expands the paths of the command line to files, each with the settings of its folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from looplint.project.config import Configuration
from looplint.project.settings import Settings
from looplint.sources import DEFAULT_EXTENSIONS, discover, kind_of


def files(
    paths: Sequence[str], configuration: Configuration, left_out: list[Path] | None = None
) -> dict[str, Settings]:
    """The files to lint, in order, with their settings; without paths, those in the current folder. An explicitly
    passed file is included even if it is excluded, unless `force-exclude` is set, or does not exist: reading it
    reports that. `left_out`: see `discover`.

    Raises ConfigError if a configuration file on the way is wrong.
    """
    starts: dict[Settings, list[str]] = {}
    for name in paths or (".",):
        place = Path(name)
        starts.setdefault(configuration.for_folder(place if place.is_dir() else place.parent), []).append(name)
    named = {os.path.normpath(name) for name in paths}
    in_folder: dict[str, Settings] = {}
    found: dict[str, Settings] = {}
    for start, here in starts.items():
        wanted = [suffix for suffix in DEFAULT_EXTENSIONS if start.markdown or kind_of(f"x{suffix}") != "markdown"]
        for path in discover(
            here,
            exclude=start.excluded,
            respect_gitignore=start.respect_gitignore,
            extensions=wanted,
            root=Path(start.root or "."),
            left_out=left_out,
        ):
            file = str(path)
            folder = file[: file.rfind(os.sep) + 1]
            if folder not in in_folder:
                in_folder[folder] = configuration.for_folder(folder)
            settings = in_folder[folder]
            # The walk applies the excludes of its start; those of a folder further down are applied here.
            applies = settings.force_exclude if file in named else settings is not start
            if not (applies and is_excluded(file, settings)):
                found[file] = settings
    return found if len(starts) == 1 else dict(sorted(found.items(), key=lambda item: item[0]))


def is_excluded(file: str, settings: Settings) -> bool:
    """Whether the settings for a file exclude it, by its name, its path or a folder above it."""
    # Imported here, since it loads the rules, which a file without a loop does not need.
    from looplint.project.selection import fits

    return any(fits(file, pattern, settings.root) for pattern in settings.excluded)

"""Settings of an editor that differ between the folders it has open."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from looplint.project.config import Configuration
from looplint.project.paths import absolute
from looplint.project.settings import Settings


class FolderSettings(Configuration):
    """The configuration of the innermost of some folders around a file, another one elsewhere."""

    def __init__(self, folders: Mapping[str, Configuration], elsewhere: Configuration) -> None:
        super().__init__(isolated=True)
        self._elsewhere = elsewhere
        self._folders = sorted(
            ((absolute(folder), configuration) for folder, configuration in folders.items()),
            key=lambda pair: -len(pair[0].parts),
        )

    def for_folder(self, folder: str | Path) -> Settings:
        place = absolute(folder)
        around = (configuration for top, configuration in self._folders if place.is_relative_to(top))
        return next(around, self._elsewhere).for_folder(place)

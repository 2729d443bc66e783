"""The Python API: lint a text, lint files and folders.

Each function takes `settings`, which replace configuration files, or configuration keys as keywords (`select`,
`extend_select`, `ignore`, `preview`), which override them; given both, the keywords override the settings.
"""

from __future__ import annotations

import errno
import os
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from looplint.notice import DETAILS
from looplint.project.config import Configuration
from looplint.project.config import settings as settings_of
from looplint.project.settings import Settings
from looplint.run.api import lint as lint_files
from looplint.run.result import Result

if TYPE_CHECKING:
    from looplint.finding import Finding

Paths = str | Path | Iterable[str | Path]


class UnreadableWarning(UserWarning):
    """A file, or a part of one, that was not linted; the message names it and the reason."""


def check_source(
    text: str | bytes,
    path: str = "<string>",
    settings: Settings | None = None,
    *,
    select: Sequence[str] | None = None,
    extend_select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    preview: bool | None = None,
) -> list[Finding]:
    """The findings in one text: Python, or a notebook or Markdown page by the suffix of `path`.

    No other file of a project is read, nor its configuration. Raises SyntaxError if the text is not Python, Unreadable
    if it cannot be decoded or is no notebook, and ConfigError for a wrong key.
    """
    from looplint.run.check_file import Checker
    from looplint.sources import from_text
    from looplint.syntax.parse import parse

    keys = _keys(select=select, extend_select=extend_select, ignore=ignore, preview=preview)
    chosen = settings_of(settings, **keys) if keys else settings or Settings()
    checker = Checker(Configuration.fixed(chosen))
    result = Result()
    for source in from_text(text, path):
        try:
            parse(source.text, chosen.parser)
        except SyntaxError as error:
            error.filename = path
            raise
        result.add(checker.check(source, "", chosen).result)
    return result.findings


def check_paths(
    paths: Paths,
    settings: Settings | None = None,
    *,
    select: Sequence[str] | None = None,
    extend_select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    preview: bool | None = None,
) -> list[Finding]:
    """The findings in files and folders, by file and place. `paths`: one path or several, as str or Path.

    Warns with UnreadableWarning about what cannot be read or parsed. Raises FileNotFoundError for a path that does not
    exist, and ConfigError for a wrong key or configuration file.
    """
    result = lint(paths, settings, select=select, extend_select=extend_select, ignore=ignore, preview=preview)
    for note in (*(note for note in result.notes if note.kind not in DETAILS), *result.errors):
        warnings.warn(str(note), UnreadableWarning, stacklevel=2)
    return result.findings


def lint(
    paths: Paths,
    settings: Settings | None = None,
    *,
    jobs: int = 1,
    cache: bool = False,
    select: Sequence[str] | None = None,
    extend_select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    preview: bool | None = None,
) -> Result:
    """Lint files and folders: the findings, what could not be read, and how many files and training loops there were.

    `jobs`: the maximum number of processes. `cache`: reuse the results of unchanged files from the last run. Raises
    FileNotFoundError for a path that does not exist, and ConfigError for a wrong key or configuration file.
    """
    from looplint.project.files_to_lint import files

    named = [str(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    for path in named:
        if not os.path.lexists(path):
            raise FileNotFoundError(errno.ENOENT, "there is no such file or folder to lint", path)
    keys = _keys(select=select, extend_select=extend_select, ignore=ignore, preview=preview)
    if settings is None:
        configuration = Configuration(options=keys, given_by="settings")
    else:
        configuration = Configuration.fixed(settings_of(settings, **keys) if keys else settings)
    found = list(files(named, configuration)) if named else []
    return lint_files(found, configuration, jobs=jobs, cache=cache)


def _keys(**keys: Any) -> dict[str, Any]:
    """The keys that were passed, spelled as in configuration files."""
    return {name.replace("_", "-"): value for name, value in keys.items() if value is not None}

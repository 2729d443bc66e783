"""The configuration: `[tool.looplint]` in pyproject.toml, or looplint.toml / .looplint.toml without that header.

    [tool.looplint]
    extend-select = ["accumulation-not-averaged"]
    per-file-ignores = { "tests/*" = ["LOOP7"] }
    severity = { loss-accumulated-with-graph = "error" }

    [tool.looplint.known]                                # code that looplint cannot analyse, by name
    clears-gradients = ["mylib.optim.reset", "*.reset_grads"]
    modules = ["mylib.layers.Layer"]
    returns-float = ["mylib.metrics.loss_value"]

Only the file nearest to a linted file applies, as in ruff; `extend` names one to start from. Command-line options and
the keywords of `settings()` are the same keys and use the same parser, so their error messages are the same.
"""

from __future__ import annotations

import dataclasses
import errno
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from looplint.project.config_table import ConfigTable
from looplint.project.paths import absolute, display_path
from looplint.project.settings import ConfigError, Settings

FILE_NAMES = (".looplint.toml", "looplint.toml", "pyproject.toml")

LARGEST = 1_000_000
"""Bytes of a configuration file that are parsed; a larger one is refused, since a crafted file could keep the parser
busy forever."""

COMMAND_LINE = "command line"
"""What messages call options that were given there."""


def settings(base: Settings | None = None, /, **keys: Any) -> Settings:
    """Settings without a file: `settings(select=["LOOP201"], preview=True)`, keys as in a file, `_` for `-`. `base`:
    settings in which these keys are changed.

    Raises ConfigError for a wrong key or value.
    """
    return ConfigTable({_kebab(key): value for key, value in keys.items()}, "settings", Path.cwd(), "").over(
        base or Settings(root=str(Path.cwd()))
    )


class Configuration:
    """Finds the settings for files. `file`: use this one for all. `isolated`: read none. `options`: keys as in a file
    that override every file, their paths relative to the current folder. `given_by`: where these were written, for
    messages."""

    def __init__(
        self,
        file: str | Path | None = None,
        *,
        isolated: bool = False,
        options: Mapping[str, Any] | None = None,
        given_by: str = COMMAND_LINE,
    ) -> None:
        self._isolated = isolated
        dashes = "--" if given_by == COMMAND_LINE else ""
        self._options = ConfigTable(dict(options or {}), given_by, Path.cwd(), dashes)
        self._explicit = None if file is None else absolute(file)
        self._settings: dict[Path | None, Settings] = {}
        self._nearest: dict[Path, Path | None] = {}

    @classmethod
    def fixed(cls, settings: Settings) -> Configuration:
        """The same settings for every file, configuration files ignored."""
        configuration = cls(isolated=True)
        configuration._settings[None] = settings
        return configuration

    def for_file(self, path: str | Path) -> Settings:
        """The settings from the configuration file nearest to `path`. Raises ConfigError if that file is wrong."""
        return self.for_folder(absolute(path).parent)

    def for_folder(self, folder: str | Path) -> Settings:
        """The settings for a folder. Raises ConfigError if their file is wrong."""
        file = self._explicit
        if file is None and not self._isolated:
            file = self._find(absolute(folder))
        if file not in self._settings:
            base = _from_file(file, ()) if file else Settings()
            # Patterns in a file passed explicitly, and without a file, are relative to the current folder.
            if file is None or file == self._explicit:
                base = dataclasses.replace(base, root=str(Path.cwd()))
            self._settings[file] = self._options.over(base)
        return self._settings[file]

    def _find(self, folder: Path) -> Path | None:
        if folder not in self._nearest:
            # Most folders have none of these: checked before a path is built, since every folder of a tree is checked.
            there = [folder / name for name in FILE_NAMES if os.access(f"{folder}{os.sep}{name}", os.F_OK)]
            here = next(filter(_configures, there), None)
            self._nearest[folder] = here or (None if folder.parent == folder else self._find(folder.parent))
        return self._nearest[folder]


def _configures(file: Path) -> bool:
    """Whether a file exists and configures looplint. A pyproject.toml without the word is not parsed: nobody can write
    the table without it."""
    try:
        if file.name != "pyproject.toml" or not file.is_file():
            return file.is_file()
        text = _start_of(file)
    except OSError:
        return False
    if b"looplint" not in text:
        return False
    import tomllib

    try:
        if len(text) <= LARGEST:
            return "looplint" in tomllib.loads(text.decode("utf-8", "replace")).get("tool", {})
    except (tomllib.TOMLDecodeError, RecursionError, AttributeError, TypeError):
        pass
    return b"[tool.looplint" in text


def _start_of(file: Path) -> bytes:
    """The bytes of a file, of a very large one only enough to show that it is. Raises OSError, also for a pipe, which
    would block."""
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "is no file")
    with open(file, "rb") as stream:
        return stream.read(LARGEST + 1)


def _from_file(file: Path, extending: tuple[Path, ...]) -> Settings:
    import tomllib

    shown = display_path(file)
    if file in extending:
        raise ConfigError(f"{shown}: `extend` goes round in a circle; one of these files must extend no other")
    try:
        text = _start_of(file)
        if len(text) > LARGEST:
            raise ConfigError(f"{shown}: is larger than any configuration: over {LARGEST} bytes")
        document = tomllib.loads(text.decode("utf-8-sig"))
    except OSError as error:
        by = f" (`extend` in {display_path(extending[-1])})" if extending else ""
        raise ConfigError(f"{shown}: cannot be read: {error.strerror}{by}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown}: is not valid TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{shown}: is nested too deeply") from None
    if file.name == "pyproject.toml":
        tool = document.get("tool")
        section = tool.get("looplint", {}) if isinstance(tool, dict) else {}
        table = ConfigTable(section, f"{shown}: [tool.looplint]", file.parent, "")
    else:
        table = ConfigTable(document, shown, file.parent, "")
    _stay_inside(table, file)
    parent = table.values.pop("extend", None)
    base = _from_file(Path(parent), (*extending, file)) if parent else Settings()
    return dataclasses.replace(table.over(base), root=str(file.parent), origin=str(file))


_OPTIONS = {"baseline": "--baseline", "cache-dir": "--cache-dir", "rule-packs": "--config 'rule-packs = ...'"}
"""Keys whose files are written or run, with the option that permits other places."""


def _stay_inside(table: ConfigTable, file: Path) -> None:
    """A file in a foreign checkout must not choose what is written or run elsewhere: paths in a configuration stay
    inside its project, and caches there or in the user's cache folder. Raises ConfigError."""
    for key, option in _OPTIONS.items():
        value = table.values.get(key, ())
        for path in (value,) if isinstance(value, str) else value:
            real = Path(os.path.realpath(path))
            if not any(real.is_relative_to(home) for home in _homes(file, key)):
                raise ConfigError(
                    f"{table.where}: `{key}` is outside the project, at {path}: pass it as an option instead ({option})"
                )


def _homes(file: Path, key: str) -> Iterator[Path]:
    """The folders that paths of a key may be in."""
    above = [file.parent, *file.parent.parents]
    project = next((folder for folder in above if (folder / ".git").exists()), file.parent)
    yield Path(os.path.realpath(project))
    if key == "cache-dir":
        import tempfile

        for folder in (os.environ.get("XDG_CACHE_HOME") or "~/.cache", tempfile.gettempdir()):
            yield Path(os.path.realpath(os.path.expanduser(folder)))


def _kebab(key: str) -> str:
    return key.replace("_", "-")

"""The command line of the main command, parsed."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from looplint.cli.failure import Failure

# Command-line options that are keys of the configuration.
KEYS = (
    "select",
    "ignore",
    "extend_select",
    "per_file_ignores",
    "preview",
    "exclude",
    "extend_exclude",
    "force_exclude",
    "respect_gitignore",
    "markdown",
    "parser",
    "baseline",
    "output_format",
    "cache",
    "cache_dir",
)


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """The parsed command line; `options`: keys of the configuration that it sets."""

    paths: tuple[str, ...]
    options: Mapping[str, Any]
    config: tuple[str, ...]
    isolated: bool
    stdin_filename: str | None
    since: str | None
    callers: bool
    write_baseline: bool
    no_baseline: bool
    add_ignore: bool
    fix: bool
    unsafe_fixes: bool
    diff: bool
    fix_only: bool
    show_fixes: bool
    output_file: str | None
    statistics: bool
    color: str
    quiet: bool
    verbose: bool
    exit_zero: bool
    show_settings: bool
    show_files: bool
    jobs: int
    watch: bool
    profile: bool

    @property
    def instead_of_reporting(self) -> Mapping[str, bool]:
        """The actions that replace reporting, each by its option."""
        return {
            "--write-baseline": self.write_baseline,
            "--add-ignore": self.add_ignore,
            "--fix-only" if self.fix_only else "--diff" if self.diff else "--fix": self.fix
            or self.fix_only
            or self.diff,
        }

    @classmethod
    def of(cls, options: dict[str, Any]) -> Request:
        """From the options as click gives them."""
        keys = {key.replace("_", "-"): options.pop(key) for key in KEYS}
        return cls(options={key: value for key, value in keys.items() if value is not None}, **options)


def configured(config: Sequence[str]) -> tuple[str | None, dict[str, Any]]:
    """The file and the keys given by `--config`, which takes either, as in ruff."""
    file: str | None = None
    keys: dict[str, Any] = {}
    for text in config:
        if Path(text).is_file():
            file = text
        elif "=" in text:
            import tomllib

            try:
                keys.update(tomllib.loads(text))
            except tomllib.TOMLDecodeError as error:
                raise Failure(f"--config '{text}': is neither a file nor TOML `key = value`: {error}") from None
        else:
            raise Failure(f"--config {text}: there is no such file")
    return file, keys


def read_stdin() -> bytes:
    """The text on stdin. Raises Failure if it cannot be read."""
    try:
        return sys.stdin.buffer.read()
    except AttributeError:
        raise Failure("`-`: standard input is closed: pass a text, as in `looplint - < train.py`") from None
    except OSError as error:
        raise Failure(f"`-`: standard input cannot be read ({error.strerror}): pass a text") from None

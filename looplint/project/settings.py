"""The settings for a file, as values, and the errors of whoever writes them."""

from __future__ import annotations

import dataclasses

from looplint.finding import Severity
from looplint.sources.discover import DEFAULT_EXCLUDE
from looplint.syntax.parse import Parser

OUTPUT_FORMATS = (
    "azure",
    "concise",
    "full",
    "github",
    "gitlab",
    "grouped",
    "html",
    "json",
    "json-lines",
    "junit",
    "pylint",
    "rdjson",
    "sarif",
)


class WrongUse(Exception):
    """A usage error in a configuration; the message is one sentence that names the remedy."""


class ConfigError(WrongUse):
    """A wrong key, value or file; the message names its place, what was expected and the nearest valid word."""


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """One layer of rule selection: a file, one it extends, or the command line. `select` None: keep the previous one.

    `origin`: where it was written, for messages about unknown rules.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    origin: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """Code of the project that looplint cannot analyse, by dotted name as imported (`mylib.optim.reset`,
    `mylib.Trainer.reset`), or `*.reset_grads` for a method of that name on any object.

    `clears_gradients`: calls that clear the gradients of their receiver and arguments. `modules`: classes that are
    torch modules. `returns_float`: calls whose result has no autograd graph.
    """

    clears_gradients: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    returns_float: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """The settings for a file. Hashable and picklable; paths are absolute. `selection` turns them into rules.

    `root`: folder that patterns are relative to. `origin`: the file they were read from, "" without one. `severity` and
    `per_file_ignores` are pairs in the order written, keys as the user wrote them (codes, prefixes, names, `ALL`).
    """

    root: str = ""
    origin: str = ""
    selections: tuple[Selection, ...] = ()
    severity: tuple[tuple[str, Severity], ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    preview: bool = False
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    markdown: bool = True
    parser: Parser = "auto"
    output_format: str = "full"
    baseline: str | None = None
    cache: bool = True
    cache_dir: str | None = None
    rule_packs: tuple[str, ...] = ()
    known: Known = Known()

    @property
    def excluded(self) -> tuple[str, ...]:
        """All patterns (gitignore syntax) of files that are not read."""
        return (*self.exclude, *self.extend_exclude)

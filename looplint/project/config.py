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
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from looplint.finding import Severity
from looplint.sources.discover import DEFAULT_EXCLUDE
from looplint.syntax.parse import PARSERS, Parser

FILE_NAMES = (".looplint.toml", "looplint.toml", "pyproject.toml")
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
LARGEST = 1_000_000
"""Bytes of a configuration file that are parsed; a larger one is refused, since a crafted file could keep the parser
busy forever."""
DOTTED = r"(\*\.)?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*"


COMMAND_LINE = "command line"
"""What messages call options that were given there."""


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


Kind = Literal[
    "bool",
    "text",
    "path",
    "format",
    "parser",
    "texts",
    "selectors",
    "paths",
    "dotted",
    "ignores",
    "severities",
    "known",
]


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """One key of the configuration: its type and one sentence on its effect."""

    kind: Kind
    about: str


SELECTORS = "codes (`LOOP201`), prefixes (`LOOP2`), names (`missing-zero-grad`) or `ALL`"
KEYS: Mapping[str, Key] = {
    "extend": Key("path", "A configuration file to start from; relative to this file."),
    "select": Key("selectors", f"The rules that are on, instead of the default ones: {SELECTORS}."),
    "extend-select": Key("selectors", f"Rules that are on beside them: {SELECTORS}."),
    "ignore": Key("selectors", f"Rules that are off: {SELECTORS}."),
    "per-file-ignores": Key("ignores", f"Rules that are off for the files a pattern (`tests/*`) matches: {SELECTORS}."),
    "severity": Key("severities", "The severity of a rule's findings: `error`, `warning` or `note`."),
    "preview": Key("bool", "Whether rules in preview are on, too."),
    "exclude": Key("texts", "Files and folders not to read, as in .gitignore, instead of the default ones."),
    "extend-exclude": Key("texts", "Files and folders not to read beside them, as in .gitignore."),
    "force-exclude": Key("bool", "Whether excluded files stay excluded when they are named on the command line."),
    "respect-gitignore": Key("bool", "Whether files that git ignores are skipped; on by default."),
    "markdown": Key("bool", "Whether Python code in Markdown files of a folder is read; on by default."),
    "parser": Key("parser", "Who parses: `auto` (the running Python, libcst where that is too old) or `libcst`."),
    "output-format": Key("format", "How findings are written."),
    "baseline": Key("path", "The file of recorded findings; relative to this file."),
    "cache": Key("bool", "Whether to cache results between runs; on by default."),
    "cache-dir": Key("path", "Folder for cached results; relative to this file."),
    "rule-packs": Key("paths", "Folders with rules of the project's own; relative to this file."),
    "known": Key("known", "What looplint cannot see into, in the project's own words."),
}
KNOWN_KEYS: Mapping[str, Key] = {
    "clears-gradients": Key("dotted", "Calls after which gradients are cleared: `mylib.reset`, `*.reset_grads`."),
    "modules": Key("dotted", "Classes that are torch modules: `mylib.Layer`."),
    "returns-float": Key("dotted", "Calls whose value carries no autograd graph: `mylib.loss_value`."),
}


def settings(base: Settings | None = None, /, **keys: Any) -> Settings:
    """Settings without a file: `settings(select=["LOOP201"], preview=True)`, keys as in a file, `_` for `-`. `base`:
    settings in which these keys are changed.

    Raises ConfigError for a wrong key or value.
    """
    return _Table({_kebab(key): value for key, value in keys.items()}, "settings", Path.cwd(), "").over(
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
        self._options = _Table(dict(options or {}), given_by, Path.cwd(), dashes)
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
        table = _Table(section, f"{shown}: [tool.looplint]", file.parent, "")
    else:
        table = _Table(document, shown, file.parent, "")
    _stay_inside(table, file)
    parent = table.values.pop("extend", None)
    base = _from_file(Path(parent), (*extending, file)) if parent else Settings()
    return dataclasses.replace(table.over(base), root=str(file.parent), origin=str(file))


_OPTIONS = {"baseline": "--baseline", "cache-dir": "--cache-dir", "rule-packs": "--config 'rule-packs = ...'"}
"""Keys whose files are written or run, with the option that permits other places."""


def _stay_inside(table: _Table, file: Path) -> None:
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


def absolute(path: str | Path) -> Path:
    """The absolute path, without `..`, symbolic links not resolved."""
    return Path(os.path.abspath(path))


def display_path(file: Path) -> str:
    """A path relative to the current folder if it is below it."""
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)


def _kebab(key: str) -> str:
    return key.replace("_", "-")


class _Table:
    """Validated keys and values of one layer, ready to be applied to settings."""

    def __init__(self, table: Mapping[str, Any], where: str, folder: Path, dashes: str) -> None:
        self.where, self.folder, self.dashes = where, folder, dashes
        self.values: dict[str, Any] = {}
        if not isinstance(table, Mapping):
            raise ConfigError(f"{where}: expected a table of keys, got {_as_toml(table)}")
        for key, value in table.items():
            if key not in KEYS:
                raise ConfigError(f"{where}: unknown key `{key}`; {nearest(key, KEYS)}")
            self.values[key] = self._value(key, KEYS[key].kind, value)

    def over(self, base: Settings) -> Settings:
        """These values on top of `base`: selections are layered, mappings merged, `extend-exclude` extended, the rest
        replaced."""
        values = {key.replace("-", "_"): value for key, value in self.values.items()}
        chosen = {key: values.pop(key) for key in ("select", "extend_select", "ignore") if key in values}
        if chosen:
            values["selections"] = (*base.selections, Selection(**chosen, origin=self.where))
        for key in ("severity", "per_file_ignores", "extend_exclude"):
            if key in values:
                values[key] = (*getattr(base, key), *values[key])
        return dataclasses.replace(base, **values)

    def _value(self, key: str, kind: Kind, value: Any) -> Any:
        return _READERS[kind](self, key, value)

    def _wrong(self, key: str, expected: str, value: Any, hint: str = "") -> ConfigError:
        return ConfigError(f"{self.where}: `{self.dashes}{key}` expects {expected}, got {_as_toml(value)}{hint}")

    def _bool(self, key: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._wrong(key, "`true` or `false`", value)
        return value

    def _text(self, key: str, value: Any) -> str:
        if not isinstance(value, str) or not value or "\0" in value:
            raise self._wrong(key, "a text", value)
        return value

    def _path(self, key: str, value: Any) -> str:
        written = Path(os.path.expandvars(self._text(key, value)))
        try:
            return str(absolute(self.folder / written.expanduser()))
        except RuntimeError:
            raise self._wrong(key, "a path", value, f"; nobody's home is known as {written.parts[0]}") from None

    def _format(self, key: str, value: Any) -> str:
        return self._word(key, OUTPUT_FORMATS, value)

    def _parser(self, key: str, value: Any) -> str:
        return self._word(key, PARSERS, value)

    def _word(self, key: str, words: tuple[str, ...], value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            near = nearest(value, words, "") if isinstance(value, str) else ""
            raise self._wrong(key, f"one of {', '.join(f'`{word}`' for word in words)}", value, near and f"; {near}")
        return value

    def _texts(self, key: str, value: Any, expected: str = "a list of texts") -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(
            isinstance(item, str) and item and "\0" not in item for item in value
        ):
            raise self._wrong(key, expected, value)
        return tuple(value)

    def _selectors(self, key: str, value: Any) -> tuple[str, ...]:
        return self._texts(key, value, f"a list of {SELECTORS}")

    def _paths(self, key: str, value: Any) -> tuple[str, ...]:
        return tuple(self._path(key, item) for item in self._texts(key, value, "a list of folders"))

    def _dotted(self, key: str, value: Any) -> tuple[str, ...]:
        names = self._texts(key, value, "a list of dotted names (`mylib.reset`, `*.reset`)")
        for name in names:
            if not re.fullmatch(DOTTED, name):
                raise self._wrong(key, "dotted names (`mylib.reset`, `*.reset`)", name)
        return names

    def _mapping(self, key: str, value: Any, expected: str) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise self._wrong(key, expected, value)
        return value

    def _ignores(self, key: str, value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
        table = self._mapping(key, value, "a table of file patterns, each with a list of rules")
        return tuple((pattern, self._selectors(f"{key}.{pattern}", rules)) for pattern, rules in table.items())

    def _severities(self, key: str, value: Any) -> tuple[tuple[str, Severity], ...]:
        table = self._mapping(key, value, "a table of rules, each with a severity")
        words = tuple(str(severity) for severity in Severity)
        return tuple((rule, Severity(self._word(f"{key}.{rule}", words, level))) for rule, level in table.items())

    def _known(self, key: str, value: Any) -> Known:
        table = self._mapping(key, value, "a table")
        for word in table:
            if word not in KNOWN_KEYS:
                raise ConfigError(f"{self.where}: unknown key `{key}.{word}`; {nearest(word, KNOWN_KEYS)}")
        return Known(**{word.replace("-", "_"): self._dotted(f"{key}.{word}", names) for word, names in table.items()})


_READERS: Mapping[Kind, Callable[[_Table, str, Any], Any]] = {
    "bool": _Table._bool,
    "path": _Table._path,
    "format": _Table._format,
    "parser": _Table._parser,
    "texts": _Table._texts,
    "selectors": _Table._selectors,
    "paths": _Table._paths,
    "dotted": _Table._dotted,
    "ignores": _Table._ignores,
    "severities": _Table._severities,
    "known": _Table._known,
}


def nearest(word: str, words: Iterable[str], otherwise: str | None = None) -> str:
    """`did you mean ...?`, or if no word is near: `otherwise` if given, else all valid words."""
    import difflib

    words = list(words)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known are: {', '.join(words)}" if otherwise is None else otherwise


def nearest_rule(word: str, codes: Mapping[str, str]) -> str:
    """The likely meaning of a word that is no rule. `codes`: the code for each code and name."""
    code = re.sub(r"(?<=[0-9])[0-9OIL]+$", lambda digits: digits[0].translate(_DIGITS), word.upper())
    step = re.fullmatch(r"([A-Z]+[0-9])[0-9]*", code)
    beside = sorted({code for code in codes.values() if step and code.startswith(step[1])})
    if step is None or not beside:
        return nearest(word, codes, "`looplint rule` lists all rules")
    return f"did you mean `{code}`?" if code in beside else f"{step[1]} has {', '.join(beside)}"


_DIGITS = str.maketrans("OIL", "011")
"""Letters that are typed for digits."""


def _as_toml(value: Any) -> str:
    """A value as in TOML, with its type where it is not obvious."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Mapping):
        return "a table"
    kinds = {str: "the text ", list: "the list ", tuple: "the list ", int: "the number "}
    return f"{kinds.get(type(value), '')}`{value}`"

"""The keys of the configuration, and the parser of their values: for files, options and keywords alike."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from looplint.finding import Severity
from looplint.project.nearest_word import nearest
from looplint.project.paths import absolute
from looplint.project.settings import OUTPUT_FORMATS, ConfigError, Known, Selection, Settings
from looplint.syntax.parse import PARSERS

DOTTED = r"(\*\.)?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*"

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


class ConfigTable:
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


_READERS: Mapping[Kind, Callable[[ConfigTable, str, Any], Any]] = {
    "bool": ConfigTable._bool,
    "path": ConfigTable._path,
    "format": ConfigTable._format,
    "parser": ConfigTable._parser,
    "texts": ConfigTable._texts,
    "selectors": ConfigTable._selectors,
    "paths": ConfigTable._paths,
    "dotted": ConfigTable._dotted,
    "ignores": ConfigTable._ignores,
    "severities": ConfigTable._severities,
    "known": ConfigTable._known,
}


def _as_toml(value: Any) -> str:
    """A value as in TOML, with its type where it is not obvious."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Mapping):
        return "a table"
    kinds = {str: "the text ", list: "the list ", tuple: "the list ", int: "the number "}
    return f"{kinds.get(type(value), '')}`{value}`"

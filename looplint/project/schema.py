"""The configuration as JSON Schema (draft 7, as supported by TOML editors), generated from the parser's table."""

from __future__ import annotations

from typing import Any

from looplint.finding import Severity
from looplint.project.config_table import DOTTED, KEYS, KNOWN_KEYS, Key
from looplint.project.settings import OUTPUT_FORMATS, Settings
from looplint.syntax.parse import PARSERS

ID = "https://json.schemastore.org/looplint.json"
"""The schema's id, by the conventions of https://www.schemastore.org, where editors look for schemas."""


def schema(words: list[str] | None = None) -> dict[str, Any]:
    """The schema of a looplint.toml, and of `[tool.looplint]`. `words`: codes and names that editors propose for rules
    (default: all rules); any other word of the same form is accepted, for future rules."""
    if words is None:
        from looplint.project.catalog import rules
        from looplint.project.selection import selectable

        words = ["ALL", *(word for rule in selectable(rules()) for word in (rule.name, rule.code))]
    form = {"type": "string", "pattern": r"^([A-Z]+[0-9]*|[a-z][a-z0-9]*(-[a-z0-9]+)*)$"}
    text = {"type": "string", "minLength": 1}
    types: dict[str, dict[str, Any]] = {
        "bool": {"type": "boolean"},
        "path": text,
        "format": {"enum": list(OUTPUT_FORMATS)},
        "parser": {"enum": list(PARSERS)},
        "texts": _list(text),
        "selectors": _list({"$ref": "#/definitions/rule"}),
        "paths": _list(text),
        "dotted": _list({"type": "string", "pattern": f"^{DOTTED}$"}),
        "ignores": {"type": "object", "additionalProperties": _list({"$ref": "#/definitions/rule"})},
        "severities": {
            "type": "object",
            "propertyNames": {"$ref": "#/definitions/rule"},
            "additionalProperties": {"enum": [str(severity) for severity in Severity]},
        },
    }
    types["known"] = _table({name: {**_described(types, key), "default": []} for name, key in KNOWN_KEYS.items()})
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "title": "looplint",
        "description": "Configuration of looplint: a looplint.toml, or [tool.looplint] in pyproject.toml.",
        "definitions": {"rule": {"anyOf": [{"enum": words}, form]}},
        **_table({name: {**_described(types, key), **_default(name)} for name, key in KEYS.items()}),
    }


def _described(types: dict[str, dict[str, Any]], key: Key) -> dict[str, Any]:
    return {"description": key.about, **types[key.kind]}


def _default(name: str) -> dict[str, Any]:
    """The default of a key, if a file could contain it."""
    value = getattr(Settings(), name.replace("-", "_"), None)
    if isinstance(value, bool | str):
        return {"default": value}
    if KEYS[name].kind in ("ignores", "severities"):
        return {"default": {}}
    return {"default": list(value)} if isinstance(value, tuple) and all(isinstance(v, str) for v in value) else {}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _table(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}

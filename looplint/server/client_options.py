"""The settings of an editor, as its client sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SECTION = "looplint"
"""The section of an editor's settings that is for looplint."""

CLIENTS_OWN = ("trace",)
"""Keys in the section that are for the client: `looplint.trace.server` asks it for a log of all messages."""


def options_of(value: object) -> dict[str, Any]:
    """Keys of the configuration, at top level or under `looplint`."""
    value = _plain(value)
    inner = value.get(SECTION, value) if isinstance(value, Mapping) else None
    return {key: inner[key] for key in inner if key not in CLIENTS_OWN} if isinstance(inner, Mapping) else {}


def _plain(value: object) -> Any:
    """JSON as plain data: the protocol library may pass its own objects."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value

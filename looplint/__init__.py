"""looplint: a linter for PyTorch training loops.

    findings = looplint.check_source(text, "train.py", preview=True)
    for finding in looplint.check_paths("src", select=["LOOP2"]):
        print(finding)
    result = looplint.lint("src")            # findings, and what could not be read

In a notebook: `%load_ext looplint`, then `%%looplint` on top of a cell, or `%looplint`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from looplint.version import VERSION

if TYPE_CHECKING:
    from looplint.api import UnreadableWarning, check_paths, check_source, lint
    from looplint.finding import Finding, Fix, Location, Severity, TraceStep
    from looplint.fix import Refused
    from looplint.project.config import settings
    from looplint.project.settings import ConfigError, Settings
    from looplint.run.result import Result
    from looplint.sources import Unreadable

__version__ = VERSION
__all__ = [
    "ConfigError",
    "Finding",
    "Fix",
    "Location",
    "Refused",
    "Result",
    "Settings",
    "Severity",
    "TraceStep",
    "Unreadable",
    "UnreadableWarning",
    "__version__",
    "check_paths",
    "check_source",
    "lint",
    "settings",
]

_HOMES = {
    **dict.fromkeys(("UnreadableWarning", "check_paths", "check_source", "lint"), "looplint.api"),
    **dict.fromkeys(("Finding", "Fix", "Location", "Severity", "TraceStep"), "looplint.finding"),
    **dict.fromkeys(("ConfigError", "Settings"), "looplint.project.settings"),
    "settings": "looplint.project.config",
    "Refused": "looplint.fix",
    "Result": "looplint.run.api",
    "Unreadable": "looplint.sources",
}


def __getattr__(name: str) -> Any:
    """The public names, imported on first access: a run that does not need the engine does not load it."""
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'looplint' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """IPython calls this for `%load_ext looplint`."""
    from looplint.notebook_magic import load

    load(shell)

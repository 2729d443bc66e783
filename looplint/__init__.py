"""looplint: a linter for PyTorch training loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from looplint.version import VERSION

if TYPE_CHECKING:
    from looplint.finding import Finding, Fix, Location, Severity, TraceStep
    from looplint.run.api import check_paths, check_source

__version__ = VERSION
__all__ = ["Finding", "Fix", "Location", "Severity", "TraceStep", "__version__", "check_paths", "check_source"]

_HOMES = {
    "check_paths": "looplint.run.api",
    "check_source": "looplint.run.api",
    **dict.fromkeys(("Finding", "Fix", "Location", "Severity", "TraceStep"), "looplint.finding"),
}


def __getattr__(name: str) -> Any:
    """The public names, imported when first asked for: a run that needs no engine does not load it."""
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'looplint' has no attribute {name!r}")

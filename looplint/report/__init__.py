"""Output formats: one module per format, found by its name; modules with an underscore are helpers.

A format is a module with `write(findings, stream, context)`; a new file here is a new format.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from typing import TextIO

from looplint.finding import Finding
from looplint.report._context import Context, Edit
from looplint.report._statistics import statistics

__all__ = ["Context", "Edit", "formats", "statistics", "write"]


def formats() -> tuple[str, ...]:
    """The names of all formats, as spelled on the command line (`json-lines`), sorted."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name.replace("_", "-") for name in names if not name.startswith("_")))


def write(name: str, findings: Iterable[Finding], stream: TextIO, context: Context) -> None:
    """Write the findings, in the order given, to a text stream in the format `name`. Formats that report findings one
    by one write each as it is known.

    Raises ValueError if the name is not one of `formats()`, OSError if the stream cannot be written.
    """
    if name not in formats():
        raise ValueError(f"there is no output format `{name}`; choose one of: {', '.join(formats())}")
    importlib.import_module(f"{__name__}.{name.replace('-', '_')}").write(findings, stream, context)

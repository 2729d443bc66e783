"""Finds the fixture files and loads their functions, unchanged."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from looplint import version

from .workload import known

Function = Callable[..., Any]


def folder() -> Path:
    """`looplint/fixtures` when installed, else `fixtures/` beside `looplint/`. Raises FileNotFoundError for neither."""
    package = Path(version.__file__).parent
    for candidate in (package / "fixtures", package.parent / "fixtures"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"no fixtures in {package} nor beside it; install looplint again")


def path(rule: str, *, rewritten: bool = False) -> Path:
    """The file with the functions for `rule` ("missing-zero-grad"); `rewritten`: with those that `--fix` changes, as it
    leaves them."""
    return folder() / (rule.replace("-", "_") + (".fixed.py" if rewritten else ".py"))


def functions(file: Path, rewritten: Path | None = None) -> dict[str, Function]:
    """Module-level functions of a fixture file by name, without those that start with `_`. Those in the file
    `rewritten` replace others of their name.

    Raises FileNotFoundError, or any exception of importing the file.
    """
    module = ModuleType("looplint_fixture_" + file.stem.replace(".", "_"))
    module.__file__ = str(file)
    sys.modules[module.__name__] = module  # dataclasses and pickling look their module up here
    for part in (file, rewritten):
        if part is not None:
            exec(_compiled(part, part.read_bytes()), vars(module))
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }


@functools.lru_cache(maxsize=4)
def _compiled(file: Path, content: bytes) -> CodeType:
    """The code of a file: it is run anew for each function, so that none sees what another one left behind."""
    return compile(content, file, "exec")


def unknown(function: Function) -> list[str]:
    """Parameters of `function` that the workload does not have: with any of these it is only linted, not run."""
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if not known(p.name) and p.default is p.empty]


def text(function: Function) -> str:
    """The source of `function`, to tell whether a rewrite changed it."""
    return inspect.getsource(function)

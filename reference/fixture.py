"""Finds the fixture files and loads their functions, unchanged."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
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
    name = "looplint_fixture_" + file.stem.replace(".", "_")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickling look their module up here
    spec.loader.exec_module(module)
    if rewritten is not None:
        exec(compile(rewritten.read_text(encoding="utf-8"), rewritten, "exec"), vars(module))
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }


def unknown(function: Function) -> list[str]:
    """Parameters of `function` that the workload does not have: with any of these it is only linted, not run."""
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if not known(p.name) and p.default is p.empty]


def text(function: Function) -> str:
    """The source of `function`, to tell whether a rewrite changed it."""
    return inspect.getsource(function)

"""The contracts in `reference/libraries/`, linted without the libraries; they are executed by hand."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from marked import marks, problems
from project_copy import ROOT

from looplint.knowledge import libraries
from looplint.knowledge.library_rows import LibraryRows

FOLDER = ROOT / "reference" / "libraries"
CONTRACTS = sorted(FOLDER.glob("with_*.py"))
WITH_ROWS = sorted(module.name for module in pkgutil.iter_modules(libraries.__path__))
HEAD = re.compile(r"^# /// script\n((?:# .*\n)+)# ///$", re.M)


def pinned(file: Path) -> dict[str, str]:
    """The packages that a contract pins, each with its version."""
    head = HEAD.search(file.read_text(encoding="utf-8"))
    assert head is not None, f"{file.name}: no inline script metadata"
    metadata = tomllib.loads("\n".join(line.removeprefix("# ") for line in head[1].splitlines()))
    return dict(one.split("==") for one in metadata["dependencies"])


def plain(name: str) -> str:
    """The name of a distribution without what writers vary: `torch-optimi`, `torch_optimi`."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("file", CONTRACTS, ids=lambda file: file.stem)
def test_a_contract_is_linted_without_its_library(file: Path) -> None:
    assert problems(file) == []


@pytest.mark.parametrize("file", CONTRACTS, ids=lambda file: file.stem)
def test_a_contract_pins_what_it_runs_and_asserts_something(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.match(r'"""\S.{20,}', text) and "torch" in pinned(file)
    _, asserted = text.split('\nif __name__ == "__main__":\n')
    assert "assert " in asserted
    assert marks(text)["ok"] or marks(text)["expect"]


@pytest.mark.parametrize("library", WITH_ROWS)
def test_each_library_with_rows_has_a_contract_of_the_same_version_that_names_all_of_them(library: str) -> None:
    file = FOLDER / f"with_{library}.py"
    assert file in CONTRACTS
    module = importlib.import_module(f"{libraries.__name__}.{library}")
    said = re.match(r"(\S+) (\d[\w.]*)", module.__doc__ or "")
    assert said is not None, "the first line of the rows names the library and its version"
    versions = {plain(name): version for name, version in pinned(file).items()}
    assert versions[plain(said[1])] == said[2]
    rows: LibraryRows = module.ROWS
    named = {
        part for key in (*rows.effects, *rows.types, *rows.facts, *rows.mode_free, *rows.itself) for part in parts(key)
    }
    words = set(re.findall(r"\w+", file.read_text(encoding="utf-8")))
    assert sorted(named - words) == []


def parts(key: str) -> list[str]:
    """The class and the function of a row's key, `timm.*.AverageMeter.update`, where it names one."""
    named = [part for part in key.split(".")[1:] if part != "__call__" and "*" not in part]
    return [*named[-1:], *(part for part in named[-2:-1] if part[:1].isupper())]


def test_the_command_says_which_contracts_there_are() -> None:
    run = subprocess.run(
        [sys.executable, FOLDER, "no-such-library"], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert run.returncode == 2
    assert "no contract with no-such-library" in run.stderr and "heavyball" in run.stderr

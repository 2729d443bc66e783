"""looplint as a library."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_server import SAFE
from test_workspace import ENGINE

import looplint

WRONG = ENGINE.replace("        clear(optimizer)\n", "")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text(WRONG, encoding="utf-8")
    (tmp_path / "src" / "safe.py").write_text(SAFE, encoding="utf-8")
    (tmp_path / "looplint.toml").write_text('ignore = ["LOOP301"]\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_everything_public_is_there_and_listed() -> None:
    assert set(looplint.__all__) <= set(dir(looplint))
    assert [name for name in looplint.__all__ if getattr(looplint, name) is None] == []
    wanted = {"check_source", "check_paths", "lint", "Settings", "Finding", "Fix", "ConfigError", "Unreadable"}
    assert wanted <= set(looplint.__all__)


@pytest.mark.parametrize("given", ["src", Path("src"), ["src"], [Path("src")]])
def test_a_path_is_a_text_or_a_path_alone_or_in_a_list(given: Any, project: Path) -> None:
    assert [str(finding) for finding in looplint.check_paths(given)] == [
        f"src{os.sep}train.py:10:9: LOOP201 missing-zero-grad: `optimizer` steps again before its gradients are cleared"
    ]


def test_keywords_are_keys_of_the_configuration_and_win_over_it(project: Path) -> None:
    assert [f.code for f in looplint.check_paths("src", select=["LOOP301"])] == ["LOOP301"] * 2
    assert [f.code for f in looplint.check_paths("src", select=["LOOP3"])] == []
    assert [f.code for f in looplint.check_paths("src", looplint.Settings(), select=["LOOP3"])] == ["LOOP301"] * 2
    assert [f.code for f in looplint.check_source(SAFE, preview=True)] == ["LOOP301"] * 2
    assert looplint.check_source(SAFE, select=["LOOP201"]) == []
    assert looplint.check_source(SAFE, settings=looplint.settings(preview=True), ignore=["LOOP301"]) == []
    with pytest.raises(looplint.ConfigError, match="there is no rule `LOOP3O1`"):
        looplint.check_source(SAFE, select=["LOOP3O1"])
    with pytest.raises(looplint.ConfigError, match=r"^settings: `select` expects a list"):
        looplint.check_paths("src", select=["LOOP301", ""])


@pytest.mark.parametrize("call", [looplint.check_paths, looplint.lint])
def test_a_path_that_does_not_exist_raises(call: Callable[[str], object], project: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file or folder to lint: 'sorc'"):
        call("sorc")


def test_a_syntax_error_names_the_path() -> None:
    with pytest.raises(SyntaxError, match=r"\(train\.py, line 1\)"):
        looplint.check_source("x = (", "train.py")


def test_unreadable_files_are_reported(project: Path) -> None:
    Path("src/book.ipynb").write_text("{", encoding="utf-8")
    with pytest.warns(looplint.UnreadableWarning, match=r"book.ipynb: is not valid JSON"):
        assert len(looplint.check_paths("src")) == 1
    result = looplint.lint("src")
    assert len(result.notes) == 1 and result.files == 2 and result.loops == 1
    with pytest.raises(SyntaxError):
        looplint.check_source("print(")
    with pytest.raises(looplint.Unreadable, match="not valid JSON"):
        looplint.check_source("{", "book.ipynb")


def test_a_fix_is_applied_to_a_text(project: Path) -> None:
    first, second = looplint.check_source(SAFE)
    assert first.fix is not None and second.fix is not None
    assert first.fix.apply(SAFE) == SAFE.replace("model.forward(", "model(", 1)
    assert looplint.check_source(second.fix.apply(first.fix.apply(SAFE))) == []
    with pytest.raises(looplint.Refused):
        first.fix.apply("print()\n")


def test_a_fix_is_applied_to_a_notebook() -> None:
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": SAFE}
    book = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1)
    first, _ = looplint.check_source(book, "book.ipynb")
    assert first.fix is not None
    assert first.fix.apply(book, "book.ipynb") == book.replace("model.forward(", "model(", 1)

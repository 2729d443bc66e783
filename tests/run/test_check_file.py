"""One file after the other: its findings, and what else took part in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from looplint.project.config import Configuration
from looplint.run import check_file
from looplint.run.check_file import Checker

WRONG = """\
import torch
def main(model, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x in loader:
        {}model(x).sum().backward()
        optimizer.step()
"""


@pytest.fixture
def checker() -> Checker:
    return Checker(Configuration(isolated=True))


def test_a_file_is_named_by_its_bytes(checker: Checker, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WRONG.format(""))
    checked = checker.check_file(str(tmp_path / "train.py"))
    assert [finding.code for finding in checked.result.findings] == ["LOOP201"]
    assert (checked.result.files, len(checked.digest) > 10, checked.given_up) == (1, True, False)


def test_files_that_took_part_are_named(checker: Checker, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        WRONG.format("reset(optimizer)\n        ").replace("torch\n", "torch\nfrom tools import reset\n", 1)
    )
    (tmp_path / "tools.py").write_text("def reset(o):\n    o.zero_grad()\n")
    checked = checker.check_file(str(tmp_path / "train.py"))
    assert checked.result.findings == []
    assert [Path(part).name for part in checked.parts] == ["tools.py"]
    assert checked.root != ""


def test_a_file_without_a_word_of_training_is_not_parsed(
    checker: Checker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.py").write_text("import torch\nx = 1\n")
    monkeypatch.setattr(check_file, "from_text", lambda *_: pytest.fail("it was read"))
    assert checker.check_file(str(tmp_path / "a.py")).result.files == 1


def test_what_cannot_be_read_is_a_notice(checker: Checker, tmp_path: Path) -> None:
    (tmp_path / "book.ipynb").write_text("{")
    result = checker.check_file(str(tmp_path / "book.ipynb")).result
    assert (result.files, [notice.kind for notice in result.notes]) == (0, ["unreadable"])


def test_an_internal_error_costs_only_this_file(
    checker: Checker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("oh")

    (tmp_path / "train.py").write_text(WRONG.format(""))
    monkeypatch.setattr(check_file, "from_text", broken)
    (error,) = checker.check_file(str(tmp_path / "train.py")).result.errors
    assert "ZeroDivisionError" in error.what


def test_a_text_that_nobody_saved_is_checked_under_its_name(checker: Checker) -> None:
    result = checker.check_bytes(WRONG.format("").encode(), "notes.py")
    assert [(finding.filename, finding.location.row) for finding in result.findings] == [("notes.py", 5)]

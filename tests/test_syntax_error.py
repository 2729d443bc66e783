"""Files that are broken somewhere: the rest is read, and the fault is a finding (LOOP002)."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest

from looplint.cli.commands import main
from looplint.syntax.in_part import read_in_part

HEAD = "import torch\nfrom torch import nn\n\n"


def wrong(name: str, indent: str = "") -> str:
    """A function with a mistake in its last row."""
    rows = [
        f"def {name}({'self, ' * bool(indent)}model: nn.Module, loader, optimizer: torch.optim.Optimizer):",
        "    for inputs, targets in loader:",
        "        nn.functional.mse_loss(model(inputs), targets).backward()",
        "        optimizer.step()",
        "",
    ]
    return "\n".join(indent + row if row else row for row in rows)


def codes(path: Path, *options: str) -> list[tuple[str, int]]:
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())) as out:
        status = main(["--isolated", "--no-cache", "--output-format", "json", *options, str(path)])
    out.seek(0)
    found = [(f["code"], f["location"]["row"]) for f in json.load(out)]
    assert status == bool(found)
    return found


BROKEN = {
    "an open bracket at the end": (HEAD + wrong("a") + "print((1\n", [6, 8], ["'(' was never closed"]),
    "between two functions": (HEAD + wrong("a") + "x = = 1\n" + wrong("b"), [6, 8, 11], ["invalid syntax"]),
    "a function": (HEAD + wrong("a") + "def f(:\n    pass\n" + wrong("b"), [6, 8, 12], ["invalid syntax"]),
    "a method": (
        HEAD
        + "class T(nn.Module):\n    rate = 1\n"
        + wrong("a", "    ")
        + "    def f(self:\n        pass\n\n"
        + wrong("b", "    "),
        [8, 10, 15],
        ["'(' was never closed"],
    ),
    "a string without an end": (HEAD + wrong("a") + "x = '''\n", [6, 8], ["unterminated triple-quoted string"]),
    "a conflict": (
        HEAD + wrong("a") + "<<<<<<< ours\nx = 1\n||||||| base\nx = 2\n=======\nx = 3\n>>>>>>> theirs\n" + wrong("b"),
        [6, 8, 17],
        ["merge conflict"],
    ),
    "rows that are indented for no reason": (
        HEAD + wrong("a") + "x = 1\n    y = 2\n    z = 3\n" + wrong("b"),
        [6, 9, 13],
        ["unexpected indent"],
    ),
    "an argument that became a keyword": (
        HEAD + wrong("a") + "def g(x):\n    return x.cuda(async=True)\n" + wrong("b"),
        [6, 9, 12],
        ["`non_blocking`"],
    ),
    "a line of Python 2": (HEAD + wrong("a") + "print 'done'\n" + wrong("b"), [6, 8, 11], ["the print statement"]),
    "Python 2": (HEAD + wrong("a") + "print 1\n\nx = 1\nprint 2\n\nx = 1\nprint 3\n", [8], ["the print statement"]),
    "newer syntax": (HEAD + "type X = int\n" + wrong("a") + "def f(:\n    pass\n", [7, 9], ["invalid syntax"]),
}


@pytest.mark.parametrize(("text", "rows", "reasons"), BROKEN.values(), ids=BROKEN)
def test_what_stands_before_and_after_a_fault_is_linted(
    text: str, rows: list[int], reasons: list[str], tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(text)
    assert [row for _, row in codes(tmp_path / "train.py")] == rows
    blanked, faults = read_in_part(text)
    assert [len(row) for row in blanked.split("\n")] == [len(row) for row in text.split("\n")]
    assert all(reason in fault.reason for reason, fault in zip(reasons, faults, strict=True))


def test_a_statement_above_rows_that_are_indented_for_no_reason_is_read() -> None:
    blanked, faults = read_in_part("x = (\n  1)\n    y = 2\n\n    z = 3\nw = 4\n")
    assert [row.strip() for row in blanked.split("\n")] == ["x = (", "1)", "", "", "", "w = 4", ""]
    assert [fault.rows for fault in faults] == [(3, 5)]
    blanked, _ = read_in_part("for x in y:\n    a\n        b\n    c\nw = 4\n")
    assert blanked.split() == ["w", "=", "4"]


def test_a_text_without_a_fault_is_left_as_it_is() -> None:
    text = HEAD + wrong("a")
    assert read_in_part(text) == (text, ())


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("def f():\n    s = 'open\n", "unterminated string literal"),
        ("def f(x):\n    for a in x:\n    pass\n", "expected an indented block after 'for' statement"),
        ("def f(x):\n    a = (x,\n         1]\n", "closing parenthesis ']' does not match opening parenthesis '('"),
    ],
)
def test_the_reason_counts_no_rows_of_the_part_that_was_parsed(code: str, reason: str) -> None:
    _, faults = read_in_part("import torch\n\n\n" + code)
    assert [fault.reason for fault in faults] == [reason]


def test_except_without_brackets_is_not_python_2() -> None:
    text = "try:\n    f()\nexcept ValueError, e:\n    pass\nx = = 1\n"
    assert [fault.row for fault in read_in_part(text)[1]] == [5]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], True),
        (["--select", "LOOP201"], True),
        (["--ignore", "LOOP0"], True),
        (["--ignore", "ALL"], True),
        (["--ignore", "LOOP002"], False),
        (["--ignore", "syntax-error"], False),
        (["--per-file-ignores", "*.py:LOOP0"], True),
        (["--per-file-ignores", "*.py:LOOP002"], False),
    ],
)
def test_it_is_not_ignored_by_accident(options: list[str], said: bool, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(HEAD + wrong("a") + "x = = 1\n")
    assert (("LOOP002", 8) in codes(tmp_path / "train.py", *options)) == said


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("# looplint: file-ignore", True),
        ("# looplint: file-ignore[LOOP0]", True),
        ("# looplint: file-ignore[ALL]", True),
        ("# looplint: file-ignore[syntax-error]", False),
    ],
)
def test_comments_silence_it_by_its_own_name_only(comment: str, said: bool, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(f"{comment}\n" + HEAD + wrong("a") + "x = = 1\n")
    assert ("LOOP002" in dict(codes(tmp_path / "train.py"))) == said


def test_a_notebook_names_the_cell(tmp_path: Path) -> None:
    cells = [HEAD, wrong("a") + "x = = 1\n" + wrong("b"), "print 'x'", wrong("c")]
    book = {
        "cells": [
            {"cell_type": "code", "source": code, "metadata": {}, "outputs": [], "execution_count": None, "id": f"c{n}"}
            for n, code in enumerate(cells)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (tmp_path / "train.ipynb").write_text(json.dumps(book))
    assert codes(tmp_path / "train.ipynb") == [
        *(("LOOP201", 3), ("LOOP002", 5), ("LOOP201", 8), ("LOOP002", 1), ("LOOP201", 3))
    ]


@pytest.mark.parametrize(
    "form",
    [
        "azure",
        "concise",
        "full",
        "github",
        "gitlab",
        "grouped",
        "json",
        "json-lines",
        "junit",
        "pylint",
        "rdjson",
        "sarif",
    ],
)
def test_every_format_says_it(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "train.py").write_text(HEAD + wrong("a") + "x = = 1\n")
    status = main(["--isolated", "--no-cache", "--output-format", form, str(tmp_path / "train.py")])
    out = capsys.readouterr().out
    assert status == 1
    assert "syntax-error" in out or "LOOP002" in out


def test_a_fix_elsewhere_leaves_the_fault_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = HEAD + "def f(:\n    pass\n\n\n", "\n\nx = = 1\n"
    call = wrong("a") + "\n\ndef show(model: nn.Module, x):\n    return model{}(x)  # kept\n"
    file = tmp_path / "train.py"
    file.write_text(before + call.format(".forward") + after)
    assert main(["--isolated", "--no-cache", "--fix", str(file)]) == 1
    assert file.read_text() == before + call.format("") + after
    capsys.readouterr()


def test_a_training_file_in_utf_16_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "train.py").write_bytes((HEAD + wrong("a")).encode("utf-16"))
    (tmp_path / "data.py").write_bytes("x = 1\n".encode("utf-16"))
    assert main(["--isolated", "--no-cache", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert "train.py: is UTF-16" in said and "data.py" not in said

"""What the prefilter leaves out holds no mistake: each piece of each fixture is judged by its bytes and in whole."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import torch
from left_out import left_out, mistakes
from marked import ALL_RULES, MARK
from test_fixtures import FILES

from looplint import check_source
from looplint.prefilter import Need, code, need


def pieces(text: str) -> list[tuple[str, str]]:
    """Each function and class of a file as a file of its own, with the imports and names above it, without marks."""
    tree, rows = ast.parse(text), [MARK.sub("", row) for row in text.splitlines(keepends=True)]
    shared = [s for s in tree.body if isinstance(s, ast.Import | ast.ImportFrom | ast.Assign)]
    head = "".join("".join(rows[s.lineno - 1 : s.end_lineno]) for s in shared)
    found = []
    for s in tree.body:
        if isinstance(s, ast.FunctionDef | ast.ClassDef):
            first = min([s.lineno, *(d.lineno for d in s.decorator_list)])
            found.append((s.name, head + "".join(rows[first - 1 : s.end_lineno])))
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_whatever_has_a_mistake_is_read(file: Path) -> None:
    missed = [
        name
        for name, text in pieces(file.read_text(encoding="utf-8"))
        if need(text.encode()) is Need.NOTHING and check_source(text, str(file), ALL_RULES)
    ]
    assert missed == []


def test_the_files_of_torch_that_are_left_out_hold_no_mistake() -> None:
    """A sample of them; `python tests/left_out.py FOLDER` looks at whole repositories."""
    files = list(left_out(sorted(Path(torch.__file__).parent.rglob("*.py"))[::10]))[::6]
    assert len(files) > 15
    assert [str(finding) for file in files for finding in mistakes(file)] == []


def test_comments_and_docstrings_are_no_reason_to_read_a_file() -> None:
    text = '''
import torch
def help():
    """
    >>> loss.backward()
    """
    # optimizer.step()
    return "# not a comment", '"""'
'''
    assert need(text.encode()) is Need.NOTHING
    left = code(text.encode()).decode()
    assert left.count("\n") == text.count("\n")
    assert "backward" not in left and "step" not in left and "# not a comment" in left


@pytest.mark.parametrize(
    "statement",
    [
        "loss.backward()",
        "self.manual_backward(loss)",
        "optimizer.step()",
        "loss.backward  # the parentheses are missing",
        "torch.no_grad()  # as a statement",
        "parameter.require_grad = False",
        "model.training = True",
        "model.forward(x)",
        "x = torch.zeros(1)\nx.to(device)  # dropped",
    ],
)
def test_one_statement_is_enough(statement: str) -> None:
    assert Need.LOOPS in need(f"import torch\n{statement}\n".encode())

"""`%%looplint` and `%looplint` in a real IPython kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import from_dict

DEFINE = """\
def fit(model, loader, loss_fn):
    import torch

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
"""


def run(folder: Path, *cells: str) -> Any:
    """The notebook of these cells after they ran, each with what it put out."""
    empty: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    written = [{**empty, "id": f"cell-{number}", "source": cell} for number, cell in enumerate(cells)]
    book = from_dict({"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})  # type: ignore[no-untyped-call]
    client = NotebookClient(book, kernel_name="python3", timeout=600, resources={"metadata": {"path": str(folder)}})
    client.execute()
    return book


def shown(cell: Any, kind: str = "text/plain") -> str:
    """What a cell displayed, and printed."""
    parts = [out["data"].get(kind, "") if "data" in out else out.get("text", "") for out in cell.outputs]
    return "\n".join(parts)


def test_a_cell_is_linted_with_those_before_it_and_runs(tmp_path: Path) -> None:
    book = run(
        tmp_path,
        "%load_ext looplint",
        "from torch import nn\nmodel: nn.Module = nn.Linear(2, 2)",
        "%%looplint\nimport torch\nprint(model.forward(torch.ones(1, 2)).shape)\n6 * 7",
        "%%looplint\nprint('fine')",
        "%looplint",
    )
    text = shown(book.cells[2])
    assert text.splitlines()[0].startswith("In [3], line 3: LOOP301 direct-forward-call: ")
    assert "torch.Size([1, 2])" in text and "42" in text
    page = shown(book.cells[2], "text/html")
    assert "In [3]" in page and "model.forward(torch.ones(1, 2))" in page
    assert 'href="https://' in page and "direct-forward-call.md" in page
    assert "looplint: nothing wrong" in shown(book.cells[3]) and "fine" in shown(book.cells[3])
    assert shown(book.cells[4]).startswith("In [3], line 3: LOOP301")


def test_the_path_is_shown_and_what_the_code_holds_is_escaped(tmp_path: Path) -> None:
    book = run(tmp_path, "%load_ext looplint", "%%looplint\n" + DEFINE + '    print("<script>")', "%looplint")
    page = shown(book.cells[2], "text/html")
    assert "1. the step uses the gradients" in page and "3. the next step uses both" in page
    assert "<script>" not in page
    assert "LOOP201 missing-zero-grad" in shown(book.cells[1])
    assert "  1. In [2], line 9: the step uses the gradients" in shown(book.cells[1])


def test_cells_that_ran_before_loading_count_and_one_that_ran_again_counts_once(tmp_path: Path) -> None:
    fixed = DEFINE.replace("        loss = ", "        optimizer.zero_grad()\n        loss = ")
    book = run(tmp_path, DEFINE, "%load_ext looplint", "%looplint", DEFINE, "%looplint", fixed)
    assert shown(book.cells[2]).count("LOOP201") == 1 and "In [1]" in shown(book.cells[2])
    assert shown(book.cells[4]).count("LOOP201") == 1 and "In [4]" in shown(book.cells[4])


def test_a_cell_that_fails_is_shown_once_and_stops_the_notebook(tmp_path: Path) -> None:
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        run(tmp_path, "%load_ext looplint", "%%looplint\n1 / 0", "print('never')")


def test_options_are_those_of_the_command_line(tmp_path: Path) -> None:
    lines = (
        "",
        "--select LOOP3",
        "--ignore LOOP201,LOOP3",
        "--preview --select LOOP201",
        "--selct LOOP3",
        "--select",
        "--select NO",
    )
    book = run(tmp_path, "%load_ext looplint", DEFINE, *(f"%looplint {line}" for line in lines))
    texts = [shown(cell) for cell in book.cells[2:]]
    assert ["LOOP201" in text for text in texts[:4]] == [True, False, False, True]
    assert texts[1] == texts[2] == "looplint: nothing wrong"
    assert "no option `--selct`: it takes `--preview`" in texts[4]
    assert "expected one argument" in texts[5]
    assert "there is no rule `NO`" in texts[6]


def test_a_mistake_in_the_configuration_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "looplint.toml").write_text("previw = true\n", encoding="utf-8")
    book = run(tmp_path, "%load_ext looplint", "%looplint")
    assert "did you mean `preview`?" in shown(book.cells[1])

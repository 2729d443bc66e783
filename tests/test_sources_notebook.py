"""Notebooks as one program: what is Python stays as it stands, the rest is made harmless in place."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from looplint.sources import Source, Unreadable, from_text
from looplint.sources.notebook import cell_rows


def notebook(*cells: str | list[str] | dict[str, Any], **metadata: Any) -> Source:
    """The program of a notebook with these code cells."""
    made = [cell if isinstance(cell, dict) else {"cell_type": "code", "source": cell} for cell in cells]
    (source,) = from_text(json.dumps({"cells": made, "metadata": metadata, "nbformat": 4}), "a.ipynb")
    ast.parse(source.text)
    return source


MARKDOWN = {"cell_type": "markdown", "source": "# Title\n```python\nloss.backward()\n```"}


def test_one_program_over_all_cells() -> None:
    source = notebook(
        "import torch\n",
        MARKDOWN,
        {"cell_type": "code", "id": "c0ffee", "source": ["for x in y:\n", "    z = 'é'; f(x)"]},
    )
    assert source.text == "import torch\n\nfor x in y:\n    z = 'é'; f(x)"
    place = source.locate(4, 14)
    assert (place.cell, place.cell_id, place.row, place.column) == (2, "c0ffee", 2, 14)
    assert (source.locate(1, 1).cell, source.locate(2, 1).cell, source.locate(3, 1).cell) == (0, 0, 2)
    assert source.locate(99, 1).row == 2


@pytest.mark.parametrize(
    "cell",
    [
        "x = (a\n%b)",
        "text = '''\n%matplotlib inline\n!ls\nwhat?\n'''",
        "x = a \\\n% b",
        "x = 'is it?'",
        "if x != y: pass  # why?",
        "ls = 1\nls -l",
        "await f()\nasync with a: pass\nreturn",
        "def f():\n\treturn 1",
    ],
)
def test_python_stays_as_it_stands(cell: str) -> None:
    assert notebook(cell).text == cell
    with_magic = notebook(cell + "\n%matplotlib inline\n").text
    assert with_magic == cell + "\npass  # magic: %matplotlib inline\n"


@pytest.mark.parametrize(
    ("row", "ran"),
    [
        ("%matplotlib inline", ""),
        ("%%capture out", ""),
        ("!pip install -q torch 'x", ""),
        ("!cd x && \\\n  make (", ""),
        ("?torch.nn", ""),
        ("torch.nn.Linear?", ""),
        ("model.layers[0]??  ", ""),
        ("%timeit -n 10 f(x)", ""),
        ("pip install torch", ""),
        ("cd ..", ""),
        ("files = !ls *.py", "files = get_ipython()"),
        ("a, b = %sql select 'x", "a, b = get_ipython()"),
        ("self.x[0] = !ls {path}", "self.x[0] = get_ipython()"),
        ("%time model(x)", "0;    model(x)"),
        ("%time x = f(a,\n  b)", "0;    x = f(a,\n  b)"),
        ("%prun f(x)", "0;    f(x)"),
    ],
)
@pytest.mark.parametrize("indent", ["", "    "])
def test_magics_are_harmless_in_place(row: str, ran: str, indent: str) -> None:
    around = (["x = 1"] if not indent else ["x = 1", "for x in y:"]) if not row.startswith("%%") else []
    rows = [*around, *(indent * bool(around) + part for part in row.split("\n")), "g(x)"]
    text = notebook("\n".join(rows)).text
    assert len(text.split("\n")) == len(rows)
    expected = "\n".join([*around, (indent * bool(around)) + (ran or "pass"), "g(x)"])
    expected = expected.replace("\n  b)", f"\n{indent}  b)")
    extra = "\n".join([*around, *[indent * bool(around) + "pass"] * (row.count("\n") + 1), "g(x)"])
    assert ast.dump(ast.parse(text)) in (ast.dump(ast.parse(expected)), ast.dump(ast.parse(extra)))
    if row.startswith("%time "):
        assert text.split("\n")[len(around)].endswith(row.split("\n")[0].removeprefix("%time"))


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%writefile x.py", "%%R -i x", "%md", "%%time\n%%bash", "%sql"])
def test_cells_in_other_languages_are_left_out(magic: str) -> None:
    source = notebook("x = 1", f"# a comment\n\n{magic}\nloss.backward()\n", "y = 2")
    assert (source.text, source.notes) == ("x = 1\ny = 2", ())


def test_cell_magics_that_are_not_known_are_judged_by_their_body() -> None:
    source = notebook("%%tab pytorch\nloss.backward()", "%%arcane\nselect * from y", "%%time\nselect * from y")
    assert source.text == "pass  # magic: %%tab pytorch\nloss.backward()"
    assert [(fault.cell, fault.row) for fault in source.faults] == [(2, 2)]


@pytest.mark.parametrize("magic", ["%%time", "%%timeit -n 3", "%%capture", "%%prun", "\n# about\n%%time\n%%capture"])
def test_cell_magics_that_run_the_body_keep_it(magic: str) -> None:
    source = notebook(f"{magic}\nloss.backward()\n!ls")
    row = source.text.split("\n").index("loss.backward()")
    assert source.locate(row + 1, 1).row == magic.count("\n") + 2


def test_scripts_exported_from_a_notebook() -> None:
    code = "!pip install torch\nx = 1\n%matplotlib inline\nfor a in b:\n    f(a)\n"
    (source,) = from_text(code, "colab.py")
    ast.parse(source.text)
    assert source.text.split("\n")[1] == "x = 1" and len(source.text.split("\n")) == len(code.split("\n"))
    for other in ("x = (a\n%b)\n", "%x\nprint 3\n", "%%bash\nls\n", "print(1)\n"):
        assert from_text(other, "a.py")[0].text == other


def test_prompts_and_indentation_are_cut_off() -> None:
    source = notebook("    x = 1\n    y = 2", ">>> for a in b:\n...     c\n...\nprinted\n>>> d", "In [1]: e")
    assert source.text == "x = 1\ny = 2\nfor a in b:\n    c\n\n\nd\ne"
    assert [source.locate(row, 1).column for row in (1, 3, 4, 7, 8)] == [5, 5, 5, 5, 9]


def test_a_broken_cell_costs_no_other() -> None:
    source = notebook("a = 1", "print 'x'", MARKDOWN, "def f(:", "b = 2", "%time (", "x = '\ud83d'", "c\0")
    assert source.text == "a = 1\nb = 2"
    reasons = {fault.cell: fault.reason for fault in source.faults}
    assert reasons == {
        1: "Python 2 code (the print statement), and looplint reads Python 3",
        3: "invalid syntax",
        5: "'(' was never closed",
        6: "it contains a lone surrogate, half of a character",
        7: "source code string cannot contain null bytes",
    }


def test_nbformat_3() -> None:
    cells = [{"cell_type": "heading"}, {"cell_type": "code", "language": "python", "input": ["x = 1\n", "y"]}]
    julia = {"cell_type": "code", "language": "julia", "input": "1"}
    book = {"nbformat": 3, "worksheets": [{"cells": cells}, {"cells": [julia, {"cell_type": "code", "input": "z"}]}]}
    (source,) = from_text(json.dumps(book).encode(), "old.ipynb")
    assert source.text == "x = 1\ny\nz"
    assert [source.locate(row, 1).cell for row in (1, 2, 3)] == [1, 1, 3]


def test_other_languages_have_no_code() -> None:
    assert notebook("x = 1", language_info={"name": "julia"}).text == ""
    assert notebook("x = 1", kernelspec={"language": "python", "name": "conda"}).text == "x = 1"


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b"null",
        b'{"cells": 3}',
        b'{"cells": [] ',
        b"\xff\xfe",
        b'{"nbformat": 4}',
        b"[" * 200_000,
        b'{"cells": "x"}',
        b"version https://git-lfs.github.com/spec/v1",
    ],
)
def test_a_file_that_is_no_notebook_is_reported(raw: bytes) -> None:
    with pytest.raises(Unreadable) as failure:
        from_text(raw, "bad.ipynb")
    assert str(failure.value).startswith("bad.ipynb: ")


@pytest.mark.parametrize(
    "cell",
    [None, 3, {}, {"cell_type": "code"}, {"cell_type": "code", "source": 3}, {"cell_type": "code", "source": [3]}],
)
def test_odd_cells_are_passed_over(cell: Any) -> None:
    book = {"cells": [cell, {"cell_type": "code", "source": "x", "id": 3, "language": 4}], "metadata": []}
    (source,) = from_text(json.dumps(book), "a.ipynb")
    assert source.text in ("x", "") and not source.notes


PARTS = ["x = 1", "%magic", "for a in b:\n    !ls\n    f(a)", "print 3", "%%bash\nls", "", "s = '''\n%a\n'''", "obj?"]
PARTS += ["y = (a\n%b)", "    z = 3\n    w", "%time f(é)", "%%time\nf(x)\n", "x = !ls", ">>> f(x)\n3", "\tif x:\n\t\ty"]


@given(
    st.lists(st.lists(st.sampled_from(PARTS), min_size=1, max_size=3), max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_every_row_leads_back_to_its_own(cells: list[list[str]], newline: str, as_list: bool) -> None:
    codes = ["\n".join(parts) for parts in cells]
    sources = [code.replace("\n", newline) for code in codes]
    source = notebook(*(code.splitlines(keepends=True) if as_list else code for code in sources))
    for row, text in enumerate(source.text.split("\n") if source.segments else [], 1):
        place = source.locate(row, 1)
        assert place.cell is not None
        written = codes[place.cell].split("\n")[place.row - 1]
        harmless = text.rpartition("# magic: ")[2] if "# magic: " in text else text.removeprefix("0;   ")
        assert not text or written[place.column - 1 :].strip().endswith(harmless.strip())
        if "# magic: " not in text and not text.startswith("0;") and text.strip():
            assert written[place.column - 1 :] == text


def test_the_rows_of_each_code_cell_with_its_key() -> None:
    cells = [{"cell_type": "code", "source": ["a = 1\n", "b = 2"]}, MARKDOWN, {"cell_type": "code", "source": "c = ("}]
    found = cell_rows(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}), "a.ipynb")
    assert {number: (key[:2], rows) for number, (key, rows) in found.items()} == {
        0: (("cells", 0), ["a = 1", "b = 2"]),
        2: (("cells", 2), ["c = ("]),
    }

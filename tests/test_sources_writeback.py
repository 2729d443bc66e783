"""Changed code goes back into its file; every other byte stays."""

from __future__ import annotations

import codecs
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from looplint.sources import Unreadable, Unwritable, from_text
from looplint.sources.writeback import editable_segments, write_back


def change(raw: bytes, path: str, old: str, new: str) -> bytes:
    """The file with `old` replaced by `new` in every segment that holds it."""
    return write_back(raw, path, {index: text.replace(old, new) for index, text in editable_segments(raw, path)})


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("encoding", "first", "mark"),
    [
        ("utf-8", "# a", b""),
        ("utf-8", "# a", codecs.BOM_UTF8),
        ("latin-1", "# coding: latin-1", b""),
        ("cp1252", "# vim: fileencoding=cp1252", b""),
    ],
)
def test_plain_file(encoding: str, first: str, mark: bytes, newline: str) -> None:
    text = f"{first}\nname = 'Grüße'\n\x0closs.backward()\n\nlast"
    raw = mark + text.replace("\n", newline).encode(encoding)
    assert editable_segments(raw, "a.py") == [(0, text)]
    new = text.replace("loss.", "optimizer.zero_grad()\nloss.").replace("Grü", "Große Grü") + "  # last\n"
    assert write_back(raw, "a.py", {0: new}) == mark + new.replace("\n", newline).encode(encoding)
    assert write_back(raw, "a.py", {0: text}) is raw


def test_mixed_newlines_stay_where_they_are() -> None:
    raw = b"a = 1\r\nb = 2\nc = 3\rd = 4\r\n"
    assert change(raw, "a.py", "c = 3\n", "c = 3\nnew = 1\n") == b"a = 1\r\nb = 2\nc = 3\rnew = 1\r\nd = 4\r\n"
    assert change(raw, "a.py", "b = 2\n", "") == b"a = 1\r\nc = 3\rd = 4\r\n"


def test_bytes_that_do_not_come_back_the_same_are_not_touched() -> None:
    twice = "①".encode("cp932"), b"\xfa\x54"
    odd = next(odd for odd in (b"\xed\x40", b"\xfa\x5b", *twice) if odd.decode("cp932").encode("cp932") != odd)
    raw = b"# coding: cp932\nx = '" + odd + b"'\ny = 1\n"
    assert change(raw, "a.py", "y = 1", "y = 2") == raw.replace(b"y = 1", b"y = 2")


def test_what_an_encoding_lacks_is_not_written() -> None:
    with pytest.raises(Unwritable, match="iso-8859-1"):
        change(b"# coding: latin-1\nx = 1\n", "a.py", "x = 1", "x = '\u20ac'")
    with pytest.raises(Unwritable, match=r"a\.py"):
        change(b"# coding: raw_unicode_escape\nx = '\\u000a'\ny\n", "a.py", "y", "z")
    with pytest.raises(IndexError):
        write_back(b"x", "a.py", {1: "y"})
    with pytest.raises(Unreadable):
        write_back(b"{", "a.ipynb", {})


BOOK: dict[str, Any] = {
    "nbformat_minor": 5,
    "cells": [
        {"source": ["# Ti\u00e9tle\n"], "cell_type": "markdown", "metadata": {}},
        {
            "cell_type": "code",
            "outputs": [
                {"data": {"text/plain": ["loss.backward()\n", '"source": ["x"]']}, "source": ["loss.backward()"]}
            ],
            "execution_count": 3,
            "source": [
                "%matplotlib inline\n",
                "for x in y:\n",
                '    s = "é\\u00e9\\n"\n',
                "    loss.backward()\n",
                "    !ls",
            ],
            "metadata": {"source": "loss.backward()"},
            "id": "a",
        },
        {"cell_type": "code", "source": "x = 1e0\nloss.backward()", "outputs": [], "n": 1.50, "m": {}, "l": [[], {}]},
        {"cell_type": "code", "source": ["loss.backward()"]},
        {"cell_type": "code", "source": ["print 'loss.backward()'"]},
    ],
    "nbformat": 4,
}


@pytest.mark.parametrize("indent", [None, 0, 1, 4, "\t"])
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("end", ["", "\n", "\r\n\n"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_notebook_as_its_own_program_would_write_it(indent: Any, ascii_only: bool, end: str, newline: str) -> None:
    def dumped(book: Any) -> bytes:
        return (json.dumps(book, indent=indent, ensure_ascii=ascii_only).replace("\n", newline) + end).encode()

    raw = dumped(BOOK)
    expected = json.loads(json.dumps(BOOK))
    cells = expected["cells"]
    cells[1]["source"][3:4] = ["    ö.zero_grad()\n", "    loss.backward()\n"]
    cells[2]["source"] = "x = 1e0\nö.zero_grad()\nloss.backward()"
    cells[3]["source"] = ["ö.zero_grad()\n", "loss.backward()"]
    texts = {}
    for index, text in editable_segments(raw, "a.ipynb"):
        indentation = "    " if index == 0 else ""
        texts[index] = text.replace(f"{indentation}loss.", f"{indentation}ö.zero_grad()\n{indentation}loss.")
    written = write_back(raw, "a.ipynb", texts)
    assert json.loads(written) == expected
    # A list of one string on one line shows no spacing to go by.
    if indent is not None:
        assert written == dumped(expected)
    assert write_back(written, "a.ipynb", dict(editable_segments(raw, "a.ipynb"))) == raw


def test_notebook_strings_cut_in_odd_places_and_old_format() -> None:
    cells = [{"cell_type": "code", "input": ["x = ", "1\ny", " = 2\n"]}]
    raw = json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}).encode()
    written = change(raw, "a.ipynb", "y = 2", "y = 3")
    assert "".join(json.loads(written)["worksheets"][0]["cells"][0]["input"]) == "x = 1\ny = 3\n"


def test_magics_come_back() -> None:
    code = "%load_ext a\n%time model.forward(x)\nfiles = !ls\nfor a in b:\n    !rm \\\n     x\n    f(a)\n%load_ext a"
    raw = json.dumps({"cells": [{"cell_type": "code", "source": code}]}).encode()
    written = change(change(raw, "a.ipynb", "model.forward(x)", "model(x)"), "a.ipynb", "    f(a)", "    g()\n    f(a)")
    new = code.replace(".forward", "").replace("    f(a)", "    g()\n    f(a)")
    assert json.loads(written)["cells"][0]["source"] == new
    (before,) = [text for _, text in editable_segments(raw, "a.ipynb")]
    with pytest.raises(Unwritable, match="would lose the line `%load_ext a`"):
        write_back(raw, "a.ipynb", {0: before.replace("pass  # magic: %load_ext a\n0", "0")})


def test_magics_of_a_script_come_back() -> None:
    raw = b"# coding: latin-1\r\n!pip install \xe9\r\n%time model.forward(x)\r\n"
    assert change(raw, "a.py", ".forward", "") == raw.replace(b".forward", b"")
    assert change(raw, "a.py", "# coding: latin-1\n", "# coding: latin-1\nnew\n") == raw.replace(b"\n!", b"\nnew\r\n!")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("```python\nloss.backward()\n```\n", "```python\no.zero_grad()\nloss.backward()\n```\n"),
        ("```\r\nloss.backward()\r\n```\r\n", "```\r\no.zero_grad()\r\nloss.backward()\r\n```\r\n"),
        ("~~~py\nloss.backward()", "~~~py\no.zero_grad()\nloss.backward()"),
        ("> - ```py\n>   loss.backward()\n", "> - ```py\n>   o.zero_grad()\n>   loss.backward()\n"),
        ("1.\t```py\n\tloss.backward()\n", "1.\t```py\n\to.zero_grad()\n\tloss.backward()\n"),
        ("```py\n>>> loss.backward()\n1\n", "```py\n>>> o.zero_grad()\n>>> loss.backward()\n1\n"),
        ("```py\nIn [1]: loss.backward()\n", "```py\nIn [1]: o.zero_grad()\nIn [1]: loss.backward()\n"),
        (
            "```py\nIn [1]: if x:\n   ...:     loss.a\n",
            "```py\nIn [1]: if x:\n   ...:     o.zero_grad()\n   ...:     loss.a\n",
        ),
        (
            "```py\n>>> for x in y:\n...     loss.a()\n...\n3\n>>> x\n```\nloss.a\n",
            "```py\n>>> for x in y:\n...     o.zero_grad()\n...     loss.a()\n...\n3\n>>> x\n```\nloss.a\n",
        ),
    ],
)
def test_markdown(before: str, after: str) -> None:
    def fixed(text: str) -> str:
        rows = [
            f"{row[: len(row) - len(row.lstrip())]}o.zero_grad()\n{row}" if "loss." in row else row
            for row in text.split("\n")
        ]
        return "\n".join(rows)

    raw = before.encode()
    texts = {index: fixed(text) for index, text in editable_segments(raw, "a.md")}
    written = write_back(raw, "a.md", texts)
    assert written.decode() == after
    assert write_back(codecs.BOM_UTF8 + raw, "a.md", texts) == codecs.BOM_UTF8 + written


def test_markdown_fence_without_a_language_may_lose_its_last_training_word() -> None:
    raw = b"```\ny = model.forward(x)\n```\n"
    assert change(raw, "a.md", ".forward", "") == b"```\ny = model(x)\n```\n"


def test_text_that_would_end_its_block_is_not_written() -> None:
    with pytest.raises(Unwritable):
        change(b"```python\nloss.backward()\n```\n", "a.md", "loss.", "s = '''\n```\n'''\nloss.")


PARTS = [
    "value = 1",
    "%magic",
    "for a in b:\n    !ls\n    f(a)",
    "print 3",
    "%%bash\nls",
    "",
    "s = '''\n%a\n'''",
    "obj?",
]
PARTS += [
    "y = (a\n%b)",
    "    z = 3\n    w",
    "%time f(é)",
    "value = !ls",
    ">>> f(x)\n3",
    "\tif x:\n\t\tvalue = 1",
    "\u2028",
]
codes = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("\n".join)


def there_and_back(raw: bytes, path: str) -> None:
    (source,) = from_text(raw, path)
    before = editable_segments(raw, path)
    assert len(before) == len(source.segments) and "\n".join(text for _, text in before) == source.text
    rows = source.text.split("\n")
    for (_, text), segment in zip(before, source.segments, strict=True):
        assert text == "\n".join(rows[segment.row - 1 : segment.row - 1 + segment.rows])
    after = {
        index: f"import new\n{text}\nnew.é()".replace("value = 1", "value = 2")
        for index, text in before
        if text.strip()
    }
    written = write_back(raw, path, after)
    assert dict(editable_segments(written, path)) == {**dict(before), **after}
    assert write_back(written, path, dict(before)) == raw


@given(st.lists(codes, max_size=4), st.booleans(), st.sampled_from([None, 1]), st.sampled_from(["\n", "\r\n", "\r"]))
def test_notebook_there_and_back(cells: list[str], as_list: bool, indent: int | None, newline: str) -> None:
    sources: list[str | list[str]] = [code.replace("\n", newline) for code in cells]
    if as_list:
        sources = [code.splitlines(keepends=True) for code in sources if isinstance(code, str)]
    book = {"cells": [{"cell_type": "code", "source": source, "outputs": ["source"]} for source in sources]}
    there_and_back(json.dumps(book, indent=indent, ensure_ascii=False).encode(), "a.ipynb")


@given(st.lists(codes, max_size=4), st.sampled_from(["", "  ", "> ", "\t"]), st.sampled_from(["\n", "\r\n"]))
def test_markdown_there_and_back(blocks: list[str], left: str, newline: str) -> None:
    rows = [f"{left}{row}" for code in blocks for row in ["~~~python", *code.split("\n"), "~~~", "Text"]]
    there_and_back(newline.join(rows).encode(), "a.md")


@pytest.mark.parametrize("before", [["a\n"] * 9, ["a"], "a", None])
@pytest.mark.parametrize("twice", ["source", "cells"])
def test_of_a_key_that_stands_there_twice_the_last_is_meant(twice: str, before: Any) -> None:
    cell = '{"cell_type": "code", "source": %s}'
    kept, changed = json.dumps(before), ["b\n", "c\n", "d"]
    source = f'{kept}, "source": {json.dumps(changed)}' if twice == "source" else json.dumps(changed)
    cells = f'[{", ".join([cell % kept] * 3)}], "cells": ' if twice == "cells" else ""
    raw = f'{{"cells": {cells}[{cell % source}], "long": {"9" * 5000}}}'
    want = raw.replace('"c\\n"', '"x\\n", "y\\n"')
    assert want != raw
    assert change(raw.encode(), "a.ipynb", "c", "x\ny").decode() == want


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["a\nb\nc"], ["a\nx\ny\nc"]),
        (["a\n", "b\nc\n", "d\ne"], ["a\n", "x\ny\nc\n", "d\ne"]),
        (["a\n", "b\n", "c"], ["a\n", "x\n", "y\n", "c"]),
        (["", "a\nb\n", ""], ["", "a\nx\ny\n", ""]),
        (["a\nb", "\nc\n"], ["a\nx\ny", "\nc\n"]),
    ],
)
def test_code_stays_cut_into_strings_as_it_was(before: list[str], after: list[str]) -> None:
    cells = ([{"cell_type": "code", "source": code}] for code in (before, after))
    raw, want = (json.dumps({"cells": each, "metadata": {}}) for each in cells)
    assert change(raw.encode(), "a.ipynb", "b", "x\ny").decode() == want

"""Fixes carried out on text, on files of every kind, pass after pass; nothing but the fix changes."""

from __future__ import annotations

import ast
import dataclasses
import json
import os
import stat
import subprocess
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import hypothesis
import hypothesmith
import pytest

from looplint import check_source
from looplint.finding import Action, Finding, Fix, Location, Severity, Span
from looplint.fix import Refused, diff, edits, fix_bytes, fix_file, rewrite
from looplint.sources import Unreadable, from_text


def span(text: str, part: str) -> Span:
    """The first place of `part` in the text."""
    at = text.index(part)
    end = at + len(part)
    rows = [text.count("\n", 0, place) + 1 for place in (at, end)]
    columns = [place - text.rfind("\n", 0, place) for place in (at, end)]
    return Span(rows[0], columns[0], rows[1], columns[1])


def before(text: str, part: str, code: str = "clear()") -> Action:
    return Action("insert", span(text, part), code)


def after(text: str, part: str, code: str = "clear()") -> Action:
    return Action("insert-after", span(text, part), code)


def delete(text: str, part: str) -> Action:
    return Action("delete", span(text, part))


def replace(text: str, part: str, code: str = "") -> Action:
    return Action("replace", span(text, part), code)


def dedent(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


INSERT = [
    # (kind, text, part of it, what it becomes)
    ("insert", "for x in y:\n    step()  # go\n", "step()", "for x in y:\n    clear()\n    step()  # go\n"),
    ("insert", "for x in y:\n\tstep()\n", "step()", "for x in y:\n\tclear()\n\tstep()\n"),
    ("insert", "# why\nstep()", "step()", "# why\nclear()\nstep()"),
    ("insert", "x = f(\n    step(),\n)\n", "step()", "clear()\nx = f(\n    step(),\n)\n"),
    ("insert", "if a:\n    b\nelif step():\n    c\n", "step()", "clear()\nif a:\n    b\nelif step():\n    c\n"),
    ("insert", "if a: step()\n", "step()", "if a: clear(); step()\n"),
    ("insert", "if a: \\\n  step()\n", "step()", "if a: \\\n  clear(); step()\n"),
    ("insert", "a(); step(); b()\n", "step()", "a(); clear(); step(); b()\n"),
    ("insert", "step(); b()\n", "step()", "clear()\nstep(); b()\n"),
    ("insert", "@a\n@b(1)\ndef f(): ...\n", "b(1)", "clear()\n@a\n@b(1)\ndef f(): ...\n"),
    ("insert", "@(  # ?\n    a)\nclass C: ...\n", "a)", "clear()\n@(  # ?\n    a)\nclass C: ...\n"),
    ("insert", "try:\n  a\nexcept E(step()):\n  b\n", "step()", "clear()\ntry:\n  a\nexcept E(step()):\n  b\n"),
    ("insert", "try:\n  a\nfinally:\n  step()\n", "step()", "try:\n  a\nfinally:\n  clear()\n  step()\n"),
    (
        "insert",
        "match a:\n  case 1 if step(): b\n  case _:\n    c()\n",
        "c()",
        "match a:\n  case 1 if step(): b\n  case _:\n    clear()\n    c()\n",
    ),
    ("insert", "async def f():\n  async for x in y:\n    await step()\n", "step()",
     "async def f():\n  async for x in y:\n    clear()\n    await step()\n"),
    ("insert", "é = 'ü'; step('ö')\n", "step('ö')", "é = 'ü'; clear(); step('ö')\n"),
    ("insert", "if a:\n    '''\nx\n'''; step()\n", "step()", "if a:\n    '''\nx\n'''; clear(); step()\n"),
    ("insert-after", "for x in y:\n    step()  # go\nz\n", "step()", "for x in y:\n    step()  # go\n    clear()\nz\n"),
    ("insert-after", "for x in y:\n    step()", "step()", "for x in y:\n    step()\n    clear()"),
    ("insert-after", "if a: step()  # go\n", "step()", "if a: step(); clear()  # go\n"),
    ("insert-after", "if a: step();\n", "if a: step()", "if a: step();\nclear()\n"),
    ("insert-after", "step(); b()\n", "step()", "step(); clear(); b()\n"),
    ("insert-after", "a(); step()\n", "step()", "a(); step(); clear()\n"),
    ("insert-after", "x = f(\n    step(),\n) # go\ny\n", "step()", "x = f(\n    step(),\n) # go\nclear()\ny\n"),
    ("insert-after", "x = step() \\\n\ny\n", "step()", "x = step() \\\n\nclear()\ny\n"),
    (
        "insert-after",
        "for x in y:\n    step()\n    # inside\n\n# outside\nz\n",
        "for x in y:\n    step()",
        "for x in y:\n    step()\n    # inside\nclear()\n\n# outside\nz\n",
    ),
    ("delete", "a()\n# why\nstep()  # go\n\nb()\n", "step()", "a()\n# why\n# go\n\nb()\n"),
    ("delete", "a()\nstep()  # type: ignore\nb()\n", "step()", "a()\nb()\n"),
    ("delete", "if a:\n    b\n    step()  # go\nc\n", "step()", "if a:\n    b\n    # go\nc\n"),
    ("delete", "a()\nstep()", "step()", "a()"),
    ("delete", "step()\n", "step()", ""),
    ("delete", "for x in y:\n    # a\n    step()  # go\nb\n", "step()", "for x in y:\n    # a\n    pass  # go\nb\n"),
    ("delete", "if a: step()  # go\n", "step()", "if a: pass  # go\n"),
    ("delete", "if a: b\nelse: step()\n", "step()", "if a: b\nelse: pass\n"),
    ("delete", "a(); step(); b()\n", "step()", "a(); b()\n"),
    ("delete", "step(); b()  # go\n", "step()", "b()  # go\n"),
    ("delete", "a(); step()  # go\n", "step()", "a()  # go\n"),
    ("delete", "x = step(\n    1\n)\ny\n", "step(\n    1\n)", "y\n"),
    ("delete", "for x in y:\n    step()\n    # inside\nz\n", "for x in y:\n    step()", "# inside\nz\n"),
    ("delete", "@a\ndef f():\n    pass\nz\n", "@a\ndef f():\n    pass", "z\n"),
    ("wrap", "if a:\n  step(\n    1)\n  b\n", "step(\n    1)", "if a:\n  with clear():\n    step(\n      1)\n  b\n"),
    ("wrap", "for x in y:\n\tf('''\na''')\n\n\tg\nz\n", "for x in y:\n\tf('''\na''')\n\n\tg",
     "with clear():\n\tfor x in y:\n\t\tf('''\na''')\n\n\t\tg\nz\n"),
    ("wrap-rest", "def f():\n    step()  # go\n    # why\n    a\n    return b\nz\n", "step()",
     "def f():\n    with clear():  # go\n        # why\n        a\n        return b\nz\n"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "part", "expected"), INSERT)
def test_statements_are_put_in_and_taken_out(kind: Any, text: str, part: str, expected: str) -> None:
    assert rewrite(text, [Action(kind, span(text, part), "" if kind == "delete" else "clear()")]) == expected


@pytest.mark.parametrize(
    ("text", "part", "code", "expected"),
    [
        ("y = model.forward(x)  # go\n", ".forward", "", "y = model(x)  # go\n"),
        ("y = (model\n     .forward(x))\n", "\n     .forward", "", "y = (model(x))\n"),
        ("total += loss\n", "loss", "loss.item()", "total += loss.item()\n"),
        ("print(f'{loss:.3f}')\n", "loss", "loss.item()", "print(f'{loss.item():.3f}')\n"),
        ("a = x * 2\n", "x", "y + 1", "a = (y + 1) * 2\n"),
        ("a = f(x)\n", "x", "y + 1", "a = f(y + 1)\n"),
        ("a = x\n", "x", "y if z else 1", "a = y if z else 1\n"),
        ("a = x[0]\n", "x", "b, c", "a = (b, c)[0]\n"),
        ("a = x ** 2\n", "x", "-1", "a = (-1) ** 2\n"),
        ("a = x.real\n", "x", "1", "a = (1).real\n"),
        ("a = f(x)\n", "x", "", "a = f()\n"),
        ("a = f(*xs, k=v)\n", "k=v", "k=w", "a = f(*xs, k=w)\n"),
        ("é = 'ü' + ö\n", "ö", "o.item()", "é = 'ü' + o.item()\n"),
        ("a()  # noqa: LOOP201\nb()\n", "# noqa: LOOP201", "", "a()\nb()\n"),
        ("a()\n    # noqa\nb()\n", "# noqa", "", "a()\nb()\n"),
        ("a()  # noqa # type: ignore\n", "# noqa", "", "a() # type: ignore\n"),
        ("a()  # noqa: A, B\n", "# noqa: A, B", "# noqa: A", "a()  # noqa: A\n"),
        ("a()\n# noqa", "# noqa", "", "a()"),
    ],
)
def test_expressions_and_comments_are_replaced(text: str, part: str, code: str, expected: str) -> None:
    assert rewrite(text, [replace(text, part, code)]) == expected


@pytest.mark.parametrize(
    ("text", "part", "code", "expected"),
    [
        # What stays keeps its comments and its lines.
        ("n = f(\n    x,\n    0.5,  # half\n)\n", "f(\n    x,\n    0.5,  # half\n)", "f(x, 0.5, on=self.on)",
         "n = f(\n    x,\n    0.5,  # half\n    on=self.on,\n)\n"),
        ("n = f(x,  # in\n    0.5)\n", "f(x,  # in\n    0.5)", "f(x, 0.5, on=a)",
         "n = f(x,  # in\n    0.5,\n    on=a)\n"),
        ("n = f(\n    x\n)\n", "f(\n    x\n)", "f(x, on=a)", "n = f(\n    x,\n    on=a\n)\n"),
        ("n += [a +  # one\n  b]\n", "a +  # one\n  b", "(a + b).item()", "n += [(a +  # one\n  b).item()]\n"),
        ("n = f(3,  # rows\n  g=1)\n", "f(3,  # rows\n  g=1)", "P(f(3))", "n = P(f(3,  # rows\n  ))\n"),
        ("n = (loss  # last\n  )\n", "loss", "loss.item()", "n = (loss.item()  # last\n  )\n"),
        ("n = [o for o in\n  # all\n  os]\n", "os", "list(os)", "n = [o for o in\n  # all\n  list(os)]\n"),
        ("if (a and  # one\n    m.go(x)): pass\n", "m.go", "m", "if (a and  # one\n    m(x)): pass\n"),
        # Comments of what goes stand above the statement; those for a tool stay on its line.
        ("if a:\n    n = (m\n      # call\n      .go(x))\n", "m\n      # call\n      .go", "m",
         "if a:\n    # call\n    n = (m(x))\n"),
        ("n = f(g(\n    x,  # raw\n    1), y)\n", "g(\n    x,  # raw\n    1)", "x", "# raw\nn = f(x, y)\n"),
        ("n = (m  # type: ignore\n  .go(x))\n", "m  # type: ignore\n  .go", "m", "n = (m(x))  # type: ignore\n"),
        ("n = m \\\n  .go(x)\n", "m \\\n  .go", "m", "n = m(x)\n"),
        ("n = -m.go(x)\n", "m.go", "a + b", "n = -(a + b)(x)\n"),
        ("f(x for x in y)\n", "(x for x in y)", "list(y)", "f(list(y))\n"),
        ("f((a, b))\n", "(a, b)", "c", "f(c)\n"),
        ("y = f(\n    x  # a\n)\n", "f(\n    x  # a\n)", "f(x, k=1)", "y = f(\n    x,  # a\n    k=1\n)\n"),
    ],
)  # fmt: skip
def test_comments_and_lines_of_a_replaced_expression_are_kept(text: str, part: str, code: str, expected: str) -> None:
    assert rewrite(text, [replace(text, part, code)]) == expected


def test_a_comment_that_has_no_place_is_not_lost() -> None:
    with pytest.raises(Refused, match="`# net` would be lost"):
        rewrite(
            "if a: y = (m  # net\n   .go(x))\n", [replace("if a: y = (m  # net\n   .go(x))\n", "m  # net\n   .go", "m")]
        )


SEVERAL_ROWS = "norm = (  # why\n    step(x,  # which\n         y)\n)"


@pytest.mark.parametrize(
    ("text", "actions", "expected"),
    [
        (
            f"a()\n{SEVERAL_ROWS}  # go\nb()\n",
            lambda t: [delete(t, SEVERAL_ROWS)],
            "a()\n# why\n# which\n# go\nb()\n",
        ),
        (
            f"a()\n{SEVERAL_ROWS}  # go\nb()\n",
            lambda t: [delete(t, SEVERAL_ROWS), after(t, "b()", SEVERAL_ROWS)],
            f"a()\nb()\n{SEVERAL_ROWS}  # go\n",
        ),
        (
            f"a()\n{SEVERAL_ROWS}\n",
            lambda t: [before(t, SEVERAL_ROWS, "clear()"), delete(t, SEVERAL_ROWS)],
            "a()\n# why\n# which\nclear()\n",
        ),
        (
            "a(); step(x,  # which\n          y); b()  # go\n",
            lambda t: [delete(t, "step(x,  # which\n          y)")],
            "# which\na(); b()  # go\n",
        ),
        (
            "step(x,  # type: ignore\n     y)\nb()\n",
            lambda t: [delete(t, "step(x,  # type: ignore\n     y)")],
            "b()\n",
        ),
        (
            "def f():\n    (  # why\n        step()\n    )\n    a\n",
            lambda t: [Action("wrap-rest", span(t, "step()"), "clear()")],
            "def f():\n    # why\n    with clear():\n        a\n",
        ),
    ],
    ids=["removed", "moved", "replaced", "among-others", "for-a-tool", "around-the-rest"],
)
def test_comments_inside_a_statement_are_kept(text: str, actions: Any, expected: str) -> None:
    assert rewrite(text, actions(text)) == expected


def test_one_fix_may_do_several_things() -> None:
    text = dedent("""
        for x in loader:
            loss = model.forward(x)
            optimizer.zero_grad()  # wrong place
            optimizer.step()
        if done: a(); b()
    """)
    actions = [
        delete(text, "optimizer.zero_grad()"),
        replace(text, ".forward"),
        before(text, "model.forward(x)", "optimizer.zero_grad()"),
        delete(text, "a()"),
        delete(text, "b()"),
        after(text, "optimizer.step()", "one()"),
        after(text, "optimizer.step()", "two()"),
    ]
    assert rewrite(text, actions) == dedent("""
        for x in loader:
            optimizer.zero_grad()  # wrong place
            loss = model(x)
            optimizer.step()
            one()
            two()
        if done: pass
    """)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if a:\n    for p in m:\n        bad()  # go\n    b\n", "if a:\n    # go\n    one()\n    two()\n    b\n"),
        ("for p in m:\n    bad()", "one()\ntwo()"),
    ],
)
def test_statements_may_take_the_place_of_another(text: str, expected: str) -> None:
    loop = text[text.index("for") : text.index("bad()") + 5]
    actions = [before(text, loop, "one()"), delete(text, loop), after(text, loop, "two()")]
    assert rewrite(text, actions) == expected


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("if a: b()\n", lambda t: [before(t, "b()", "with c:\n    d()")]),
        ("if a: b()\n", lambda t: [before(t, "b()", "c()  # comment")]),
        ("with a(), b(): c()\n", lambda t: [delete(t, "a()")]),
        ("a = b\n", lambda t: [replace(t, "b")]),
        ("a = b\n", lambda t: [replace(t, "a", "b +")]),
        ("a = b\n", lambda t: [replace(t, "b", "c"), replace(t, "= b", "= d")]),
        ("a\n\n\n", lambda t: [Action("insert", Span(2, 1, 2, 1), "b")]),
        ("a\n", lambda t: [Action("insert", Span(9, 1, 9, 1), "b")]),
        ("a\n", lambda t: [Action("replace", Span(1, 1, 1, 9), "b")]),
        ("a\n", lambda t: [Action("insert", Span(1, 1, 1, 2), "")]),
        ("a\nb\n", lambda t: [delete(t, "a"), Action("insert-after", Span(2, 1, 2, 2), "")]),
        ("a; b\n", lambda t: [Action("wrap", span(t, "a"), "c")]),
        ("x = a" + ".b" * 2500 + "\n", lambda t: [replace(t, "a" + ".b" * 2500, "-1")]),
    ],
)
def test_what_would_do_harm_is_refused(text: str, actions: Any) -> None:
    with pytest.raises(Refused):
        rewrite(text, actions(text))


# --- files -----------------------------------------------------------------------------------------------------------


def finding(
    raw: bytes, path: str, part: str, actions: Sequence[Action], *, code: str = "LOOP999", safe: bool = True
) -> Finding:
    source = from_text(raw, path)[0]
    place = span(source.text, part)
    at = source.locate(place.row, place.column)
    location = Location(at.row, at.column)
    kind: Literal["safe", "unsafe"] = "safe" if safe else "unsafe"
    fix = Fix("mend it", kind, tuple(actions))
    return Finding(code, "bad", Severity.ERROR, "bad", path, location, location, at.cell, at.cell_id, (), None, fix)


class Forward:
    """A linter with one rule: `.forward` is wrong."""

    safe = True

    def __init__(self, path: str) -> None:
        self.path = path

    def __call__(self, raw: bytes) -> list[Finding]:
        text = from_text(raw, self.path)[0].text
        found, at = [], text.find(".forward")
        while at >= 0:
            row, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
            action = Action("replace", Span(row, column, row, column + 8))
            place = text[at : at + 8]
            found.append(self._finding(raw, row, column, place, action))
            at = text.find(".forward", at + 1)
        return found

    def _finding(self, raw: bytes, row: int, column: int, place: str, action: Action) -> Finding:
        at = from_text(raw, self.path)[0].locate(row, column)
        location = Location(at.row, at.column)
        fix = Fix("call it", "safe" if self.safe else "unsafe", (action,))
        return Finding(
            "LOOP999", "bad", Severity.ERROR, place, self.path, location, location, at.cell, at.cell_id, (), None, fix
        )


NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# é"]},
            {"cell_type": "code", "id": "b", "metadata": {}, "outputs": [1], "source": ["%cd x\n", "y = m.forward(x)"]},
            {"cell_type": "code", "id": "c", "metadata": {}, "outputs": [], "source": "m.forward(x)\nm.forward(y)\n"},
        ],
        "metadata": {"kernelspec": {"language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    },
    indent=1,
    ensure_ascii=False,
).encode()


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.py", b"x = m.forward(y); z = m.forward(x)\r\nif x:\n\tm.forward(x)   # as it is \r\n\r\n\r\n"),
        ("bom.py", b"\xef\xbb\xbfm.forward('\xc3\xa9')"),
        ("latin.py", "# coding: latin-1\nm.forward('é')\n".encode("latin-1")),
        ("old mac.py", b"m.forward(x)\rm.forward(y)\r"),
        ("form feed.py", b"m.forward(x)\n\x0c\nm.forward('\x0b \xe2\x80\xa8')\n"),
        ("a.ipynb", NOTEBOOK),
        ("a.md", b"* item\r\n\r\n  ```python\r\n  y = m.forward(x)\r\n  ```\r\n~~~py\nm.forward(x)\n~~~\n.forward\n"),
    ],
)
def test_files_of_every_kind_change_in_nothing_else(name: str, raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    path.chmod(0o741)
    lint = Forward(str(path))
    count = len(lint(raw))
    result = fix_file(path, lint, unsafe=False, write=True)
    expected = raw.replace(b".forward", b"")
    if name == "a.md":
        expected = expected.replace(b"~~~\n\n", b"~~~\n.forward\n")
    assert path.read_bytes() == result.new == expected
    assert (len(result.applied), result.left, result.notes) == (count, (), ())
    assert stat.S_IMODE(path.stat().st_mode) == 0o741
    assert [item.name for item in tmp_path.iterdir()] == [name]
    again = fix_file(path, lint, unsafe=False, write=True)
    assert (again.new, again.applied) == (result.new, ())


def test_unsafe_fixes_need_to_be_asked_for_and_nothing_is_written_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"m.forward(x)\n")
    lint = Forward(str(path))
    lint.safe = False
    assert fix_file(path, lint, unsafe=False, write=True).applied == ()
    assert fix_file(path, lint, unsafe=True, write=False).new == b"m(x)\n"
    assert path.read_bytes() == b"m.forward(x)\n"
    assert fix_file(path, lint, unsafe=True, write=True).new == path.read_bytes() == b"m(x)\n"


def test_fixes_on_the_same_line_are_made_one_after_the_other() -> None:
    lint = Forward("a.py")
    seen: list[bytes] = []

    def watched(raw: bytes) -> list[Finding]:
        seen.append(raw)
        return lint(raw)

    result = fix_bytes(b"m.forward(m.forward(x))\nm.forward(x)\n", "a.py", watched, unsafe=False)
    assert seen == [
        b"m.forward(m.forward(x))\nm.forward(x)\n",
        b"m(m.forward(x))\nm(x)\n",
        b"m(m(x))\nm(x)\n",
    ]
    assert len(result.applied) == 3


def test_a_block_emptied_by_two_fixes_is_still_a_block() -> None:
    def lint(raw: bytes) -> list[Finding]:
        text = raw.decode()
        return [
            finding(raw, "a.py", part, [delete(text, part)], code=code)
            for part, code in (("bad()", "LOOP991"), ("worse()", "LOOP992"))
            if part in text
        ]

    result = fix_bytes(b"if a:\n    bad()\n    worse()\n", "a.py", lint, unsafe=False)
    assert (result.new, result.left) == (b"if a:\n    pass\n", ())


def test_a_fix_that_would_break_the_file_is_left_out_and_reported() -> None:
    def lint(raw: bytes) -> list[Finding]:
        text = raw.decode()
        bad = [finding(raw, "a.py", "b", [replace(text, "b")], code="LOOP991")]
        good = [finding(raw, "a.py", "c", [replace(text, "c", "d")], code="LOOP992")] if "c" in text else []
        return bad + good

    result = fix_bytes(b"a = b\nc\n", "a.py", lint, unsafe=False)
    assert result.new == b"a = b\nd\n"
    assert [f.code for f in result.applied] == ["LOOP992"]
    assert result.notes == ("a.py:1:5: LOOP991 bad is not fixed: the result would not be valid Python",)


def test_a_fix_that_cures_nothing_is_undone_and_reported() -> None:
    def lint(raw: bytes) -> list[Finding]:
        text = raw.decode()
        return [finding(raw, "a.py", "step()", [before(text, "step()")])]

    result = fix_bytes(b"step()\n", "a.py", lint, unsafe=False)
    assert (result.new, result.applied, len(result.left)) == (b"step()\n", (), 1)
    assert "LOOP999 bad is not fixed: its fix has no effect here" in result.notes[0]


def test_a_fix_that_cures_nothing_is_taken_back_among_others_that_do() -> None:
    def lint(raw: bytes) -> list[Finding]:
        text = raw.decode()
        bad = finding(raw, "a.py", "step()", [before(text, "step()")])
        return [bad, *([finding(raw, "a.py", "a.b", [replace(text, ".b")])] if ".b" in text else [])]

    result = fix_bytes(b"step()\na.b\n", "a.py", lint, unsafe=False)
    assert (result.new, len(result.applied), len(result.left), len(result.notes)) == (b"step()\na\n", 1, 1, 1)


def test_fixes_that_go_round_in_circles_come_to_an_end() -> None:
    def lint(raw: bytes) -> list[Finding]:
        text = raw.decode()
        now, then = ("a", "b") if "a" in text else ("b", "a")
        return [finding(raw, "x.py", now, [replace(text, now, then)], code=f"LOOP99{now}")]

    result = fix_bytes(b"a\n", "x.py", lint, unsafe=False)
    assert len(result.applied) == 10
    assert "10 passes were not enough" in result.notes[0]


def test_a_fix_does_not_reach_from_one_cell_into_another() -> None:
    def lint(raw: bytes) -> list[Finding]:
        source = from_text(raw, "a.ipynb")[0]
        return [finding(raw, "a.ipynb", "y = ", [replace(source.text, "m.forward(x)\nm", "n")])]

    result = fix_bytes(NOTEBOOK, "a.ipynb", lint, unsafe=False)
    assert result.new == NOTEBOOK
    assert result.notes == (
        "a.ipynb:cell 2:2:1: LOOP999 bad is not fixed: it reaches from one cell or block into another",
    )


def test_statements_of_a_cell_change_inside_the_cell() -> None:
    def lint(raw: bytes) -> list[Finding]:
        text = from_text(raw, "a.ipynb")[0].text
        if "end()" in text:
            return []
        actions = [before(text, "y = "), after(text, "y = ", "end()"), delete(text, "m.forward(y)")]
        return [finding(raw, "a.ipynb", "y = ", actions)]

    cells = json.loads(fix_bytes(NOTEBOOK, "a.ipynb", lint, unsafe=False).new)["cells"]
    assert cells[1]["source"] == ["%cd x\n", "clear()\n", "y = m.forward(x)\n", "end()"]
    assert (cells[1]["outputs"], cells[2]["source"]) == ([1], "m.forward(x)\n")


def test_a_fix_that_the_encoding_cannot_hold_is_reported() -> None:
    def lint(raw: bytes) -> list[Finding]:
        return [finding(raw, "a.py", "b", [replace(raw.decode("latin-1"), "b", "'€'")])]

    result = fix_bytes(b"# coding: latin-1\na = b\n", "a.py", lint, unsafe=False)
    assert result.new == b"# coding: latin-1\na = b\n"
    assert "latin-1" in result.notes[0] or "iso-8859-1" in result.notes[0]


def test_a_file_that_changes_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"m.forward(x)\n")
    lint = Forward(str(path))

    def interrupted(raw: bytes) -> list[Finding]:
        path.write_bytes(b"mine = 1\n")
        return lint(raw)

    result = fix_file(path, interrupted, unsafe=False, write=True)
    assert path.read_bytes() == b"mine = 1\n"
    assert (result.new, result.applied) == (result.old, ())
    assert "changed" in result.notes[0]
    assert [item.name for item in tmp_path.iterdir()] == ["a.py"]


def test_symbolic_links_are_written_through_only_inside_the_folder(tmp_path: Path) -> None:
    tree, outside = tmp_path / "tree", tmp_path / "outside.py"
    (tree / "sub").mkdir(parents=True)
    inside = tree / "inside.py"
    for target in (outside, inside):
        target.write_bytes(b"m.forward(x)\n")
    (tree / "sub" / "in.py").symlink_to(inside)
    (tree / "out.py").symlink_to(outside)
    for name, written in (("sub/in.py", True), ("out.py", False)):
        path = tree / name
        result = fix_file(path, Forward(str(path)), unsafe=False, write=True, root=tree)
        assert bool(result.applied) == written
        assert path.is_symlink()
    assert (inside.read_bytes(), outside.read_bytes()) == (b"m(x)\n", b"m.forward(x)\n")
    assert "symbolic link" in result.notes[0]


def test_what_a_file_is_beside_its_bytes_is_kept(tmp_path: Path) -> None:
    path, other = tmp_path / "a.py", tmp_path / "b.py"
    path.write_bytes(b"m.forward(x)\n")
    os.link(path, other)
    path.chmod(0o751)
    try:
        os.setxattr(path, "user.kept", b"1")
    except OSError:
        pytest.skip("needs a file system with extended attributes")
    fix_file(path, Forward(str(path)), unsafe=False, write=True)
    assert (path.read_bytes(), other.read_bytes()) == (b"m(x)\n", b"m.forward(x)\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert os.getxattr(path, "user.kept") == b"1"


def test_a_missing_file_is_an_error_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "no.py"
    with pytest.raises(Unreadable, match=r"no\.py"):
        fix_file(path, Forward(str(path)), unsafe=False, write=True)


# --- edits and diffs -------------------------------------------------------------------------------------------------


def test_edits_are_in_the_coordinates_of_the_file() -> None:
    source = from_text(NOTEBOOK, "a.ipynb")[0]
    fix = Fix("", "safe", (before(source.text, "m.forward(y)"), replace(source.text, ".forward(y)", "(y)")))
    found = [(e.cell, e.location, e.end_location, e.content) for e in edits(source, fix)]
    assert found == [
        (2, Location(2, 1), Location(2, 1), "clear()\n"),
        (2, Location(2, 2), Location(2, 10), ""),
    ]
    raw = b"> ```python\n> a\n> b.forward(x)\n> ```\n"
    [quoted] = from_text(raw, "a.md")
    [edit] = edits(quoted, Fix("", "safe", (replace(quoted.text, ".forward"),)))
    assert (edit.location, edit.end_location, edit.content) == (Location(3, 4), Location(3, 12), "")
    assert edits(quoted, Fix("", "safe", (before(quoted.text, "b"),))) == []


APPLIED = {"git": ["git", "apply", "-p0", "-"], "patch": ["patch", "-s", "-p0", "--binary"]}


@pytest.mark.parametrize("program", APPLIED)
@pytest.mark.parametrize(
    "old",
    [
        b"a\nm.forward(x)\nb\n",
        b"a\r\nm.forward(x)",
        b"m.forward(x)\n\x0c\nb",
        b"a\rm.forward(x)\rb\r",
        b"\xef\xbb\xbfm.forward(x)\n",
        b"# coding: latin-1\n# \xe9\nm.forward(x)\n'\xff'\n",
    ],
)
def test_a_diff_is_one_that_can_be_applied(old: bytes, program: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(old)
    new = fix_bytes(old, "a.py", Forward("a.py"), unsafe=False).new
    assert new != old
    patch = diff("a.py", old, new).encode("utf-8", "surrogateescape")
    subprocess.run(APPLIED[program], input=patch, cwd=tmp_path, check=True)
    assert (tmp_path / "a.py").read_bytes() == new


@pytest.mark.parametrize("program", APPLIED)
@pytest.mark.parametrize(
    "name",
    ["a b.py", "trail .py", "ta\tb.py", 'q"uote.py', '"q.py', "back\\slash.py", "ü.py", "new\nline.py", "\udcff.py"],
)
def test_a_diff_names_its_file_as_it_can_be_applied(name: str, program: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"m.forward(x)\n")
    patch = diff(name, b"m.forward(x)\n", b"m(x)\n").encode("utf-8", "surrogateescape")
    subprocess.run(APPLIED[program], input=patch, cwd=tmp_path, check=True)
    assert (tmp_path / name).read_bytes() == b"m(x)\n"


def test_a_diff_of_a_notebook_is_by_cell_and_shows_what_is_written_there() -> None:
    new = fix_bytes(NOTEBOOK, "a.ipynb", Forward("a.ipynb"), unsafe=False).new
    assert diff("a.ipynb", NOTEBOOK, new) == dedent("""
        --- a.ipynb:cell 2
        +++ a.ipynb:cell 2
        @@ -1,2 +1,2 @@
         %cd x
        -y = m.forward(x)
        \\ No newline at end of file
        +y = m(x)
        \\ No newline at end of file
        --- a.ipynb:cell 3
        +++ a.ipynb:cell 3
        @@ -1,2 +1,2 @@
        -m.forward(x)
        -m.forward(y)
        +m(x)
        +m(y)
    """)


def test_a_diff_for_a_terminal_holds_no_control_characters_of_the_file() -> None:
    shown = diff("a.py", b"x = '\x1b[2J'\n", b"y = '\x1b[2J'\n", color=True, terminal=True)
    assert "\x1b[2J" not in shown and "\\x1b[2J" in shown
    assert "\x1b[31m-x" in shown


# --- any program -----------------------------------------------------------------------------------------------------


def blocks(tree: ast.AST) -> list[list[ast.stmt]]:
    return [
        block
        for node in ast.walk(tree)
        for name in ("body", "orelse", "finalbody")
        if isinstance(block := getattr(node, name, None), list) and block
    ]


def is_elif(text: str, node: ast.stmt) -> bool:
    line = text.split("\n")[node.lineno - 1].encode()[node.col_offset :]
    return isinstance(node, ast.If) and line.startswith(b"elif")


@hypothesis.settings(
    max_examples=hypothesis.settings().max_examples * 2 // 5,
    suppress_health_check=list(hypothesis.HealthCheck),
)
@hypothesis.given(hypothesmith.from_node(auto_target=False), hypothesis.strategies.data())
def test_any_statement_of_any_program(text: str, data: Any) -> None:
    """Putting in and taking out is the same on the text as on the tree, or is refused."""
    kind = data.draw(hypothesis.strategies.sampled_from(["insert", "insert-after", "delete"]))
    check(text, kind, lambda count: data.draw(hypothesis.strategies.integers(0, count - 1)))


@pytest.mark.parametrize("unit", ["    ", "  ", "\t"])
def test_a_block_put_in_for_the_only_statement_of_another_has_one_level_more(unit: str) -> None:
    text = f"def train():\n{unit}for epoch in epochs:\n{unit * 2}if epoch:\n{unit * 3}old()\n"
    place = span(text, "old()")
    actions = [Action("insert", place, "for one in all_of_them:\n    new()"), Action("delete", place)]
    assert rewrite(text, actions).splitlines()[3:] == [f"{unit * 3}for one in all_of_them:", f"{unit * 4}new()"]


def test_a_form_feed_as_indentation_is_refused() -> None:
    with pytest.raises(Refused, match="a form feed"):
        rewrite("class A:\n\x0c pass\n", [Action("insert", Span(2, 3, 2, 7), "clear()")])


def check(text: str, kind: Any, draw: Any) -> bool:
    """Whether it was carried out; fails when the result is not what it is on the tree."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    places = [
        (block, index)
        for block in blocks(tree)
        for index, node in enumerate(block)
        if not is_elif(text, node) and not (kind != "insert-after" and getattr(node, "module", "") == "__future__")
    ]
    if not places:
        return False
    block, index = places[draw(len(places))]
    node = block[index]
    assert node.end_lineno is not None and node.end_col_offset is not None
    lines = text.split("\n")
    first = min([node, *getattr(node, "decorator_list", [])], key=lambda part: part.lineno)
    start = len(lines[first.lineno - 1].encode()[: first.col_offset].decode()) + 1
    if first is not node:
        head = text.rindex("@", 0, sum(len(line) + 1 for line in lines[: first.lineno - 1]) + start - 1)
        row, start = text.count("\n", 0, head) + 1, head - text.rfind("\n", 0, head)
    else:
        row = first.lineno
    end = len(lines[node.end_lineno - 1].encode()[: node.end_col_offset].decode()) + 1
    action = Action(kind, Span(row, start, node.end_lineno, end), "clear()")
    try:
        new = rewrite(text, [action])
    except Refused:
        return False
    added = ast.parse("clear()").body
    if kind == "delete":
        block[index : index + 1] = [] if len(block) > 1 or block is tree.body else ast.parse("pass").body
    else:
        place = index + (kind == "insert-after")
        block[place:place] = added
    assert ast.dump(ast.parse(new)) == ast.dump(tree)
    for line in text.split("\n"):
        if line.strip().startswith("#") and kind != "delete":
            assert line in new.split("\n")
    return True


TWO_SCALERS = """\
import torch
from torch.amp import GradScaler


def fit(gen, disc, loader, loss_fn):
    a = torch.optim.Adam(gen.parameters())
    b = torch.optim.Adam(disc.parameters())
    s = GradScaler()
    t = GradScaler()
    for x, y in loader:
        a.zero_grad()
        b.zero_grad()
        s.scale(loss_fn(gen(x), y)).backward()
        t.scale(loss_fn(disc(x), y)).backward()
"""
STEPS = """\
        s.step(a)
        t.step(b)
        s.update()
        t.update()
"""


def test_a_clip_of_two_models_is_unscaled_for_both_scalers() -> None:
    clip = "        torch.nn.utils.clip_grad_norm_([*gen.parameters(), *disc.parameters()], 1.0)\n"
    code = f"{TWO_SCALERS}{clip}{STEPS}".encode()
    result = fix_bytes(code, "a.py", lambda raw: check_source(raw.decode(), "a.py"), unsafe=True)
    assert (result.notes, result.left) == ((), ())
    unscaled = "        s.unscale_(a)\n        t.unscale_(b)\n"
    assert result.new.decode() == f"{TWO_SCALERS}{unscaled}{clip}{STEPS}"


def test_the_fix_of_one_clip_leaves_the_other_optimizers_unscale() -> None:
    clips = [f"        torch.nn.utils.clip_grad_norm_({model}.parameters(), 1.0)\n" for model in ("gen", "disc")]
    code = f"{TWO_SCALERS}{clips[0]}        t.unscale_(b)\n{clips[1]}{STEPS}".encode()
    result = fix_bytes(code, "a.py", lambda raw: check_source(raw.decode(), "a.py"), unsafe=True)
    assert result.new.decode() == code.decode().replace(clips[0], f"        s.unscale_(a)\n{clips[0]}")


def test_a_fix_counts_where_the_rule_comes_to_another_object() -> None:
    def lint(raw: bytes) -> list[Finding]:
        text = raw.decode()
        left = [name for name in ("first", "second") if f"{name}.clear()" not in text]
        found = [finding(raw, "a.py", "step()", [before(text, "step()", f"{name}.clear()")]) for name in left[:1]]
        return [
            dataclasses.replace(one, message=f"`{name}` is never cleared")
            for one, name in zip(found, left, strict=False)
        ]

    result = fix_bytes(b"step()\n", "a.py", lint, unsafe=False)
    assert (result.new, result.left) == (b"first.clear()\nsecond.clear()\nstep()\n", ())

"""Bytes to Python text: every encoding Python reads is read, and what it does not read is said in one sentence."""

from __future__ import annotations

import ast
import codecs
from pathlib import Path

import pytest

from looplint.sources import Unreadable, from_text, read, syntax_note

PLAIN = "name = 'Grüße'\nprint(name)\n"


@pytest.mark.parametrize(
    "raw",
    [
        PLAIN.encode(),
        codecs.BOM_UTF8 + PLAIN.encode(),
        codecs.BOM_UTF8 + b"# coding: utf-8\n" + PLAIN.encode(),
        b"# -*- coding: latin-1 -*-\n" + PLAIN.encode("latin-1"),
        b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n" + PLAIN.encode("cp1252"),
        b"# coding: latin-1\r" + PLAIN.replace("\n", "\r").encode("latin-1"),
        b"# a comment\r\rother = 1 # coding: cp037\r" + PLAIN.encode(),
        b"#\n#\n# coding: latin-1 counts on the first two lines only\n" + PLAIN.encode(),
        b"# coding: shift_jis\nname = 'Gr' + chr(252) + chr(223) + 'e'\nprint(name)\n",
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("name", "\x0cname", 1).encode(),
    ],
)
def test_text_is_what_python_runs(raw: bytes) -> None:
    (source,) = from_text(raw, "train.py")
    printed: list[str] = []
    exec(compile(source.text, "train.py", "exec"), {"print": printed.append})
    assert printed == ["Grüße"]
    assert "\r" not in source.text
    assert source.text.count("\n") == len(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")) - 1


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (PLAIN.encode("latin-1"), "not UTF-8 (byte 0xfc on line 1)"),
        (b"\n\r\n\rx = '\xff'", "not UTF-8 (byte 0xff on line 4)"),
        (PLAIN.encode("utf-16"), "UTF-16"),
        (b"# coding: klingon\n", "klingon"),
        (b"# coding: rot13\ncevag(1)\n", "rot13"),
        (b"# coding: punycode\n" + b"x" * 99, "punycode"),
        (b"# coding: utf-7\n", "utf-7"),
        (b"# coding: ascii\nx = '\xe9'\n", "ascii"),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", "coding comment"),
        (b"\x7fELF\0\0", "NUL"),
        (b"# coding: utf-8\nx = '\xe9'", "byte 0xe9 on line 2"),
    ],
)
def test_unreadable_says_why_and_what_to_do(raw: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as failure:
        from_text(raw, "old/model.py")
    said = str(failure.value)
    assert said.startswith("old/model.py: ") and why in said and "\n" not in said
    assert any(remedy in said for remedy in ("save it as UTF-8", "correct the coding comment"))


def test_unreadable_paths(tmp_path: Path) -> None:
    (tmp_path / "loop.py").symlink_to(tmp_path / "loop.py")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere.py")
    for name, why in [
        ("missing.py", "no such file"),
        ("gone.py", "link to nothing"),
        ("loop.py", "symbolic links"),
        (".", "folder"),
    ]:
        with pytest.raises(Unreadable, match=why) as failure:
            read(tmp_path / name, name)
        assert str(failure.value).startswith(f"{name}: ")


def test_empty_files_are_programs(tmp_path: Path) -> None:
    for name in ("a.py", "a.ipynb", "a.md", "a.rst"):
        (tmp_path / name).write_bytes(b"")
        (source,) = read(tmp_path / name)
        assert (source.text, source.notes, source.locate(1, 1).row) == ("", (), 1)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = 1\nprint 'loss', x\n", "train.py:2:1: Python 2 code (the print statement)"),
        ("try:\n    f()\nexcept ValueError, e:\n    pass\n", "`except` without brackets may need Python 3.14"),
        ('print(f"{x}" y)\n', "(invalid syntax. Perhaps you forgot a comma?)"),
        ("raise ValueError, 'no'\n", "Python 2 code (`raise X, message`)"),
        ("mode = 0755\n", "Python 2 code (its form of numbers)"),
        ("size = 10L\n", "Python 2 code (its form of numbers)"),
        ("if a <> b: pass\n", "Python 2 code (`<>`)"),
        ("def f(a, (b, c)): pass\n", "Python 2 code (a tuple as a parameter)"),
        ("exec 'x = 1'\n", "Python 2 code (the exec statement)"),
        ("f(**a, *b)\n", "iterable argument unpacking follows keyword argument unpacking"),
        ("def f(:\n    pass\n", "train.py:1:7: not valid Python 3"),
        ("x = (1,\n", "'(' was never closed"),
        ("for x in y:\nloss = 1\n", "train.py:2:1: not valid Python 3"),
        ("x = '\x1b[31m\n", "not valid Python 3"),
        ("\x1b[31m\n", "not valid Python 3"),
        ("x = 1\0\n", "train.py"),
        ("-" * 200_000 + "1\n", "nested too deeply"),
    ],
)
def test_syntax_note(code: str, expected: str) -> None:
    with pytest.raises((SyntaxError, ValueError, RecursionError, MemoryError)) as failure:
        ast.parse(code)
    note = syntax_note("train.py", failure.value, code)
    assert expected in note and "skipped" in note and note.isprintable()
    assert ("Python 2" in note) == ("Python 2" in expected)

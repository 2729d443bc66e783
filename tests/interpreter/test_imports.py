"""Imports: the names that files of the program define and export."""

from __future__ import annotations

from pathlib import Path

from hand_made import NoLibrary, at_the_end, value

from looplint.events import EventGraph, Place
from looplint.interpreter.reader import Reader
from looplint.interpreter.values import Const, ModuleValue, Symbol
from looplint.program.program import Program
from looplint.sources import from_text


def reading(folder: Path, code: str, **files: str) -> Reader:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    program = Program()
    (source,) = from_text(code, str(folder / "train.py"))
    module = program.add(source, str(folder / "train.py"))
    return at_the_end(Reader(program, EventGraph("code", Place("code.py", 1, 1, 1, 1)), module, True, NoLibrary))


def test_names_of_another_file(tmp_path: Path) -> None:
    reader = reading(tmp_path, "import tools\nfrom tools import n, m as k\nx = tools.n", tools="n = 1\nm = 2\n")
    assert [value(reader, name) for name in ("x", "n", "k")] == [Const(1), Const(1), Const(2)]
    assert isinstance(value(reader, "tools"), ModuleValue)


def test_a_star_is_followed_through_several_files(tmp_path: Path) -> None:
    reader = reading(tmp_path, "from a import *\nx = n", a="from b import *\n", b="n = 7\n")
    assert value(reader, "x") == Const(7)


def test_files_that_import_each_other_end(tmp_path: Path) -> None:
    reader = reading(tmp_path, "from a import n", a="from b import n\n", b="from a import n\n")
    assert value(reader, "n") == Symbol("a.n") or value(reader, "n") is not None
    assert reader.record.resolving == set()


def test_of_two_definitions_the_last_counts_and_of_two_values_any(tmp_path: Path) -> None:
    text = "def f():\n    return 1\ndef f():\n    return 2\nif unknown:\n    n = 1\nelse:\n    n = None\n"
    reader = reading(tmp_path, "from tools import f, n\nx = f()", tools=text)
    assert (value(reader, "x"), value(reader, "n")) == (Const(2), Const(1))


def test_what_is_not_there_is_a_name_of_unknown_code(tmp_path: Path) -> None:
    reader = reading(tmp_path, "from torch import nn\nfrom elsewhere.deep import f")
    assert (value(reader, "nn"), value(reader, "f")) == (Symbol("torch.nn"), Symbol("elsewhere.deep.f"))


def test_files_are_followed_as_far_as_the_budget_goes(tmp_path: Path) -> None:
    reader = reading(tmp_path, "pass", a="n = 1\n", b="n = 2\n")
    reader.budget.files = 1
    module = reader.now.module
    assert reader.imports.module_of(module, "a") is not None
    assert reader.imports.module_of(module, "b") is None
    assert reader.imports.module_of(module, "a") is not None, "it is known already"

"""A program: its files, and which file an import means."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from looplint.program.program import Module, Program
from looplint.sources import from_text


def module(code: str, path: str = "") -> Module:
    (source,) = from_text(code, "code.py")
    return Program().add(source, path)


def test_places_count_characters_and_rows_from_one() -> None:
    found = module('é = "ü"; x = f(1)\n')
    place = found.place(found.tree.body[1])
    assert (place.row, place.column, place.text) == (1, 10, "x = f(1)")


def test_statements_that_bind_a_name_also_in_functions_that_declare_it_global() -> None:
    found = module("a = 1\nimport b.c as a\nfor a, (d, *e) in x: pass\ndef f():\n    global a\n    a = 2\n")
    assert [type(one).__name__ for one in found.bindings["a"]] == ["Assign", "Import", "For", "Assign"]
    assert {"d", "e", "f"} <= set(found.bindings) and "b" not in found.bindings


def test_methods_that_are_called_by_the_last_name_of_their_receiver() -> None:
    assert module("self.opt.step()\nopt.zero_grad()\ne.backward(loss)").uses == {
        "opt": {"step", "zero_grad"},
        "e": {"backward(loss)"},
    }


def test_type_parameters_have_the_type_of_their_bound() -> None:
    bounds = module("def f[T: Net, S](x: T): pass\n").type_bounds
    assert {name: ast.unparse(bound) for name, bound in bounds.items()} == {"T": "Net"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("pyproject.toml", "pkg/__init__.py", "pkg/a.py", "pkg/sub/__init__.py", "pkg/sub/b.py", "c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("importer", "dotted", "level", "expected"),
    [
        ("c.py", "pkg.a", 0, "pkg/a.py"),
        ("c.py", "pkg", 0, "pkg/__init__.py"),
        ("pkg/a.py", "sub.b", 1, "pkg/sub/b.py"),
        ("pkg/sub/b.py", "a", 2, "pkg/a.py"),
        ("pkg/sub/b.py", "c", 0, "c.py"),
        ("c.py", "torch.nn", 0, None),
    ],
)
def test_the_file_that_an_import_means(
    project: Path, importer: str, dotted: str, level: int, expected: str | None
) -> None:
    found = Program().locate(str(project / importer), dotted, level)
    assert found == (None if expected is None else str(project / expected))


def test_a_file_that_changed_is_parsed_again(project: Path) -> None:
    program, path = Program(), str(project / "c.py")
    first = program.load(path)
    assert first is not None and program.load(path) is first
    (project / "c.py").write_text("x = 1\n")
    program.drop(path)
    second = program.load(path)
    assert second is not None and "x" in second.bindings

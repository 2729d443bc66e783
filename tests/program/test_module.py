"""One parsed file: its places, what it binds, and the methods that it calls."""

from __future__ import annotations

import ast

from looplint.program.module import Module
from looplint.program.program import Program
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

"""Which module classes may compute something different in training mode."""

from __future__ import annotations

import ast

import pytest
from class_text import IMPORTS, module, reader_of


@pytest.mark.parametrize(
    ("made", "sensitive"),
    [
        ("nn.Linear(1, 1)", False),
        ("nn.Dropout(0.1)", True),
        ("nn.LSTM(1, 1)", False),
        ("nn.LSTM(1, 1, dropout=0.1)", True),
        ("nn.Sequential(nn.Linear(1, 1), nn.ReLU())", False),
        ("nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))", True),
        ("nn.utils.weight_norm(nn.Linear(1, 1))", False),
        ("own_layer(1)", True),
    ],
)
def test_a_layer_decides(made: str, sensitive: bool) -> None:
    assert module("x = self.layer(x)", init=(f"self.layer = {made}",)).mode_sensitive is sensitive


def test_a_class_that_asks_for_its_mode_has_one() -> None:
    assert module("x = x if self.training else 2 * x").mode_sensitive
    assert not module("x = 2 * x").mode_sensitive


def test_layers_that_are_passed_in_may_have_one() -> None:
    code = """\
class Net(nn.Module):
    def __init__(self, inner):
        self.inner = inner
    def forward(self, x):
        return self.inner(x)
"""
    reader = reader_of(code)
    found = reader.read(reader.nodes[0])
    assert found is not None and found.mode_sensitive


def test_functions_that_give_layers() -> None:
    code = """\
def plain(n):
    return nn.Linear(n, n)
def norm(n):
    return nn.BatchNorm1d(n)
class Net(nn.Module):
    pass
"""
    reader = reader_of(code)
    functions = [node for node in ast.parse(IMPORTS + code).body if isinstance(node, ast.FunctionDef)]
    assert {node.name: reader.gives_mode(node) for node in functions} == {"plain": False, "norm": True}


def test_imported_classes_without_a_mode_leave_it_without_one() -> None:
    code = "from own import Block\nclass Net(nn.Module):\n    def __init__(self):\n        self.block = Block()\n"
    reader = reader_of(code)
    (node,) = reader.nodes
    (block,) = (one for one in ast.parse("class Block(nn.Module):\n    pass").body if isinstance(one, ast.ClassDef))
    assert (reader.mode_sensitive(node, {}), reader.mode_sensitive(node, {"Block": block})) == (True, False)

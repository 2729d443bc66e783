"""Module classes of a text, and the parts that read them."""

from __future__ import annotations

import ast

from looplint.module_classes import ModuleReader
from looplint.module_classes.classes import Classes
from looplint.module_classes.module_class import ModuleClass
from looplint.module_classes.text import Text
from looplint.syntax.imports import Imports

IMPORTS = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"


def reader_of(code: str) -> ModuleReader:
    text = IMPORTS + code
    tree = ast.parse(text)
    return ModuleReader(tree, "net.py", Imports.of(tree).dotted, text)


def read(code: str) -> ModuleClass:
    """The last class of a text."""
    reader = reader_of(code)
    found = reader.read(reader.nodes[-1])
    assert found is not None, "it is no module"
    return found


def module(*lines: str, init: tuple[str, ...] = ()) -> ModuleClass:
    """A module with these lines in its `forward`, and in its constructor."""
    made = "".join(f"        {line}\n" for line in ("super().__init__()", *init))
    body = "".join(f"        {line}\n" for line in (*lines, "return x"))
    return read(f"class Net(nn.Module):\n    def __init__(self):\n{made}    def forward(self, x):\n{body}")


def classes_of(code: str) -> tuple[Classes, dict[str, ast.ClassDef]]:
    text = IMPORTS + code
    tree = ast.parse(text)
    named = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    return Classes(tree, named, Imports.of(tree).dotted, Text("net.py", text.split("\n"))), named

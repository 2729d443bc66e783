"""Torch module classes as data: what is read of a class, however torch is imported."""

import ast
import textwrap

import pytest

from looplint.module_classes import module_classes
from looplint.module_classes.module_class import ModuleClass
from looplint.prefilter import Need, need
from looplint.syntax.imports import Imports


def read(text: str) -> dict[str, ModuleClass]:
    text = textwrap.dedent(text)
    tree = ast.parse(text)
    return {cls.name: cls for cls in module_classes(tree, "net.py", Imports.of(tree).dotted, text)}


@pytest.mark.parametrize(
    ("code", "expression", "name"),
    [
        ("import torch", "torch.nn.Linear", "torch.nn.Linear"),
        ("import torch.nn as nn", "nn.Linear", "torch.nn.Linear"),
        ("import torch.nn.functional", "torch.nn.functional.relu", "torch.nn.functional.relu"),
        ("from torch.nn import functional as F", "F.dropout", "torch.nn.functional.dropout"),
        ("from torch.nn.modules.linear import Linear as L", "L", "torch.nn.Linear"),
        ("from torch.nn import *", "Linear", "torch.nn.Linear"),
        ("from torch.nn import *", "Network", None),
        ("from torch.cuda.amp import GradScaler", "GradScaler", "torch.amp.GradScaler"),
        (
            "from torch.utils.data.distributed import DistributedSampler as S",
            "S",
            "torch.utils.data.DistributedSampler",
        ),
        ("from torch.optim.lr_scheduler import StepLR", "StepLR", "torch.optim.lr_scheduler.StepLR"),
        ("from torch.optim.adamw import AdamW", "AdamW", "torch.optim.AdamW"),
        ("from . import models", "models.Net", ".models.Net"),
        ("from ..zoo.nets import Net as N", "N", "..zoo.nets.Net"),
        (
            "try:\n    from apex import Adam\nexcept ImportError:\n    from torch.optim import Adam",
            "Adam",
            "torch.optim.Adam",
        ),
        ("def f():\n    if x:\n        import torch as t", "t.nn.Linear", "torch.nn.Linear"),
        ("from torch import nn\nLayer = nn.Linear", "Layer", "torch.nn.Linear"),
        ("import torch", "model.torch", None),
        ("import torch", "torch.zeros(3).sum", None),
    ],
)
def test_names_through_imports(code: str, expression: str, name: str | None) -> None:
    assert Imports.of(ast.parse(code)).dotted(ast.parse(expression, mode="eval").body) == name


def test_which_classes_are_modules() -> None:
    found = read(
        """
        import torch
        from torch import nn
        from lightning import LightningModule
        from .base import Base

        class Net(nn.Module): ...
        class Deeper(Net): ...
        class Lit(LightningModule): ...
        class Probably(Base):
            def __init__(self):
                self.fc = nn.Linear(1, 1)
            def forward(self, x): ...
        class Unknown(Base):
            def forward(self, x): ...
        class Function(torch.autograd.Function):
            def forward(self, x): ...
        class Plain:
            def __init__(self):
                self.fc = nn.Linear(1, 1)
            def forward(self, x): ...
        """
    )
    assert {name: cls.certain for name, cls in found.items()} == {
        "Net": True,
        "Deeper": True,
        "Lit": True,
        "Probably": False,
    }


def test_layers_come_with_place_options_and_whether_they_train() -> None:
    (net,) = read(
        """
        import torch.nn as nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.größe = nn.Linear(4, 4, bias=False).to("cpu")
                self.norm = nn.LayerNorm(4, elementwise_affine=False)
                self.drop = nn.Dropout(p=0.1)
        """
    ).values()
    assert [(layer.attribute, layer.constructor, layer.parameters) for layer in net.layers] == [
        ("größe", "torch.nn.Linear", True),
        ("norm", "torch.nn.LayerNorm", False),
        ("drop", "torch.nn.Dropout", False),
    ]
    linear = net.layers[0]
    assert linear.options == {"bias": False}
    assert (linear.place.row, linear.place.column, linear.place.text) == (7, 22, "nn.Linear(4, 4, bias=False)")


@pytest.mark.parametrize(
    ("layer", "sensitive"),
    [
        ("nn.Linear(2, 2)", False),
        ("nn.BatchNorm1d(2)", True),
        ("nn.Sequential(nn.ReLU(), nn.Dropout())", True),
        ("make()", True),
    ],
)
def test_a_module_with_unknown_parts_may_depend_on_the_mode(layer: str, sensitive: bool) -> None:
    found = read(
        f"""
        from torch import nn

        class Inner(nn.Module):
            def __init__(self):
                self.layer = {layer}

        class Outer(nn.Module):
            def __init__(self):
                self.inner = Inner()
        """
    )
    assert found["Inner"].mode_sensitive is sensitive
    assert found["Outer"].mode_sensitive is sensitive


@pytest.mark.parametrize(
    ("made", "sensitive"),
    [("3 * self.size", False), ("int(self.size)", False), ("Unknown(self.size)", True), ("nn.Dropout()", True)],
)
def test_what_a_method_of_the_class_returns_may_have_a_mode(made: str, sensitive: bool) -> None:
    found = read(
        f"""
        from torch import nn

        class Net(nn.Module):
            def __init__(self, size):
                self.size = size
                self.made = self.make()

            def make(self):
                made = {made}
                return made
        """
    )
    assert found["Net"].mode_sensitive is sensitive


def test_recursive_and_repeated_classes_end() -> None:
    found = read(
        """
        from torch import nn

        class Tree(nn.Module):
            def __init__(self, depth):
                self.left = Tree(depth - 1)
            def forward(self, x):
                return self.forward(x)

        class A(B): ...
        class B(A): ...
        """
    )
    assert list(found) == ["Tree"]
    assert not found["Tree"].parameters


def test_a_call_over_several_lines_is_mended_in_its_own_style() -> None:
    (net,) = read(
        """
        import torch.nn.functional as F
        from torch import nn

        class Net(nn.Module):
            def forward(self, x):
                x = F.dropout(x)
                return F.dropout(
                    x,
                    p=0.1,
                )
        """
    ).values()
    short, long = (dropout.mended for dropout in net.dropouts)
    assert short == "F.dropout(x, training=self.training)"
    assert long == "F.dropout(\n            x,\n            p=0.1,\n            training=self.training,\n        )"


def test_a_file_is_read_for_the_layers_that_a_helper_of_forward_makes() -> None:
    code = b"""
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        self.head = self.make(3)

    def make(self, width):
        return nn.Linear(width, width)

    def forward(self, x):
        return self.mixed(x)

    def mixed(self, x):
        return %s
"""
    assert need(code % b"nn.Linear(3, 3)(x)") is Need.CLASSES
    assert need(code % b"self.head(x)") is Need.NOTHING

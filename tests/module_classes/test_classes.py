"""Which classes of a file are modules, and what layers they construct."""

from __future__ import annotations

import pytest
from class_text import classes_of, read

TWO = """\
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(4)
class Net(Base):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4, bias=False)
    def forward(self, x):
        return self.layer(x)
"""


def test_layers_of_a_base_come_first() -> None:
    net = read(TWO)
    assert [(one.constructor, one.attribute) for one in net.layers] == [
        ("torch.nn.BatchNorm1d", "norm"),
        ("torch.nn.Linear", "layer"),
    ]
    assert net.layers[1].options == {"bias": False}
    assert (net.parameters, net.statistics, net.certain) == (True, True, True)


def test_a_module_is_one_by_its_bases_or_looks_like_one() -> None:
    classes, named = classes_of(TWO + "class Plain:\n    pass\nclass Looks(Other):\n    def __init__(self):\n"
                                "        self.a = nn.Linear(1, 1)\n    def forward(self, x): pass\n")  # fmt: skip
    assert {name: classes.is_module(node) for name, node in named.items()} == {
        "Base": True,
        "Net": True,
        "Plain": None,
        "Looks": False,
    }


@pytest.mark.parametrize(
    ("line", "fresh"),
    [
        ("pass", True),
        ("self.layer.load_state_dict(other)", False),
        ("self.layer.requires_grad_(False)", False),
        ("self.more = make_layer()", False),
    ],
)
def test_a_class_is_fresh_where_nothing_is_loaded_copied_or_frozen(line: str, fresh: bool) -> None:
    code = f"class Net(nn.Module):\n    def __init__(self):\n        self.layer = nn.Linear(1, 1)\n        {line}\n"
    assert read(code).fresh is fresh


def test_a_class_that_contains_itself_ends() -> None:
    code = "class Net(nn.Module):\n    def __init__(self):\n        self.inner = Net()\n"
    assert (read(code).parameters, read(code).statistics) == (False, False)

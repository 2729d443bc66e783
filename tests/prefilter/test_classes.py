"""Code that a file's module classes need in order to be analysed."""

from __future__ import annotations

import pytest

from looplint.prefilter import classes

NET = "class Net(nn.Module):\n    def __init__(self):\n        {init}\n    def forward(self, x):\n        {body}\n"


@pytest.mark.parametrize(
    ("init", "body", "found"),
    [
        ("self.a = nn.Linear(1, 1)", "return self.a(x)", False),
        ("pass", "return nn.Linear(1, 1)(x)", True),
        ("pass", "return nn.ReLU()(x)", False),
        ("self.a = [nn.Linear(1, 1)]", "return x", True),
        ("self.a = nn.ModuleList([nn.Linear(1, 1)])", "return x", False),
        ("self.a = (nn.Linear(1, 1), nn.Linear(1, 1))", "return x", True),
        ("self.a = []\n        self.a.append(nn.Linear(1, 1))", "return x", True),
        ("pass", "return F.dropout(x)", True),
        ("pass", "return F.dropout(x, training=self.training)", False),
        ("self.a = nn.Parameter(w).cuda()", "return x", True),
        ("self.a = nn.Parameter(w)", "return x", False),
        ("self.a = nn.LSTM(1, 1)", "return self.a(x)[0][:, -1]", True),
        ("self.a = nn.ModuleList([nn.Linear(1, 1)] * 4)", "return x", True),
    ],
)
def test_code_in_which_a_class_may_be_wrong(init: str, body: str, found: bool) -> None:
    text = NET.format(init=init, body=body).encode()
    assert classes.has_site(text, text) is found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (b"nn.Sequential(*[nn.Linear(1, 1)] * 4)", True),
        (b"nn.Sequential(*[nn.Linear(1, 1) for _ in range(4)])", False),
        (b"block = nn.Linear(1, 1)\nall = [block for _ in range(4)]", True),
        (b"dict.fromkeys(names, nn.Linear(1, 1))", True),
        (b"x = [0] * 4", False),
    ],
)
def test_one_layer_in_several_places(code: bytes, found: bool) -> None:
    assert classes.repeats_layers(code) is found


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("BUILD", NET.format(init="pass", body="return nn.Linear(1, 1)(x)")),
        ("DROPOUT", NET.format(init="pass", body="return F.dropout(x)")),
        ("UNSWITCHED", NET.format(init="pass", body="return nn.Dropout(0.5)(x)")),
        ("HOLD", NET.format(init="self.a = [nn.Linear(1, 1)]", body="return x")),
        ("DERIVE", NET.format(init="self.a = nn.Parameter(w).cuda()", body="return x")),
        ("SHARE", NET.format(init="self.a = nn.ModuleList([nn.Linear(1, 1)] * 4)", body="return x")),
        ("PICK", NET.format(init="self.a = nn.LSTM(1, 1)", body="return self.a(x)[0][:, -1]")),
    ],
)
def test_each_kind_of_event_in_a_class_has_its_form(kind: str, code: str) -> None:
    text, without = code.encode(), NET.format(init="pass", body="return x").encode()
    form = {**classes.IN_FORWARD, **classes.ANYWHERE}[kind]
    assert form(text, text)
    assert not form(without, without)

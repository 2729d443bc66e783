"""Functional dropout in code that `forward` runs."""

from __future__ import annotations

import pytest
from class_text import module, read


@pytest.mark.parametrize(
    ("line", "decided"),
    [
        ("x = F.dropout(x)", False),
        ("x = F.dropout(x, 0.5)", False),
        ("x = F.dropout(x, 0.5, self.training)", True),
        ("x = F.dropout(x, training=mode)", True),
        ("x = F.dropout(x, p=0)", True),
        ("x = F.dropout(x) if self.training else x", True),
        ("x = F.dropout(*x)", True),
    ],
)
def test_the_mode_decides_or_not(line: str, decided: bool) -> None:
    (found,) = module(line).dropouts
    assert (found.name, found.method, found.decided) == ("F.dropout", "forward", decided)


def test_the_call_with_its_mode() -> None:
    (found,) = module("x = F.dropout(x, 0.5)").dropouts
    assert found.mended == "F.dropout(x, 0.5, training=self.training)"


@pytest.mark.parametrize("comment", ["  # Monte Carlo", "  # stochastic on purpose"])
def test_a_comment_says_that_it_is_meant(comment: str) -> None:
    (found,) = module("x = F.dropout(x)" + comment).dropouts
    assert found.on_purpose


def test_other_methods_and_other_functions_do_not_count() -> None:
    assert module("x = F.relu(x)").dropouts == ()
    code = "class Net(nn.Module):\n    def forward(self, x): return x\n    def sample(self, x): return F.dropout(x)\n"
    assert read(code).dropouts == ()

"""Functions that drop out with the rate that they are passed."""

from __future__ import annotations

import pytest
from class_text import read

CODE = """
class Net(nn.Module):
    def __init__(self, rate=0.1):
        self.rate = rate
        self.none = 0.0
        self.drop = nn.Dropout(rate)

    def forward(self, x, given=0.1):
        return {}
"""


@pytest.mark.parametrize(
    ("call", "cure"),
    [
        (
            "F.scaled_dot_product_attention(x, x, x, dropout_p=self.rate)",
            "dropout_p=self.rate if self.training else 0.0",
        ),
        ("F.scaled_dot_product_attention(x, x, x, None, 0.1)", "dropout_p=0.1 if self.training else 0.0"),
        (
            "F.scaled_dot_product_attention(x, x, x, dropout_p=self.drop.p)",
            "dropout_p=self.drop.p if self.training else 0.0",
        ),
        ("F.scaled_dot_product_attention(x, x, x)", None),
        ("F.scaled_dot_product_attention(x, x, x, dropout_p=0)", None),
        ("F.scaled_dot_product_attention(x, x, x, dropout_p=self.none)", None),
        ("F.scaled_dot_product_attention(x, x, x, dropout_p=given)", None),
        ("F.scaled_dot_product_attention(x, x, x, dropout_p=self.rate if self.training else 0)", None),
        ("F.scaled_dot_product_attention(*x, dropout_p=self.rate)", None),
    ],
)
def test_a_rate_that_is_the_same_in_both_modes(call: str, cure: str | None) -> None:
    found = read(CODE.format(call)).dropouts
    assert [one.cure for one in found if not one.decided] == ([cure] if cure else [])


def test_a_condition_around_the_call_decides() -> None:
    call = "F.scaled_dot_product_attention(x, x, x, dropout_p=self.rate) if self.training else x"
    assert [one.decided for one in read(CODE.format(call)).dropouts] == [True]

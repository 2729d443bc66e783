"""Dropout that `train()` and `eval()` do not control."""

from __future__ import annotations

import pytest
from class_text import module, read


def test_a_dropout_that_is_made_in_forward_is_always_on() -> None:
    (found,) = module("x = nn.Dropout(0.1)(x)").unswitched
    assert (found.kind, found.decided, found.mended) == (
        "made",
        False,
        "nn.functional.dropout(x, 0.1, training=self.training)",
    )


MASK = """\
class {name}(nn.Module):
    def forward(self, x):
        {guard}mask = torch.rand_like(x) > self.p
        return x * mask / (1 - self.p)
"""


def test_a_mask_that_is_drawn_in_both_modes() -> None:
    (found,) = read(MASK.format(name="Own", guard="")).unswitched
    assert (found.kind, found.name, found.decided) == ("mask", "Own", False)


@pytest.mark.parametrize("guard", ["if not self.training: return x\n        ", "if deterministic: return x\n        "])
def test_a_mask_that_code_turns_off(guard: str) -> None:
    (found,) = read(MASK.format(name="Own", guard=guard)).unswitched
    assert found.decided


def test_a_rate_that_is_set_to_zero_and_never_back() -> None:
    (found,) = module("if not self.training:", "    self.drop_rate = 0", init=("self.drop_rate = 0.1",)).unswitched
    assert (found.kind, found.name) == ("rate", "self.drop_rate")
    restored = module("if not self.training:", "    self.drop_rate = 0", "else:", "    self.drop_rate = 0.1")
    assert restored.unswitched == ()

"""Methods that clear gradients for the next call of another one."""

from __future__ import annotations

import ast

import pytest

from looplint.interpreter.left_cleared import leaves_cleared


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("optimizer.zero_grad()", True),
        ("if begin:\n        optimizer.zero_grad()", True),
        ("optimizer.step()\n    optimizer.zero_grad()", True),
        ("optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()", False),
        ("other.zero_grad()\n    optimizer.step()", True),
        ("optimizer.step()", False),
    ],
    ids=["alone", "sometimes", "behind its step", "in front of its step", "of another optimizer", "none"],
)
def test_a_clear_is_left_for_the_next_call_unless_a_step_of_its_optimizer_follows(body: str, left: bool) -> None:
    (method,) = ast.parse(f"def run(self, loss):\n    {body}\n").body
    assert leaves_cleared(method) is left
    assert leaves_cleared(method) is left  # of the same method once more, which is not searched again

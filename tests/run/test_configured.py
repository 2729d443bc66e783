"""What a project's configuration says of code that cannot be analysed."""

from __future__ import annotations

from looplint.events import Kind
from looplint.knowledge.effect import Effect, Returns
from looplint.run.configured import effects


def test_rows_of_functions_and_of_methods_of_anything() -> None:
    rows = effects(["own.reset", "*.reset_grads"], ["own.Layer"], ["own.loss_value"])
    assert rows == {
        "own.reset": Effect(Kind.CLEAR, 0),
        "*.reset_grads": Effect(Kind.CLEAR, "self"),
        "own.Layer": Effect(returns=Returns.MODULE),
        "own.loss_value": Effect(returns=Returns.NUMBER),
    }


def test_what_clears_comes_before_the_other_messages() -> None:
    assert effects(["own.f"], ["own.f"], [])["own.f"].kind is Kind.CLEAR

"""Outputs of recurrent layers, indexed as if the batch came first."""

from __future__ import annotations

import pytest
from class_text import module


@pytest.mark.parametrize("taken", ["out[:, -1]", "out[:, -1, :]", "out.mean(dim=1)"])
def test_the_second_dimension_of_what_gives_the_time_first(taken: str) -> None:
    (found,) = module("out, _ = self.rnn(x)", f"x = {taken}", init=("self.rnn = nn.LSTM(3, 4)",)).sequences
    assert found.place.text == taken
    assert found.made.text == "nn.LSTM(3, 4)"


@pytest.mark.parametrize(
    ("made", "taken"),
    [
        ("nn.LSTM(3, 4, batch_first=True)", "out[:, -1]"),
        ("nn.LSTM(3, 4)", "out[-1]"),
        ("nn.Linear(3, 4)", "out[:, -1]"),
    ],
    ids=["the batch comes first", "the last time", "no sequence"],
)
def test_what_is_right(made: str, taken: str) -> None:
    assert module("out, _ = self.rnn(x)", f"x = {taken}", init=(f"self.rnn = {made}",)).sequences == ()

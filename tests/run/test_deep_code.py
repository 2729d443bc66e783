"""Room for deeply nested code."""

from __future__ import annotations

import sys

import pytest

from looplint.run.deep_code import FRAMES, room_for_deep_code


def test_the_limit_is_raised_and_comes_back_whatever_happens() -> None:
    before = sys.getrecursionlimit()
    with pytest.raises(ValueError, match="inside"), room_for_deep_code():
        assert sys.getrecursionlimit() == max(before, FRAMES)
        raise ValueError("inside")
    assert sys.getrecursionlimit() == before


def test_a_higher_limit_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []
    monkeypatch.setattr(sys, "getrecursionlimit", lambda: FRAMES + 7)
    monkeypatch.setattr(sys, "setrecursionlimit", found.append)
    with room_for_deep_code():
        pass
    assert found == [FRAMES + 7, FRAMES + 7]

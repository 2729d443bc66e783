"""The seeds of the fuzzer (`tests/fuzz/fuzz.py`), and what it once broke, keep the promises."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parent / "fuzz"
sys.path.insert(0, str(FUZZ))

from promises import keeps_its_promises  # noqa: E402


@pytest.mark.parametrize("seed", sorted((FUZZ / "seeds").iterdir()), ids=lambda seed: seed.name)
def test_a_seed(seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    keeps_its_promises(seed.read_bytes(), seed.suffix)

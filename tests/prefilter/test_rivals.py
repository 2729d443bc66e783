"""Files about the training loops of another package."""

from __future__ import annotations

import pytest

from looplint.prefilter.rivals import about_a_rival


@pytest.mark.parametrize(
    ("kind", "packages", "rival"),
    [
        ("python", ["paddle.nn"], True),
        ("python", ["paddle", "torch"], False),
        ("markdown", ["paddle", "torch"], True),
        ("python", ["numpy", "torch.nn"], False),
    ],
)
def test_who_imports_another_package_and_not_torch(kind: str, packages: list[str], rival: bool) -> None:
    assert about_a_rival(kind, [(0, name, ()) for name in packages]) is rival


def test_a_relative_import_is_of_no_package() -> None:
    assert not about_a_rival("python", [(1, "paddle", ())])

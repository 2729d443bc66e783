"""The one switch that writes what the tests compare with: `pytest --update-goldens`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write the fixed fixtures, the README's tables and its picture instead of comparing with them",
    )


@pytest.fixture
def update_goldens(request: pytest.FixtureRequest) -> bool:
    """Whether to write what is committed instead of comparing with it."""
    return bool(request.config.getoption("--update-goldens"))

"""What goes for all tests, and three switches.

`pytest --update-goldens` writes what the tests compare with. `pytest --hypothesis-profile=thorough` runs each test of
a property (`@given`) on fifty times as many examples, new ones each time: minutes instead of seconds. `pytest
--parser libcst` has the programs under test read by libcst.
"""

from __future__ import annotations

import hypothesis
import pytest

import looplint.syntax.parse
from looplint.syntax.parse import PARSERS

hypothesis.settings.register_profile("ordinary", deadline=None, derandomize=True)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=5000)
hypothesis.settings.load_profile("ordinary")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write the fixed fixtures, the README's tables and its picture instead of comparing with them",
    )
    parser.addoption(
        "--parser", choices=PARSERS, default="auto", help="which parser reads the programs under test (default: auto)"
    )


def pytest_configure(config: pytest.Config) -> None:
    looplint.syntax.parse.default = config.getoption("--parser")


@pytest.fixture
def update_goldens(request: pytest.FixtureRequest) -> bool:
    """Whether to write what is committed instead of comparing with it."""
    return bool(request.config.getoption("--update-goldens"))

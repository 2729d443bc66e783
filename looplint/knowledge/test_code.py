"""Names of test code, by the conventions of unittest and pytest."""

from __future__ import annotations

import re

TEST_CASE = re.compile(r"(?:^|\.)\w*TestCase$")
"""Base classes of test cases."""

TEST_FILE = re.compile(r"(?:^|[\\/])(?:tests?[\\/].*|test_\w+\.py$|\w+_test\.py$|conftest\.py$)")
"""Paths of files that pytest collects."""

TEST_FUNCTION = re.compile(r"test(?:_|$)")
"""Names of test functions and methods."""

TEST_CLASS = re.compile(r"^Test|Tests?$|TestCase$")
"""Names of classes whose methods are tests."""

FIXTURES = frozenset(("fixture", "pytest.fixture", "pytest_asyncio.fixture"))
"""Decorators of fixtures of pytest, as they are written."""

"""Names of test code, by the conventions of unittest and pytest."""

from __future__ import annotations

import re

TEST_CASE = re.compile(r"(?:^|\.)\w*TestCase$")
"""Base classes of test cases."""

_TEST_FILE = re.compile(r"(?:^|[\\/])(?:tests?[\\/].*|test_\w+\.py$|\w+_test\.py$|conftest\.py$)")
_TEST_FUNCTION = re.compile(r"test(?:_|$)")
_TEST_CLASS = re.compile(r"^Test|Tests?$|TestCase$")


def is_test_function(path: str, name: str) -> bool:
    """Whether pytest would collect the function: by its name and that of its file, both (a script `test_model.py` with
    a `main`, or a function `test_epoch` of a training script, is none)."""
    return _TEST_FUNCTION.match(name) is not None and _TEST_FILE.search(path) is not None


def is_fixture(decorator: str) -> bool:
    """Whether a decorator, as written, makes a function a fixture of pytest."""
    return decorator.partition("(")[0] in ("fixture", "pytest.fixture", "pytest_asyncio.fixture")


def is_test_method(name: str, owner: str) -> bool:
    """Whether unittest or pytest would call the method as a test: by its name and that of its class."""
    return _TEST_FUNCTION.match(name) is not None and _TEST_CLASS.search(owner) is not None

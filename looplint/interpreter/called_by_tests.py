"""Code that a test framework calls: it is an entry point that runs once."""

from __future__ import annotations

from looplint.knowledge.test_code import FIXTURES, TEST_CLASS, TEST_FILE, TEST_FUNCTION


def is_test_function(path: str, name: str) -> bool:
    """Whether pytest would collect the function: by its name and that of its file, both (a script `test_model.py` with
    a `main`, or a function `test_epoch` of a training script, is none)."""
    return TEST_FUNCTION.match(name) is not None and TEST_FILE.search(path) is not None


def is_fixture(decorator: str) -> bool:
    """Whether a decorator, as written, makes a function a fixture of pytest."""
    return decorator.partition("(")[0] in FIXTURES


def is_test_method(name: str, owner: str) -> bool:
    """Whether unittest or pytest would call the method as a test: by its name and that of its class."""
    return TEST_FUNCTION.match(name) is not None and TEST_CLASS.search(owner) is not None

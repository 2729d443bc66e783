"""Code that a test framework calls."""

from __future__ import annotations

import pytest

from looplint.interpreter.called_by_tests import is_fixture, is_test_function, is_test_method


@pytest.mark.parametrize(
    ("path", "name", "found"),
    [
        ("tests/check.py", "test_fit", True),
        ("src/test_model.py", "test", True),
        ("src/model_test.py", "test_fit", True),
        ("src/train.py", "test_epoch", False),
        ("src/test_model.py", "main", False),
        ("src/contest.py", "test_fit", False),
    ],
)
def test_a_function_by_its_name_and_that_of_its_file(path: str, name: str, found: bool) -> None:
    assert is_test_function(path, name) is found


def test_a_method_by_its_name_and_that_of_its_class() -> None:
    assert is_test_method("test_fit", "TestTrainer") and is_test_method("test_fit", "TrainerTest")
    assert not is_test_method("test_fit", "Trainer") and not is_test_method("fit", "TestTrainer")


def test_a_decorator_of_a_fixture() -> None:
    assert is_fixture("pytest.fixture(scope='module')") and is_fixture("fixture")
    assert not is_fixture("pytest.mark.parametrize('x', [1])")

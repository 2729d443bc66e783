"""What of a file has to be analysed, by its bytes."""

from __future__ import annotations

import pytest

from looplint import prefilter
from looplint.prefilter import Need, need

NET = b"from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        self.a = [nn.Linear(1, 1)]\n"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"x = 1\n", Need.NOTHING),
        (b"loss.backward  # of something else\n", Need.NOTHING),
        (b"import torch\nx = 1\n", Need.NOTHING),
        (b"import torch\noptimizer.step()\n", Need.LOOPS),
        (NET, Need.CLASSES),
        (NET + b"optimizer.step()\n", Need.ALL),
        (b"import torch  # looplint: ignore\n", Need.ALL),
        (b"x = 1  # looplint: ignore\n", Need.ALL),
        (b"import torch  # noqa: LOOP201\n", Need.ALL),
    ],
)
def test_loops_classes_both_or_nothing(data: bytes, found: Need) -> None:
    assert need(data) is found


def test_a_file_that_trains_says_two_things_of_a_loop_or_validates() -> None:
    assert prefilter.trains(b"loss.backward()\noptimizer.step()")
    assert prefilter.trains(b"for epoch in range(3):\n    loss.backward()")
    assert prefilter.trains(b"model.eval()\nfor x in loader: pass")
    assert not prefilter.trains(b"loss.backward()")


def test_what_importers_are_judged_by() -> None:
    assert prefilter.may_export(b"class Net(Base): pass")
    assert prefilter.may_export(b"def make(): return optim.SGD(p)")
    assert not prefilter.may_export(b"class E(Exception): pass\nclass T(NamedTuple): pass\nn = 1")


def test_the_parts_of_a_file_that_may_hold_a_mistake() -> None:
    data = b"def a(): loss.backward()\ndef b(): pass\n"
    is_site, is_step = prefilter.sites(data), prefilter.step_sites(data)
    first, second = data.splitlines()
    assert (is_site(first), is_site(second), is_step(first), is_step(second)) == (True, False, True, False)


def test_a_loop_over_what_is_imported_may_train_elsewhere() -> None:
    assert prefilter.loops_over_calls(b"import tools\nfor x in y: tools.fit(x)")
    assert not prefilter.loops_over_calls(b"for x in y: fit(x)")


@pytest.mark.parametrize(
    ("data", "kinds", "found"),
    [
        (b"import torch\noptimizer.step()\n", {"RUN"}, Need.LOOPS),
        (b"import torch, captum\nx.attribute(y)\n", {"RUN"}, Need.LOOPS),
        (b"import torch, captum\nx.attribute(y)\n", {"STEP"}, Need.NOTHING),
        (NET, {"STEP"}, Need.NOTHING),
        (NET, {"HOLD"}, Need.CLASSES),
        (b"import torch  # looplint: ignore\n", {"STEP"}, Need.ALL),
    ],
)
def test_what_the_rules_in_use_need(data: bytes, kinds: set[str], found: Need) -> None:
    """Code that trains is read for each of them."""
    assert need(data, kinds) is found

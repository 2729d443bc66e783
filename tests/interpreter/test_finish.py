"""What only the complete graph says of its objects."""

from __future__ import annotations

import pytest
from with_library import graphs

from looplint.events import Fact, Kind

TRAIN = """
def train(net: nn.Module, loader, optimizer):
    total = 0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        {}
        optimizer.step()
    {}
"""


@pytest.mark.parametrize(
    ("inside", "behind", "sum_is_a_loss", "summand_is_a_loss"),
    [
        ("total += loss; loss.backward()", "return total", False, True),
        ("total += loss", "total.backward()", True, False),
        ("total += loss", "return total", False, False),
    ],
    ids=["a log of losses", "a sum that is back-propagated", "no backward"],
)
def test_a_sum_is_a_loss_if_a_later_backward_reaches_it(
    inside: str, behind: str, sum_is_a_loss: bool, summand_is_a_loss: bool
) -> None:
    (keep,) = graphs(TRAIN.format(inside, behind))["train"].all(Kind.KEEP)
    assert keep.object is not None
    assert (Fact.BACKPROPAGATED in keep.subject.facts) is sum_is_a_loss
    assert (Fact.BACKPROPAGATED in keep.object.facts) is summand_is_a_loss


@pytest.mark.parametrize(("used", "certain"), [("out.backward()", True), ("print(out)", False)])
def test_what_has_a_forward_is_a_module_if_its_output_is_back_propagated(used: str, certain: bool) -> None:
    graph = graphs(f"def train(model, x):\n    out = model.forward(x).sum()\n    {used}\n")["train"]
    (call,) = graph.all(Kind.FORWARD)
    assert call.subject.certain is certain

"""Direct calls of `forward`: which of them are events, and who calls."""

from __future__ import annotations

import pytest
from hand_made import happened
from with_library import reading

from looplint.events import Caller, Kind, Option

NET = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)
    def forward(self, x):
        return {returned}
{more}
net = Net()
y = net(x)
"""


def test_forward_that_is_called_directly_is_an_event_and_within_the_class_none() -> None:
    assert happened(reading("net = nn.Linear(1, 1)\ny = net.forward(x)"), Kind.FORWARD) == [(Kind.FORWARD, "net")]
    assert happened(reading(NET.format(returned="super().forward(x)", more="")), Kind.FORWARD) == []


@pytest.mark.parametrize(
    ("returned", "caller"),
    [("self.layer.forward(x + 1)", Caller.NETWORK), ("self.layer(x)", None)],
    ids=["direct", "call"],
)
def test_who_calls_the_forward_of_a_layer(returned: str, caller: Caller | None) -> None:
    found = [
        event.options[Option.CALLER]
        for event in reading(NET.format(returned=returned, more="")).graph.all(Kind.FORWARD)
    ]
    assert found == ([caller] if caller else [])


def test_a_class_with_a_call_of_its_own_decides_itself_what_runs() -> None:
    more = "    def __call__(self, x):\n        return self.forward(x)"
    assert happened(reading(NET.format(returned="self.layer(x)", more=more) + "net.forward(x)"), Kind.FORWARD) == []


def test_a_method_that_only_passes_its_arguments_on_delegates() -> None:
    wrapper = """\
class Wrapper:
    def __init__(self, inner):
        self.inner = inner
    def forward(self, x):
        return self.inner.forward({given})
y = Wrapper(nn.Linear(1, 1)).forward(x)
"""
    assert happened(reading(wrapper.format(given="x")), Kind.FORWARD) == []
    assert len(happened(reading(wrapper.format(given="x + 1")), Kind.FORWARD)) == 1

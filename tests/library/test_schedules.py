"""Learning rate schedules: what their functions read and return."""

from __future__ import annotations

import pytest
from hand_made import object_of
from with_library import reading

from looplint.events import Fact, Option

OPT = "net = nn.Linear(1, 1)\nopt = optim.SGD(net.parameters(), lr=args.lr)\n"


@pytest.mark.parametrize(
    ("function", "rate"),
    [
        ("lambda n: args.lr * 0.5 ** n", True),
        ("lambda n: 0.5 ** n", False),
        ("lambda n: args.lr / 2 if n else args.lr", True),
        ("lambda n: n / args.warmup", False),
    ],
)
def test_a_function_that_returns_the_rate_itself(function: str, rate: bool) -> None:
    schedule = object_of(reading(OPT + f"s = lr_scheduler.LambdaLR(opt, {function})"), "s")
    assert (Fact.GIVES_RATE in schedule.facts) is rate


def test_groups_that_may_have_rates_of_their_own_are_left_alone() -> None:
    code = "opt = optim.SGD(given, lr=args.lr)\ns = lr_scheduler.LambdaLR(opt, lambda n: args.lr * 0.5 ** n)"
    assert Fact.GIVES_RATE not in object_of(reading(code), "s").facts


def test_a_rate_of_one_is_there_to_be_multiplied() -> None:
    code = "lr = 1\n" + OPT.replace("args.lr", "lr") + "s = lr_scheduler.LambdaLR(opt, lambda n: lr * 0.5 ** n)"
    assert Fact.GIVES_RATE not in object_of(reading(code), "s").facts
    assert Fact.GIVES_RATE in object_of(reading(code.replace("lr = 1", "lr = 0.1")), "s").facts


def test_what_a_schedule_counts_is_read_by_its_function() -> None:
    code = "loader = data.DataLoader(d, batch_size=4)\nn = len(loader)\n" + OPT
    counted = object_of(reading(code + "s = lr_scheduler.LambdaLR(opt, lambda i: i / n)"), "s")
    plain = object_of(reading(code + "s = lr_scheduler.LambdaLR(opt, lambda i: i / 10)"), "s")
    assert (Fact.COUNTS_BATCHES in counted.facts, Fact.COUNTS_BATCHES in plain.facts) == (True, False)


def test_how_many_steps_a_schedule_is_made_for() -> None:
    schedule = object_of(reading(OPT + "s = lr_scheduler.CosineAnnealingLR(opt, T_max=30)"), "s")
    assert schedule.options[Option.LENGTH] == 30

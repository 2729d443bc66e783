"""Meters that a program defines itself."""

from __future__ import annotations

from with_library import reading

from looplint.events import Kind

METER = """\
class Meter:
    def __init__(self):
        self.reset()
    def reset(self):
        self.total, self.n = 0, 0
    def update(self, value):
        self.total += value
        self.n += 1
    @property
    def mean(self):
        return self.total / self.n
meter = Meter()
"""


def events(code: str, meter: str = METER) -> list[tuple[Kind, str]]:
    found = reading(meter + code).graph.all(Kind.MEASURE, Kind.EMPTY)
    return [(event.kind, event.how) for event in found]


def test_a_meter_is_updated_read_and_reset() -> None:
    assert events("meter.update(loss.item())\nx = meter.mean\nmeter.reset()") == [
        (Kind.MEASURE, "updated"),
        (Kind.MEASURE, "computed"),
        (Kind.EMPTY, "reset"),
    ]


def test_a_meter_of_time_measures_nothing() -> None:
    assert events("import time\nmeter.update(time.time())") == []


def test_unknown_code_may_reset_it() -> None:
    assert [kind for kind, _ in events("import own\nown.start(meter)")] == [Kind.EMPTY]


def test_a_class_that_cannot_be_reset_is_none() -> None:
    endless = METER.replace("def reset", "def begin").replace("self.reset()", "self.begin()")
    assert events("meter.update(loss.item())\nx = meter.mean", endless) == []

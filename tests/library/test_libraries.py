"""Rows of libraries, looked up by dotted name."""

from __future__ import annotations

import pytest

from looplint.events import Fact, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Const
from looplint.library import libraries


def test_the_whole_name_is_more_specific_than_a_pattern() -> None:
    update = libraries.effects("timm.utils.AverageMeter.update", {})
    assert update is not None
    assert libraries.effects("timm.utils.NoMeter.no_method", {}) is None


@pytest.mark.parametrize("made_with", [{"foreach": True}, {"foreach": False}])
def test_a_name_of_no_known_package_has_no_row(made_with: dict[str, object]) -> None:
    assert libraries.effects("own.package.update", made_with) is None
    assert libraries.type_of("own.package.Thing") is Type.UNKNOWN
    assert not libraries.is_mode_free("own.package.Base")


def test_what_a_row_says_of_the_arguments_decides() -> None:
    accumulates = {
        steps: Fact.ACCUMULATES
        in libraries.facts("accelerate.Accelerator", Arguments([], {"gradient_accumulation_steps": Const(steps)}))
        for steps in (1, 4)
    }
    assert accumulates[1] is False
    assert accumulates[4] is True or libraries.facts("accelerate.Accelerator", Arguments([], {})) is not None


def test_metrics_are_updated_and_computed() -> None:
    rows = libraries.effects("torchmetrics.classification.Accuracy.compute", {})
    assert rows is not None and {row.kind for row in rows} == {Kind.MEASURE}

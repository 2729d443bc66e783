"""The interpreter's tables, for torch: types of bases, annotations and results."""

from __future__ import annotations

import pytest

from looplint.events import Type
from looplint.library.tables import TABLES


@pytest.mark.parametrize(
    ("base", "kind"),
    [
        ("torch.nn.Module", Type.MODULE),
        ("torch.nn.Linear", Type.MODULE),
        ("torch.optim.Optimizer", Type.OPTIMIZER),
        ("torch.optim.lr_scheduler.LRScheduler", Type.SCHEDULER),
        ("torch.utils.data.Sampler", Type.SAMPLER),
        ("torch.autograd.Function", Type.OTHER),
        ("torch.utils.data.DataLoader", Type.UNKNOWN),
        ("own.Base", Type.UNKNOWN),
    ],
)
def test_what_a_base_class_makes_of_a_class(base: str, kind: Type) -> None:
    assert TABLES.type_of_base(base) is kind


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        ("torch.optim.Optimizer", Type.OPTIMIZER),
        ("torch.Tensor", Type.UNKNOWN),
        ("torch.nn.Module", Type.MODULE),
        ("torch.utils.data.DataLoader", Type.LOADER),
    ],
)
def test_what_an_annotation_says_of_a_parameter(annotation: str, kind: Type) -> None:
    assert TABLES.type_of_annotation(annotation) is kind


def test_the_tables_are_filled() -> None:
    assert TABLES.root == "torch" and "torch" in TABLES.star_imports | {TABLES.root}
    assert {"step", "zero_grad"} <= set(TABLES.methods[Type.OPTIMIZER])
    assert TABLES.shared <= TABLES.wrappers

"""The types of results, by the dotted name of what is called."""

from __future__ import annotations

import pytest

from looplint.events import Fact, Type
from looplint.library.types import facts_of, type_of


@pytest.mark.parametrize(
    ("dotted", "kind"),
    [
        ("torch.optim.SGD", Type.OPTIMIZER),
        ("torch.optim.lr_scheduler.StepLR", Type.SCHEDULER),
        ("torch.optim.swa_utils.update_bn", Type.OTHER),
        ("torch.nn.Linear", Type.MODULE),
        ("torch.nn.MSELoss", Type.CRITERION),
        ("torch.nn.NLLLoss2d", Type.CRITERION),
        ("torch.utils.data.DataLoader", Type.LOADER),
        ("torch.utils.data.RandomSampler", Type.SAMPLER),
        ("torchvision.models.resnet18", Type.MODULE),
        ("transformers.AutoModel.from_pretrained", Type.MODULE),
        ("transformers.AutoTokenizer.from_pretrained", Type.OTHER),
        ("own.optim.MyAdamW", Type.OPTIMIZER),
        ("own.thing", Type.UNKNOWN),
        ("torch.zeros", Type.UNKNOWN),
    ],
)
def test_the_type_of_a_result(dotted: str, kind: Type) -> None:
    assert type_of(dotted) is kind


@pytest.mark.parametrize(
    ("constructor", "facts"),
    [
        ("torch.nn.functional.relu", {Fact.OF_TORCH, Fact.OF_FUNCTION}),
        ("torch.nn.Linear", {Fact.OF_TORCH}),
        ("Tensor.clone", {Fact.OF_TORCH, Fact.OF_FUNCTION, Fact.CLONED}),
        ("torch.optim.SGD", {Fact.OF_TORCH, Fact.GROWS_WITH_GRADIENTS}),
        ("apex.parallel.DistributedDataParallel", {Fact.AVERAGES_OVER_PROCESSES}),
        ("DistributedSampler", set()),
        ("own.thing", set()),
    ],
)
def test_what_the_name_of_a_constructor_says(constructor: str, facts: set[Fact]) -> None:
    assert facts_of(constructor) == facts

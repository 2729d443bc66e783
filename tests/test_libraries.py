"""What is known of libraries beside torch, each row with a program that is right and one that is not."""

from __future__ import annotations

import textwrap

import pytest

from looplint import check_source
from looplint.project.config import settings

START = """
import torch
from torch import nn

network = nn.Sequential(nn.Linear(6, 3), nn.Dropout(0.2))
rows = torch.utils.data.TensorDataset(torch.rand(24, 6), torch.randint(0, 3, (24,)))
loader = torch.utils.data.DataLoader(rows, batch_size=6, shuffle=True)
criterion = nn.CrossEntropyLoss()
"""


def names(code: str) -> list[str]:
    """The names of what is found in a program that begins like `START`."""
    found = check_source(START + textwrap.dedent(code), "train.py", settings(preview=True))
    return [finding.name for finding in found]


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        ("heavyball.SOAP(network.parameters(), lr=0.01)", []),
        ("heavyball.SOAP(network.parameters(), lr=0.01, consume_grad=keeps)", []),
        ("heavyball.SOAP(network.parameters(), lr=0.01, consume_grad=False)", ["missing-zero-grad"]),
        ("optimi.Adan(network.parameters(), lr=0.01, gradient_release=True)", []),
        ("optimi.Adan(network.parameters(), lr=0.01)", ["missing-zero-grad"]),
        ("optimi.Adan(network.parameters(), lr=0.01, gradient_release=False)", ["missing-zero-grad"]),
    ],
)
def test_optimizers_that_clear_by_themselves(optimizer: str, expected: list[str]) -> None:
    code = f"""
    import heavyball
    import optimi

    descent = {optimizer}
    for features, labels in loader:
        error = criterion(network(features), labels)
        error.backward()
        descent.step()
    """
    assert names(code) == expected


@pytest.mark.parametrize(("clear", "expected"), [("pass", ["missing-zero-grad"]), ("descent.zero_grad()", [])])
@pytest.mark.parametrize("asked", ["", ", need_update=True"])
def test_the_scaler_of_timm_goes_backward_and_steps(clear: str, expected: list[str], asked: str) -> None:
    code = f"""
    from timm.utils import NativeScaler

    descent = torch.optim.AdamW(network.parameters())
    amp = NativeScaler()
    for features, labels in loader:
        {clear}
        with torch.autocast("cpu"):
            error = criterion(network(features), labels)
        amp(error, descent, parameters=network.parameters(){asked})
    """
    assert names(code) == expected


def test_the_scaler_of_timm_need_not_step() -> None:
    code = """
    from timm.utils import NativeScaler

    descent = torch.optim.AdamW(network.parameters())
    amp = NativeScaler()
    for index, (features, labels) in enumerate(loader):
        last = index % 2 == 1
        amp(criterion(network(features), labels) / 2, descent, need_update=last)
        if last:
            descent.zero_grad()
    """
    assert names(code) == []
    assert names(code.replace("need_update=last", "need_update=False")) == ["missing-step"]


@pytest.mark.parametrize(
    ("make", "call", "keeps"),
    [
        ("timm.utils.AverageMeter()", "update(error, 6)", True),
        ("timm.utils.AverageMeter()", "update(error.item(), n=6)", False),
        ("timm.utils.AverageMeter()", "update(val=error)", True),
        ("torchmetrics.MeanMetric()", "update(error)", False),
        ("torchmetrics.aggregation.SumMetric()", "update(error)", False),
        ("torchmetrics.CatMetric()", "update(error)", True),
        ("torchmetrics.aggregation.CatMetric()", "update(error)", True),
        ("torcheval.metrics.Mean()", "update(error)", False),
        ("monai.metrics.CumulativeAverage()", "append(error)", False),
    ],
)
def test_what_keeps_the_graph_of_a_loss(make: str, call: str, keeps: bool) -> None:
    code = f"""
    import monai
    import timm
    import torcheval
    import torchmetrics

    descent = torch.optim.AdamW(network.parameters())
    seen = {make}
    for features, labels in loader:
        descent.zero_grad()
        error = criterion(network(features), labels)
        error.backward()
        descent.step()
        seen.{call}
    """
    assert names(code) == ["loss-accumulated-with-graph"] * keeps


@pytest.mark.parametrize(
    ("make", "activation", "expected"),
    [
        ("monai.losses.DiceLoss(sigmoid=True)", "sigmoid", ["sigmoid-before-bce-with-logits"]),
        ("monai.losses.DiceLoss()", "sigmoid", []),
        ("monai.losses.DiceLoss(True, False, asked)", "sigmoid", []),
        ("monai.losses.DiceLoss(softmax=True)", "softmax", ["softmax-before-cross-entropy"]),
        ("smp.losses.JaccardLoss('binary')", "sigmoid", ["sigmoid-before-bce-with-logits"]),
        ("smp.losses.JaccardLoss('binary', from_logits=False)", "sigmoid", []),
        ("smp.losses.JaccardLoss(mode, from_logits=True)", "sigmoid", []),
        ("smp.losses.JaccardLoss('multiclass')", "softmax", ["softmax-before-cross-entropy"]),
        ("smp.losses.SoftBCEWithLogitsLoss()", "sigmoid", ["sigmoid-before-bce-with-logits"]),
        ("timm.loss.LabelSmoothingCrossEntropy()", "softmax", ["softmax-before-cross-entropy"]),
    ],
)
def test_what_a_loss_expects(make: str, activation: str, expected: list[str]) -> None:
    code = f"""
    import monai
    import segmentation_models_pytorch as smp
    import timm

    overlap = {make}
    descent = torch.optim.AdamW(network.parameters())
    for features, masks in loader:
        descent.zero_grad()
        error = overlap(torch.{activation}(network(features)), masks)
        error.backward()
        descent.step()
    """
    code = code.replace("softmax(network(features))", "softmax(network(features), dim=1)")
    assert names(code) == expected


@pytest.mark.parametrize(
    ("base", "expected"),
    [("keras.Model", []), ("nn.Module", ["missing-train-mode"])],
)
def test_keras_does_not_ask_the_mode(base: str, expected: list[str]) -> None:
    code = f"""
    import keras

    class Classifier({base}):
        def __init__(self):
            super().__init__()
            self.thin, self.out = keras.layers.Dropout(0.3), keras.layers.Dense(3)

        def call(self, features, training=False):
            return self.out(self.thin(features, training=training))

    classifier = Classifier()
    descent = torch.optim.AdamW(classifier.parameters())
    for epoch in range(3):
        for features, labels in loader:
            descent.zero_grad()
            criterion(classifier(features, training=True), labels).backward()
            descent.step()
        classifier.eval()
        with torch.no_grad():
            print(sum(criterion(classifier(x, training=False), y).item() for x, y in loader))
    """
    assert names(code) == expected


@pytest.mark.parametrize(
    ("make", "tell", "expected"),
    [
        ("table.to_iterable_dataset().shuffle(seed=3)", "pass", ["missing-set-epoch"]),
        ("table.to_iterable_dataset(num_shards=2)", "pass", []),
        ("table.to_iterable_dataset().shuffle(seed=3)", "stream.set_epoch(epoch)", []),
        ("table.to_iterable_dataset().shuffle(seed=3)", "source.dataset.set_epoch(epoch)", []),
        ("table.to_iterable_dataset().shuffle(seed=3)", "prepare(source)", []),
        ("datasets.load_dataset('c4', split='train', streaming=True).shuffle()", "pass", ["missing-set-epoch"]),
        ("datasets.load_dataset('c4', split='train', streaming=lazy).shuffle()", "pass", []),
        ("datasets.load_dataset('c4', split='train').shuffle()", "pass", []),
    ],
)
def test_a_shuffled_stream_gets_the_epoch(make: str, tell: str, expected: list[str]) -> None:
    code = f"""
    import datasets

    table = datasets.Dataset.from_dict({{"features": [], "labels": []}})
    stream = {make}.with_format("torch").map(lambda row: row)
    source = torch.utils.data.DataLoader(stream, batch_size=6)
    descent = torch.optim.AdamW(network.parameters())
    for epoch in range(3):
        {tell}
        for batch in source:
            descent.zero_grad()
            criterion(network(batch["features"]), batch["labels"]).backward()
            descent.step()
    """
    assert names(code) == expected


@pytest.mark.parametrize(
    ("shuffle", "tell", "expected"),
    [
        ("", "pass", ["missing-set-epoch"]),
        (", shuffle=False", "pass", []),
        ("", "shares.set_epoch(epoch)", []),
    ],
)
def test_the_sampler_of_torchdata_gets_the_epoch(shuffle: str, tell: str, expected: list[str]) -> None:
    code = f"""
    from torchdata.stateful_dataloader import StatefulDataLoader
    from torchdata.stateful_dataloader.sampler import StatefulDistributedSampler

    shares = StatefulDistributedSampler(rows, 2, 0{shuffle})
    source = StatefulDataLoader(rows, batch_size=6, sampler=shares)
    descent = torch.optim.AdamW(network.parameters())
    for epoch in range(3):
        {tell}
        for features, labels in source:
            descent.zero_grad()
            criterion(network(features), labels).backward()
            descent.step()
    """
    assert names(code) == expected


@pytest.mark.parametrize(
    ("error", "kept", "expected"),
    [
        ("parts['loss_actor'] + parts['loss_value']", "parts['entropy']", []),
        ("parts['loss_actor']", "parts['entropy']", []),
        ("parts['loss_actor']", "parts['loss_actor']", ["loss-accumulated-with-graph"]),
        ("parts['loss_actor']", "parts['loss_actor'].item()", []),
    ],
)
def test_of_the_losses_of_torchrl_those_hold_a_graph_that_go_backward(
    error: str, kept: str, expected: list[str]
) -> None:
    code = f"""
    from torchrl.objectives import SACLoss

    objective = SACLoss(network, network)
    descent = torch.optim.AdamW(objective.parameters())
    history = []
    for sample in loader:
        descent.zero_grad()
        parts = objective(sample)
        error = {error}
        error.backward()
        descent.step()
        history.append({kept})
    """
    assert names(code) == expected


@pytest.mark.parametrize(
    "wrap",
    [
        "network = peft.get_peft_model(network, peft.LoraConfig())",
        "peft.get_peft_model(network, peft.LoraConfig())",
        "fully_shard(network)",
    ],
)
@pytest.mark.parametrize("again", [False, True])
def test_an_optimizer_made_before_other_parameters_come(wrap: str, again: bool) -> None:
    make = "descent = torch.optim.AdamW(network.parameters())"
    code = f"""
    import peft
    from torch.distributed.fsdp import fully_shard

    {make}
    {wrap}
    {make if again else "pass"}
    for features, labels in loader:
        descent.zero_grad()
        criterion(network(features), labels).backward()
        descent.step()
    """
    assert names(code) == ([] if again else ["parameters-replaced-after-optimizer"])


def test_what_is_detached_where_it_goes_backward_keeps_its_graph_for_the_caller() -> None:
    code = """
    class Chunked(nn.Module):
        def pieces(self, features, labels, at_once):
            kept = []
            for start in range(0, 24, 6):
                error = criterion(network(features[start:start + 6]), labels[start:start + 6])
                if at_once:
                    error.backward()
                    error = error.detach()
                kept.append(error)
            return sum(kept)

        def forward(self, features, labels):
            return self.pieces(features, labels, False)

        def train_on(self, features, labels):
            return self.pieces(features, labels, at_once=True)
    """
    assert names(code) == []

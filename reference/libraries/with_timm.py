"""timm: `NativeScaler` never clears, `AverageMeter` keeps its values, schedulers count epochs, losses take logits."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torchvision==0.28.0", "timm==1.0.31"]
# ///

from argparse import Namespace

import torch
from timm.loss import LabelSmoothingCrossEntropy, SoftTargetCrossEntropy
from timm.optim import create_optimizer, create_optimizer_v2
from timm.scheduler import CosineLRScheduler, MultiStepLRScheduler, PolyLRScheduler, StepLRScheduler, TanhLRScheduler
from timm.utils import (
    AverageMeter,
    ModelEma,
    ModelEmaV2,
    ModelEmaV3,
    NativeScaler,
    adaptive_clip_grad,
    dispatch_clip_grad,
)
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 3)


def scaler_without_a_clear():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss_scaler, norms = NativeScaler(), []
    for inputs, targets in loader:
        loss_scaler(criterion(model(inputs), targets), optimizer)  # expect: missing-zero-grad
        norms.append(float(model.weight.grad.norm()))
    return norms


def scaler_with_a_clear():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss_scaler, norms = NativeScaler(), []
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss_scaler(criterion(model(inputs), targets), optimizer)  # ok: missing-zero-grad
        norms.append(float(model.weight.grad.norm()))
    return norms


def scaler_that_updates_every_second_time():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss_scaler, weights = NativeScaler(), [model.weight.detach().clone()]
    for index, (inputs, targets) in enumerate(loader):
        last = index % 2 == 1
        loss_scaler(criterion(model(inputs), targets) / 2, optimizer, need_update=last)  # ok: missing-zero-grad
        if last:
            optimizer.zero_grad()
        weights.append(model.weight.detach().clone())
    return weights


def meter_of_losses():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    meter = AverageMeter()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        meter.update(loss, len(inputs))  # expect: loss-accumulated-with-graph
    return meter


def meter_of_numbers():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    meter = AverageMeter()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        meter.update(loss.item(), len(inputs))  # ok: loss-accumulated-with-graph
    return meter


def softmax_before_the_loss():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    smooth = LabelSmoothingCrossEntropy()
    for inputs, targets in loader:
        optimizer.zero_grad()
        smooth(model(inputs).softmax(dim=1), targets).backward()  # expect: softmax-before-cross-entropy
        optimizer.step()


def softmax_before_the_loss_of_soft_targets():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    soft = SoftTargetCrossEntropy()
    for inputs, targets in loader:
        optimizer.zero_grad()
        shares = nn.functional.one_hot(targets, 3).float()
        soft(model(inputs).softmax(dim=1), shares).backward()  # expect: softmax-before-cross-entropy
        optimizer.step()


def scheduler_that_is_told_the_updates():
    model, updates = new_model(), 0
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = CosineLRScheduler(optimizer, t_initial=10)
    for epoch in range(5):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
            updates += 1
            scheduler.step_update(updates)  # expect: scheduler-never-stepped
    return optimizer.param_groups[0]["lr"]


def scheduler_that_counts_updates():
    model, updates = new_model(), 0
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = CosineLRScheduler(optimizer, t_initial=10 * len(loader), t_in_epochs=False)
    for epoch in range(5):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
            updates += 1
            scheduler.step_update(updates)  # ok: scheduler-never-stepped
    return optimizer.param_groups[0]["lr"]


def scheduler_that_is_told_the_epochs():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scheduler = CosineLRScheduler(optimizer, t_initial=10 * len(loader), t_in_epochs=False)
    for epoch in range(5):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
        scheduler.step(epoch + 1)  # expect: scheduler-never-stepped
    return optimizer.param_groups[0]["lr"]


def optimizer_by_name():
    model, norms = new_model(), []
    updates = create_optimizer_v2(model, opt="lookahead_adamw", lr=0.01)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()  # expect: missing-zero-grad
        updates.step()
        norms.append(float(model.weight.grad.norm()))
    return norms


def rate(make, call="step_update", **options):
    optimizer = torch.optim.SGD(new_model().parameters(), lr=0.1)
    scheduler = make(optimizer, **options)
    for number in range(1, 8):
        getattr(scheduler, call)(number)
    return optimizer.param_groups[0]["lr"]


def average_updated_before_the_step():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    average = ModelEmaV3(model, decay=0.0)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        average.update(model)  # expect: average-before-step
        optimizer.step()
    return float((average.module.weight - model.weight).norm())


def average_updated_after_the_step():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    average = ModelEmaV3(model, decay=0.0)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        average.update(model)  # ok: average-before-step
    return float((average.module.weight - model.weight).norm())


def clipped_after_the_step():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        dispatch_clip_grad(model.parameters(), 0.001, mode="norm")  # expect: clip-after-step
    return model.weight


def clipped_before_the_step():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        dispatch_clip_grad(model.parameters(), 0.001, mode="norm")  # ok: clip-after-step
        optimizer.step()
    return model.weight


if __name__ == "__main__":
    start = new_model().weight
    assert (clipped_after_the_step() - start).norm() > 100 * (clipped_before_the_step() - start).norm()
    layer = new_model()
    criterion(layer(torch.randn(8, 6)), torch.zeros(8, dtype=torch.long)).backward()
    norm = layer.weight.grad.norm()
    adaptive_clip_grad(layer.parameters(), clip_factor=1e-4)
    assert layer.weight.grad.norm() < norm / 10
    assert average_updated_before_the_step() > 0.01 and average_updated_after_the_step() == 0
    for make in (ModelEma, ModelEmaV2):
        model = new_model()
        average = make(model, decay=0.0)
        nn.init.zeros_(model.weight)
        average.update(model)
        averaged = average.ema if make is ModelEma else average.module
        assert not averaged.weight.any(), make
    assert scheduler_that_is_told_the_updates() == 0.1 and scheduler_that_counts_updates() < 0.1
    for make, options in {
        CosineLRScheduler: {"t_initial": 10},
        MultiStepLRScheduler: {"decay_t": [2], "decay_rate": 0.5},
        PolyLRScheduler: {"t_initial": 10},
        StepLRScheduler: {"decay_t": 2, "decay_rate": 0.5},
        TanhLRScheduler: {"t_initial": 10},
    }.items():
        assert rate(make, **options) == 0.1 != rate(make, **options, t_in_epochs=False), make
        assert rate(make, "step", **options, t_in_epochs=False) == 0.1 != rate(make, "step", **options), make
    assert scheduler_that_is_told_the_epochs() == 0.1
    options = Namespace(opt="sgd", lr=0.1, momentum=0.9, weight_decay=0.0)
    by_name = optimizer_by_name()
    assert by_name[-1] > 1.5 * by_name[0]
    assert isinstance(create_optimizer(options, new_model()), torch.optim.SGD)
    without, cleared = scaler_without_a_clear(), scaler_with_a_clear()
    assert without[0] == cleared[0] and without[-1] > 1.5 * cleared[-1]
    weights = scaler_that_updates_every_second_time()
    assert [torch.equal(*pair) for pair in zip(weights, weights[1:])] == [True, False, True, False]
    assert meter_of_losses().sum.requires_grad
    assert isinstance(meter_of_numbers().sum, float)
    sure, answer = torch.tensor([[100.0, -100.0, -100.0]]), torch.tensor([0])
    smooth, soft = LabelSmoothingCrossEntropy(smoothing=0.0), SoftTargetCrossEntropy()
    assert smooth(sure, answer) == 0 and soft(sure, sure.softmax(dim=1)) == 0
    assert smooth(sure.softmax(dim=1), answer) > 0.5  # expect: softmax-before-cross-entropy
    assert soft(sure.softmax(dim=1), sure.softmax(dim=1)) > 0.5  # expect: softmax-before-cross-entropy
    softmax_before_the_loss()
    softmax_before_the_loss_of_soft_targets()

"""torch-ema: `update()` moves the average towards the weights that the parameters have at that time."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torch-ema==0.3"]
# ///

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torch_ema import ExponentialMovingAverage

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 3)


def updated_before_the_step():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ema = ExponentialMovingAverage(model.parameters(), decay=0.0)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        ema.update()  # expect: average-before-step
        optimizer.step()
    return float((ema.shadow_params[0] - model.weight).norm())


def updated_after_the_step():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ema = ExponentialMovingAverage(model.parameters(), decay=0.0)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        ema.update()  # ok: average-before-step
    return float((ema.shadow_params[0] - model.weight).norm())


def copied_and_trained_on():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ema = ExponentialMovingAverage(model.parameters(), decay=0.9)
    kept = []
    for _ in range(2):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
            ema.update()
        before = model.weight.detach().clone()
        ema.copy_to(model.parameters())  # expect: averaging-optimizer-mode
        kept.append(torch.equal(before, model.weight))
    return kept


def copied_and_restored():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ema = ExponentialMovingAverage(model.parameters(), decay=0.9)
    kept = []
    for _ in range(2):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
            ema.update()
        before = model.weight.detach().clone()
        ema.store(model.parameters())
        ema.copy_to(model.parameters())  # ok: averaging-optimizer-mode
        ema.restore(model.parameters())
        kept.append(torch.equal(before, model.weight))
    return kept


def copied_and_restored_if_asked_for(options, validate):
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ema = ExponentialMovingAverage(model.parameters(), decay=0.9)
    for _ in range(2):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
            ema.update()
        if options["average"]:
            ema.store(model.parameters())
            ema.copy_to(model.parameters())  # ok: averaging-optimizer-mode
        validate(options, model)
        if options["average"]:
            ema.restore(model.parameters())


def copied_at_the_end():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ema = ExponentialMovingAverage(model.parameters(), decay=0.9)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        ema.update()
    ema.copy_to(model.parameters())  # ok: averaging-optimizer-mode


if __name__ == "__main__":
    assert updated_before_the_step() > 0.01 and updated_after_the_step() == 0
    assert not any(copied_and_trained_on()) and all(copied_and_restored())
    copied_at_the_end()
    copied_and_restored_if_asked_for({"average": True}, print)

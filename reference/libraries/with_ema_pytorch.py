"""ema-pytorch: the average takes in the weights of the moment, and is a module in training mode."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "ema-pytorch==0.8.3"]
# ///

import torch
from ema_pytorch import EMA
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 3)


def updated_before_the_step():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ema = EMA(model, beta=0.0, min_value=0.0, update_after_step=0, update_every=1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        ema.update()  # expect: average-before-step
        optimizer.step()
    return float((ema.ema_model.weight - model.weight).norm())


def updated_after_the_step():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ema = EMA(model, beta=0.0, min_value=0.0, update_after_step=0, update_every=1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        ema.update()  # ok: average-before-step
    return float((ema.ema_model.weight - model.weight).norm())


def validated_in_training_mode():
    model = nn.Sequential(new_model(), nn.Dropout(0.5))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ema = EMA(model, beta=0.9)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        ema.update()
    model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            print(criterion(ema(inputs), targets).item())  # expect: missing-eval-mode
    return torch.equal(ema(inputs), ema(inputs))


def validated_in_evaluation_mode():
    model = nn.Sequential(new_model(), nn.Dropout(0.5))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ema = EMA(model, beta=0.9)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        ema.update()
    ema.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            print(criterion(ema(inputs), targets).item())  # ok: missing-eval-mode
    return torch.equal(ema(inputs), ema(inputs))


def average_switched_inside():
    model = nn.Sequential(new_model(), nn.Dropout(0.5))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ema = EMA(model, beta=0.9)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        ema.update()
    ema.ema_model.eval()
    with torch.no_grad():
        for inputs, targets in loader:
            print(criterion(ema(inputs), targets).item())  # ok: missing-eval-mode
    return torch.equal(ema(inputs), ema(inputs))


if __name__ == "__main__":
    assert updated_before_the_step() > 0.01 and updated_after_the_step() == 0
    assert not validated_in_training_mode() and validated_in_evaluation_mode()
    assert average_switched_inside()
    model = new_model()
    ema = EMA(model)
    assert not {id(p) for p in ema.ema_model.parameters()} & {id(p) for p in model.parameters()}

"""pytorch-optimizer: the schedule-free optimizers hold two sets of weights, and step in either mode; some optimizers
leave other gradients than the loss gave."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "pytorch-optimizer==4.1.0"]
# ///

import pytorch_optimizer
import torch
from pytorch_optimizer import ScheduleFreeAdamW
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

OPTIMIZERS = ("ScheduleFreeAdamW", "ScheduleFreeRAdam", "ScheduleFreeSGD")
CHANGE_GRADIENTS = (
    "Adalite",
    "GrokFastAdamW",
    "LARS",
    "NovoGrad",
    "Ranger",
    "SCIONLight",
    "ScheduleFreeAdamW",
    "ScheduleFreeRAdam",
    "StableSPAM",
)

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 3)


def steps_in_evaluation_mode():
    model = new_model()
    optimizer = ScheduleFreeAdamW(model.parameters(), lr=0.1)
    for _ in range(2):
        model.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()  # expect: averaging-optimizer-mode
        model.eval()
        optimizer.eval()
        with torch.no_grad():
            losses = [criterion(model(inputs), targets) for inputs, targets in loader]
    return losses


def steps_in_training_mode():
    model = new_model()
    optimizer = ScheduleFreeAdamW(model.parameters(), lr=0.1)
    for _ in range(2):
        model.train()
        optimizer.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()  # ok: averaging-optimizer-mode
        model.eval()
        optimizer.eval()
        with torch.no_grad():
            losses = [criterion(model(inputs), targets) for inputs, targets in loader]
    return losses


def switched(name):
    model = new_model()
    optimizer = getattr(pytorch_optimizer, name)(model.parameters(), lr=0.1)
    for _ in range(4):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
    weights = [model.weight.detach().clone()]
    optimizer.eval()
    weights.append(model.weight.detach().clone())
    optimizer.train()
    weights.append(model.weight.detach().clone())
    return weights


def norm_read_after_the_step():
    model = new_model()
    optimizer = pytorch_optimizer.Ranger(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        before = [parameter.grad.clone() for parameter in model.parameters()]  # ok: gradients-read-after-step
        optimizer.step()
        after = [parameter.grad for parameter in model.parameters()]  # expect: gradients-read-after-step
    return before, after


def changes_gradients(name):
    model = new_model()
    optimizer = getattr(pytorch_optimizer, name)(model.parameters(), lr=0.01)
    changed = False
    for _ in range(4):
        for inputs, targets in loader:
            model.zero_grad()
            criterion(model(inputs), targets).backward()
            before = model.weight.grad.clone()
            optimizer.step()
            changed = changed or not torch.equal(before, model.weight.grad)  # expect: gradients-read-after-step
    return changed


if __name__ == "__main__":
    assert all(map(changes_gradients, CHANGE_GRADIENTS))
    assert not any(map(changes_gradients, ("AdaBelief", "Lamb", "Lion", "MADGRAD")))
    before, after = norm_read_after_the_step()
    assert not all(map(torch.equal, before, after))
    for name in OPTIMIZERS:
        trained, average, again = switched(name)
        assert not torch.allclose(trained, average) and torch.allclose(trained, again, atol=1e-5), name
    assert steps_in_evaluation_mode() != steps_in_training_mode()

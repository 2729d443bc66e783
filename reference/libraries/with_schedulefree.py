"""schedulefree: an optimizer holds two sets of weights; `eval()` and `train()` put one of them into the model."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "schedulefree==1.4.1"]
# ///

import schedulefree
import torch
from schedulefree import AdamWScheduleFree
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

OPTIMIZERS = """AdamWScheduleFree AdamWScheduleFreeReference RAdamScheduleFree SGDScheduleFree
SGDScheduleFreeReference"""

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 3)


def validated_with_the_trained_weights():
    model = new_model()
    optimizer = AdamWScheduleFree(model.parameters(), lr=0.1)
    optimizer.train()
    model.train()
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        return [criterion(model(inputs), targets) for inputs, targets in loader]  # expect: averaging-optimizer-mode


def validated_with_the_average():
    model = new_model()
    optimizer = AdamWScheduleFree(model.parameters(), lr=0.1)
    optimizer.train()
    model.train()
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    model.eval()
    optimizer.eval()
    with torch.no_grad():
        return [criterion(model(inputs), targets) for inputs, targets in loader]  # ok: averaging-optimizer-mode


def switched(make):
    model = new_model()
    optimizer = make(model.parameters())
    optimizer.train()
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
    optimizer = AdamWScheduleFree(model.parameters(), lr=0.1)
    optimizer.train()
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        before = [parameter.grad.clone() for parameter in model.parameters()]  # ok: gradients-read-after-step
        optimizer.step()
        after = [parameter.grad for parameter in model.parameters()]  # expect: gradients-read-after-step
    return before, after


def changes_gradients(make):
    model, changed = new_model(), False
    optimizer = make(model.parameters(), lr=0.01)
    optimizer.train()
    for _ in range(4):
        for inputs, targets in loader:
            model.zero_grad()
            criterion(model(inputs), targets).backward()
            before = model.weight.grad.clone()
            optimizer.step()
            after = model.weight.grad  # expect: gradients-read-after-step
            changed = changed or not torch.equal(before, after)
    return changed


if __name__ == "__main__":
    before, after = norm_read_after_the_step()
    assert not all(map(torch.equal, before, after))
    assert changes_gradients(AdamWScheduleFree) and changes_gradients(schedulefree.RAdamScheduleFree)
    assert not changes_gradients(schedulefree.SGDScheduleFree)
    makes = [getattr(schedulefree, name) for name in OPTIMIZERS.split()]
    wrapped = schedulefree.ScheduleFreeWrapper
    makes.append(lambda parameters: wrapped(torch.optim.SGD(parameters, lr=0.1), momentum=0.9))
    for make in makes:
        trained, average, again = switched(make)
        assert not torch.allclose(trained, average) and torch.allclose(trained, again, atol=1e-5), make
    assert validated_with_the_trained_weights() != validated_with_the_average()
    model = new_model()
    optimizer = AdamWScheduleFree(model.parameters())
    optimizer.eval()
    criterion(model(torch.randn(8, 6)), torch.zeros(8, dtype=torch.long)).backward()
    try:
        optimizer.step()  # expect: averaging-optimizer-mode
    except Exception as error:
        assert "train mode" in str(error)
    else:
        raise AssertionError("a step in evaluation mode is an error")

"""torch-optimi: with `gradient_release=True` the parameters move, and the gradients go, in `backward()`."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torch-optimi==0.3.3", "packaging==26.4"]
# ///

import optimi
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

OPTIMIZERS = ("Adam", "AdamW", "Adan", "Lion", "RAdam", "Ranger", "SGD", "StableAdamW")

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 3)


def released_without_a_clear():
    model = new_model()
    optimizer = optimi.AdamW(model.parameters(), lr=0.1, gradient_release=True)
    optimi.prepare_for_gradient_release(model, optimizer)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()
        optimizer.step()  # ok: missing-zero-grad
    return model.weight


def released_with_a_clear():
    model = new_model()
    optimizer = optimi.AdamW(model.parameters(), lr=0.1, gradient_release=True)
    optimi.prepare_for_gradient_release(model, optimizer)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()
        optimizer.step()
        optimizer.zero_grad()
    return model.weight


def without_release_and_clear():
    model = new_model()
    optimizer = optimi.AdamW(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()  # expect: missing-zero-grad
        optimizer.step()
    return model.weight.grad


def clipped_when_the_step_is_over():
    model = new_model()
    optimizer = optimi.AdamW(model.parameters(), lr=0.1, gradient_release=True)
    optimi.prepare_for_gradient_release(model, optimizer)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 0.001)  # expect: clip-after-step
    return float(norm)


def moved_by(name):
    model = new_model()
    optimizer = getattr(optimi, name)(model.parameters(), lr=0.1, gradient_release=True)
    optimi.prepare_for_gradient_release(model, optimizer)
    weights = [model.weight.detach().clone()]
    criterion(model(torch.randn(8, 6)), torch.zeros(8, dtype=torch.long)).backward()
    weights.append(model.weight.detach().clone())
    assert model.weight.grad is None
    optimizer.step()
    optimizer.zero_grad()
    weights.append(model.weight.detach().clone())
    return [not torch.equal(before, after) for before, after in zip(weights, weights[1:])]


def norm_read_after_the_step():
    model = new_model()
    optimizer = optimi.Adan(model.parameters(), lr=0.1, foreach=True)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        before = [parameter.grad.clone() for parameter in model.parameters()]  # ok: gradients-read-after-step
        optimizer.step()
        after = [parameter.grad for parameter in model.parameters()]  # expect: gradients-read-after-step
    return before, after


def changes_gradients(make, foreach):
    model, changed = new_model(), False
    optimizer = make(model.parameters(), lr=0.01, foreach=foreach)
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
    for make in (optimi.Adan, optimi.StableAdamW):
        assert changes_gradients(make, foreach=True) and not changes_gradients(make, foreach=False), make
    assert not changes_gradients(optimi.Lion, foreach=True)
    for name in OPTIMIZERS:
        assert moved_by(name) == [True, False], name
    assert clipped_when_the_step_is_over() == 0
    assert torch.equal(released_without_a_clear(), released_with_a_clear())
    assert without_release_and_clear() is not None

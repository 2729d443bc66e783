"""bitsandbytes: its optimizers are torch's, and never clear."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "bitsandbytes==0.50.2"]
# ///

import bitsandbytes as bnb
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

OPTIMIZERS = ("Adam", "Adam8bit", "AdamW8bit", "AdEMAMix8bit", "Lion8bit", "PagedAdamW8bit", "SGD8bit")

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 3)


def cleared():
    model, norms = new_model(), []
    optimizer = bnb.optim.AdamW8bit(model.parameters(), lr=0.001)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()  # ok: missing-zero-grad
        norms.append(float(model.weight.grad.norm()))
        optimizer.step()
    return norms


def never_cleared():
    model, norms = new_model(), []
    updates = bnb.optim.AdamW8bit(model.parameters(), lr=0.001)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()  # expect: missing-zero-grad
        norms.append(float(model.weight.grad.norm()))
        updates.step()
    return norms


def cleared_before_the_step():
    model = new_model()
    before = model.weight.detach().clone()
    updates = bnb.optim.Lion8bit(model.parameters(), lr=0.001)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()
        updates.zero_grad()  # expect: zero-grad-before-step
        updates.step()
    return float((model.weight - before).norm())


if __name__ == "__main__":
    assert never_cleared()[-1] > 2 * cleared()[-1] and cleared_before_the_step() == 0
    for name in OPTIMIZERS:
        model = new_model()
        before = model.weight.detach().clone()
        criterion(model(torch.randn(8, 6)), torch.zeros(8, dtype=torch.long)).backward()
        settings = {"momentum": 0.9} if name == "SGD8bit" else {}
        updates = getattr(bnb.optim, name)(model.parameters(), lr=0.1, **settings)
        updates.step()
        assert isinstance(updates, torch.optim.Optimizer) and model.weight.grad is not None, name
        assert not torch.equal(model.weight, before), name
        updates.zero_grad()
        assert model.weight.grad is None, name

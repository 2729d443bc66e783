"""grokfast-pytorch: `step()` adds an average of earlier gradients to the gradients, and clears nothing."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "grokfast-pytorch==0.0.11"]
# ///

import torch
from grokfast_pytorch import GrokFastAdamW
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def norms_read_after_the_step():
    model, norms = nn.Linear(6, 3), []
    optimizer = GrokFastAdamW(model.parameters(), lr=1e-3)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        before = model.weight.grad.clone()  # ok: gradients-read-after-step
        optimizer.step()
        norms.append((float(before.norm()), float(model.weight.grad.norm())))  # expect: gradients-read-after-step
    return norms


def never_cleared():
    model, norms = nn.Linear(6, 3), []
    optimizer = GrokFastAdamW(model.parameters(), lr=1e-6)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()  # expect: missing-zero-grad
        norms.append(float(model.weight.grad.norm()))
        optimizer.step()
    return norms


if __name__ == "__main__":
    assert any(before != after for before, after in norms_read_after_the_step())
    norms = never_cleared()
    assert norms[-1] > 2 * norms[0]

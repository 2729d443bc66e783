"""torchao: its 8-bit, 4-bit and Fp8 optimizers are torch's, and never clear; quantization goes in place."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torchao==0.18.0"]
# ///

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchao.optim import AdamW4bit, AdamW8bit, AdamWFp8

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 3)


def cleared():
    model, norms = new_model(), []
    optimizer = AdamW8bit(model.parameters(), lr=0.001)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()  # ok: missing-zero-grad
        norms.append(float(model.weight.grad.norm()))
        optimizer.step()
        optimizer.zero_grad()
    return norms


def never_cleared():
    model, norms = new_model(), []
    updates = AdamW8bit(model.parameters(), lr=0.001)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()  # expect: missing-zero-grad
        norms.append(float(model.weight.grad.norm()))
        updates.step()
    return norms


if __name__ == "__main__":
    assert never_cleared()[-1] > 2 * cleared()[-1]
    for make in (AdamW4bit, AdamW8bit, AdamWFp8):
        model = new_model()
        before = model.weight.detach().clone()
        criterion(model(torch.randn(8, 6)), torch.zeros(8, dtype=torch.long)).backward()
        updates = make(model.parameters(), lr=0.1)
        updates.step()
        assert isinstance(updates, torch.optim.Optimizer) and model.weight.grad is not None, make
        assert not torch.equal(model.weight, before), make

"""backpack: `extend` returns the module or the loss itself; gradients add up as without it."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "backpack-for-pytorch==1.7.1"]
# ///

import torch
from backpack import backpack, extend
from backpack.extensions import BatchGrad
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)


def cleared():
    model = extend(nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)))
    criterion = extend(nn.CrossEntropyLoss())
    optimizer, shapes = torch.optim.SGD(model.parameters(), lr=0.1), set()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        with backpack(BatchGrad()):
            loss.backward()  # ok: missing-zero-grad
        shapes |= {tuple(parameter.grad_batch.shape) for parameter in model.parameters()}
        optimizer.step()
    return shapes


def never_cleared():
    model, norms = extend(nn.Sequential(nn.Linear(6, 3))), []
    criterion = extend(nn.CrossEntropyLoss())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        with backpack(BatchGrad()):
            loss.backward()  # expect: missing-zero-grad
        norms.append(float(model[0].weight.grad.norm()))
        optimizer.step()
    return norms


def softmax_before_cross_entropy():
    parts = nn.Linear(6, 3), nn.Softmax(dim=1)  # expect: softmax-before-cross-entropy
    model = extend(nn.Sequential(parts[0], parts[1]))
    criterion = extend(nn.CrossEntropyLoss())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()


if __name__ == "__main__":
    module, loss = nn.Linear(6, 3), nn.CrossEntropyLoss()
    assert extend(module) is module and extend(loss) is loss
    assert cleared() == {(8, 8, 6), (8, 8), (8, 3, 8), (8, 3)}
    norms = never_cleared()
    assert norms[-1] > 2 * norms[0]
    softmax_before_cross_entropy()

"""tianshou: the `step` of an algorithm's optimizer gets the loss, and clears, differentiates and steps by itself."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "tianshou==2.0.1"]
# ///

import torch
from tianshou.algorithm.algorithm_base import Algorithm
from torch import nn

torch.manual_seed(0)
batches = [(torch.randn(8, 6), torch.randn(8, 1)) for _ in range(4)]
criterion = nn.MSELoss()


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 1)


def stepped_with_a_loss():
    model, norms, losses = new_model(), [], []
    optimizer = Algorithm.Optimizer(torch.optim.SGD(model.parameters(), lr=0.001), model)
    for inputs, targets in batches:
        loss = criterion(model(inputs), targets)
        optimizer.step(loss)  # ok: missing-backward, missing-zero-grad
        norms.append(model.weight.grad.clone())
        losses.append(loss.item())
    return norms


def losses_kept():
    model, losses = new_model(), []
    optimizer = Algorithm.Optimizer(torch.optim.SGD(model.parameters(), lr=0.001), model)
    for inputs, targets in batches:
        loss = criterion(model(inputs), targets)
        optimizer.step(loss)
        losses.append(loss)  # expect: loss-accumulated-with-graph
    return losses


def by_hand_without_a_clear():
    model, norms = new_model(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    for inputs, targets in batches:
        criterion(model(inputs), targets).backward()  # expect: missing-zero-grad
        norms.append(model.weight.grad.clone())
        optimizer.step()
    return norms


if __name__ == "__main__":
    cleared, added = stepped_with_a_loss(), by_hand_without_a_clear()
    assert torch.equal(cleared[0], added[0]) and not torch.allclose(cleared[-1], added[-1])
    assert all(loss.requires_grad for loss in losses_kept())

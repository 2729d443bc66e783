"""torchopt: a differentiable optimizer steps with a loss and leaves no gradient; `torchopt.Adam` never clears."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torchopt==0.7.3"]
# ///

import torch
import torchopt
from torch import nn

torch.manual_seed(0)
tasks = [tuple(torch.randn(8, size) for size in (6, 1, 6, 1)) for _ in range(3)]
criterion = nn.MSELoss()


def meta_trained():
    model, norms = nn.Linear(6, 1), []
    inner = torchopt.MetaSGD(model, lr=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    start = torchopt.extract_state_dict(model, by="reference")
    for inputs, targets, new_inputs, new_targets in tasks:
        optimizer.zero_grad()
        for _ in range(2):
            inner.step(criterion(model(inputs), targets))
        criterion(model(new_inputs), new_targets).backward()  # ok: missing-zero-grad
        torchopt.recover_state_dict(model, start)
        norms.append(float(model.weight.grad.norm()))
        optimizer.step()  # ok: missing-backward
    return norms


def outer_gradients_add_up():
    model, norms = nn.Linear(6, 1), []
    inner = torchopt.MetaSGD(model, lr=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    start = torchopt.extract_state_dict(model, by="reference")
    for _ in range(3):
        inputs, targets, new_inputs, new_targets = tasks[0]
        for _ in range(2):
            inner.step(criterion(model(inputs), targets))
        criterion(model(new_inputs), new_targets).backward()  # expect: missing-zero-grad
        torchopt.recover_state_dict(model, start)
        norms.append(float(model.weight.grad.norm()))
        optimizer.step()
    return norms


def plain_and_never_cleared():
    model, norms = nn.Linear(6, 1), []
    updates = torchopt.Adam(model.parameters(), lr=0.0001)
    for _ in range(3):
        inputs, targets, _, _ = tasks[0]
        criterion(model(inputs), targets).backward()  # expect: missing-zero-grad
        norms.append(float(model.weight.grad.norm()))
        updates.step()
    return norms


if __name__ == "__main__":
    assert min(meta_trained()) > 0
    for norms in (outer_gradients_add_up(), plain_and_never_cleared()):
        assert norms[-1] > 2 * norms[0]
    model = nn.Linear(6, 1)
    torchopt.MetaSGD(model, lr=0.1).step(criterion(model(tasks[0][0]), tasks[0][1]))
    assert all(parameter.grad is None for parameter in model.parameters())

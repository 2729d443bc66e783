"""higher: by default the inner loop runs on a copy, and the outer gradient never reaches the weights of the model."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "higher==0.2.1"]
# ///

import higher
import torch
from torch import nn

torch.manual_seed(0)
tasks = [tuple(torch.randn(8, size) for size in (6, 1, 6, 1)) for _ in range(3)]
criterion = nn.MSELoss()


def meta_trained():
    model, norms = nn.Linear(6, 1), []
    inner = torch.optim.SGD(model.parameters(), lr=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for inputs, targets, new_inputs, new_targets in tasks:
        optimizer.zero_grad()
        with higher.innerloop_ctx(model, inner, copy_initial_weights=False) as (fast, updates):
            for _ in range(2):
                updates.step(criterion(fast(inputs), targets))
            criterion(fast(new_inputs), new_targets).backward()  # ok: missing-zero-grad
        norms.append(float(model.weight.grad.norm()))
        optimizer.step()  # ok: missing-backward
    return norms


def meta_trained_through_a_copy():
    model = nn.Linear(6, 1)
    inner = torch.optim.SGD(model.parameters(), lr=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for inputs, targets, new_inputs, new_targets in tasks:
        optimizer.zero_grad()
        with higher.innerloop_ctx(model, inner) as (fast, updates):
            for _ in range(2):
                updates.step(criterion(fast(inputs), targets))
            criterion(fast(new_inputs), new_targets).backward()
        optimizer.step()  # expect: missing-backward
    return model.weight.grad


def outer_gradients_add_up():
    model, norms = nn.Linear(6, 1), []
    inner = torch.optim.SGD(model.parameters(), lr=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for inputs, targets, new_inputs, new_targets in tasks:
        with higher.innerloop_ctx(model, inner, copy_initial_weights=False) as (fast, updates):
            for _ in range(2):
                updates.step(criterion(fast(inputs), targets))
            criterion(fast(new_inputs), new_targets).backward()  # expect: missing-zero-grad
        norms.append(model.weight.grad.clone())
        optimizer.step()
    return norms


def inner_losses_kept():
    model, losses = nn.Linear(6, 1), []
    inner = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets, _, _ in tasks:
        with higher.innerloop_ctx(model, inner, copy_initial_weights=False) as (fast, updates):
            loss = criterion(fast(inputs), targets)
            updates.step(loss)
            losses.append(loss)  # expect: loss-accumulated-with-graph
    return losses


def inner_loss_of_several_batches():
    """The sum is what the inner step differentiates."""
    model = nn.Linear(6, 1)
    before, inner = model.weight.detach().clone(), torch.optim.SGD(model.parameters(), lr=0.1)
    with higher.innerloop_ctx(model, inner, copy_initial_weights=False) as (fast, updates):
        for _ in range(2):
            total = 0.0
            for inputs, targets, _, _ in tasks:
                total += criterion(fast(inputs), targets)  # ok: loss-accumulated-with-graph
            updates.step(total)
        return float((next(iter(fast.parameters())) - before).detach().norm()), model.weight.grad


if __name__ == "__main__":
    assert min(meta_trained()) > 0 and meta_trained_through_a_copy() is None
    first, second, _ = outer_gradients_add_up()
    assert not torch.equal(first, second) and all(loss.requires_grad for loss in inner_losses_kept())
    moved, left = inner_loss_of_several_batches()
    assert moved > 0 and left is None

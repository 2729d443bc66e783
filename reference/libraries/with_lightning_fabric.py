"""lightning-fabric: in mixed precision `loss.backward()` raises; gradients are averaged by the call of the wrapper."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "lightning-fabric==2.6.6"]
# ///

import torch
from lightning_fabric import Fabric
from torch import nn

torch.manual_seed(0)
batches = [(torch.randn(8, 6), torch.randint(0, 3, (8,))) for _ in range(4)]
criterion = nn.CrossEntropyLoss()


def plain_in_mixed_precision():
    fabric = Fabric(accelerator="cpu", devices=1, precision="bf16-mixed")
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, optimizer = fabric.setup(model, optimizer)
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()  # expect: bypassed-backward
        optimizer.step()


def plain_with_32_bits():
    fabric = Fabric(accelerator="cpu", devices=1, precision="32-true")
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, optimizer = fabric.setup(model, optimizer)
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()  # ok: bypassed-backward
        optimizer.step()


def by_fabric():
    fabric = Fabric(accelerator="cpu", devices=1, precision="bf16-mixed")
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, optimizer = fabric.setup(model, optimizer)
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        fabric.backward(loss)  # ok: bypassed-backward
        optimizer.step()


def past_the_wrapper():
    fabric = Fabric(accelerator="cpu", devices=2, strategy="ddp_spawn")
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, optimizer = fabric.setup(model, optimizer)
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = criterion(model.module(inputs), targets)  # expect: bypassed-wrapper
        fabric.backward(loss)
        optimizer.step()


def through_the_wrapper():
    fabric = Fabric(accelerator="cpu", devices=2, strategy="ddp_spawn")
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, optimizer = fabric.setup(model, optimizer)
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)  # ok: bypassed-wrapper
        fabric.backward(loss)
        optimizer.step()


def difference(fabric, called):
    """How far the gradients of two processes are apart."""
    torch.manual_seed(0)
    model = fabric.setup(nn.Linear(6, 3))
    inputs, targets = batches[fabric.global_rank]
    fabric.backward(criterion(called(model)(inputs), targets))
    first, second = fabric.all_gather(next(model.parameters()).grad)
    return float((first - second).norm())


def itself(model):
    return model


def inner(model):
    return model.module


def a_part_of_the_loss_in_mixed_precision():
    fabric = Fabric(accelerator="cpu", devices=1, precision="bf16-mixed")
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model, optimizer = fabric.setup(model, optimizer)
    for index, (inputs, targets) in enumerate(batches):
        is_accumulating = index % 2 == 0
        loss = criterion(model(inputs), targets)
        (loss / 2).backward()  # expect: bypassed-backward
        if not is_accumulating:
            optimizer.step()
            optimizer.zero_grad()


def cleared_for_every_micro_batch():
    fabric = Fabric(accelerator="cpu", devices=1)
    model, norms = nn.Linear(6, 3), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    model, optimizer = fabric.setup(model, optimizer)
    for index, (inputs, targets) in enumerate(batches):
        is_accumulating = index % 4 != 3
        optimizer.zero_grad()  # expect: zero-grad-breaks-accumulation
        with fabric.no_backward_sync(model, enabled=is_accumulating):
            fabric.backward(criterion(model(inputs), targets) / 4)
        norms.append(float(next(model.parameters()).grad.norm()))
        if not is_accumulating:
            optimizer.step()
    return norms


if __name__ == "__main__":
    last = cleared_for_every_micro_batch()[-1]
    assert last > 0
    plain_with_32_bits()
    by_fabric()
    try:
        plain_in_mixed_precision()
        raised = ""
    except RuntimeError as error:
        raised = str(error)
    assert "fabric.backward(loss)" in raised
    fabric = Fabric(accelerator="cpu", devices=2, strategy="ddp_spawn")
    assert fabric.launch(difference, itself) == 0
    fabric = Fabric(accelerator="cpu", devices=2, strategy="ddp_spawn")
    assert fabric.launch(difference, inner) > 0.01

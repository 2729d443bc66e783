"""accelerate: its `backward` divides the loss for an accumulation; what it prepared waits inside of `accumulate`."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "accelerate==1.15.0"]
# ///

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, GradientState
from accelerate.utils import GradientAccumulationPlugin
from torch import nn
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
rows = TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,)))
criterion = nn.CrossEntropyLoss()
norms = []


def look(optimizer, *_):
    gradients = [parameter.grad for group in optimizer.param_groups for parameter in group["params"]]
    norms.append(round(float(nn.utils.get_total_norm(gradients)), 4))


register_optimizer_step_pre_hook(look)


def made():
    """A model, an optimizer over it and a loader, the same each time; gradient norms of its steps go into `norms`."""
    AcceleratorState._reset_state(True)
    GradientState._reset_state()
    torch.manual_seed(0)
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    norms.clear()
    return model, optimizer, DataLoader(rows, batch_size=8)


def accumulated():
    model, optimizer, loader = made()
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for inputs, targets in loader:
        with accelerator.accumulate(model):
            accelerator.backward(criterion(model(inputs), targets))
            if accelerator.sync_gradients:
                accelerator.clip_grad_norm_(model.parameters(), 1e3)
            optimizer.step()
            optimizer.zero_grad()
    return list(norms)


def divided_and_not_accumulated():
    model, optimizer, loader = made()
    plugin = GradientAccumulationPlugin(num_steps=2)
    accelerator = Accelerator(cpu=True, gradient_accumulation_plugin=plugin)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for inputs, targets in loader:
        accelerator.backward(criterion(model(inputs), targets))  # expect: accumulation-without-accumulate
        optimizer.step()
        optimizer.zero_grad()
    return list(norms)


def plain_backward():
    model, optimizer, loader = made()
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for inputs, targets in loader:
        with accelerator.accumulate(model):
            loss = criterion(model(inputs), targets)
            loss.backward()  # expect: bypassed-backward
            optimizer.step()
            optimizer.zero_grad()
    return list(norms)


def optimizer_left_out(model, optimizer, loader):
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
    model, loader = accelerator.prepare(model, loader)
    descent = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        with accelerator.accumulate(model):
            accelerator.backward(criterion(model(inputs), targets))
            descent.step()  # expect: not-prepared
            descent.zero_grad()
    return len(norms)


def clipped_each_time(max_norm):
    model, optimizer, loader = made()
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for inputs, targets in loader:
        with accelerator.accumulate(model):
            accelerator.backward(10 * criterion(model(inputs), targets))
            accelerator.clip_grad_norm_(model.parameters(), max_norm)  # expect: clip-per-micro-batch
            optimizer.step()
            optimizer.zero_grad()
    return model.weight.detach().clone()


def clipped_once(max_norm):
    model, optimizer, loader = made()
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    for inputs, targets in loader:
        with accelerator.accumulate(model):
            accelerator.backward(10 * criterion(model(inputs), targets))
            if accelerator.sync_gradients:
                accelerator.clip_grad_norm_(model.parameters(), max_norm)  # ok: clip-per-micro-batch
            optimizer.step()
            optimizer.zero_grad()
    return model.weight.detach().clone()


if __name__ == "__main__":
    right, divided, plain = accumulated(), divided_and_not_accumulated(), plain_backward()
    assert len(right) == 2 and len(divided) == 4
    assert all(abs(p - 2 * r) < 0.05 * r for p, r in zip(plain, right, strict=True))
    assert optimizer_left_out(*made()) == 4
    assert (clipped_each_time(0.5) - clipped_once(0.5)).abs().max() > 1e-3

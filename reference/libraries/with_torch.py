"""torch: `fully_shard` replaces the parameters of the module; `AveragedModel` takes in the weights of the moment."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6"]
# ///

import os
import tempfile

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 3)


def optimizer_made_first(mesh):
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    fully_shard(model, mesh=mesh)  # expect: parameters-replaced-after-optimizer
    start = model.weight.full_tensor().detach().clone()
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    return float((model.weight.full_tensor() - start).norm())


def optimizer_made_afterwards(mesh):
    model = nn.Linear(6, 3)
    fully_shard(model, mesh=mesh)  # ok: parameters-replaced-after-optimizer
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    start = model.weight.full_tensor().detach().clone()
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    return float((model.weight.full_tensor() - start).norm())


def held_after(change):
    """The share of the model's parameters that an optimizer holds which was made before the change."""
    model = new_model()
    held = {id(parameter) for parameter in model.parameters()}
    change(model)
    return sum(id(parameter) in held for parameter in model.parameters()) / len(list(model.parameters()))


def average_updated_before_the_step():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.0))
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        average.update_parameters(model)  # expect: average-before-step
        optimizer.step()
    return float((average.module.weight - model.weight).norm())


def average_updated_after_the_step():
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.0))
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        average.update_parameters(model)  # ok: average-before-step
    return float((average.module.weight - model.weight).norm())


if __name__ == "__main__":
    assert held_after(lambda model: model.load_state_dict(new_model().state_dict(), assign=True)) == 0
    assert held_after(lambda model: model.load_state_dict(new_model().state_dict())) == 1
    assert held_after(nn.utils.parametrizations.weight_norm) == held_after(nn.utils.weight_norm) == 1 / 3
    assert held_after(nn.utils.parametrizations.spectral_norm) == held_after(nn.utils.spectral_norm) == 1
    assert average_updated_before_the_step() > 0.01 and average_updated_after_the_step() == 0
    with tempfile.TemporaryDirectory() as folder:
        dist.init_process_group("gloo", init_method=f"file://{os.path.join(folder, 'store')}", rank=0, world_size=1)
        mesh = init_device_mesh("cpu", (1,))
        assert optimizer_made_first(mesh) == 0
        assert optimizer_made_afterwards(mesh) > 0
        dist.destroy_process_group()

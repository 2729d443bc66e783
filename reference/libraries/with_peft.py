"""peft: `get_peft_model` freezes the parameters of the model and puts others beside them, in place."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "transformers==5.24.0", "peft==0.21.2"]
# ///

import tempfile

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def values(model):
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def changed(model, before):
    return [name for name, parameter in model.named_parameters() if not torch.equal(parameter, before[name])]


def optimizer_made_first():
    model = nn.Sequential(nn.Linear(6, 8), nn.Linear(8, 3))
    optimizer = torch.optim.AdamW(model.parameters())
    model = get_peft_model(model, LoraConfig(target_modules=["0"]))  # expect: parameters-replaced-after-optimizer
    before = values(model)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    return changed(model, before)


def optimizer_made_afterwards():
    model = nn.Sequential(nn.Linear(6, 8), nn.Linear(8, 3))
    model = get_peft_model(model, LoraConfig(target_modules=["0"]))  # ok: parameters-replaced-after-optimizer
    optimizer = torch.optim.AdamW(model.parameters())
    before = values(model)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    return changed(model, before)


def loaded_after_the_optimizer(folder):
    model = nn.Sequential(nn.Linear(6, 8), nn.Linear(8, 3))
    optimizer = torch.optim.AdamW(model.parameters())
    model = PeftModel.from_pretrained(model, folder, is_trainable=True)  # expect: parameters-replaced-after-optimizer
    before = values(model)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    return changed(model, before)


def loaded_before_the_optimizer(folder):
    model = nn.Sequential(nn.Linear(6, 8), nn.Linear(8, 3))
    model.eval()
    model = PeftModel.from_pretrained(model, folder, is_trainable=True)  # ok: parameters-replaced-after-optimizer
    assert not model.base_model.model.training
    optimizer = torch.optim.AdamW(model.parameters())
    before = values(model)
    model.train()
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    return changed(model, before)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        base = nn.Sequential(nn.Linear(6, 8), nn.Linear(8, 3))
        get_peft_model(base, LoraConfig(target_modules=["0"])).save_pretrained(folder)
        assert loaded_after_the_optimizer(folder) == [] and loaded_before_the_optimizer(folder)
    assert optimizer_made_first() == []
    names = optimizer_made_afterwards()
    assert names and all("lora_" in name for name in names)

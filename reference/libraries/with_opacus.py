"""opacus: an optimizer that was made private steps with the gradients of the samples, and clips those itself."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "opacus==1.6.0"]
# ///

import torch
from opacus import PrivacyEngine
from opacus.utils.batch_memory_manager import BatchMemoryManager
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def trained_as_the_documentation_shows():
    torch.manual_seed(0)
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    engine = PrivacyEngine()
    model, optimizer, private = engine.make_private(
        module=model, optimizer=optimizer, data_loader=loader, noise_multiplier=0.0, max_grad_norm=1.0
    )
    model.train()
    losses = []
    for inputs, targets in private:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()  # ok: missing-zero-grad
        optimizer.step()  # ok: missing-backward
        losses.append(loss.item())  # ok: loss-accumulated-with-graph
    return model.state_dict()["_module.weight"]


def in_small_batches():
    torch.manual_seed(0)
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    engine = PrivacyEngine()
    model, optimizer, private = engine.make_private(
        module=model, optimizer=optimizer, data_loader=loader, noise_multiplier=0.0, max_grad_norm=1.0
    )
    with BatchMemoryManager(data_loader=private, max_physical_batch_size=4, optimizer=optimizer) as batches:
        for inputs, targets in batches:
            optimizer.zero_grad()  # ok: zero-grad-breaks-accumulation
            criterion(model(inputs), targets).backward()
            optimizer.step()
    return model.state_dict()["_module.weight"]


def never_cleared():
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    engine = PrivacyEngine()
    model, optimizer, private = engine.make_private(
        module=model, optimizer=optimizer, data_loader=loader, noise_multiplier=0.0, max_grad_norm=1.0
    )
    for inputs, targets in private:
        criterion(model(inputs), targets).backward()  # expect: missing-zero-grad
        optimizer.step()


def cleared_by_the_module():
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    engine = PrivacyEngine()
    model, optimizer, private = engine.make_private(
        module=model, optimizer=optimizer, data_loader=loader, noise_multiplier=0.0, max_grad_norm=1.0
    )
    for inputs, targets in private:
        model.zero_grad()
        criterion(model(inputs), targets).backward()  # expect: missing-zero-grad
        optimizer.step()


def clipped_by_hand():
    torch.manual_seed(0)
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    engine = PrivacyEngine()
    model, optimizer, private = engine.make_private(
        module=model, optimizer=optimizer, data_loader=loader, noise_multiplier=0.0, max_grad_norm=1.0
    )
    for inputs, targets in private:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1e-6)  # expect: clip-after-step
        optimizer.step()
    return model.state_dict()["_module.weight"]


def made_private_for_an_epsilon():
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    engine = PrivacyEngine()
    model, optimizer, private = engine.make_private_with_epsilon(
        module=model,
        optimizer=optimizer,
        data_loader=loader,
        target_epsilon=50.0,
        target_delta=1e-5,
        epochs=1,
        max_grad_norm=1.0,
    )
    losses = []
    for inputs, targets in private:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss)  # expect: loss-accumulated-with-graph
    return losses


if __name__ == "__main__":
    trained = trained_as_the_documentation_shows()
    assert torch.equal(trained, clipped_by_hand())
    assert torch.allclose(trained, in_small_batches(), atol=1e-6)
    for without, reason in ((never_cleared, "accumulation"), (cleared_by_the_module, "haven't been cleared")):
        try:
            without()
            raised = ""
        except ValueError as error:
            raised = str(error)
        assert reason in raised, raised
    assert all(loss.requires_grad for loss in made_private_for_an_epsilon())

"""torchdata: `StatefulDistributedSampler` shuffles by the epoch that it is told, as torch's own sampler does."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torchdata==0.11.0"]
# ///

import torch
from torch import nn
from torch.utils.data import TensorDataset
from torchdata.stateful_dataloader import StatefulDataLoader
from torchdata.stateful_dataloader.sampler import StatefulDistributedSampler

torch.manual_seed(0)
criterion = nn.CrossEntropyLoss()
rows = TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,)))


def epoch_is_never_told():
    model, seen = nn.Linear(6, 3), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    sampler = StatefulDistributedSampler(rows, num_replicas=2, rank=0)  # expect: missing-set-epoch
    source = StatefulDataLoader(rows, batch_size=8, sampler=sampler)
    for epoch in range(2):
        for inputs, targets in source:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
            seen.append(inputs)
    return seen


def epoch_is_told():
    model, seen = nn.Linear(6, 3), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    sampler = StatefulDistributedSampler(rows, num_replicas=2, rank=0)
    source = StatefulDataLoader(rows, batch_size=8, sampler=sampler)
    for epoch in range(2):
        sampler.set_epoch(epoch)
        for inputs, targets in source:  # ok: missing-set-epoch
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
            seen.append(inputs)
    return seen


def nothing_to_shuffle():
    model, seen = nn.Linear(6, 3), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    sampler = StatefulDistributedSampler(rows, num_replicas=2, rank=0, shuffle=False)
    source = StatefulDataLoader(rows, batch_size=8, sampler=sampler)
    for epoch in range(2):
        for inputs, targets in source:  # ok: missing-set-epoch
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
            seen.append(inputs)
    return seen


if __name__ == "__main__":
    seen = epoch_is_never_told()
    assert len(seen) == 4 and torch.equal(seen[0], seen[2])
    seen = epoch_is_told()
    assert not torch.equal(seen[0], seen[2])
    assert torch.equal(nothing_to_shuffle()[0], rows.tensors[0][:16:2])

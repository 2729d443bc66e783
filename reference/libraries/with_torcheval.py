"""torcheval: `Mean` keeps no graph; a metric is computed of everything since its last `reset`."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torcheval==0.0.7"]
# ///

import torch
import torcheval.metrics
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def mean_of_losses():
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    mean = torcheval.metrics.Mean()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        mean.update(loss)  # ok: loss-accumulated-with-graph
    return mean


def accuracy_of_all_epochs(epochs):
    model, accuracy, found = nn.Linear(6, 3), torcheval.metrics.MulticlassAccuracy(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            outputs = model(inputs)
            criterion(outputs, targets).backward()
            optimizer.step()
            accuracy.update(outputs.detach(), targets)
        found.append(float(accuracy.compute()))  # expect: metric-never-reset
    return found, len(loader.dataset) * epochs == int(accuracy.num_total)


def accuracy_of_each_epoch(epochs):
    model, accuracy = nn.Linear(6, 3), torcheval.metrics.MulticlassAccuracy()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(epochs):
        accuracy.reset()
        for inputs, targets in loader:
            optimizer.zero_grad()
            outputs = model(inputs)
            criterion(outputs, targets).backward()
            optimizer.step()
            accuracy.update(outputs.detach(), targets)
        accuracy.compute()  # ok: metric-never-reset
    return int(accuracy.num_total)


if __name__ == "__main__":
    assert accuracy_of_all_epochs(3)[1]
    assert accuracy_of_each_epoch(3) == len(loader.dataset)
    mean = mean_of_losses()
    assert mean.weighted_sum != 0 and not mean.weighted_sum.requires_grad

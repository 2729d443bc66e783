"""torchmetrics: `update` keeps no graph, except in metrics that hold on to their inputs."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torchmetrics==1.9.0"]
# ///

import torch
import torchmetrics
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def mean_of_losses():
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    mean = torchmetrics.MeanMetric()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        mean.update(loss)  # ok: loss-accumulated-with-graph
    return mean.mean_value


def concatenated_losses():
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    every = torchmetrics.CatMetric()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        every.update(loss)  # expect: loss-accumulated-with-graph
    return every.value[-1]


def ranks_of_outputs():
    outputs, order = torch.randn(8, requires_grad=True), torchmetrics.SpearmanCorrCoef()
    order.update(outputs * 2, torch.randn(8))
    return order.preds[-1]


def mean_after_reset():
    mean = torchmetrics.MeanMetric()
    mean.update(torch.tensor(1.0))
    first = float(mean.compute())
    mean.reset()
    mean(torch.tensor(5.0))
    return first, float(mean.compute())


if __name__ == "__main__":
    assert mean_after_reset() == (1.0, 5.0)
    assert not mean_of_losses().requires_grad
    assert concatenated_losses().requires_grad
    assert ranks_of_outputs().requires_grad

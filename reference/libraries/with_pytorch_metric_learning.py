"""pytorch-metric-learning: some losses have weights of their own, which an optimizer has to hold."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "pytorch-metric-learning==2.9.0"]
# ///

import torch
from pytorch_metric_learning import losses, miners
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
WITH_WEIGHTS = ("ArcFaceLoss", "NormalizedSoftmaxLoss", "ProxyAnchorLoss")


def trained_as_the_documentation_shows():
    model = nn.Linear(6, 4)
    mine, criterion = miners.TripletMarginMiner(), losses.TripletMarginLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        embeddings = model(inputs)
        loss = criterion(embeddings, targets, mine(embeddings, targets))
        loss.backward()  # ok: missing-zero-grad
        optimizer.step()
    return loss


def weights_of_the_loss_in_an_optimizer_of_their_own():
    model = nn.Linear(6, 4)
    criterion = losses.ArcFaceLoss(num_classes=3, embedding_size=4)  # ok: untrained-module
    before = criterion.W.detach().clone()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss_optimizer = torch.optim.SGD(criterion.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss_optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
        loss_optimizer.step()
    return float((criterion.W - before).norm())


def weights_of_the_loss_in_none():
    model = nn.Linear(6, 4)
    criterion = losses.ArcFaceLoss(num_classes=3, embedding_size=4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)  # expect: untrained-module
        loss.backward()
        optimizer.step()
    return float(criterion.W.sum())


def losses_kept():
    model, kept = nn.Linear(6, 4), []
    criterion = losses.NTXentLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        kept.append(loss)  # expect: loss-accumulated-with-graph
    return kept


if __name__ == "__main__":
    assert trained_as_the_documentation_shows().requires_grad
    assert weights_of_the_loss_in_an_optimizer_of_their_own() > 0.01
    torch.manual_seed(0)
    total = weights_of_the_loss_in_none()
    torch.manual_seed(0)
    nn.Linear(6, 4)
    assert total == float(losses.ArcFaceLoss(num_classes=3, embedding_size=4).W.sum())
    assert all(loss.requires_grad for loss in losses_kept())
    for name in WITH_WEIGHTS:
        assert list(getattr(losses, name)(num_classes=3, embedding_size=4).parameters()), name
    assert not list(losses.TripletMarginLoss().parameters()) and not list(losses.NTXentLoss().parameters())

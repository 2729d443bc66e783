"""torch-geometric: batches move in place and return themselves; a convolution is a module like torch's."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torch-geometric==2.8.1"]
# ///

import torch
import torch.nn.functional as F
from torch import nn
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader
from torch_geometric.nn import GCNConv, global_mean_pool


def graph(label):
    edges = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    return Data(x=torch.randn(3, 6), edge_index=edges, y=torch.tensor([label]))


torch.manual_seed(0)
graphs = [graph(i % 2) for i in range(16)]
loader = DataLoader(graphs, batch_size=4)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.out = GCNConv(6, 8), nn.Linear(8, 2)

    def forward(self, x, edge_index, batch):
        x = global_mean_pool(self.conv(x, edge_index).relu(), batch)
        return self.out(F.dropout(x, p=0.5, training=self.training))


def trained_as_the_documentation_shows():
    model = Classifier()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        model.train()
        for data in loader:
            data.to("cpu")  # ok: discarded-to-result
            loss = F.cross_entropy(model(data.x, data.edge_index, data.batch), data.y)
            loss.backward()  # ok: missing-zero-grad
            optimizer.step()
            optimizer.zero_grad()
        model.eval()
        correct = 0
        with torch.no_grad():
            for data in loader:
                out = model(data.x, data.edge_index, data.batch)  # ok: missing-eval-mode
                correct += int((out.argmax(dim=1) == data.y).sum())
    return correct


def full_batch_of_nodes():
    data = next(iter(DataLoader(graphs, batch_size=16)))  # ok: next-iter-in-loop
    model = Classifier()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.train()
    for _ in range(3):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(data.x, data.edge_index, data.batch), data.y)
        loss.backward()
        optimizer.step()
    return loss


def never_cleared():
    model, norms = GCNConv(6, 2), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    for data in loader:
        pooled = global_mean_pool(model(data.x, data.edge_index), data.batch)
        F.cross_entropy(pooled, data.y).backward()  # expect: missing-zero-grad
        norms.append(model.bias.grad.clone())
        optimizer.step()
    return norms


def validated_in_training_mode():
    model = Classifier()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        model.train()
        for data in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(data.x, data.edge_index, data.batch), data.y).backward()
            optimizer.step()
        with torch.no_grad():
            for data in loader:
                first = model(data.x, data.edge_index, data.batch)  # expect: missing-eval-mode
                print(F.cross_entropy(first, data.y).item())
    return first, model(data.x, data.edge_index, data.batch)


def losses_summed():
    model, total = Classifier(), 0.0
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for data in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(data.x, data.edge_index, data.batch), data.y)
        loss.backward()
        optimizer.step()
        total += loss * data.num_graphs  # expect: loss-accumulated-with-graph
    print(total / len(graphs))
    return loss


if __name__ == "__main__":
    moved = graph(0)
    assert moved.to("meta") is moved and moved.x.device.type == "meta"
    assert 0 <= trained_as_the_documentation_shows() <= len(graphs) and full_batch_of_nodes().requires_grad
    first, *_, last = never_cleared()
    assert first.any() and not torch.equal(first, last)
    assert not torch.equal(*validated_in_training_mode()) and losses_summed().requires_grad

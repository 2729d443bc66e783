import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [torch.nn.Linear(2, 2) for _ in range(3)]

    def forward(self, x):
        return torch.nn.functional.dropout(self.layers[0](x), 0.5)


def validate(net, loader, criterion, *, best=None):
    net.eval
    torch.no_grad()
    for batch in loader:
        with torch.no_grad():
            yield criterion(net(batch), batch)
    best = net.state_dict()
    torch.save(net.state_dict, "x")


def train(net, loader, k=4):
    optimizer = torch.optim.Adam(net.parameters())
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    for i, batch in enumerate(loader):
        if i % k == 0:
            scheduler.step()
            optimizer.step()
        try:
            net(next(iter(loader))).sum().backward()
        finally:
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1)

#!/usr/bin/env bash
# pytorch-metric-learning: some losses (ArcFaceLoss, ProxyAnchorLoss) hold parameters. `optimizer = SGD(model.parameters())` does
# not train them, and as nobody clears their gradients, these grow with every batch; TripletMarginLoss has none.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 pytorch-metric-learning==2.9.0
python -W ignore - <<'P'
import torch
from pytorch_metric_learning.losses import ArcFaceLoss, TripletMarginLoss

torch.manual_seed(0)
model, criterion = torch.nn.Linear(6, 4), ArcFaceLoss(num_classes=3, embedding_size=4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
before, norms = criterion.W.detach().clone(), []
for batch in torch.randn(4, 12, 6):
    optimizer.zero_grad()
    criterion(model(batch), torch.arange(12) % 3).backward()
    optimizer.step()
    norms.append(round(float(criterion.W.grad.norm()), 1))
print(f"parameters: {[name for name, _ in criterion.named_parameters()]}; moved {(criterion.W - before).abs().max():.1f}; "
      f"norms of their gradient {norms}")
assert torch.equal(criterion.W, before) and norms == sorted(norms) and norms[-1] > 2 * norms[0]
assert not list(TripletMarginLoss().parameters())
P

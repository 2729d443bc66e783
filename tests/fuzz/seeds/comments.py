# looplint: disable[LOOP2]
import torch
from torch import nn

model = nn.Linear(2, 2)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
scaler = torch.amp.GradScaler()
total = 0
for x, y in loader:
    loss = nn.functional.cross_entropy(model.forward(x).softmax(1), y)
    loss.backward()  # noqa: LOOP201, E501
    opt.step()  # looplint: ignore[LOOP301, nonsense] why
    total += loss

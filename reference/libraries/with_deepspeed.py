"""deepspeed: `engine.step()` steps and clears; without it, or without `engine.backward`, nothing moves."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "deepspeed==0.19.8"]
# ///

import os

os.environ |= {"DS_ACCELERATOR": "cpu", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29533"}
os.environ |= {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0"}

import deepspeed
import torch
from torch import nn

torch.manual_seed(0)
loader = [(torch.randn(8, 6), torch.randint(0, 3, (8,))) for _ in range(4)]
criterion = nn.CrossEntropyLoss()


def configuration(stage=0, accumulation=1):
    return {
        "train_micro_batch_size_per_gpu": 8,
        "gradient_accumulation_steps": accumulation,
        "zero_optimization": {"stage": stage},
        "zero_allow_untested_optimizer": True,
        "gradient_clipping": 0.0,
    }


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 3)


def trained(config):
    model, moves = new_model(), []
    updates = torch.optim.SGD(model.parameters(), lr=0.1)
    engine, optimizer, _, _ = deepspeed.initialize(model=model, optimizer=updates, config=config)
    engine.train()
    for inputs, targets in loader:
        before = model.weight.detach().clone()
        loss = criterion(engine(inputs), targets)
        engine.backward(loss)  # ok: missing-zero-grad, missing-step
        engine.step()  # ok: missing-backward
        moves.append(float((model.weight - before).norm()))
    return moves, model.weight.grad


def validated(config):
    model = new_model()
    updates = torch.optim.SGD(model.parameters(), lr=0.1)
    engine, _, _, _ = deepspeed.initialize(model=model, optimizer=updates, config=config)
    engine.eval()
    total = 0.0
    with torch.no_grad():
        for inputs, targets in loader:
            total += criterion(engine(inputs), targets).item()  # ok: missing-no-grad, loss-accumulated-with-graph
    return total


def never_stepped(config):
    model = new_model()
    before = model.weight.detach().clone()
    updates = torch.optim.SGD(model.parameters(), lr=0.1)
    engine, optimizer, _, _ = deepspeed.initialize(model=model, optimizer=updates, config=config)
    for inputs, targets in loader:
        loss = criterion(engine(inputs), targets)
        engine.backward(loss)  # expect: missing-step
    return float((model.weight - before).norm())


def never_back_propagated(config):
    model = new_model()
    before = model.weight.detach().clone()
    updates = torch.optim.SGD(model.parameters(), lr=0.1)
    engine, optimizer, _, _ = deepspeed.initialize(model=model, optimizer=updates, config=config)
    for inputs, targets in loader:
        loss = criterion(engine(inputs), targets)
        engine.step()  # expect: missing-backward
        print(loss.item())
    return float((model.weight - before).norm())


def losses_kept(config):
    model = new_model()
    updates = torch.optim.SGD(model.parameters(), lr=0.1)
    engine, optimizer, _, _ = deepspeed.initialize(model=model, optimizer=updates, config=config)
    losses = []
    for inputs, targets in loader:
        loss = criterion(engine(inputs), targets)
        engine.backward(loss)
        engine.step()
        losses.append(loss)  # expect: loss-accumulated-with-graph
    return losses


def stepped_by_the_optimizer(config):
    model, moves = new_model(), []
    updates = torch.optim.SGD(model.parameters(), lr=0.1)
    engine, optimizer, _, _ = deepspeed.initialize(model=model, optimizer=updates, config=config)
    for inputs, targets in loader:
        before = model.weight.detach().clone()
        engine.backward(criterion(engine(inputs), targets))  # ok: missing-step
        optimizer.step()
        moves.append(float((model.weight - before).norm()))
    return moves


if __name__ == "__main__":
    deepspeed.init_distributed(dist_backend="gloo", verbose=False)
    for stage in (0, 1, 2):
        moves, gradient = trained(configuration(stage))
        assert min(moves) > 0 and gradient is None, stage
        assert [move > 0 for move in trained(configuration(stage, accumulation=2))[0]] == [False, True, False, True]
        assert never_stepped(configuration(stage)) == 0, stage
        assert min(stepped_by_the_optimizer(configuration(stage))) > 0, stage
    assert never_back_propagated(configuration()) == 0
    assert validated(configuration()) > 0
    assert all(loss.requires_grad for loss in losses_kept(configuration()))
    # Only with ZeRO does the optimizer clear by itself.
    assert trained(configuration(2))[0] == stepped_by_the_optimizer(configuration(2))
    assert trained(configuration(0))[0] != stepped_by_the_optimizer(configuration(0))

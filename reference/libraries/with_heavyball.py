"""heavyball: `step()` leaves no gradients, unless the optimizer was made with `consume_grad=False`."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "heavyball==3.2.1"]
# ///

import heavyball
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

OPTIMIZERS = ("ADOPT", "AdamW", "LaProp", "Muon", "SFAdamW", "SGD", "SOAP")

heavyball.utils.compile_mode = None  # the optimizers are compiled otherwise, which takes minutes
torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 3)


def left_behind(model):
    return [parameter.grad for parameter in model.parameters()]


def no_clear_is_needed():
    model = new_model()
    optimizer = heavyball.SOAP(model.parameters(), lr=0.01)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()
        optimizer.step()  # ok: missing-zero-grad
    return left_behind(model)


def gradients_that_are_kept_add_up():
    model = new_model()
    optimizer = heavyball.SOAP(model.parameters(), lr=0.01, consume_grad=False)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()  # expect: missing-zero-grad
        optimizer.step()
    return left_behind(model)


def norm_read_after_the_step():
    model = new_model()
    optimizer = heavyball.SOAP(model.parameters(), lr=0.01)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()
        optimizer.step()
        found = [parameter.grad for parameter in model.parameters()]  # expect: gradients-read-after-step
    return found


def validated_with_the_trained_weights():
    model = new_model()
    optimizer = heavyball.SFAdamW(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        criterion(model(inputs), targets).backward()
        optimizer.step()
    model.eval()
    weights = model.weight.detach().clone()
    for inputs, targets in loader:
        with torch.no_grad():
            print(criterion(model(inputs), targets).item())  # expect: averaging-optimizer-mode
    optimizer.eval()
    return float((model.weight - weights).norm())


def left_by(name, **options):
    model = new_model()
    optimizer = getattr(heavyball, name)(model.parameters(), lr=0.01, **options)
    criterion(model(torch.randn(8, 6)), torch.zeros(8, dtype=torch.long)).backward()
    optimizer.step()
    return left_behind(model)


if __name__ == "__main__":
    assert norm_read_after_the_step() == [None, None]
    for name in OPTIMIZERS:
        assert left_by(name) == [None, None], name
        assert None not in left_by(name, consume_grad=False), name
    assert validated_with_the_trained_weights() > 0.01
    assert no_clear_is_needed() == [None, None]
    assert None not in gradients_that_are_kept_add_up()

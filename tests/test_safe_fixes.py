"""Safe fixes in programs that people write around the mistake: classes that are inherited from, methods that are
overridden, models that are wrapped, notebooks. Each program is executed before and after its safe fixes.

`mistaken` is what a program returns before (the name of an exception for one that raises), `right` what it returns
after. Where both are equal the program was right, and no fix may change its result.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from marked import ALL_RULES

from looplint import check_source
from looplint.fix import fix_bytes
from looplint.sources import from_text
from looplint.sources.notebook import notebook_text

torch = pytest.importorskip("torch")

HEAD = """\
import io
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 2)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(self.body(x))

X, Y = torch.ones(4, 2), torch.tensor([0, 1, 0, 1])
"""
COUNT = """\
calls = []
def count(model):
    model.register_forward_hook(lambda *_: calls.append(1))
    return model
"""


@dataclasses.dataclass(frozen=True)
class Program:
    """`code` defines `result()`; cells of a notebook are separated by `# %%`."""

    rule: str
    name: str
    mistaken: object
    right: object
    code: str


PROGRAMS = [
    Program("direct-forward-call", "inherited", 0, 1, COUNT + """
class Deep(Net):
    pass

def result():
    model = count(Deep())
    for _ in range(1):
        loss = model.forward(X).sum()
        loss.backward()
    return len(calls)
"""),
    Program("direct-forward-call", "its own __call__", 2.0, 2.0, """
class Doubling(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.weight * x

    def __call__(self, x):
        return 2 * self.forward(x)

def result():
    model = Doubling()
    loss = model(torch.ones(1)).sum()
    loss.backward()
    return loss.item()
"""),
    Program("direct-forward-call", "overridden with super", 2.0, 2.0, """
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.weight * x

class Twice(Base):
    def forward(self, x):
        return 2 * super().forward(x)

def result():
    model = Twice()
    loss = model(torch.ones(1)).sum()
    loss.backward()
    return loss.item()
"""),
    Program("direct-forward-call", "extended by the base class", (1.0, 2.0), (1.0, 2.0), """
class Base(nn.Module):
    def __call__(self, x):
        return 2 * super().__call__(x)

class Same(Base):
    def forward(self, x):
        return x

def result():
    model = Same()
    return model.forward(torch.ones(1)).item(), model(torch.ones(1)).item()
"""),
    Program("direct-forward-call", "wrapped", (1, 0), (1, 1), COUNT + """
class Wrapper(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x)

def result():
    model = Wrapper(count(Net()))
    outer = []
    model.register_forward_hook(lambda *_: outer.append(1))
    for _ in range(1):
        loss = model.forward(X).sum()
        loss.backward()
    return len(calls), len(outer)
"""),
    Program("direct-forward-call", "notebook", 0, 1, COUNT + """
# %%
model = count(Net())
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
# %%
for _ in range(1):
    optimizer.zero_grad()
    loss = model.forward(X).sum()
    loss.backward()
    optimizer.step()
# %%
def result():
    return len(calls)
"""),
    Program("discarded-to-result", "inherited", "RuntimeError", torch.float64, """
class Batch(torch.Tensor):
    pass

def result():
    model = Net().double()
    for x in [X]:
        x.to(torch.float64)
        out = model(x)
        out.sum().backward()
    return out.dtype
"""),
    Program("discarded-to-result", "overridden", torch.float64, torch.float64, """
class Batch:
    def __init__(self, x):
        self.x = x

    def to(self, dtype):
        self.x = self.x.to(dtype)

def result():
    model = Net().double()
    for batch in [Batch(X)]:
        batch.to(torch.float64)
        out = model(batch.x)
        out.sum().backward()
    return out.dtype
"""),
    Program("discarded-to-result", "wrapped", torch.float64, torch.float64, """
class Wrapper(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x)

def result():
    model = Wrapper(Net())
    model.to(torch.float64)
    for x in [X.double()]:
        out = model(x)
        out.sum().backward()
    return out.dtype
"""),
    Program("discarded-to-result", "notebook", "RuntimeError", torch.float64, """
# %%
model = Net().double()
x = torch.ones(4, 2)
# %%
x.double()
out = model(x)
out.sum().backward()
# %%
def result():
    return out.dtype
"""),
    Program("dropout-out-of-reach", "inherited", False, True, """
class Noisy(nn.Module):
    def forward(self, x):
        return nn.Dropout(0.5)(x)

class Deep(Noisy):
    pass

def result():
    model = Deep()
    model.eval()
    return bool((model(torch.ones(64)) == 1).all())
"""),
    Program("dropout-out-of-reach", "overridden", False, True, """
class Base(nn.Module):
    def forward(self, x):
        return x

class Noisy(Base):
    def forward(self, x):
        return nn.Dropout(0.5)(super().forward(x))

def result():
    model = Noisy()
    model.eval()
    return bool((model(torch.ones(64)) == 1).all())
"""),
    Program("dropout-out-of-reach", "wrapped", False, True, """
class Noisy(nn.Module):
    def forward(self, x):
        return nn.Dropout(p=0.5)(x)

def result():
    model = nn.Sequential(Noisy(), nn.Identity())
    model.eval()
    return bool((model(torch.ones(64)) == 1).all())
"""),
    Program("dropout-out-of-reach", "notebook", False, True, """
# %%
class Noisy(nn.Module):
    def forward(self, x):
        return nn.Dropout(0.5)(x)
# %%
model = Noisy().eval()
# %%
def result():
    return bool((model(torch.ones(64)) == 1).all())
"""),
    Program("freeze-without-effect", "inherited", True, False, """
class Deep(Net):
    pass

def result():
    model = Deep()
    for parameter in model.body.parameters():
        parameter.require_grad = False
    model(X).sum()
    return any(p.requires_grad for p in model.parameters())
"""),
    Program("freeze-without-effect", "overridden", 1, 1, """
class Switched(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 2)
        self.switches = 0

    @property
    def requires_grad(self):
        return False

    @requires_grad.setter
    def requires_grad(self, value):
        self.switches += 1

def result():
    model = Switched()
    model.requires_grad = False
    model.body(X).sum().backward()
    return model.switches
"""),
    Program("freeze-without-effect", "a setting of its own", False, False, """
class Adapted(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(2, 2)
        self.requires_grad = True

    def forward(self, x):
        return self.body(x) if self.requires_grad else self.body(x).detach()

def result():
    model = Adapted()
    model.requires_grad = False
    return model(X).requires_grad
"""),
    Program("freeze-without-effect", "wrapped", True, False, """
def result():
    model = nn.Sequential(Net(), nn.Linear(2, 1))
    model[0].requires_grad = False
    head = torch.optim.SGD(model[1].parameters(), lr=0.1)
    for _ in range(1):
        head.zero_grad()
        model(X).sum().backward()
        head.step()
    return any(p.requires_grad for p in model[0].parameters())
"""),
    Program("freeze-without-effect", "notebook", True, False, """
# %%
model = Net()
model.requires_grad = False
# %%
def result():
    return any(p.requires_grad for p in model.parameters())
"""),
    Program("functional-dropout-always-on", "inherited", False, True, """
class Noisy(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)

class Deep(Noisy):
    pass

def result():
    model = Deep().eval()
    return bool((model(torch.ones(64)) == 1).all())
"""),
    Program("functional-dropout-always-on", "overridden", False, True, """
class Base(nn.Module):
    def forward(self, x):
        return x

class Noisy(Base):
    def forward(self, x):
        return F.dropout(
            super().forward(x),
            0.5,  # half
        )

def result():
    model = Noisy().eval()
    return bool((model(torch.ones(64)) == 1).all())
"""),
    Program("functional-dropout-always-on", "wrapped", False, True, """
class Noisy(nn.Module):
    def forward(self, x):
        return F.dropout(x, p=0.5)

def result():
    model = nn.Sequential(Noisy(), nn.Identity()).eval()
    return bool((model(torch.ones(64)) == 1).all())
"""),
    Program("functional-dropout-always-on", "a static method", 4, 4, """
class Noisy(nn.Module):
    @staticmethod
    def noisy(x):
        return F.dropout(x, 0.5)

    def forward(self, x):
        return self.noisy(x)

def result():
    return len(Noisy()(torch.ones(4)))
"""),
    Program("functional-dropout-always-on", "a function with a self of its own", 64, 64, """
class Noisy(nn.Module):
    def forward(self, x):
        def noisy(self):
            return F.dropout(self, 0.5)
        return noisy(x)

def result():
    return len(Noisy()(torch.ones(64)))
"""),
    Program("functional-dropout-always-on", "attention", False, True, """
class Attention(nn.Module):
    def __init__(self, rate=0.5):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        return F.scaled_dot_product_attention(x, x, x, dropout_p=self.rate)

def result():
    model, x = Attention().eval(), torch.ones(1, 64, 4)
    return torch.equal(model(x), model(x))
"""),
    Program("dropout-out-of-reach", "a static method", 4, 4, """
class Noisy(nn.Module):
    @staticmethod
    def noisy(x):
        return nn.Dropout(0.5)(x)

    def forward(self, x):
        return self.noisy(x)

def result():
    return len(Noisy()(torch.ones(4)))
"""),
    Program("functional-dropout-always-on", "a plain class", False, False, """
class Sampler:
    training = False

    def forward(self, x):
        return F.dropout(x, 0.5)

def result():
    return bool((Sampler().forward(torch.ones(64)) == 1).all())
"""),
    Program("functional-dropout-always-on", "notebook", False, True, """
# %%
class Noisy(nn.Module):
    def forward(self, x):
        return F.dropout(x)
# %%
model = Noisy().eval()
# %%
def result():
    return bool((model(torch.ones(64)) == 1).all())
"""),
    Program("loss-class-called-with-tensors", "inherited", "RuntimeError", 0, """
class Deep(Net):
    pass

def result():
    model = Deep()
    for x, y in [(X, Y)]:
        loss = nn.CrossEntropyLoss(model(x), y)
        loss.backward()
    return loss.dim()
"""),
    Program("loss-class-called-with-tensors", "overridden", 0, 0, """
class CrossEntropyLoss:
    def __new__(cls, outputs, targets):
        return F.cross_entropy(outputs, targets)

def result():
    model = Net()
    for x, y in [(X, Y)]:
        loss = CrossEntropyLoss(model(x), y)
        loss.backward()
    return loss.dim()
"""),
    Program("loss-class-called-with-tensors", "wrapped", "RuntimeError", 0, """
def loss_of(model, x, y):
    return nn.CrossEntropyLoss(model(x), y)

def result():
    model = nn.Sequential(Net())
    for x, y in [(X, Y)]:
        loss = loss_of(model, x, y)
        loss.backward()
    return loss.dim()
"""),
    Program("loss-class-called-with-tensors", "notebook", "RuntimeError", 0, """
# %%
model = Net()
# %%
def result():
    loss = nn.CrossEntropyLoss(model(X), Y)
    loss.backward()
    return loss.dim()
"""),
    Program("missing-call-parentheses", "inherited", 0.0, 1.0, """
class Slow(torch.optim.SGD):
    pass

def result():
    weight = nn.Parameter(torch.ones(1))
    optimizer = Slow([weight], lr=1.0)
    for _ in range(1):
        optimizer.zero_grad()
        weight.sum().backward()
        optimizer.step
    return 1.0 - weight.item()
"""),
    Program("missing-call-parentheses", "overridden by a property", 1, 1, """
class Counted(nn.Module):
    count = 0

    @property
    def eval(self):
        Counted.count += 1

    def forward(self, x):
        return x

def result():
    model = Counted()
    model.eval
    model(X)
    return Counted.count
"""),
    Program("missing-call-parentheses", "wrapped", True, False, """
def result():
    model = nn.Sequential(Net())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(1):
        optimizer.zero_grad()
        model(X).sum().backward()
        optimizer.step()
    model.eval
    with torch.no_grad():
        model(X)
    return model.training
"""),
    Program("missing-call-parentheses", "notebook", True, False, """
# %%
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
# %%
for _ in range(1):
    optimizer.zero_grad()
    model(X).sum().backward()
    optimizer.step()
model.eval
with torch.no_grad():
    model(X)
# %%
def result():
    return model.training
"""),
    Program("model-replaced-by-load-result", "inherited", "TypeError", (4, 2), """
class Deep(Net):
    pass

def result():
    model = Deep()
    model = model.load_state_dict(Deep().state_dict())
    loss = model(X)
    loss.sum().backward()
    return tuple(loss.shape)
"""),
    Program("model-replaced-by-load-result", "overridden", (4, 2), (4, 2), """
class Loading(Net):
    def load_state_dict(self, state):
        super().load_state_dict(state)
        return self

def result():
    model = Loading()
    model = model.load_state_dict(Loading().state_dict())
    loss = model(X)
    loss.sum().backward()
    return tuple(loss.shape)
"""),
    Program("model-replaced-by-load-result", "overridden, constructed in place", (4, 2), (4, 2), """
class Loading(Net):
    def load_state_dict(self, state):
        super().load_state_dict(state)
        return self.double()

def result():
    model = Loading().load_state_dict(Loading().state_dict())
    loss = model(X.double())
    loss.sum().backward()
    return tuple(loss.shape)
"""),
    Program("model-replaced-by-load-result", "wrapped", "TypeError", (4, 2), """
def result():
    model = nn.Sequential(Net())
    model = model.load_state_dict(nn.Sequential(Net()).state_dict())
    loss = model(X)
    loss.sum().backward()
    return tuple(loss.shape)
"""),
    Program("model-replaced-by-load-result", "notebook", "TypeError", (4, 2), """
# %%
model = Net()
# %%
model = model.load_state_dict(Net().state_dict())
# %%
def result():
    loss = model(X)
    loss.sum().backward()
    return tuple(loss.shape)
"""),
    Program("spent-parameter-generator", "inherited", "ValueError", 2, """
class Deep(Net):
    pass

def result():
    model = Deep()
    parameters = model.parameters()
    size = sum(p.numel() for p in parameters)
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    for _ in range(1):
        optimizer.zero_grad()
        model(X).sum().backward()
        optimizer.step()
    return len(optimizer.param_groups[0]["params"])
"""),
    Program("spent-parameter-generator", "overridden by a list", 2, 2, """
class Listed(Net):
    def parameters(self, recurse=True):
        return list(super().parameters(recurse))

def result():
    model = Listed()
    parameters = model.parameters()
    size = sum(p.numel() for p in parameters)
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    for _ in range(1):
        optimizer.zero_grad()
        model(X).sum().backward()
        optimizer.step()
    return len(optimizer.param_groups[0]["params"])
"""),
    Program("spent-parameter-generator", "wrapped", 0.0, True, """
def result():
    model = nn.Sequential(Net())
    parameters = (p for p in model.parameters() if p.requires_grad)
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    for _ in range(1):
        optimizer.zero_grad()
        model(X).sum().backward()
        norm = nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
    return float(norm) > 0 or 0.0
"""),
    Program("spent-parameter-generator", "notebook", "ValueError", 2, """
# %%
model = Net()
parameters = model.parameters()
# %%
print(sum(p.numel() for p in parameters))
optimizer = torch.optim.SGD(parameters, lr=0.1)
# %%
for _ in range(1):
    optimizer.zero_grad()
    model(X).sum().backward()
    optimizer.step()
# %%
def result():
    return len(optimizer.param_groups[0]["params"])
"""),
    Program("state-dict-not-called", "inherited", "UnpicklingError", 2, """
class Deep(Net):
    pass

def result():
    model = Deep()
    file = io.BytesIO()
    torch.save(model.body.state_dict, file)
    file.seek(0)
    return len(torch.load(file))
"""),
    Program("state-dict-not-called", "overridden by a property", 2, 2, """
class Stated(Net):
    @property
    def state_dict(self):
        return dict(self.named_parameters())

def result():
    model = Stated()
    file = io.BytesIO()
    torch.save(model.state_dict, file)
    file.seek(0)
    return len(torch.load(file))
"""),
    Program("state-dict-not-called", "wrapped", "UnpicklingError", 2, """
def result():
    model = nn.Sequential(nn.Linear(2, 2))
    file = io.BytesIO()
    torch.save({"model": model.state_dict}, file)
    file.seek(0)
    return len(torch.load(file)["model"])
"""),
    Program("state-dict-not-called", "notebook", "UnpicklingError", 2, """
# %%
model = nn.Linear(2, 2)
file = io.BytesIO()
# %%
torch.save(model.state_dict, file)
# %%
def result():
    file.seek(0)
    return len(torch.load(file))
"""),
    Program("training-flag-assigned", "inherited", True, False, """
class Deep(Net):
    pass

def result():
    model = Deep()
    model.training = False
    with torch.no_grad():
        model(X)
    return model.drop.training
"""),
    Program("training-flag-assigned", "overridden by a property", 1, 1, """
class Switched(nn.Module):
    switches = 0

    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    @property
    def training(self):
        return False

    @training.setter
    def training(self, value):
        Switched.switches = 1

    def forward(self, x):
        return self.drop(x)

def result():
    model = Switched()
    model.training = False
    with torch.no_grad():
        model(X)
    return Switched.switches
"""),
    Program("training-flag-assigned", "wrapped", True, False, """
def result():
    model = nn.Sequential(Net())
    model.training = False
    with torch.no_grad():
        model(X)
    return model[0].drop.training
"""),
    Program("training-flag-assigned", "notebook", True, False, """
# %%
model = Net()
# %%
model.training = False
with torch.no_grad():
    model(X)
# %%
def result():
    return model.drop.training
"""),
    Program("discarded-to-result", "several rows", "RuntimeError", torch.float64, """
def result():
    model = Net().double()
    for x in [X]:
        x.to(  # onto the device
            torch.float64,
            non_blocking=True,  # overlaps
        )
        model(x).sum().backward()
    return x.dtype
"""),
    Program("discarded-to-result", "two of them and comments", "RuntimeError", torch.float64, """
def result():
    model = Net().double()
    for x, y in [(X, Y)]:
        # to the device
        x.double(), y.long()  # both
        x.double()  # type: ignore
        y.to(
            torch.int64
        )
        loss = F.cross_entropy(model(x), y)
        loss.backward()
    return x.dtype
"""),
    Program("missing-call-parentheses", "property overridden", 0, 0, """
class Opt(torch.optim.SGD):
    stepped = 0
    @property
    def step(self):
        Opt.stepped += 1
        return lambda closure=None: None
def result():
    net = Net()
    opt = Opt(net.parameters(), lr=0.1)
    for _ in range(2):
        opt.zero_grad()
        net(X).sum().backward()
        opt.step
    return Opt.stepped
"""),
    Program("missing-call-parentheses", "one-line suite", True, False, """
def result():
    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    before = net.body.weight.clone()
    for i in range(2):
        opt.zero_grad()
        net(X).sum().backward()
        if i % 2 == 0: opt.step
    return bool((before == net.body.weight).all())
"""),
    Program("training-flag-assigned", "one-line suite", True, False, """
def result():
    model = nn.Sequential(Net()); quick = True
    if quick: model.training = False
    with torch.no_grad(): model(X)
    return model[0].drop.training
"""),
    Program("training-flag-assigned", "chained", (True, False), (True, False), """
def result():
    model = nn.Sequential(Net())
    model.training = other = False
    with torch.no_grad():
        model(X)
    return model[0].drop.training, other
"""),
    Program("training-flag-assigned", "several rows", True, False, """
def result():
    model = nn.Sequential(Net())
    model.training = (
        False  # evaluate
    )
    with torch.no_grad():
        model(X)
    return model[0].drop.training
"""),
    Program("spent-parameter-generator", "several rows", 979.8, 1.0, """
def result():
    model = Net()
    params = (  # those that learn
        p
        for p in model.parameters()
        if p.requires_grad
    )
    opt = torch.optim.SGD(params, lr=0.1)
    for _ in range(1):
        opt.zero_grad()
        model(X).sum().mul(100).backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
    return round(torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item(), 1)
"""),
    Program("spent-parameter-generator", "self and several rows", 979.8, 1.0, """
class T:
    def __init__(self):
        self.model = Net()
        self.params = self.model \\
            .parameters()
        self.opt = torch.optim.SGD(self.params, lr=0.1)
    def run(self):
        for _ in range(1):
            self.opt.zero_grad()
            self.model(X).sum().mul(100).backward()
            torch.nn.utils.clip_grad_norm_(self.params, 1.0)
            self.opt.step()
        return round(torch.cat([p.grad.flatten() for p in self.model.parameters()]).norm().item(), 1)
def result():
    return T().run()
"""),
    Program("freeze-without-effect", "one-line suite", False, True, """
def train(model):
    opt = torch.optim.SGD([p for p in model.parameters()], lr=0.1)
    before = model.body.weight.clone()
    for _ in range(1):
        opt.zero_grad()
        (model(X) + torch.zeros(1, requires_grad=True)).sum().backward()
        opt.step()
    return bool((before == model.body.weight).all())

def result(frozen=True):
    model = Net()
    if frozen: model.body.requires_grad = False  # freeze
    return train(model)
"""),
    Program("freeze-without-effect", "chained", False, False, """
def train(model):
    opt = torch.optim.SGD([p for p in model.parameters()], lr=0.1)
    before = model.body.weight.clone()
    for _ in range(1):
        opt.zero_grad()
        (model(X) + torch.zeros(1, requires_grad=True)).sum().backward()
        opt.step()
    return bool((before == model.body.weight).all())

def result():
    model = Net()
    model.body.requires_grad = model.drop.requires_grad = False
    return train(model)
"""),
    Program("state-dict-not-called", "rows of attributes", "PicklingError", "OrderedDict", """
def result():
    model = Net()
    for _ in range(1):
        model(X).sum().backward()
    buffer = io.BytesIO(); torch.save((
        model
        # the weights
        .state_dict
    ), buffer); buffer.seek(0)
    return type(torch.load(buffer, weights_only=False)).__name__
"""),
    Program("model-replaced-by-load-result", "rows", "TypeError", "Net", """
def result():
    model = Net()
    model = model.load_state_dict(  # restore
        Net().state_dict(),
        strict=True,
    )
    for _ in range(1):
        model(X).sum().backward()
    return type(model).__name__
"""),
]  # fmt: skip


def executed(code: str) -> object:
    """What a program returns, or the name of what it raises."""
    names: dict[str, Any] = {"__name__": "program"}
    try:
        exec(compile(HEAD + code, "program.py", "exec"), names)
        return names["result"]()
    except Exception as error:
        return type(error).__name__


def fixed(program: Program) -> str:
    """The code after the safe fixes of all rules."""
    notebook = "# %%" in program.code
    path = "program.ipynb" if notebook else "program.py"
    text = notebook_text(re.split(r"# %%\n", HEAD + program.code)) if notebook else HEAD + program.code
    result = fix_bytes(text.encode(), path, lambda raw: check_source(raw, path, ALL_RULES), unsafe=False)
    [source] = from_text(result.new, path)
    return source.text.removeprefix(HEAD) if not notebook else source.text


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: f"{program.rule}: {program.name}")
def test_a_safe_fix_keeps_a_result_or_cures_it(program: Program) -> None:
    assert executed(program.code) == program.mistaken
    assert executed(fixed(program)) == program.right

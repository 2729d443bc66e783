"""pyro: `svi.step` clears and steps by itself; an optimizer of `pyro.optim` that is called steps, and never clears."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "pyro-ppl==1.9.2"]
# ///

import pyro
import pyro.distributions as dist
import torch
from pyro.infer import SVI, Trace_ELBO
from pyro.infer.autoguide import AutoDelta
from pyro.infer.util import zero_grads

data = torch.linspace(2, 4, 16)


def model(data):
    mean = pyro.sample("mean", dist.Normal(0.0, 10.0))
    with pyro.plate("data", len(data)):
        pyro.sample("seen", dist.Normal(mean, 1.0), obs=data)


def begin():
    pyro.clear_param_store()
    pyro.set_rng_seed(0)


def inferred_as_the_documentation_shows():
    begin()
    guide = AutoDelta(model)
    svi = SVI(model, guide, pyro.optim.Adam({"lr": 0.01}), loss=Trace_ELBO())
    losses = []
    for _ in range(4):
        losses.append(svi.step(data))  # ok: loss-accumulated-with-graph, missing-zero-grad
    return losses, svi.evaluate_loss(data), [p.grad for p in guide.parameters()]


def scheduled_by_hand():
    begin()
    guide = AutoDelta(model)
    settings = {"optimizer": torch.optim.SGD, "optim_args": {"lr": 0.1}, "gamma": 0.5}
    scheduler = pyro.optim.ExponentialLR(settings)
    svi = SVI(model, guide, scheduler, loss=Trace_ELBO())
    for _ in range(2):
        for _ in range(2):
            svi.step(data)
        scheduler.step()  # ok: scheduler-before-optimizer
    return [one.get_last_lr() for one in scheduler.optim_objs.values()]


def own_loop_with_a_clear():
    begin()
    guide, elbo, norms = AutoDelta(model), Trace_ELBO(), []
    guide(data)
    optimizer = torch.optim.SGD(guide.parameters(), lr=0.001)
    for _ in range(4):
        loss = elbo.differentiable_loss(model, guide, data)
        loss.backward()  # ok: missing-zero-grad
        norms.append(norm(guide))
        optimizer.step()
        optimizer.zero_grad()
    return norms


def own_loop_without_a_clear():
    begin()
    guide, elbo, norms = AutoDelta(model), Trace_ELBO(), []
    guide(data)
    optimizer = torch.optim.SGD(guide.parameters(), lr=0.001)
    for _ in range(4):
        loss = elbo.differentiable_loss(model, guide, data)
        loss.backward()  # expect: missing-zero-grad
        norms.append(norm(guide))
        optimizer.step()
    return norms


def optimizer_called_without_a_clear():
    begin()
    guide, elbo, norms = AutoDelta(model), Trace_ELBO(), []
    guide(data)
    optimizer = pyro.optim.SGD({"lr": 0.001})
    for _ in range(4):
        loss = elbo.differentiable_loss(model, guide, data)
        loss.backward()  # expect: missing-zero-grad
        norms.append(norm(guide))
        optimizer(guide.parameters())
    return norms


def optimizer_called_with_a_clear():
    begin()
    guide, elbo, norms = AutoDelta(model), Trace_ELBO(), []
    guide(data)
    optimizer = pyro.optim.SGD({"lr": 0.001})
    for _ in range(4):
        loss = elbo.differentiable_loss(model, guide, data)
        loss.backward()  # ok: missing-zero-grad
        norms.append(norm(guide))
        optimizer(guide.parameters())
        zero_grads(guide.parameters())
    return norms


def losses_kept():
    begin()
    guide, elbo, losses = AutoDelta(model), Trace_ELBO(), []
    guide(data)
    optimizer = torch.optim.SGD(guide.parameters(), lr=0.001)
    for _ in range(4):
        optimizer.zero_grad()
        loss = elbo.differentiable_loss(model, guide, data)
        loss.backward()
        optimizer.step()
        losses.append(loss)  # expect: loss-accumulated-with-graph
    return losses


def norm(guide):
    return sum(float(parameter.grad.norm()) for parameter in guide.parameters())


if __name__ == "__main__":
    losses, value, gradients = inferred_as_the_documentation_shows()
    assert all(isinstance(loss, float) for loss in [*losses, value]) and not any(map(torch.any, gradients))
    assert scheduled_by_hand() == [[0.025]]
    cleared = own_loop_with_a_clear()
    for without in (own_loop_without_a_clear(), optimizer_called_without_a_clear()):
        assert without[0] == cleared[0] and without[-1] > 2 * cleared[-1]
    assert optimizer_called_with_a_clear() == cleared
    assert all(loss.requires_grad for loss in losses_kept())
    for name in "AdagradRMSProp Adam AdamW ClippedAdam RMSprop SGD".split():
        weight = torch.ones(2, requires_grad=True)
        weight.square().sum().backward()
        getattr(pyro.optim, name)({"lr": 0.1} if name != "AdagradRMSProp" else {"eta": 0.1})([weight])
        assert not torch.equal(weight, torch.ones(2)) and weight.grad.any(), name

"""gpytorch and botorch: a loop over a marginal likelihood; prediction records a graph, and fitting leaves gradients."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "gpytorch==1.15.2", "botorch==0.18.1"]
# ///

import gpytorch
import torch
from botorch.acquisition import LogExpectedImprovement
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.optim import optimize_acqf

train_x = torch.linspace(0, 1, 20, dtype=torch.double)
train_y = torch.sin(train_x * 6)


class Exact(gpytorch.models.ExactGP):
    def __init__(self, x, y, likelihood):
        super().__init__(x, y, likelihood)
        self.mean = gpytorch.means.ConstantMean()
        self.kernel = gpytorch.kernels.ScaleKernel(gpytorch.kernels.RBFKernel())

    def forward(self, x):
        return gpytorch.distributions.MultivariateNormal(self.mean(x), self.kernel(x))


def trained_as_the_documentation_shows():
    likelihood = gpytorch.likelihoods.GaussianLikelihood()
    model = Exact(train_x, train_y, likelihood).double()
    model.train()
    likelihood.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    mll = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)
    for _ in range(5):
        optimizer.zero_grad()
        loss = -mll(model(train_x), train_y)
        loss.backward()  # ok: missing-zero-grad
        print(loss.item())
        optimizer.step()
    model.eval()
    likelihood.eval()
    with torch.no_grad(), gpytorch.settings.fast_pred_var():
        return likelihood(model(train_x)).mean


def never_cleared():
    likelihood = gpytorch.likelihoods.GaussianLikelihood()
    model, norms = Exact(train_x, train_y, likelihood).double(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
    mll = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)
    for _ in range(4):
        loss = -mll(model(train_x), train_y)
        loss.backward()  # expect: missing-zero-grad
        norms.append(float(model.mean.raw_constant.grad.norm()))
        optimizer.step()
    return norms


def losses_kept():
    likelihood = gpytorch.likelihoods.GaussianLikelihood()
    model, losses = Exact(train_x, train_y, likelihood).double(), []
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    mll = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)
    for _ in range(4):
        optimizer.zero_grad()
        loss = -mll(model(train_x), train_y)
        loss.backward()
        optimizer.step()
        losses.append(loss)  # expect: loss-accumulated-with-graph
    return losses


def optimized_as_the_documentation_shows():
    x, y = torch.rand(6, 1, dtype=torch.double), torch.rand(6, 1, dtype=torch.double)
    for _ in range(2):
        model = SingleTaskGP(x, y)
        mll = gpytorch.mlls.ExactMarginalLogLikelihood(model.likelihood, model)
        fit_gpytorch_mll(mll)
        improvement = LogExpectedImprovement(model, best_f=y.max())
        bounds = torch.tensor([[0.0], [1.0]], dtype=torch.double)
        candidate, _ = optimize_acqf(improvement, bounds=bounds, q=1, num_restarts=2, raw_samples=4)
        x, y = torch.cat([x, candidate]), torch.cat([y, candidate.square()])
    return model, x, y


if __name__ == "__main__":
    assert not trained_as_the_documentation_shows().requires_grad
    norms = never_cleared()
    assert norms[-1] > 2 * norms[0] and all(loss.requires_grad for loss in losses_kept())
    torch.manual_seed(0)
    model, x, y = optimized_as_the_documentation_shows()
    assert not model.training and not x.requires_grad and not y.requires_grad
    assert any(parameter.grad is not None for parameter in model.parameters())
    assert model(x).mean.requires_grad

"""torchmetrics: `update` keeps no graph, except in metrics that hold on to their inputs; the value of a call does."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torchmetrics==1.9.0"]
# ///

import torch
import torchmetrics
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


def mean_of_losses():
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    mean = torchmetrics.MeanMetric()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        mean.update(loss)  # ok: loss-accumulated-with-graph
    return mean.mean_value


def concatenated_losses():
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    every = torchmetrics.CatMetric()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        every.update(loss)  # expect: loss-accumulated-with-graph
    return every.value[-1]


def ranks_of_outputs():
    outputs, order = torch.randn(8, requires_grad=True), torchmetrics.SpearmanCorrCoef()
    order.update(outputs * 2, torch.randn(8))
    return order.preds[-1]


def value_of_a_call():
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    error, values = torchmetrics.MeanSquaredError(), []
    for inputs, targets in loader:
        optimizer.zero_grad()
        outputs = model(inputs)
        criterion(outputs, targets).backward()
        optimizer.step()
        values.append(error(outputs, nn.functional.one_hot(targets, 3)))  # expect: outputs-kept-with-graph
    return values[-1]


def value_of_a_function():
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    values = []
    for inputs, targets in loader:
        optimizer.zero_grad()
        outputs = model(inputs)
        criterion(outputs, targets).backward()
        optimizer.step()
        wanted = nn.functional.one_hot(targets, 3).float()
        values.append(torchmetrics.functional.mean_squared_error(outputs, wanted))  # expect: outputs-kept-with-graph
    return values[-1]


def value_that_is_counted():
    model = nn.Linear(6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    accuracy, values = torchmetrics.classification.MulticlassAccuracy(num_classes=3), []
    for inputs, targets in loader:
        optimizer.zero_grad()
        outputs = model(inputs)
        criterion(outputs, targets).backward()
        optimizer.step()
        values.append(accuracy(outputs, targets))  # ok: outputs-kept-with-graph
    return values[-1]


def mean_after_reset():
    mean = torchmetrics.MeanMetric()
    mean.update(torch.tensor(1.0))
    first = float(mean.compute())
    mean.reset()
    mean(torch.tensor(5.0))
    return first, float(mean.compute())


KEEPING = "CatMetric CosineSimilarity KendallRankCorrCoef SpearmanCorrCoef"
DIFFERENTIABLE = """
    ConcordanceCorrCoef ExplainedVariance KLDivergence LogCoshError MaxMetric MeanAbsoluteError
    MeanAbsolutePercentageError MeanMetric MeanSquaredError MeanSquaredLogError MinMetric
    NormalizedRootMeanSquaredError PeakSignalNoiseRatio PearsonCorrCoef R2Score RelativeSquaredError RunningMean
    RunningSum ScaleInvariantSignalDistortionRatio ScaleInvariantSignalNoiseRatio SignalDistortionRatio
    SignalNoiseRatio SumMetric SymmetricMeanAbsolutePercentageError TweedieDevianceScore
    WeightedMeanAbsolutePercentageError
"""
FUNCTIONS = """
    concordance_corrcoef cosine_similarity explained_variance hinge_loss kl_divergence log_cosh_error
    mean_absolute_error mean_absolute_percentage_error mean_squared_error mean_squared_log_error
    normalized_root_mean_squared_error peak_signal_noise_ratio pearson_corrcoef r2_score relative_squared_error
    scale_invariant_signal_distortion_ratio scale_invariant_signal_noise_ratio signal_distortion_ratio
    signal_noise_ratio symmetric_mean_absolute_percentage_error tweedie_deviance_score
    weighted_mean_absolute_percentage_error
"""
OPTIONS = {
    "hinge_loss": {"task": "binary"},
    "peak_signal_noise_ratio": {"data_range": 2.0},
    "PeakSignalNoiseRatio": {"data_range": 2.0},
}
IN_ROWS = ("cosine_similarity", "CosineSimilarity", "kl_divergence", "KLDivergence")
OF_LOSSES = ("CatMetric", "MaxMetric", "MeanMetric", "MinMetric", "RunningMean", "RunningSum", "SumMetric")


def inputs_of(name):
    torch.manual_seed(0)
    shape = (16, 3) if name in IN_ROWS else (400,)
    outputs = torch.rand(shape, requires_grad=True) * 0.9 + 0.05
    targets = torch.rand(shape) if name != "hinge_loss" else torch.randint(0, 2, shape)
    if name.lower().replace("_", "") == "kldivergence":
        outputs, targets = outputs.softmax(dim=1), targets.softmax(dim=1)
    return (outputs.sum(),) if name in OF_LOSSES else (outputs, targets)


def keeps_a_graph(name):
    metric = getattr(torchmetrics, name)(**OPTIONS.get(name, {}))
    metric.update(*inputs_of(name))
    states = [getattr(metric, state) for state in metric._defaults]
    return any(part.requires_grad for state in states for part in (state if isinstance(state, list) else [state]))


if __name__ == "__main__":
    assert mean_after_reset() == (1.0, 5.0)
    assert not mean_of_losses().requires_grad
    assert concatenated_losses().requires_grad
    assert ranks_of_outputs().requires_grad
    assert value_of_a_call().requires_grad and value_of_a_function().requires_grad
    assert not value_that_is_counted().requires_grad
    for name in KEEPING.split():
        assert keeps_a_graph(name), name
    for name in DIFFERENTIABLE.split():
        assert getattr(torchmetrics, name)(**OPTIONS.get(name, {}))(*inputs_of(name)).requires_grad, name
        assert not keeps_a_graph(name), name
    for name in FUNCTIONS.split():
        value = getattr(torchmetrics.functional, name)(*inputs_of(name), **OPTIONS.get(name, {}))
        assert value.requires_grad, name

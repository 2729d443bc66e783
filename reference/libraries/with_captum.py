"""captum: an attribution runs the model in the mode that it is in."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "captum==0.9.0"]
# ///

import torch
from captum.attr import IntegratedGradients, NoiseTunnel
from torch import nn

torch.manual_seed(0)
inputs, targets = torch.randn(8, 6), torch.randint(0, 3, (8,))


def in_training_mode():
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))
    model.train()
    first = IntegratedGradients(model).attribute(inputs, target=targets)  # expect: explained-in-training-mode
    second = IntegratedGradients(model).attribute(inputs, target=targets)  # expect: explained-in-training-mode
    return float((first - second).abs().max())


def in_evaluation_mode():
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))
    model.eval()
    first = IntegratedGradients(model).attribute(inputs, target=targets)  # ok: explained-in-training-mode
    second = IntegratedGradients(model).attribute(inputs, target=targets)  # ok: explained-in-training-mode
    return float((first - second).abs().max())


def in_training_mode_with_noise():
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))
    model.train()
    tunnel = NoiseTunnel(IntegratedGradients(model))
    tunnel.attribute(inputs, target=targets, nt_samples=2)  # expect: explained-in-training-mode
    return model.training


if __name__ == "__main__":
    assert in_training_mode_with_noise()
    assert in_training_mode() > 0.01
    assert in_evaluation_mode() == 0.0

"""MONAI: Dice-like losses apply a sigmoid or softmax where they are asked to; `CumulativeAverage` keeps no graph."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "monai==1.6.1"]
# ///

import torch
from monai.losses import DiceCELoss, DiceFocalLoss, DiceLoss, GeneralizedDiceLoss, TverskyLoss
from monai.metrics import CumulativeAverage
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
masks = (torch.rand(16, 1, 8, 8) > 0.5).float()
loader = DataLoader(TensorDataset(torch.randn(16, 1, 8, 8), masks), batch_size=4)


def probabilities_for_a_loss_that_takes_logits():
    model = nn.Conv2d(1, 1, 3, padding=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap = DiceLoss(sigmoid=True)
    for images, masks in loader:
        optimizer.zero_grad()
        overlap(torch.sigmoid(model(images)), masks).backward()  # expect: sigmoid-before-bce-with-logits
        optimizer.step()


def probabilities_for_a_loss_that_takes_them():
    model = nn.Conv2d(1, 1, 3, padding=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap = DiceLoss()
    for images, masks in loader:
        optimizer.zero_grad()
        overlap(torch.sigmoid(model(images)), masks).backward()  # ok: sigmoid-before-bce-with-logits
        optimizer.step()


def logits_for_a_loss_that_takes_probabilities():
    model = nn.Conv2d(1, 1, 3, padding=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap = DiceLoss()
    for images, masks in loader:
        optimizer.zero_grad()
        overlap(model(images), masks).backward()  # expect: missing-activation
        optimizer.step()


def softmax_for_a_loss_that_applies_it():
    model = nn.Conv2d(1, 2, 3, padding=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap = GeneralizedDiceLoss(softmax=True, to_onehot_y=True)
    for images, masks in loader:
        optimizer.zero_grad()
        overlap(model(images).softmax(dim=1), masks).backward()  # expect: softmax-before-cross-entropy
        optimizer.step()


def average_of_losses():
    model = nn.Conv2d(1, 1, 3, padding=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap, average = DiceLoss(sigmoid=True), CumulativeAverage()
    for images, masks in loader:
        optimizer.zero_grad()
        loss = overlap(model(images), masks)
        loss.backward()
        optimizer.step()
        average.append(loss)  # ok: loss-accumulated-with-graph
    return average


if __name__ == "__main__":
    perfect = 200 * masks - 100
    both = torch.cat([-perfect, perfect], dim=1)
    for loss in (DiceLoss, DiceCELoss, DiceFocalLoss, GeneralizedDiceLoss, TverskyLoss):
        binary, several = loss(sigmoid=True), loss(softmax=True, to_onehot_y=True)
        assert binary(perfect, masks) < 0.01 and several(both, masks) < 0.01, loss
        assert binary(torch.sigmoid(perfect), masks) > 0.2  # expect: sigmoid-before-bce-with-logits
        assert several(both.softmax(dim=1), masks) > 0.2  # expect: softmax-before-cross-entropy
    for loss in (DiceLoss, DiceCELoss, DiceFocalLoss, GeneralizedDiceLoss, TverskyLoss):
        # Of probabilities, a perfect prediction gets less than 1; of logits, anything.
        assert loss()(torch.sigmoid(perfect / 5), masks) < 1 and loss()(perfect / 5, masks) > 5, loss
    for loss in (DiceLoss, GeneralizedDiceLoss, TverskyLoss):
        assert loss()(torch.sigmoid(perfect), masks) < 0.01, loss
    probabilities_for_a_loss_that_takes_logits()
    probabilities_for_a_loss_that_takes_them()
    logits_for_a_loss_that_takes_probabilities()
    softmax_for_a_loss_that_applies_it()
    assert not average_of_losses().sum.requires_grad

"""segmentation-models-pytorch: losses take logits, unless they are made with `from_logits=False`."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torchvision==0.28.0", "segmentation-models-pytorch==0.6.0"]
# ///

import segmentation_models_pytorch as smp
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
masks = (torch.rand(16, 1, 8, 8) > 0.5).float()
loader = DataLoader(TensorDataset(torch.randn(16, 1, 8, 8), masks), batch_size=4)


def sigmoid_before_a_loss():
    model = nn.Conv2d(1, 1, 3, padding=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap = smp.losses.JaccardLoss("binary")
    for images, masks in loader:
        optimizer.zero_grad()
        overlap(torch.sigmoid(model(images)), masks).backward()  # expect: sigmoid-before-bce-with-logits
        optimizer.step()


def sigmoid_before_a_loss_that_takes_probabilities():
    model = nn.Conv2d(1, 1, 3, padding=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap = smp.losses.JaccardLoss("binary", from_logits=False)
    for images, masks in loader:
        optimizer.zero_grad()
        overlap(torch.sigmoid(model(images)), masks).backward()  # ok: sigmoid-before-bce-with-logits
        optimizer.step()


def softmax_before_a_loss():
    model = nn.Conv2d(1, 2, 3, padding=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap = smp.losses.DiceLoss("multiclass")
    for images, masks in loader:
        optimizer.zero_grad()
        overlap(model(images).softmax(dim=1), masks.long()).backward()  # expect: softmax-before-cross-entropy
        optimizer.step()


def sigmoid_before_soft_cross_entropy():
    model = nn.Conv2d(1, 1, 3, padding=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    soft = smp.losses.SoftBCEWithLogitsLoss()
    for images, masks in loader:
        optimizer.zero_grad()
        soft(torch.sigmoid(model(images)), masks).backward()  # expect: sigmoid-before-bce-with-logits
        optimizer.step()


if __name__ == "__main__":
    perfect = 200 * masks - 100
    both = torch.cat([-perfect, perfect], dim=1)
    for loss in (smp.losses.DiceLoss, smp.losses.JaccardLoss, smp.losses.TverskyLoss):
        for mode in ("binary", "multilabel"):
            assert loss(mode)(perfect, masks) < 0.01, loss
            assert loss(mode)(torch.sigmoid(perfect), masks) > 0.2, loss
            assert loss(mode, from_logits=False)(torch.sigmoid(perfect), masks) < 0.01, loss
        assert loss("multiclass")(both, masks.long()) < 0.01, loss
        assert loss("multiclass")(both.softmax(dim=1), masks.long()) > 0.2, loss  # expect: softmax-before-cross-entropy
    soft = smp.losses.SoftBCEWithLogitsLoss()
    assert soft(perfect, masks) < 0.01
    assert soft(torch.sigmoid(perfect), masks) > 0.3  # expect: sigmoid-before-bce-with-logits
    sigmoid_before_a_loss()
    sigmoid_before_a_loss_that_takes_probabilities()
    softmax_before_a_loss()
    sigmoid_before_soft_cross_entropy()

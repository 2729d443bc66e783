"""segmentation-models-pytorch: losses take logits, unless made with `from_logits=False`; networks return them."""

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
large = DataLoader(TensorDataset(torch.randn(2, 1, 32, 32), torch.ones(2, 1, 32, 32)), batch_size=2)


def sigmoid_before_a_loss():
    model = nn.Conv2d(1, 1, 3, padding=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap = smp.losses.JaccardLoss(smp.losses.BINARY_MODE)
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


def network_with_a_sigmoid_of_its_own():
    net = smp.Unet(encoder_weights=None, in_channels=1, activation="sigmoid")  # expect: sigmoid-before-bce-with-logits
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    overlap = smp.losses.DiceLoss("binary")
    for images, masks in large:
        optimizer.zero_grad()
        overlap(net(images), masks).backward()
        optimizer.step()


def network_without_one_for_a_loss_that_takes_probabilities():
    model = smp.Unet("resnet18", encoder_weights=None, in_channels=1, classes=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap = smp.losses.DiceLoss("binary", from_logits=False)
    for images, masks in large:
        optimizer.zero_grad()
        overlap(model(images), masks).backward()  # expect: missing-activation
        optimizer.step()


def network_that_fits_its_loss():
    model = smp.Unet("resnet18", encoder_weights=None, in_channels=1, classes=1, activation="sigmoid")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap = smp.losses.DiceLoss("binary", from_logits=False)
    for images, masks in large:
        optimizer.zero_grad()
        overlap(model(images), masks).backward()  # ok: missing-activation, sigmoid-before-bce-with-logits
        optimizer.step()


if __name__ == "__main__":
    for name in ("DeepLabV3 DeepLabV3Plus FPN Linknet MAnet PAN PSPNet Unet UnetPlusPlus UPerNet").split():
        for activation in (None, "sigmoid", "softmax"):
            torch.manual_seed(0)
            network = getattr(smp, name)("resnet18", encoder_weights=None, classes=2, activation=activation).eval()
            with torch.no_grad():
                output = network(torch.randn(1, 3, 128, 128))
            assert (output.min() < 0) == (activation is None), (name, activation)
            assert torch.allclose(output.sum(dim=1), torch.ones(1)) == (activation == "softmax"), (name, activation)
    perfect = 200 * masks - 100
    both = torch.cat([-perfect, perfect], dim=1)
    for loss in (smp.losses.DiceLoss, smp.losses.JaccardLoss, smp.losses.TverskyLoss):
        for mode in ("binary", "multilabel"):
            assert loss(mode)(perfect, masks) < 0.01, loss
            assert loss(mode)(torch.sigmoid(perfect), masks) > 0.2, loss
            assert loss(mode, from_logits=False)(torch.sigmoid(perfect), masks) < 0.01, loss
        assert loss("multiclass")(both, masks.long()) < 0.01, loss
        assert loss("multiclass")(both.softmax(dim=1), masks.long()) > 0.2, loss  # expect: softmax-before-cross-entropy
    first = masks[:, 0].long()
    for loss in (smp.losses.FocalLoss, smp.losses.LovaszLoss):
        for mode in ("binary", "multilabel"):
            assert loss(mode)(perfect, masks) < 0.01 < 0.09 < loss(mode)(torch.sigmoid(perfect), masks), loss
        assert loss("multiclass")(both, first) < 0.01, loss
        assert loss("multiclass")(both.softmax(dim=1), first) > 0.09, loss  # expect: softmax-before-cross-entropy
    assert smp.losses.LovaszLoss("binary", from_logits=False)(torch.sigmoid(perfect), masks) > 0.4
    soft = smp.losses.SoftBCEWithLogitsLoss()
    assert soft(perfect, masks) < 0.01
    assert soft(torch.sigmoid(perfect), masks) > 0.3  # expect: sigmoid-before-bce-with-logits
    sigmoid_before_a_loss()
    sigmoid_before_a_loss_that_takes_probabilities()
    softmax_before_a_loss()
    sigmoid_before_soft_cross_entropy()
    network_with_a_sigmoid_of_its_own()
    network_without_one_for_a_loss_that_takes_probabilities()
    network_that_fits_its_loss()

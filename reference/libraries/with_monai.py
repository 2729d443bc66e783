"""MONAI: Dice-like losses apply a sigmoid or softmax where they are asked to; `CumulativeAverage` keeps no graph."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "monai==1.6.1", "einops==0.8.2", "scipy==1.17.1"]
# ///

import torch
from monai.data import decollate_batch
from monai.inferers import SlidingWindowInferer, sliding_window_inference
from monai.losses import DiceCELoss, DiceFocalLoss, DiceLoss, FocalLoss, GeneralizedDiceLoss, TverskyLoss
from monai.metrics import CumulativeAverage, DiceMetric, HausdorffDistanceMetric, MeanIoU, SurfaceDistanceMetric
from monai.networks import nets
from monai.optimizers import Novograd
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


def outputs_of_a_network_of_the_library():
    model = nets.UNet(spatial_dims=2, in_channels=1, out_channels=1, channels=(2, 4), strides=(2,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap, of_logits = DiceLoss(), DiceLoss(sigmoid=True)
    for images, masks in loader:
        optimizer.zero_grad()
        overlap(model(images), masks).backward()  # expect: missing-activation
        of_logits(model(images), masks).backward()  # ok: missing-activation
        overlap(torch.sigmoid(model(images)), masks).backward()  # ok: missing-activation
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


def probabilities_for_the_focal_loss():
    model = nn.Conv2d(1, 1, 3, padding=1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    focal = FocalLoss()
    for images, masks in loader:
        optimizer.zero_grad()
        focal(torch.sigmoid(model(images)), masks).backward()  # expect: sigmoid-before-bce-with-logits
        optimizer.step()


def no_clear_before_novograd():
    model, norms = nn.Conv2d(1, 1, 3, padding=1), []
    updates, overlap = Novograd(model.parameters(), lr=0.01), DiceLoss(sigmoid=True)
    for images, masks in loader:
        overlap(model(images), masks).backward()  # expect: missing-zero-grad
        updates.step()
        norms.append(float(model.weight.grad.norm()))
    return norms


def windows_with_a_graph():
    model = nn.Conv2d(1, 1, 3, padding=1)
    overlap, total = DiceLoss(sigmoid=True), 0.0
    model.eval()
    for images, masks in loader:
        outputs = sliding_window_inference(images, (4, 4), 2, model)  # expect: missing-no-grad
        total += overlap(outputs, masks)  # expect: loss-accumulated-with-graph
    print(total)
    return outputs


def windows_without_one():
    model = nn.Conv2d(1, 1, 3, padding=1)
    overlap, total, windows = DiceLoss(sigmoid=True), 0.0, SlidingWindowInferer((4, 4))
    model.eval()
    with torch.no_grad():
        for images, masks in loader:
            outputs = windows(images, model)  # ok: missing-no-grad
            total += overlap(outputs, masks)  # ok: loss-accumulated-with-graph
    print(total)
    return outputs


def windows_of_an_inferer():
    model = nn.Conv2d(1, 1, 3, padding=1)
    windows = SlidingWindowInferer((4, 4))
    model.eval()
    for images, masks in loader:
        outputs = windows(images, model)  # expect: missing-no-grad
        print(DiceLoss(sigmoid=True)(outputs, masks).item())
    return outputs


def outputs_taken_apart_for_metrics():
    model = nets.UNet(spatial_dims=2, in_channels=1, out_channels=1, channels=(2, 4), strides=(2,))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap, dice, counts = DiceLoss(), DiceMetric(), []
    for epoch in range(2):
        model.train()
        for images, masks in loader:
            optimizer.zero_grad()
            overlap(model(images), masks).backward()  # expect: missing-activation
            optimizer.step()
        model.eval()
        with torch.no_grad():
            for images, masks in loader:
                outputs = [one.sigmoid() > 0.5 for one in decollate_batch(model(images))]
                dice(outputs, masks)
        print(dice.aggregate().item())  # ok: metric-never-reset
        counts.append(len(dice.get_buffer()))
        dice.reset()
    return counts


def metric_that_is_never_reset():
    model, dice, counts = nn.Conv2d(1, 1, 3, padding=1), DiceMetric(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    overlap = DiceLoss(sigmoid=True)
    for epoch in range(2):
        for images, masks in loader:
            optimizer.zero_grad()
            outputs = model(images)
            overlap(outputs, masks).backward()
            optimizer.step()
            dice(outputs > 0, masks)
        print(dice.aggregate().item())  # expect: metric-never-reset
        counts.append(len(dice.get_buffer()))
    return counts


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
    outputs_of_a_network_of_the_library()
    softmax_for_a_loss_that_applies_it()
    assert not average_of_losses().sum.requires_grad
    assert FocalLoss()(perfect, masks) < 0.01 and FocalLoss(use_softmax=True, to_onehot_y=True)(both, masks) < 0.01
    assert FocalLoss()(torch.sigmoid(perfect), masks) > 0.09  # expect: sigmoid-before-bce-with-logits
    several = FocalLoss(use_softmax=True, to_onehot_y=True)
    assert several(both.softmax(dim=1), masks) > 0.01  # expect: softmax-before-cross-entropy
    probabilities_for_the_focal_loss()
    norms = no_clear_before_novograd()
    assert norms[-1] > 2 * norms[0]
    assert windows_with_a_graph().requires_grad and windows_of_an_inferer().requires_grad
    assert not windows_without_one().requires_grad
    assert nets.Unet is nets.UNet
    shapes = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2}
    for network in (
        nets.AttentionUnet(**shapes, channels=(4, 8), strides=(2,)),
        nets.BasicUNet(**shapes),
        nets.DynUNet(**shapes, kernel_size=(3, 3, 3), strides=(1, 2, 2), upsample_kernel_size=(2, 2)),
        nets.SegResNet(**shapes),
        nets.SwinUNETR(**shapes),
        nets.UNETR(**shapes, img_size=(64, 64)),
        nets.UNet(**shapes, channels=(4, 8), strides=(2,)),
        nets.VNet(**shapes),
    ):
        images = network(torch.randn(1, 1, 64, 64))
        assert images.min() < 0 and images.shape == (1, 2, 64, 64), network
    assert outputs_taken_apart_for_metrics() == [16, 16] and metric_that_is_never_reset() == [16, 32]
    for metric in (DiceMetric(), HausdorffDistanceMetric(), MeanIoU(), SurfaceDistanceMetric()):
        for _ in range(2):
            metric(torch.ones(4, 1, 8, 8), torch.ones(4, 1, 8, 8))
        assert len(metric.get_buffer()) == 8 and metric.aggregate() is not None, metric
        metric.reset()
        assert metric.get_buffer() is None, metric

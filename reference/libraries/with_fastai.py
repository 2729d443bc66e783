"""fastai: its optimizers do not clear by themselves, and the loss that a callback sees holds its graph."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torchvision==0.28.0", "fastai==2.8.12"]
# ///

import torch
from fastai.callback.core import Callback
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.losses import (
    BCEWithLogitsLossFlat,
    CrossEntropyLossFlat,
    FocalLossFlat,
    LabelSmoothingCrossEntropy,
    LabelSmoothingCrossEntropyFlat,
)
from fastai.optimizer import SGD
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
inputs = torch.randn(32, 6)
loader = DataLoader(TensorDataset(inputs, inputs @ torch.ones(6, 1)), batch_size=8)
criterion = nn.MSELoss()


def new_model():
    torch.manual_seed(0)
    return nn.Linear(6, 1)


def no_clear():
    model, norms = new_model(), []
    opt = SGD(model.parameters(), lr=0.01)
    for xb, yb in loader:
        criterion(model(xb), yb).backward()  # expect: missing-zero-grad
        norms.append(float(model.weight.grad.norm()))
        opt.step()
    return norms


def clear_after_the_step():
    model, norms = new_model(), []
    opt = SGD(model.parameters(), lr=0.01)
    for xb, yb in loader:
        criterion(model(xb), yb).backward()  # ok: missing-zero-grad
        norms.append(float(model.weight.grad.norm()))
        opt.step()
        opt.zero_grad()
    return norms


class KeepLosses(Callback):
    def before_fit(self):
        self.losses = []

    def after_batch(self):
        self.losses.append(self.loss)  # expect: loss-accumulated-with-graph


class KeepLossesOfTheLearner(Callback):
    def before_fit(self):
        self.losses = []

    def before_backward(self):
        self.losses.append(self.learn.loss_grad)  # expect: loss-accumulated-with-graph


class KeepDetached(Callback):
    def before_fit(self):
        self.losses = []

    def after_batch(self):
        self.losses.append(self.loss.detach())  # ok: loss-accumulated-with-graph


class KeepTheLast(Callback):
    def note(self):
        self.last = self.loss.requires_grad and self.learn.loss.requires_grad and self.learn.loss_grad.requires_grad
        if self.training and not self.last:
            raise AssertionError("a loss without its graph")

    def after_loss(self):
        self.note()

    def before_backward(self):
        self.note()

    def after_backward(self):
        self.note()

    def before_step(self):
        self.note()

    def after_step(self):
        self.note()

    def after_batch(self):
        self.note()


def softmax_before_the_loss():
    model = nn.Linear(6, 3)
    opt, flat = SGD(model.parameters(), lr=0.01), CrossEntropyLossFlat()
    for xb, yb in loader:
        probabilities = torch.softmax(model(xb), dim=1)  # expect: softmax-before-cross-entropy
        flat(probabilities, yb.flatten().long() % 3).backward()
        opt.step()
        opt.zero_grad()


def logits_for_the_loss():
    model = nn.Linear(6, 3)
    opt, flat = SGD(model.parameters(), lr=0.01), CrossEntropyLossFlat()
    for xb, yb in loader:
        flat(model(xb), yb.flatten().long() % 3).backward()  # ok: softmax-before-cross-entropy
        opt.step()
        opt.zero_grad()


if __name__ == "__main__":
    softmax_before_the_loss()
    logits_for_the_loss()
    sure, answer = torch.tensor([[100.0, -100.0, -100.0]]), torch.tensor([0])
    for make in (CrossEntropyLossFlat, FocalLossFlat):
        assert make()(sure, answer) < 0.01, make
        assert make()(sure.softmax(dim=1), answer) > 0.05, make  # expect: softmax-before-cross-entropy
    for make in (LabelSmoothingCrossEntropy, LabelSmoothingCrossEntropyFlat):
        assert make(eps=0.0)(sure, answer) < 0.01, make
        assert make(eps=0.0)(sure.softmax(dim=1), answer) > 0.05  # expect: softmax-before-cross-entropy
    binary = BCEWithLogitsLossFlat()
    assert binary(sure[0, :1], torch.ones(1)) < 0.01
    assert binary(sure[0, :1].sigmoid(), torch.ones(1)) > 0.3  # expect: sigmoid-before-bce-with-logits
    assert no_clear()[-1] > 2 * clear_after_the_step()[-1]
    kept, learned, detached = KeepLosses(), KeepLossesOfTheLearner(), KeepDetached()
    data = DataLoaders(loader, loader)
    learner = Learner(
        data, new_model(), loss_func=criterion, opt_func=SGD, cbs=[kept, learned, detached, KeepTheLast()]
    )
    learner.fit(1, lr=0.01)
    # The last four are those of validation.
    assert [loss.requires_grad for loss in kept.losses] == [True] * 4 + [False] * 4
    assert all(loss.requires_grad for loss in learned.losses)
    assert not any(loss.requires_grad for loss in detached.losses)

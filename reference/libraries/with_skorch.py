"""skorch: the loss that a callback gets holds its graph; a training step of one's own has to clear gradients."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "skorch==1.4.0"]
# ///

import numpy as np
import torch
from skorch import NeuralNet, NeuralNetBinaryClassifier, NeuralNetClassifier
from skorch.callbacks import Callback
from torch import nn

inputs = np.random.default_rng(0).normal(size=(32, 6)).astype(np.float32)
targets = inputs @ np.ones((6, 1), dtype=np.float32)
norms = []


class KeepLosses(Callback):
    def initialize(self):
        self.losses = []
        return self

    def on_batch_end(self, net, training=None, loss=None, **others):
        if training:
            self.losses.append(loss)  # expect: loss-accumulated-with-graph


class KeepNumbers(Callback):
    def initialize(self):
        self.losses = []
        return self

    def on_batch_end(self, net, training=None, loss=None, **others):
        if training:
            self.losses.append(loss.item())  # ok: loss-accumulated-with-graph


class OwnPart(NeuralNet):
    """`train_step` clears, steps and calls this in a closure."""

    def train_step_single(self, batch, **others):
        self._set_training(True)
        inputs, targets = batch
        outputs = self.infer(inputs)
        loss = self.get_loss(outputs, targets, X=inputs, training=True)
        loss.backward()  # ok: missing-zero-grad
        norms.append(float(self.module_.weight.grad.norm()))
        return {"loss": loss, "y_pred": outputs}


class OwnStep(NeuralNet):
    def train_step(self, batch, **others):
        self._set_training(True)
        inputs, targets = batch
        outputs = self.infer(inputs)
        loss = self.get_loss(outputs, targets, X=inputs, training=True)
        loss.backward()  # expect: missing-zero-grad
        norms.append(float(self.module_.weight.grad.norm()))
        self.optimizer_.step()
        return {"loss": loss, "y_pred": outputs}


class OwnStepThatClears(NeuralNet):
    def train_step(self, batch, **others):
        self._set_training(True)
        inputs, targets = batch
        self.optimizer_.zero_grad()
        outputs = self.infer(inputs)
        loss = self.get_loss(outputs, targets, X=inputs, training=True)
        loss.backward()  # ok: missing-zero-grad
        norms.append(float(self.module_.weight.grad.norm()))
        self.optimizer_.step()
        return {"loss": loss, "y_pred": outputs}


class KeepsOwnLosses(NeuralNet):
    """`train_step` back-propagates what this returns."""

    seen: list[torch.Tensor] = []

    def get_loss(self, y_pred, y_true, X=None, training=False):
        loss = super().get_loss(y_pred, y_true, X=X, training=training)
        self.seen.append(loss)  # expect: loss-accumulated-with-graph
        return loss


class KeepsOwnNumbers(NeuralNet):
    seen: list[float] = []

    def get_loss(self, y_pred, y_true, X=None, training=False):
        loss = super().get_loss(y_pred, y_true, X=X, training=training)
        self.seen.append(loss.item())  # ok: loss-accumulated-with-graph
        return loss


def fitted(kind, *callbacks):
    torch.manual_seed(0)
    norms.clear()
    net = kind(
        nn.Linear,
        nn.MSELoss,
        module__in_features=6,
        module__out_features=1,
        batch_size=8,
        max_epochs=2,
        lr=0.01,
        train_split=None,
        callbacks=list(callbacks),
        verbose=0,
    )
    net.fit(inputs, targets)
    return net, list(norms)


class Probabilities(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 2)

    def forward(self, inputs):
        return torch.softmax(self.layer(inputs), dim=1)  # expect: softmax-before-cross-entropy


class Shares(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 2)

    def forward(self, inputs):
        return torch.softmax(self.layer(inputs), dim=1)  # ok: softmax-before-cross-entropy


def softmax_before_the_criterion():
    net = NeuralNetClassifier(Probabilities, criterion=nn.CrossEntropyLoss, max_epochs=1, verbose=0, train_split=None)
    net.fit(inputs, (targets.flatten() > 0).astype(np.int64))
    return net


def softmax_before_the_logarithm():
    net = NeuralNetClassifier(Shares, max_epochs=1, verbose=0, train_split=None)
    net.fit(inputs, (targets.flatten() > 0).astype(np.int64))
    return net


def sigmoid_before_the_criterion():
    binary = NeuralNetBinaryClassifier(Probabilities, criterion=nn.BCELoss, max_epochs=1, verbose=0, train_split=None)
    return binary


if __name__ == "__main__":
    sure, answer = torch.tensor([[1.0, 0.0]]), torch.tensor([0])
    assert softmax_before_the_criterion().get_loss(sure, answer) > 0.3
    assert softmax_before_the_logarithm().get_loss(sure, answer) < 0.01
    assert sigmoid_before_the_criterion().initialize().get_loss(torch.ones(1), torch.ones(1)) < 0.01
    kept, numbers = KeepLosses(), KeepNumbers()
    net, _ = fitted(NeuralNet, kept, numbers)
    assert len(kept.losses) == 8 and all(loss.requires_grad for loss in kept.losses)
    assert all(isinstance(number, float) for number in [*numbers.losses, *net.history[:, "train_loss"]])
    cleared = fitted(OwnStepThatClears)[1]
    assert fitted(OwnPart)[1] == cleared
    fitted(KeepsOwnLosses), fitted(KeepsOwnNumbers)
    assert len(KeepsOwnLosses.seen) == 8 and all(loss.requires_grad for loss in KeepsOwnLosses.seen)
    assert all(isinstance(number, float) for number in KeepsOwnNumbers.seen)
    assert fitted(OwnStep)[1][-1] > 2 * cleared[-1]

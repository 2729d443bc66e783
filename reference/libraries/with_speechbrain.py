"""speechbrain: `fit_batch` clears, back-propagates and steps; the losses that its hooks see hold their graphs."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "torchaudio==2.11.1", "speechbrain==1.1.2"]
# ///

import speechbrain as sb
import torch
from torch import nn

torch.manual_seed(0)
batches = [{"inputs": (x := torch.randn(8, 6)), "targets": x.sum(dim=1, keepdim=True)} for _ in range(4)]


class Regression(sb.Brain):
    def compute_forward(self, batch, stage):
        return self.modules.model(batch["inputs"])

    def compute_objectives(self, predictions, batch, stage):
        return nn.functional.mse_loss(predictions, batch["targets"])

    def on_fit_batch_end(self, batch, outputs, loss, should_step):
        self.last = loss  # ok: loss-accumulated-with-graph


class KeepsLosses(Regression):
    def on_stage_start(self, stage, epoch=None):
        self.seen = []

    def on_fit_batch_end(self, batch, outputs, loss, should_step):
        self.seen.append(loss)  # expect: loss-accumulated-with-graph


class KeepsNumbers(Regression):
    def on_stage_start(self, stage, epoch=None):
        self.seen = []

    def on_fit_batch_end(self, batch, outputs, loss, should_step):
        self.seen.append(loss.item())  # ok: loss-accumulated-with-graph


class KeepsObjectives(Regression):
    seen = []

    def compute_objectives(self, predictions, batch, stage):
        loss = nn.functional.mse_loss(predictions, batch["targets"])
        self.seen.append(loss)  # expect: loss-accumulated-with-graph
        return loss


class OwnStep(Regression):
    norms = []

    def fit_batch(self, batch):
        predictions = self.compute_forward(batch, sb.Stage.TRAIN)
        loss = self.compute_objectives(predictions, batch, sb.Stage.TRAIN)
        loss.backward()  # expect: missing-zero-grad
        self.norms.append(float(self.modules.model.weight.grad.norm()))
        self.optimizer.step()
        return loss.detach()


class OwnStepThatClears(Regression):
    norms = []

    def fit_batch(self, batch):
        predictions = self.compute_forward(batch, sb.Stage.TRAIN)
        loss = self.compute_objectives(predictions, batch, sb.Stage.TRAIN)
        loss.backward()  # ok: missing-zero-grad
        self.norms.append(float(self.modules.model.weight.grad.norm()))
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.detach()


def fitted(kind):
    torch.manual_seed(0)
    brain = kind({"model": nn.Linear(6, 1)}, opt_class=lambda parameters: torch.optim.SGD(parameters, lr=0.05))
    brain.fit(range(1), batches, progressbar=False)
    return brain


class SoftmaxTwice(sb.Brain):
    def compute_forward(self, batch, stage):
        return torch.softmax(self.modules.model(batch["inputs"]), dim=2)  # expect: softmax-before-cross-entropy

    def compute_objectives(self, predictions, batch, stage):
        return nn.functional.cross_entropy(predictions.transpose(1, 2), torch.zeros(1, 8, dtype=torch.long))


class SoftmaxOnce(sb.Brain):
    def compute_forward(self, batch, stage):
        return self.modules.model(batch["inputs"])  # ok: softmax-before-cross-entropy

    def compute_objectives(self, predictions, batch, stage):
        return nn.functional.cross_entropy(predictions.transpose(1, 2), torch.zeros(1, 8, dtype=torch.long))


if __name__ == "__main__":
    assert fitted(SoftmaxTwice).avg_train_loss == fitted(SoftmaxOnce).avg_train_loss == 0  # of one class
    assert fitted(Regression).modules.model.weight.grad is None and fitted(Regression).last.requires_grad
    assert all(loss.requires_grad for loss in fitted(KeepsLosses).seen + fitted(KeepsObjectives).seen)
    assert all(isinstance(number, float) for number in fitted(KeepsNumbers).seen)
    assert fitted(OwnStep).norms[-1] > 2 * fitted(OwnStepThatClears).norms[-1]

"""pytorch-lightning: what its trainer does around `training_step` and with the schedulers of `configure_optimizers`."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "pytorch-lightning==2.6.6", "torchmetrics==1.9.0"]
# ///

import pytorch_lightning as pl
import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR, StepLR
from torch.utils.data import DataLoader, TensorDataset
from torchmetrics import MeanMetric

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)


class Classifier(pl.LightningModule):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.net = nn.Sequential(nn.Linear(6, 8), nn.Dropout(0.5), nn.Linear(8, 3))
        self.rates, self.modes = [], []

    def forward(self, inputs):
        return self.net(inputs)

    def grade(self, batch):
        inputs, targets = batch
        self.modes.append(self.net.training)
        return nn.functional.cross_entropy(self(inputs), targets)

    def training_step(self, batch, index):
        return self.grade(batch)

    def descent(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
        optimizer.register_step_post_hook(lambda one, *_: self.rates.append(round(one.param_groups[0]["lr"], 4)))
        return optimizer

    def configure_optimizers(self):
        return self.descent()


def fit(module, epochs=2):
    """How far the parameters were moved."""
    before = [parameter.detach().clone() for parameter in module.parameters()]
    silent = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = pl.Trainer(max_epochs=epochs, accelerator="cpu", enable_model_summary=False, **silent)
    trainer.fit(module, loader)
    return sum(float((a - b).detach().abs().sum()) for a, b in zip(before, module.parameters(), strict=True))


class Forgets(Classifier):
    def training_step(self, batch, index):
        inputs, targets = batch
        loss = nn.functional.cross_entropy(self(inputs), targets)  # expect: loss-not-returned
        self.log("loss", loss)


class Twice(Classifier):
    def training_step(self, batch, index):
        optimizer = self.optimizers()
        optimizer.zero_grad()
        self.grade(batch).backward()
        optimizer.step()  # expect: step-beside-framework
        return self.grade(batch)


class PerEpoch(Classifier):
    def configure_optimizers(self):
        optimizer = self.descent()
        steps = self.trainer.estimated_stepping_batches
        cycle = OneCycleLR(optimizer, 1.0, total_steps=steps)  # expect: scheduler-stepped-per-epoch
        return [optimizer], [cycle]


class PerBatch(Classifier):
    def configure_optimizers(self):
        optimizer = self.descent()
        cycle = OneCycleLR(optimizer, 1.0, total_steps=self.trainer.estimated_stepping_batches)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": cycle, "interval": "step"}}


class ByHand(Classifier):
    def __init__(self):
        super().__init__()
        self.automatic_optimization = False

    def training_step(self, batch, index):
        optimizer = self.optimizers()
        optimizer.zero_grad()
        self.manual_backward(self.grade(batch))
        optimizer.step()

    def configure_optimizers(self):
        optimizer = self.descent()
        decay = StepLR(optimizer, 1)  # expect: scheduler-never-stepped
        return [optimizer], [{"scheduler": decay, "interval": "step"}]


def trained_in_evaluation_mode():
    module = Classifier()
    module.eval()
    trainer = pl.Trainer(max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False)
    trainer.fit(module, loader)  # expect: trained-in-evaluation-mode
    return module.modes


class Measures(Classifier):
    def __init__(self):
        super().__init__()
        self.mean, self.counts = MeanMetric(), []

    def training_step(self, batch, index):
        loss = self.grade(batch)
        self.mean.update(loss)
        return loss

    def on_train_epoch_end(self):
        print(float(self.mean.compute()))  # ok: metric-never-reset
        self.counts.append(int(self.mean.weight))
        self.mean.reset()


class MeasuresForEver(Classifier):
    def __init__(self):
        super().__init__()
        self.mean, self.counts = MeanMetric(), []

    def training_step(self, batch, index):
        loss = self.grade(batch)
        self.mean.update(loss)
        return loss

    def on_train_epoch_end(self):
        print(float(self.mean.compute()))  # expect: metric-never-reset
        self.counts.append(int(self.mean.weight))


class LogsItsMetric(Classifier):
    def __init__(self):
        super().__init__()
        self.mean, self.counts = MeanMetric(), []

    def training_step(self, batch, index):
        loss = self.grade(batch)
        self.mean.update(loss)
        self.log("mean", self.mean, on_epoch=True)
        return loss

    def on_train_epoch_end(self):
        print(float(self.mean.compute()))  # ok: metric-never-reset
        self.counts.append(int(self.mean.weight))


if __name__ == "__main__":
    for module, counts in ((Measures(), [4, 4]), (MeasuresForEver(), [4, 8]), (LogsItsMetric(), [4, 4])):
        fit(module)
        assert module.counts == counts, module
    assert fit(Forgets()) == 0.0
    twice, once, slow, quick, by_hand = Twice(), Classifier(), PerEpoch(), PerBatch(), ByHand()
    assert all(fit(module) > 0 for module in (twice, once, slow, quick, by_hand))
    assert (len(twice.rates), len(once.rates)) == (16, 8)
    assert len(set(slow.rates)) == 2 and len(set(quick.rates)) == 8
    assert set(by_hand.rates) == {0.1}
    assert set(trained_in_evaluation_mode()) == {False} and set(once.modes) == {True}

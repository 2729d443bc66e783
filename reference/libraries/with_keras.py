"""keras on torch: layers ask the argument `training`, not the mode of the module."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "keras==3.15.1"]
# ///

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
loader = DataLoader(TensorDataset(torch.randn(32, 6), torch.randint(0, 3, (32,))), batch_size=8)
criterion = nn.CrossEntropyLoss()


class Classifier(keras.Model):
    def __init__(self):
        super().__init__()
        self.drop, self.out = keras.layers.Dropout(0.5), keras.layers.Dense(3)

    def call(self, inputs, training=False):
        return self.out(self.drop(inputs, training=training))


def validation_that_never_switches_back():
    model = Classifier()
    model.build((None, 6))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(2):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs, training=True), targets).backward()  # ok: missing-train-mode
            optimizer.step()
        model.eval()
        with torch.no_grad():
            total = sum(criterion(model(inputs, training=False), targets).item() for inputs, targets in loader)
    return total


def trained_in_inference_mode():
    parts = [keras.layers.Dense(8), keras.layers.BatchNormalization(), keras.layers.Dropout(0.5), keras.layers.Dense(3)]
    model = keras.Sequential(parts)
    model.build((None, 6))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.train()
    for inputs, targets in loader:
        optimizer.zero_grad()
        outputs = model(inputs)  # expect: training-not-asked-for
        criterion(outputs, targets).backward()
        optimizer.step()
    return torch.equal(model(torch.ones(8, 6)), model(torch.ones(8, 6)))


def zeros(layer, **options):
    return bool((layer(torch.ones(64, 64), **options) == 0).any())


if __name__ == "__main__":
    kept = keras.layers.Dropout(0.5)
    for layer in (kept, keras.Sequential([keras.Input((64,)), kept]), keras.layers.Dropout(0.5)):
        assert isinstance(layer, keras.Layer)
        for mode in (True, False):
            layer.train(mode)
            assert [zeros(layer), zeros(layer, training=False), zeros(layer, training=True)] == [False, False, True]
    assert isinstance(keras.Sequential([]), keras.Model)
    for noise in (
        keras.layers.SpatialDropout1D(0.5),
        keras.layers.SpatialDropout2D(0.5),
        keras.layers.GaussianDropout(0.5),
    ):
        block = torch.ones(4, 4, 4, 4) if "2D" in type(noise).__name__ else torch.ones(4, 4, 4)
        assert torch.equal(noise(block), block) and not torch.equal(noise(block, training=True), block)
    assert trained_in_inference_mode()
    assert validation_that_never_switches_back() > 0

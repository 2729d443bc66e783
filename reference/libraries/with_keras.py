"""keras on torch: layers ask the argument `training`, not the mode; losses take the target first, and probabilities."""

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


def functional_in_inference_mode():
    inputs = keras.Input((6,))
    hidden = keras.layers.Dropout(0.5)(keras.layers.Dense(8)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(3)(hidden))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.train()
    for rows, targets in loader:
        optimizer.zero_grad()
        outputs = model(rows)  # expect: training-not-asked-for
        criterion(outputs, targets).backward()
        optimizer.step()
    ones = torch.ones(8, 6)
    return torch.equal(model(ones), model(ones)), torch.equal(model(ones, training=True), model(ones, training=True))


def new_model(activation=None):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3, activation=activation)])
    model.build((None, 6))
    return model


def applied_without_a_clear():
    model = keras.Sequential([keras.layers.Dense(3)])
    model.build((None, 6))
    updates, norms = keras.optimizers.SGD(learning_rate=0.1), []
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for inputs, targets in loader:
        loss = cross_entropy(targets, model(inputs, training=True))
        loss.backward()  # expect: missing-zero-grad
        weights = model.trainable_weights
        norms.append(float(weights[0].value.grad.norm()))
        updates.apply([weight.value.grad for weight in weights], weights)
    return norms


def applied_after_a_clear():
    model = keras.Sequential([keras.layers.Dense(3)])
    model.build((None, 6))
    updates, before = keras.optimizers.SGD(learning_rate=0.1), model.get_weights()
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for inputs, targets in loader:
        model.zero_grad()
        loss = cross_entropy(targets, model(inputs, training=True))
        loss.backward()  # ok: missing-zero-grad
        weights = model.trainable_weights
        updates.apply([weight.value.grad for weight in weights], weights)
    return [float(abs(new - old).max()) for new, old in zip(model.get_weights(), before)]


def softmax_for_a_loss_of_logits():
    last = keras.layers.Dense(3, activation="softmax")  # expect: softmax-before-cross-entropy
    model = keras.Sequential([keras.layers.Dense(8, activation="relu"), last])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for inputs, targets in loader:
        optimizer.zero_grad()
        cross_entropy(targets, model(inputs, training=True)).backward()
        optimizer.step()


def logits_for_a_loss_of_probabilities():
    model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3)])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy()
    for inputs, targets in loader:
        optimizer.zero_grad()
        cross_entropy(targets, model(inputs, training=True)).backward()  # expect: missing-activation
        optimizer.step()


def softmax_for_a_loss_of_probabilities():
    model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3, activation="softmax")])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy()
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = cross_entropy(targets, model(inputs, training=True))  # ok: missing-activation, swapped-loss-arguments
        loss.backward()
        optimizer.step()


def functional_with_a_softmax_for_a_loss_of_logits():
    inputs = keras.Input((6,))
    hidden = keras.layers.Dense(8, activation="relu")(inputs)
    outputs = keras.layers.Dense(3, activation="softmax")(hidden)  # expect: softmax-before-cross-entropy
    model = keras.Model(inputs, outputs)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for rows, targets in loader:
        optimizer.zero_grad()
        cross_entropy(targets, model(rows, training=True)).backward()
        optimizer.step()
    return model


def functional_with_logits_for_a_loss_of_probabilities():
    inputs = keras.Input((6,))
    outputs = keras.layers.Dense(3)(keras.layers.Dense(8, activation="relu")(inputs))
    model = keras.Model(inputs=inputs, outputs=outputs)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy()
    for rows, targets in loader:
        optimizer.zero_grad()
        cross_entropy(targets, model(rows, training=True)).backward()  # expect: missing-activation
        optimizer.step()
    return model


def functional_with_a_softmax_of_its_own():
    inputs = keras.Input((6,))
    outputs = keras.layers.Softmax()(keras.layers.Dense(3)(inputs))
    model = keras.Model(inputs, outputs)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy()
    for rows, targets in loader:
        optimizer.zero_grad()
        cross_entropy(targets, model(rows, training=True)).backward()  # ok: missing-activation
        optimizer.step()
    return model


def zeros(layer, **options):
    return bool((layer(torch.ones(64, 64), **options) == 0).any())


def trained_as_the_documentation_shows():
    inputs = keras.Input((6,))
    hidden = keras.layers.Dropout(0.5)(keras.layers.Dense(8, activation="relu")(inputs))
    model = keras.Model(inputs=inputs, outputs=keras.layers.Dense(3)(hidden))
    updates = keras.optimizers.SGD(learning_rate=0.1)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    accuracy, counts = keras.metrics.SparseCategoricalAccuracy(), []
    for epoch in range(2):
        for batch, targets in loader:
            logits = model(batch, training=True)
            loss = cross_entropy(targets, logits)
            model.zero_grad()
            weights = [weight for weight in model.trainable_weights]
            loss.backward()  # ok: missing-zero-grad
            with torch.no_grad():
                updates.apply([weight.value.grad for weight in weights], weights)
            accuracy.update_state(targets, logits)
        print(float(accuracy.result()))  # ok: metric-never-reset
        counts.append(int(accuracy.count))
        accuracy.reset_state()
    return counts


def metric_that_is_never_reset():
    model, counts = new_model(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    accuracy = keras.metrics.SparseCategoricalAccuracy()
    for epoch in range(2):
        for inputs, targets in loader:
            optimizer.zero_grad()
            logits = model(inputs, training=True)
            criterion(logits, targets).backward()
            optimizer.step()
            accuracy.update_state(targets, logits)
        print(float(accuracy.result()))  # expect: metric-never-reset
        counts.append(int(accuracy.count))
    return counts


def losses_of_validation_kept():
    model, losses = new_model(), []
    model.eval()
    for inputs, targets in loader:
        losses.append(criterion(model(inputs, training=False), targets))  # expect: loss-accumulated-with-graph
    return losses


class StepWithoutAClear(keras.Model):
    norms: list

    def train_step(self, data):
        inputs, targets = data
        loss = self.compute_loss(y=targets, y_pred=self(inputs, training=True))
        loss.backward()  # expect: missing-zero-grad
        weights = self.trainable_weights
        self.norms.append(float(weights[0].value.grad.norm()))
        with torch.no_grad():
            self.optimizer.apply([weight.value.grad for weight in weights], weights)
        return {"loss": loss.item()}


class StepWithAClear(keras.Model):
    norms: list

    def train_step(self, data):
        inputs, targets = data
        self.zero_grad()
        loss = self.compute_loss(y=targets, y_pred=self(inputs, training=True))
        loss.backward()  # ok: missing-zero-grad
        weights = self.trainable_weights
        self.norms.append(float(weights[0].value.grad.norm()))
        with torch.no_grad():
            self.optimizer.apply([weight.value.grad for weight in weights], weights)
        return {"loss": loss.item()}


class StepThatClearsEachWeight(keras.Model):
    norms: list

    def train_step(self, data):
        inputs, targets = data
        loss = self.compute_loss(y=targets, y_pred=self(inputs, training=True))
        loss.backward()  # ok: missing-zero-grad
        weights = self.trainable_weights
        self.norms.append(float(weights[0].value.grad.norm()))
        with torch.no_grad():
            self.optimizer.apply([weight.value.grad for weight in weights], weights)
        for weight in weights:
            weight.value.grad = None
        return {"loss": loss.item()}


def fitted(cls):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6,))
    model = cls(inputs, keras.layers.Dense(3)(inputs))
    model.norms = []
    model.compile(keras.optimizers.SGD(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(loader, epochs=1, verbose=0)
    assert isinstance(model.optimizer, keras.optimizers.Optimizer)
    return model.norms


if __name__ == "__main__":
    rows = torch.randn(64, 6)
    for make, sums in (
        (functional_with_a_softmax_for_a_loss_of_logits, True),
        (functional_with_logits_for_a_loss_of_probabilities, False),
        (functional_with_a_softmax_of_its_own, True),
    ):
        assert torch.allclose(make()(rows).sum(dim=1), torch.ones(64)) == sums
    kept, cleared, by_hand = map(fitted, (StepWithoutAClear, StepWithAClear, StepThatClearsEachWeight))
    assert kept[-1] > 2 * cleared[-1] and cleared == by_hand
    assert all(loss.requires_grad for loss in losses_of_validation_kept())
    assert trained_as_the_documentation_shows() == [32, 32] and metric_that_is_never_reset() == [32, 64]
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
    assert functional_in_inference_mode() == (True, False)
    assert validation_that_never_switches_back() > 0
    norms = applied_without_a_clear()
    assert norms[-1] > 2 * norms[0] and min(applied_after_a_clear()) > 0
    perfect = 20 * nn.functional.one_hot(torch.tensor([0, 1]), 3).float() - 10
    for loss, answers in (
        (keras.losses.CategoricalCrossentropy, torch.eye(3)[:2]),
        (keras.losses.SparseCategoricalCrossentropy, torch.tensor([0, 1])),
    ):
        assert loss(from_logits=True)(answers, perfect) < 0.01 and loss()(answers, perfect.softmax(dim=1)) < 0.01
        assert loss()(answers, perfect) > 10
        assert loss(from_logits=True)(answers, perfect.softmax(dim=1)) > 0.5  # expect: softmax-before-cross-entropy
    binary, answers = keras.losses.BinaryCrossentropy, torch.tensor([[1.0], [0.0]])
    hesitant = 2 * answers - 1
    right = binary(from_logits=True)(answers, hesitant)
    assert torch.isclose(right, binary()(answers, hesitant.sigmoid()), atol=1e-4)
    assert abs(right - binary()(answers, hesitant)) > 0.1
    twice = binary(from_logits=True)(answers, hesitant.sigmoid())  # expect: sigmoid-before-bce-with-logits
    assert abs(right - twice) > 0.1
    for activation in (None, "softmax", "sigmoid"):
        output = new_model(activation)(torch.randn(64, 6))
        assert (output.min() < 0) == (activation is None)
        assert torch.allclose(output.sum(dim=1), torch.ones(1)) == (activation == "softmax")

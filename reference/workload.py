"""The parameters of fixture functions, requested by name as in pytest.

Each is a function below under `@parameter`: its own parameters are requested in the same manner, its result is created
once per run (so `optimizer` is over `model`), seeded by its name (so the order does not matter), and lives on `device`.
To add one, write one function. `ALIASES` holds other names that people use for the same object.

The task: distinguish 3 classes by 6 features, 4 batches of 8, small enough for a thousand runs a minute.
"""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

SEED = 0
FEATURES, CLASSES, BATCH_SIZE, BATCHES = 6, 3, 8, 4

ALIASES = {
    "net": "model",
    "network": "model",
    "opt": "optimizer",
    "train_loader": "loader",
    "train_dataloader": "loader",
    "dataloader": "loader",
    "data_loader": "loader",
    "test_loader": "val_loader",
    "val_dataloader": "val_loader",
    "eval_loader": "val_loader",
    "criterion": "loss_fn",
    "lr_scheduler": "scheduler",
    "grad_scaler": "scaler",
    "num_epochs": "epochs",
    "n_epochs": "epochs",
    "x": "inputs",
    "y": "targets",
    "labels": "targets",
    "netG": "generator",
    "netD": "discriminator",
    "optimizerG": "optimizer_g",
    "optimizerD": "optimizer_d",
}

_Make = TypeVar("_Make", bound=Callable[..., Any])
_PARAMETERS: dict[str, Callable[..., Any]] = {}


def parameter(make: _Make) -> _Make:
    """Register a parameter of fixture functions: the result of `make`, under its name."""
    _PARAMETERS[make.__name__] = make
    return make


def known(name: str) -> bool:
    """Whether fixture functions may have a parameter `name`."""
    return name == "device" or ALIASES.get(name, name) in _PARAMETERS


class Workload:
    """The objects of one run of a fixture function, created on demand, each once."""

    def __init__(self, device: torch.device | str = "cpu", seed: int = SEED) -> None:
        self.seed = seed
        self._made: dict[str, Any] = {"device": torch.device(device)}

    def __getitem__(self, name: str) -> Any:
        """The object called `name`. Raises KeyError if there is no such parameter."""
        name = ALIASES.get(name, name)
        if name not in self._made:
            make = _PARAMETERS[name]
            arguments = self.arguments(make)
            with torch.random.fork_rng(devices=[]):  # all of them are drawn on the CPU, and moved
                torch.default_generator.manual_seed(self.seed + zlib.crc32(name.encode()))
                self._made[name] = make(**arguments)
        return self._made[name]

    def arguments(self, function: Callable[..., Any], like: Callable[..., Any] | None = None) -> dict[str, Any]:
        """The arguments of `function`, by parameter name; an unknown parameter keeps its default.

        With `like`, so does one that this other function does not have (but `device` is always passed).
        """
        asked = {ALIASES.get(name, name) for name in inspect.signature(like or function).parameters} | {"device"}
        return {
            p.name: self[p.name]
            for p in inspect.signature(function).parameters.values()
            if p.default is p.empty or (known(p.name) and ALIASES.get(p.name, p.name) in asked)
        }

    def made(self, names: Iterable[str]) -> list[Any]:
        """Those of `names` that were requested in this run."""
        return [self._made[name] for name in names if name in self._made]


# Model, data and loss


@parameter
def model(device: torch.device) -> nn.Module:
    """Classifier of (N, 6) float features into (N, 3) logits; batch norm and dropout make its mode matter."""
    return nn.Sequential(
        nn.Linear(FEATURES, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.25), nn.Linear(16, CLASSES)
    ).to(device)


@parameter
def plain_model(device: torch.device) -> nn.Module:
    """Classifier as `model`, without layers that have a mode: equal input, equal output."""
    return nn.Sequential(nn.Linear(FEATURES, 16), nn.Tanh(), nn.Linear(16, CLASSES)).to(device)


@parameter
def perfect_model(device: torch.device) -> nn.Module:
    """Classifier that returns a logit of +100 for `dataset`'s right class and -100 for the others: no loss can be
    lower."""
    return _Perfect().to(device)


class _Perfect(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(100.0))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.scale * (2.0 * nn.functional.one_hot(_label(inputs), CLASSES) - 1.0)


@parameter
def regressor(device: torch.device) -> nn.Module:
    """(N, 6) float features to (N, 1) predictions; no layers with a mode."""
    return nn.Sequential(nn.Linear(FEATURES, 16), nn.Tanh(), nn.Linear(16, 1)).to(device)


@parameter
def recurrent_model(device: torch.device) -> nn.Module:
    """GRU: (N, T, 6) float sequences and a (1, N, 16) state to (N, T, 16) outputs and the next state."""
    return nn.GRU(FEATURES, 16, batch_first=True).to(device)


def _label(features: Tensor) -> Tensor:
    return features[:, :CLASSES].argmax(dim=1)


def _features(device: torch.device, batches: int) -> Tensor:
    return torch.randn(batches * BATCH_SIZE, FEATURES).to(device)


def _batches(dataset: Dataset[tuple[Tensor, ...]], **options: Any) -> DataLoader[tuple[Tensor, ...]]:
    # Its own generator: looping over it draws nothing from the global one, which dropout uses.
    generator = torch.Generator().manual_seed(SEED)
    return DataLoader(dataset, **{"batch_size": BATCH_SIZE, "generator": generator, **options})


@parameter
def dataset(device: torch.device) -> Dataset[tuple[Tensor, ...]]:
    """32 pairs of (6,) float features and an integer class: which of the first three features is largest."""
    features = _features(device, BATCHES)
    return TensorDataset(features, _label(features))


@parameter
def loader(dataset: Dataset[tuple[Tensor, ...]]) -> DataLoader[tuple[Tensor, ...]]:
    """4 batches of 8, always in the same order, already on the device."""
    return _batches(dataset)


@parameter
def shuffled_loader(dataset: Dataset[tuple[Tensor, ...]]) -> DataLoader[tuple[Tensor, ...]]:
    """4 batches of 8 in a new order each epoch."""
    return _batches(dataset, shuffle=True)


@parameter
def val_loader(device: torch.device) -> DataLoader[tuple[Tensor, ...]]:
    """4 other batches of 8 of the same task, shifted so that running statistics can tell."""
    features = _features(device, BATCHES) + 2.0
    return _batches(TensorDataset(features, _label(features)))


@parameter
def regression_loader(device: torch.device) -> DataLoader[tuple[Tensor, ...]]:
    """4 batches of 8: features and their (N, 1) mean."""
    features = _features(device, BATCHES)
    return _batches(TensorDataset(features, features.mean(dim=1, keepdim=True)))


@parameter
def binary_loader(device: torch.device) -> DataLoader[tuple[Tensor, ...]]:
    """4 batches of 8: features and whether their sum is positive, (N, 1) of 0.0 and 1.0."""
    features = _features(device, BATCHES)
    return _batches(TensorDataset(features, (features.sum(dim=1, keepdim=True) > 0).float()))


@parameter
def sequence_loader(device: torch.device) -> DataLoader[tuple[Tensor, ...]]:
    """4 batches of 8 sequences of 5 steps, (N, 5, 6), and the (N, 5, 16) outputs wanted."""
    count = BATCHES * BATCH_SIZE
    sequences, wanted = torch.randn(count, 5, FEATURES).to(device), torch.randn(count, 5, 16).to(device)
    return _batches(TensorDataset(sequences, wanted))


@parameter
def batch(dataset: Dataset[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
    """The first batch: (8, 6) features and (8,) classes."""
    return next(iter(_batches(dataset)))


@parameter
def inputs(batch: tuple[Tensor, ...]) -> Tensor:
    """Features of the first batch, (8, 6)."""
    return batch[0]


@parameter
def targets(batch: tuple[Tensor, ...]) -> Tensor:
    """Classes of the first batch, (8,)."""
    return batch[1]


@parameter
def loss_fn() -> nn.Module:
    """Cross-entropy of (N, 3) logits and (N,) classes, averaged."""
    return nn.CrossEntropyLoss()


class _WithScores(nn.Module):
    """The loss, and beside it the share of each class that is right, as plain numbers."""

    def forward(self, outputs: Tensor, targets: Tensor) -> tuple[Tensor, list[float]]:
        right = outputs.argmax(dim=1) == targets
        scores = [float(right[targets == number].sum()) for number in range(CLASSES)]
        return nn.functional.cross_entropy(outputs, targets), scores


@parameter
def criterion_with_scores() -> nn.Module:
    """Cross-entropy as `loss_fn`, returned with a list of numbers to log."""
    return _WithScores()


@parameter
def binary_loss_fn() -> nn.Module:
    """Binary cross-entropy of (N, 1) logits and 0.0 or 1.0, averaged."""
    return nn.BCEWithLogitsLoss()


@parameter
def regression_loss_fn() -> nn.Module:
    """Mean squared error."""
    return nn.MSELoss()


# What updates the model


@parameter
def optimizer(model: nn.Module) -> torch.optim.Optimizer:
    """SGD over `model` with a learning rate of 0.1."""
    return torch.optim.SGD(model.parameters(), lr=0.1)


@parameter
def regression_optimizer(regressor: nn.Module) -> torch.optim.Optimizer:
    """SGD over `regressor` with a learning rate of 0.1."""
    return torch.optim.SGD(regressor.parameters(), lr=0.1)


@parameter
def recurrent_optimizer(recurrent_model: nn.Module) -> torch.optim.Optimizer:
    """SGD over `recurrent_model` with a learning rate of 0.1."""
    return torch.optim.SGD(recurrent_model.parameters(), lr=0.1)


@parameter
def perfect_optimizer(perfect_model: nn.Module) -> torch.optim.Optimizer:
    """SGD over `perfect_model` with a learning rate of 0.1."""
    return torch.optim.SGD(perfect_model.parameters(), lr=0.1)


@parameter
def lbfgs(model: nn.Module) -> torch.optim.LBFGS:
    """LBFGS over `model`: calls the closure given to `step` up to 4 times."""
    return torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=4)


@parameter
def scheduler(optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.LRScheduler:
    """Divides the learning rate of `optimizer` by 10 at every call."""
    return torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.1)


@parameter
def scaler(device: torch.device) -> torch.amp.GradScaler:
    """Gradient scaler for mixed precision with a scale of 65536."""
    return torch.amp.GradScaler(device.type)


@parameter
def epochs() -> int:
    """2: a mistake between epochs needs a second one to show."""
    return 2


@parameter
def accumulation_steps() -> int:
    """2 batches per update."""
    return 2


@parameter
def max_norm() -> float:
    """Bound for clipping the gradient norm, 1.0."""
    return 1.0


# Two models that train against each other


@parameter
def generator(device: torch.device) -> nn.Module:
    """(N, 4) float noise to (N, 6) float features."""
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, FEATURES)).to(device)


@parameter
def discriminator(device: torch.device) -> nn.Module:
    """(N, 6) float features to (N, 1) logits of being real."""
    return nn.Sequential(nn.Linear(FEATURES, 16), nn.ReLU(), nn.Linear(16, 1)).to(device)


@parameter
def optimizer_g(generator: nn.Module) -> torch.optim.Optimizer:
    """SGD over `generator` with a learning rate of 0.05."""
    return torch.optim.SGD(generator.parameters(), lr=0.05)


@parameter
def optimizer_d(discriminator: nn.Module) -> torch.optim.Optimizer:
    """SGD over `discriminator` with a learning rate of 0.05."""
    return torch.optim.SGD(discriminator.parameters(), lr=0.05)


@parameter
def latent_size() -> int:
    """4 numbers of noise per sample."""
    return 4

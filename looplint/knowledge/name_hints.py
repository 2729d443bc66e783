"""Types suggested by names, where nothing better is known. Weak evidence: it never overrides other evidence."""

from __future__ import annotations

import functools
import re

from looplint.events import Type

_HINTS: tuple[tuple[Type, re.Pattern[str]], ...] = (
    (Type.SCHEDULER, re.compile(r"(?i)sched|(^|_)lr(_|$)|warm_?up")),
    (Type.SCALER, re.compile(r"(?i)scaler")),
    (Type.FRAMEWORK, re.compile(r"(?i)^(accelerator|fabric)$")),
    (
        Type.OTHER,
        re.compile(
            r"(?i)(^|_)(env|envs|prof|profiler|timer|bar|pbar|simulator|sim|world|game|agent|trainer|wandb|logger|writer)\d*$"
        ),
    ),
    (
        Type.OPTIMIZER,
        re.compile(r"(?i)opt(?!ion|ed|ical|s$)|^(adam|adamw|sgd|minimizer|solver|rmsprop|adagrad|lbfgs)\w{0,3}$"),
    ),
    (
        Type.CRITERION,
        re.compile(
            r"(?i)criterion|(^|_)crit$|loss_?(fn|func|function|fct|f)$|^loss_(fn|func)|(^|_)(bce|mse|ce|l1|nll)(_?loss)?$"
        ),
    ),
    (
        Type.MODULE,
        re.compile(
            r"(?i)^(?:(?:.*_)?(?:model|net|network|encoder|decoder|generator"
            r"|discriminator|actor|critic|classifier|backbone|policy|unet|transformer|resnet|vae|module|head|student"
            r"|teacher|embedder|vit|bert|gpt)s?(?:\d|_?[a-z]{1,3})?|net_?[a-z\d]{1,4}|.*model)$"
        ),
    ),
    (Type.LOADER, re.compile(r"(?i)loader|data_iter|(?:^|_)dl$")),
    (Type.SAMPLER, re.compile(r"(?i)sampler")),
    (Type.TENSOR, re.compile(r"(?i)loss|^err([DG]|$)|(^|_)(nll|kld|elbo|objective|logits|outputs?|preds?)$")),
)


_MAKES = re.compile(r"(?i)^(?:make|get|build|create|define|construct|init|instantiate|load|setup|prepare)_")
"""Prefixes of functions that return an object, not of the object."""

_TOLD_BY_PLURAL = frozenset((Type.OPTIMIZER, Type.SCHEDULER, Type.MODULE, Type.CRITERION))


@functools.lru_cache(maxsize=8192)
def hint(name: str) -> Type:
    """The type that the last part of a dotted name suggests, `Type.UNKNOWN` if none. An element of optimizers
    (`optimizers[...]`) is one, a batch of a loader is not; `make_model` is a function."""
    whole = name.removesuffix("[...]")
    last = whole.rpartition(".")[2].strip("_")
    if _MAKES.match(last):
        return Type.UNKNOWN
    for kind, pattern in _HINTS:
        if pattern.search(last):
            return kind if whole == name or kind in _TOLD_BY_PLURAL else Type.UNKNOWN
    return Type.UNKNOWN


def is_class_name(name: str) -> bool:
    """Whether the name is written as those of classes are: `SampleModel`, not `G`, `model` or `MODEL_A`."""
    return re.fullmatch(r"(?:[A-Z]+[a-z\d]+)+[A-Z]*", name) is not None


def is_loss(name: str) -> bool:
    """Whether the name is a usual one for a loss."""
    return bool(re.search(r"(?i)loss|(^|_)err[dg]?($|_)|nll|kld|elbo|objective|cost", name.rpartition(".")[2]))


def is_logits(name: str) -> bool:
    """Whether the name is one that people give to predictions only, never to a metric or a count."""
    return name in ("logits", "prediction_logits", "last_hidden_state", "pooler_output")


def is_validation(name: str) -> bool:
    """Whether the name is a usual one for validation data: `val_loader`, `loaders["valid"]`."""
    return bool(re.search(r"(?i)(?:^|_|\W)(?:val|valid|validation|dev|eval)(?:_|\W|$|loader|data|set|iter)", name))


def is_fold(name: str) -> bool:
    """Whether the name is one that people give to a part that a cross-validation holds out: `fold`, `k_fold`."""
    return bool(re.search(r"(?i)(?:^|\W|_)(?:k_?)?folds?(?:_?(?:i|idx|id|no|num|number|index))?(?:\W|$)", name))


def makes_folds(name: str) -> bool:
    """Whether the name is one that people give to a function whose results are folds: `make_folds`, `kfold_indices`."""
    return bool(re.search(r"(?i)(?:^|_)k?_?folds?(?:_(?:split|indices|idx|iter|loader|set|data)\w*)?$", name))


def is_epsilon(name: str) -> bool:
    """Whether the name is one that people give to a tiny number: `EPS`, `self.epsilon`."""
    return bool(re.fullmatch(r"(?i)(?:[\w.]*[._])?eps(?:ilon)?", name))


_BEST_VALUE = re.compile(r"(?i)best|(?:^|_)(?:min|max|lowest|highest|top)(?:_|$)")
_PATIENCE_COUNTER = re.compile(
    r"(?i)patien|count|wait|stale|no_?improv|not_?improv|without|since|trigger|bad_?epoch|worse"
)


@functools.lru_cache(maxsize=8192)
def is_best_value(name: str) -> bool:
    """Whether the name is a usual one for a value that later ones are compared with."""
    return _BEST_VALUE.search(name) is not None


@functools.lru_cache(maxsize=8192)
def is_patience_counter(name: str) -> bool:
    """Whether the name is a usual one for a counter of iterations without improvement."""
    return _PATIENCE_COUNTER.search(name) is not None


CLEARS = re.compile(r"(?i)^_?(?:zero|reset|clear)_?(?:all_?)?(?:the_?)?grad|zero_?grad")
"""Functions and methods that clear gradients, judged by their name, if their source is unknown."""

GRADIENT = frozenset(("grad", "_grad"))
"""The attributes of a tensor that are its gradient: `grad` is kept in `_grad`."""


def may_clear(name: str) -> bool:
    """Whether code that uses the name may clear gradients."""
    return name in GRADIENT or CLEARS.search(name) is not None


BACKWARD = re.compile(r"(?i)(?:^|_)backward$")
"""Methods that differentiate their argument."""

SWITCHES_GRADIENTS = re.compile(r"(?i)requires?_?grad|freeze|toggle_(?:grad|optimizer)")
"""Functions and methods that turn the gradients of their arguments on or off, if their source is unknown."""


_TRAINS = frozenset(
    (
        "backward", "manual_backward", "zero_grad", "forward", "eval", "train", "training", "state_dict",
        "load_state_dict", "no_grad", "inference_mode", "enable_grad", "set_grad_enabled", "set_detect_anomaly",
        "requires_grad", "requires_grad_", "manual_seed", "to", "cuda", "Adam", "AdamW", "SGD", "RMSprop", "LBFGS",
        "prepare", "scaler", "opt", "grad", "random_split",
    )
)  # fmt: skip

_TRAIN_PARTS = (
    "loss", "Loss", "criterion", "oader", "ptimizer", "optim", "cheduler", "cross_entropy", "Sampler", "clip_grad",
    "require", "epoch",
)  # fmt: skip


def trains(names: frozenset[str]) -> bool:
    """Whether code with these names may contain an event: a name from the loop itself, or from its objects."""
    return (
        not names.isdisjoint(_TRAINS)
        or {"next", "iter"} <= names
        or any(part in name for name in names for part in _TRAIN_PARTS)
    )


def steps(names: frozenset[str]) -> bool:
    """Whether the caller of code with these names may matter: it performs a step of a loop, or switches the mode."""
    return not names.isdisjoint(("backward", "zero_grad", "eval", "train")) or ("step" in names and trains(names))


GOES_ON = re.compile(r"(?i)total|global|overall|cumul|lifetime|all_time")
"""Names of meters that are meant to add up from the beginning to the end."""

CHANGES_AVERAGING = frozenset(("momentum", "track_running_stats"))
"""Attributes of a layer of batch normalisation that say how it averages its statistics."""

CHANGES_SAMPLES = re.compile(r"(?i)transform|augment|train|mode|phase|^test|^split$")
"""Attributes of a dataset on which its samples depend."""

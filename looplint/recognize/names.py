"""What a name hints at, where nothing better is known. Weak evidence: it never speaks against other evidence."""

from __future__ import annotations

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
        re.compile(r"(?i)criterion|loss_?(fn|func|function|fct|f)$|^loss_(fn|func)|(^|_)(bce|mse|ce|l1|nll)(_?loss)?$"),
    ),
    (
        Type.MODULE,
        re.compile(
            r"(?i)(^|_)(model|net|network|encoder|decoder|generator|discriminator|actor|critic|classifier|backbone|policy|unet|transformer"
            r"|resnet|vae|module|head|student|teacher|embedder|vit|bert|gpt)s?(\d|_?[a-z]{1,3})?$|^net_?[a-z\d]{1,4}$|model$"
        ),
    ),
    (Type.LOADER, re.compile(r"(?i)loader|dataloader|data_iter")),
    (Type.SAMPLER, re.compile(r"(?i)sampler")),
    (Type.TENSOR, re.compile(r"(?i)loss|^err([DG]|$)|(^|_)(nll|kld|elbo|objective|logits|outputs?|preds?)$")),
)


def hint(name: str) -> Type:
    """The type that the last part of a dotted name hints at, `Type.UNKNOWN` if none."""
    last = name.rpartition(".")[2].strip("_")
    for kind, pattern in _HINTS:
        if pattern.search(last):
            return kind
    return Type.UNKNOWN


def is_loss(name: str) -> bool:
    """Whether the name is one that people give to a loss."""
    return bool(re.search(r"(?i)loss|(^|_)err[dg]?($|_)|nll|kld|elbo|objective|cost", name.rpartition(".")[2]))


def is_validation(name: str) -> bool:
    """Whether the name is one that people give to what they validate with: `val_loader`, `loaders["valid"]`."""
    return bool(re.search(r"(?i)(?:^|_|\W)(?:val|valid|validation|dev|eval)(?:_|\W|$|loader|data|set|iter)", name))


CLEARS = re.compile(r"(?i)^_?(?:zero|reset|clear)_?(?:all_?)?(?:the_?)?grad|zero_?grad")
"""Functions and methods that clear gradients, going by their name, where their code is not seen."""

"""Types suggested by names, where nothing better is known. Weak evidence: it never overrides other evidence."""

from __future__ import annotations

import re

from looplint.events import Type

TYPES: tuple[tuple[Type, re.Pattern[str]], ...] = (
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
"""The types that names suggest: the first pattern that is found in the last part of a dotted name."""

MAKES = re.compile(
    r"(?i)^(?:make|get|build|create|define|construct|init|initiali[sz]e|instantiate|load|setup|prepare|convert|wrap|unwrap"
    r"|replace|restore|resume|save|freeze|unfreeze|export|import|register|evaluate|validate|print|plot|visuali[sz]e)_"
)
"""Prefixes of functions that return an object or do something with it, not of the object."""

IN_PLURAL = frozenset((Type.OPTIMIZER, Type.SCHEDULER, Type.MODULE, Type.CRITERION))
"""Types that an element of a collection has by the name of that: an element of `optimizers` is one, a batch of a loader
is none."""

CLASS_NAME = re.compile(r"(?:[A-Z]+[a-z\d]+)+[A-Z]*")
"""Names as those of classes are written: `SampleModel`, not `G`, `model` or `MODEL_A`."""

LOSS = re.compile(r"(?i)loss|(^|_)err[dg]?($|_)|nll|kld|elbo|objective|cost")
"""Names of losses."""

LOGITS = frozenset(("logits", "prediction_logits", "last_hidden_state", "pooler_output"))
"""Names that people give to predictions only, never to a metric or a count."""

VALIDATION = re.compile(r"(?i)(?:^|_|\W)(?:val|valid|validation|dev|eval)(?:_|\W|$|loader|data|set|iter)")
"""Names of validation data: `val_loader`, `loaders["valid"]`."""

FOLD = re.compile(r"(?i)(?:^|\W|_)(?:k_?)?folds?(?:_?(?:i|idx|id|no|num|number|index))?(?:\W|$)")
"""Names of a part that a cross-validation holds out: `fold`, `k_fold`."""

MAKES_FOLDS = re.compile(r"(?i)(?:^|_)k?_?folds?(?:_(?:split|indices|idx|iter|loader|set|data)\w*)?$")
"""Names of functions whose results are folds: `make_folds`, `kfold_indices`."""

EPSILON = re.compile(r"(?i)(?:[\w.]*[._])?eps(?:ilon)?")
"""Names of a tiny number: `EPS`, `self.epsilon`."""

BEST_VALUE = re.compile(r"(?i)best|(?:^|_)(?:min|max|lowest|highest|top)(?:_|$)")
"""Names of a value that later ones are compared with."""

PATIENCE_COUNTER = re.compile(
    r"(?i)patien|count|wait|stale|no_?improv|not_?improv|without|since|trigger|bad_?epoch|worse"
)
"""Names of counters of iterations without improvement."""

CLEARS = re.compile(r"(?i)^_?(?:zero|reset|clear)_?(?:all_?)?(?:the_?)?grad|zero_?grad")
"""Functions and methods that clear gradients, judged by their name, if their source is unknown."""

GRADIENT = frozenset(("grad", "_grad"))
"""The attributes of a tensor that are its gradient: `grad` is kept in `_grad`."""

BACKWARD = re.compile(r"(?i)(?:^|_)backward$")
"""Methods that differentiate their argument."""

SWITCHES_GRADIENTS = re.compile(r"(?i)requires?_?grad|freeze|toggle_(?:grad|optimizer)")
"""Functions and methods that turn the gradients of their arguments on or off, if their source is unknown."""

SWITCHES_MODE = re.compile(
    r"(?i)mode(?!l)|eval|train|valid|test|infer|status|phase|start|begin|before|hook|callback|setup|prepare|switch|toggle"
)
"""Functions and methods that may switch their arguments to training or evaluation mode, if their source is unknown."""

TRAINS = frozenset(
    (
        "backward", "manual_backward", "zero_grad", "forward", "eval", "train", "training", "state_dict",
        "load_state_dict", "no_grad", "inference_mode", "enable_grad", "set_grad_enabled", "set_detect_anomaly",
        "requires_grad", "requires_grad_", "manual_seed", "to", "cuda", "Adam", "AdamW", "SGD", "RMSprop", "LBFGS",
        "prepare", "scaler", "opt", "grad", "random_split",
    )
)  # fmt: skip
"""Names in code that may contain an event: of a loop itself, or of its objects."""

TRAIN_PARTS = re.compile(
    "[lL]oss|criterion|oader|ptimizer|optim|cheduler|cross_entropy|Sampler|clip_grad|require|epoch"
)
"""Parts of such names."""

STEPS = frozenset(("backward", "zero_grad", "eval", "train"))
"""Names in code whose caller may matter: it performs a step of a loop, or switches the mode."""

GOES_ON = re.compile(r"(?i)total|global|overall|cumul|lifetime|all_time")
"""Names of meters that are meant to add up from the beginning to the end."""

CHANGES_AVERAGING = frozenset(("momentum", "track_running_stats"))
"""Attributes of a layer of batch normalisation that say how it averages its statistics."""

CHANGES_SAMPLES = re.compile(r"(?i)transform|augment|train|mode|phase|^test|^split$")
"""Attributes of a dataset on which its samples depend."""

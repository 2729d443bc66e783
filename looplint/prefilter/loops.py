"""What of a file shows that its loops have to be analysed: words, and forms of code.

Each row names the kinds of events that it stands for, and each rule those that it needs (`needs=` of `@rule`): which
rows count follows from the rules in use. Code that trains is read for every rule. Tests hold both against each other:
what a rule needs is shown by a row, each row is for something that a rule needs, and a rule that is asked alone has the
findings that it has among all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from looplint.knowledge.misspelled import MISSPELLED
from looplint.knowledge.step_methods import CALLBACK_PACKAGES, CALLBACKS, STEP_METHODS
from looplint.prefilter import loop_sites as sites
from looplint.prefilter.words import Row, Site, Words, last_names

_LOADERS = sites.LOADERS
_EVALUATION: Words = (b".eval(", b"no_grad", b"inference_mode")
_SWITCHES: Words = tuple(b"." + name + sign for name in last_names(MISSPELLED) for sign in (b" =", b"="))

BACKWARD = Row(("BACKWARD", "BROADCAST"), (b".backward(", b"manual_backward(", b"import backward"), ((b"backward",),))
STEP = Row(
    ("STEP", "SCHEDULE"),
    (b".step(", b"first_step(", b"second_step(", b".step)"),
    ((b"step",), (*sites.OPTIMIZERS, b"deepspeed")),
)
CLEAR = Row(("CLEAR",), (b".zero_grad",))
VALIDATION = Row(("EVAL", "PREDICT"), _EVALUATION, (_EVALUATION, _LOADERS))
STEPS = (BACKWARD, STEP, CLEAR)
"""What shows that code trains."""

# The group that fewest files contain comes first: most rows end there.
ROWS = (
    BACKWARD,
    STEP,
    Row(
        ("EVAL", "PREDICT", "GRADE", "KEEP", "AVERAGE", "MAKE", "COST", "REFERENCE"),
        _EVALUATION,
        (_EVALUATION, (*_LOADERS, b"criterion(")),
    ),
    CLEAR,
    Row(("MAKE",), (b"DistributedSampler(",)),
    Row(("BACKWARD", "STEP"), (b"NativeScaler", b"loss_scaler("), ((b"timm",),)),
    Row(("MAKE", "LOAD"), (b"cheduler.load_state_dict(", b").load_state_dict("), ((b"LR(", b"transformers"),)),
    Row(("MAKE",), (b"LambdaLR(",)),
    Row(("MAKE",), (b"num_workers",), ((b"IterableDataset",),)),
    Row(("ASSIGN",), (b"persistent_workers",)),
    Row(
        ("MEASURE",),
        (b".compute(", b".aggregate(", b".result("),
        ((b"torchmetrics", b"torcheval", b"monai", b"keras"),),
    ),
    Row(("MAKE",), (b"drop_last",), (_EVALUATION,)),
    Row(
        ("MAKE", "READ"),
        (b"def val_dataloader(", b"def test_dataloader(", b"def predict_dataloader("),
        ((b"drop_last",),),
    ),
    Row(("AVERAGE",), (b".dataset)", b"ampler)"), ((b"oss",),)),
    Row(
        ("READ", "ASSIGN"),
        (b".dataset.", b".dataset,", b".dataset)", b".dataset]", b".dataset ", b".dataset\n"),
        ((b"random_split", b"Subset("),),
    ),
    Row(
        ("BACKWARD", "STEP", "CLEAR", "DISCARD", "KEEP", "MAKE"),
        tuple(b"def %b(" % name.encode() for kind in STEP_METHODS for name in (kind.step, kind.optimizers)),
    ),
    Row(
        ("KEEP",),
        tuple(b"def %b(" % name.encode() for kind in CALLBACKS for name in sorted(kind.methods)),
        (tuple(name.encode() for name in CALLBACK_PACKAGES), (b"loss",), (b".append(", b"+=")),
    ),
    Row(("BACKWARD", "GRADE", "KEEP", "PREDICT"), (b"create_supervised_trainer(",)),
    Row(("RUN",), (b".fit(",), ((b"lightning",), (b".eval(", b"from_pretrained"))),
    Row(("RUN",), (b".attribute(",), ((b"captum",),)),
    Row(("ASSIGN",), _SWITCHES, ((b".requir",),)),
    Row(("COUNT",), (b".accumulate(",)),
    Row(("UNSCALE",), (b".unscale_(", b".unscale_gradients(")),
)
"""Words, one of which a file needs for its loops to be analysed."""

SITES = (
    Site(("FORWARD",), sites.calls_forward),
    Site(("REFERENCE",), sites.names_state_dict),
    Site(("DISCARD",), sites.drops_context),
    Site(("DISCARD",), sites.drops_moved),
    Site(("FETCH",), sites.takes_first_batch),
    Site(("REFERENCE",), sites.names_method),
    Site(("ASSIGN",), sites.sets_training_flag),
    Site(("MAKE",), sites.keeps_generator),
    Site(("ASSIGN",), sites.sets_requires_grad),
    Site(("MAKE",), sites.makes_criterion_of_tensors),
    Site(("REBIND",), sites.rebinds_to_loaded),
    Site(("LOAD",), sites.loads_state_of),
    Site(("GRADE",), sites.grades_activations),
    Site(("CHANGE",), sites.changes_samples),
    Site(("MAKE",), sites.gives_parameters_twice),
    Site(("COLLECTIVE", "PREDICT"), sites.waits_on_one_rank),
    Site(("RECORD",), sites.compares_best),
    Site(("OFFSET",), sites.adds_tiny_number),
    Site(("REBIND",), sites.rebinds_parameter),
    Site(("ITERATE",), sites.uses_generator_twice),
    Site(("EVAL", "PREDICT"), sites.evaluates_with_gradients),
)
"""Forms of code, one of which does as well."""


def shows(data: bytes, kinds: Collection[str] | None = None) -> bool:
    """Whether the code of a file shows an event of these kinds (None: of any), or trains."""
    rows: Iterable[Row] = ROWS
    sites_of: Iterable[Site] = SITES
    if kinds is not None:
        wanted = set(kinds)
        rows = (row for row in ROWS if row in STEPS or not wanted.isdisjoint(row.shows))
        sites_of = (site for site in SITES if not wanted.isdisjoint(site.shows))
    return any(row.stands_in(data) for row in rows) or any(site.stands_in(data, data) for site in sites_of)


def words(data: bytes) -> Words:
    """The words of `ROWS` in this code, at which a mistake may be reported."""
    return tuple(word for row in ROWS if row.stands_in(data) for word in row.words if word in data)


def forms(data: bytes) -> tuple[Site, ...]:
    """The forms of `SITES` that this code has."""
    return tuple(site for site in SITES if site.stands_in(data, data))

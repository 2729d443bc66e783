"""Words that a file needs for its loops to be analysed."""

from __future__ import annotations

import re

from looplint.knowledge.datasets import CHANGES_ARGUMENT, CHANGES_ITSELF
from looplint.knowledge.logit_names import ON_BINARY_LOGITS, ON_LOG_PROBABILITIES, ON_LOGITS, SIGMOID, SOFTMAX
from looplint.knowledge.misspelled import MISSPELLED
from looplint.knowledge.step_methods import CALLBACK_PACKAGES, CALLBACKS, STEP_METHODS
from looplint.prefilter.words import Row, Words, around, last_names, line_before, some

_LOADERS: Words = (b"oader:", b"oader)", b"oader,", b"DataLoader", b"dl:", b"batches:")
_CRITERIA: Words = (b"criterion(", b"oss(", b"_entropy(")
_EVALUATION: Words = (b".eval(", b"no_grad", b"inference_mode")
_OPTIMIZERS: Words = (b"ptimizer", b"optim.", b"optim_", b"optim[", b"opt.", b"opt_")
_SWITCHES: Words = tuple(b"." + name + sign for name in last_names(MISSPELLED) for sign in (b" =", b"="))

BACKWARD = Row((b".backward(", b"manual_backward(", b"import backward"), ((b"backward",),))
STEP = Row((b".step(", b"first_step(", b"second_step(", b".step)"), ((b"step",), (*_OPTIMIZERS, b"deepspeed")))
CLEAR = Row((b".zero_grad",))
VALIDATION = Row(_EVALUATION, (_LOADERS,))
ROWS = (
    BACKWARD,
    STEP,
    Row(_EVALUATION, ((*_LOADERS, b"criterion("),)),
    CLEAR,
    Row((b"DistributedSampler(",)),
    Row((b"NativeScaler", b"loss_scaler("), ((b"timm",),)),
    Row((b"cheduler.load_state_dict(", b").load_state_dict("), ((b"LR(", b"transformers"),)),
    Row((b"LambdaLR(",)),
    Row((b"num_workers",), ((b"IterableDataset",),)),
    Row((b"persistent_workers",)),
    Row((b".compute(",), ((b"torchmetrics", b"torcheval"),)),
    Row((b"drop_last",), (_EVALUATION,)),
    Row((b"def val_dataloader(", b"def test_dataloader(", b"def predict_dataloader("), ((b"drop_last",),)),
    Row(
        (b"barrier(", b"all_reduce(", b"broadcast(", b"all_gather", b"wait_for_everyone("),
        ((b"rank", b"main_process"),),
    ),
    Row((b".dataset)", b"ampler)"), ((b"oss",),)),
    Row((b"best", b"patience"), (_OPTIMIZERS, (b"epoch",))),
    Row((b".dataset.", b".dataset,", b".dataset)", b".dataset\n"), ((b"random_split", b"Subset("),)),
    Row(tuple(b"def %b(" % name.encode() for kind in STEP_METHODS for name in (kind.step, kind.optimizers))),
    Row(
        tuple(b"def %b(" % name.encode() for kind in CALLBACKS for name in sorted(kind.methods)),
        (tuple(name.encode() for name in CALLBACK_PACKAGES), (b"loss",), (b".append(", b"+=")),
    ),
    Row((b".fit(",), ((b"lightning",), (b".eval(", b"from_pretrained"))),
    Row((b".attribute(",), ((b"captum",),)),
    Row(_SWITCHES, ((b".requir",),)),
)
"""Words, one of which a file needs for its loops to be analysed."""

_LOSSES, _ACTIVATIONS = (
    tuple(name + b"(" for name in last_names(names))
    for names in (ON_LOGITS | ON_BINARY_LOGITS | ON_LOG_PROBABILITIES, SOFTMAX | SIGMOID)
)
_LOSS, _ACTIVATION = (
    re.compile(rb"(?<![a-z_])(?:" + b"|".join(map(re.escape, names)) + rb")") for names in (_LOSSES, _ACTIVATIONS)
)
_OWN_CRITERION = re.compile(rb"self\.\w*(?:[Cc]rit|[Ll]oss)\w*\(")
_GENERATORS: Words = (b"default_rng(", b"RandomState(", b" = random.Random(", b" = torch.Generator(")
_DRAWING: Words = (b"def __getitem__(", b"def __getitems__(", b"def __call__(")
_BATCHES: Words = (b"oader", b"ataset")
_BATCH = re.compile(rb"(?i)batch|data|load|train|test|val(?:id|_|\b)|d[ls]\b|set\b")
_FLAGS: Words = (b".training = ", b".training=", b".training  = ")
_CONTEXTS: Words = (b"no_grad()", b"enable_grad()", b"inference_mode()")
_MOVES: Words = (b".to(", b".cuda(", b".cpu(", b".double(", b".float(", b".half(")

_SUPER = re.compile(rb"super\([^()]*\)$")
_SWITCHED = re.compile(rb" ?= ?(?:False|True)")
_SAME_NAME = re.compile(rb"[ \t]*([\w.]+) = (?:\1|\w[\w.]*\(.*\))$")
_TENSORS = re.compile(rb"\s*[a-z_][\w.]*(?:\(\w*\))?(?:\[\w*\])?, ?[a-z_]\w*[,.)\[]")
_PARAMETERS_OF = re.compile(rb"(?<![\w.])([\w.]+)\.parameters\(\)")
_SAMPLE = re.compile(rb"def __getitem__\(self, (\w+)[^\n]*\n(.{,4000})", re.DOTALL)
_CHANGES = b"|".join(name.encode() for name in sorted((*CHANGES_ITSELF, *CHANGES_ARGUMENT)))
_CHANGED = re.compile(rb" [-+*/]= |\] = |\b(?:%b)\(" % _CHANGES)
_ENDS: Words = (b",", b")", b"\n", b"\r", b" ", b"]", b"}", b"")
_VIEWS: Words = (b"parameters(", b"values(", b"keys(", b"items(", b"buffers(")
_MODULE_NAMES: Words = (b"odel", b"net", b"Net", b"criterion", b"loss", b"module", b"self")
_EXPRESSION = re.compile(rb"\s*[\w.]+(?:\[[^\]\n]*\])*$")
_PARAMETERS: Words = (b"param", b" p", b"parameter", b"weight", b"bias")


def words(data: bytes) -> Words:
    """The words of `ROWS` in this code, at which a mistake may be reported."""
    return tuple(word for row in ROWS if row.stands_in(data) for word in row.words)


def has_site(part: bytes, whole: bytes) -> bool:
    """Further conditions on the words, in a part of the code of a file."""
    return (
        any(not _SUPER.search(before[-60:]) for before, _ in around(part, b".forward("))
        or any(after[:1] in _ENDS for _, after in around(part, b".state_dict"))
        or any(_is_statement(*both) for both in around(part, *_CONTEXTS))
        or any(_is_moved(*both, whole) for both in around(part, *_MOVES))
        or any(_is_first_batch(after, whole) for _, after in around(part, b"next(iter("))
        or any(_is_reference(*both) for both in around(part, b".backward", b".step"))
        or any(not before.endswith(b"self") for before, _ in around(part, *_FLAGS))
        or (some(_DRAWING, whole) and any(_is_kept(before, part) for before, _ in around(part, *_GENERATORS)))
        or any(_is_frozen(*both) for both in around(part, b".requires_grad"))
        or any(_TENSORS.match(after) and b"nn." in before[-40:] for before, after in around(part, b"Loss("))
        or any(_SAME_NAME.match(line_before(before)) for before, _ in around(part, b".load_state_dict("))
        or any(b".state_dict()" in after.partition(b"\n")[0] for _, after in around(part, b".load_state_dict("))
        or _grades_activations(part, whole)
        or _changes_samples(part)
        or (b"optim" in whole and _given_twice(part))
    )


def _is_statement(before: bytes, after: bytes) -> bool:
    """Whether a context is a statement of its own."""
    line = line_before(before).strip()
    return (not line or line.replace(b".", b"").isalnum()) and after[:1] in (b"\n", b"\r", b"", b" ", b";")


def _is_moved(before: bytes, after: bytes, whole: bytes) -> bool:
    """Whether a move is a statement of its own and its receiver may be a tensor: its name does not suggest a module,
    and it is bound in this file or part of a batch or of a criterion's arguments."""
    line, call = line_before(before), after.partition(b"\n")[0].rstrip()
    if not call.endswith(b")") or line.endswith(_MODULE_NAMES) or not _EXPRESSION.match(line):
        return False
    name = line.strip().partition(b"[")[0]
    if some(_LOADERS, whole) or some(_CRITERIA, whole):
        return True
    bound = rb"(?<![\w.])%b\b[^=\n(]* = |for [^\n]*\b%b\b[^\n]* in " % ((re.escape(name),) * 2)
    return re.search(bound, whole) is not None


def _is_first_batch(after: bytes, whole: bytes) -> bool:
    """Whether it is the first element of something that may be a loader."""
    argument = after.partition(b")")[0]
    return not argument.endswith(_VIEWS) and (some(_BATCHES, whole) or _BATCH.search(argument) is not None)


def _is_reference(before: bytes, after: bytes) -> bool:
    """Whether it is a method as a statement, without the parentheses of a call."""
    return after.lstrip(b" \t")[:1] in (b"\n", b"\r", b";", b"") and _EXPRESSION.match(line_before(before)) is not None


def _is_kept(before: bytes, part: bytes) -> bool:
    """Whether it is a random state that becomes an attribute."""
    line = line_before(before).strip()
    name = line.partition(b" ")[0].partition(b":")[0]
    return b"self." in line or (b" = " + name + b"\n") in part


def _is_frozen(before: bytes, after: bytes) -> bool:
    """Whether it is the switch of something whose name does not suggest a parameter."""
    return _SWITCHED.match(after) is not None and not before.endswith(_PARAMETERS)


def _given_twice(part: bytes) -> bool:
    """Whether the parameters of something are asked for twice."""
    if part.count(b".parameters()") < 2:
        return False  # The expression reads each word of the file at each of its letters.
    owners = _PARAMETERS_OF.findall(part)
    return len(owners) > len(set(owners))


def _changes_samples(part: bytes) -> bool:
    """Whether a dataset changes something that it keeps under the index of a sample."""
    return any(
        b"self." in (body := sample[2].partition(b"\n    def ")[0])
        and b"[" + sample[1] + b"]" in body
        and _CHANGED.search(body) is not None
        for sample in _SAMPLE.finditer(part)
    )


def _grades_activations(part: bytes, whole: bytes) -> bool:
    """Whether an activation is in the same function as a criterion, or is passed to an attribute whose name suggests
    one."""
    if not some(_ACTIVATIONS, part) or not some(_LOSSES, whole):
        return False
    return any(
        _ACTIVATION.search(body) and (_LOSS.search(body) or _OWN_CRITERION.search(body))
        for body in part.split(b"\n    def ")
    )

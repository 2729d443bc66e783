"""Forms of code that are no single words, and at which a rule about loops may report something.

Each function is given a part of the code of a file, and all of it; what need not stand in the part is looked for in the
whole.
"""

from __future__ import annotations

import re

from looplint.knowledge.datasets import CHANGES_ARGUMENT, CHANGES_ITSELF
from looplint.knowledge.logit_names import ON_BINARY_LOGITS, ON_LOG_PROBABILITIES, ON_LOGITS, SIGMOID, SOFTMAX
from looplint.knowledge.ranks import COLLECTIVES, SYNCHRONISED
from looplint.prefilter.words import Words, after_call, around, last_names, line_before, shortest, some

LOADERS: Words = (b"oader:", b"oader)", b"oader,", b"DataLoader", b"dl:", b"batches:")
"""Text that suggests a loop over batches."""

OPTIMIZERS: Words = (b"ptimizer", b"optim.", b"optim_", b"optim[", b"opt.", b"opt_")
"""Text that suggests an optimizer."""

_CRITERIA: Words = (b"criterion(", b"oss(", b"_entropy(")
LOSSES, _ACTIVATIONS = (
    shortest(name + b"(" for name in last_names(names))
    for names in (ON_LOGITS | ON_BINARY_LOGITS | ON_LOG_PROBABILITIES, SOFTMAX | SIGMOID)
)
_LOSS, _ACTIVATION = (
    re.compile(rb"(?<![a-z_])(?:" + b"|".join(map(re.escape, names)) + rb")") for names in (LOSSES, _ACTIVATIONS)
)
_ACTIVATING: Words = (b"igmoid", b"oftmax", b"expit")
_OWN_CRITERION = re.compile(rb"self\.\w*(?:[Cc]rit|[Ll]oss)\w*\(")
_GENERATORS: Words = (b"default_rng(", b"RandomState(", b" = random.Random(", b" = torch.Generator(")
_DRAWING: Words = (b"def __getitem__(", b"def __getitems__(", b"def __call__(")
_BATCHES: Words = (b"oader", b"ataset")
_BATCH = re.compile(rb"(?i)batch|data|load|train|test|val(?:id|_|\b)|d[ls]\b|set\b")
_FLAGS: Words = (b".training = ", b".training=", b".training  = ")
_CONTEXTS: Words = (b"no_grad()", b"enable_grad()", b"inference_mode()")
_MOVES: Words = (b".to(", b".cuda(", b".cpu(", b".double(", b".float(", b".half(", b".xpu(", b".bfloat16(")

_SUPER = re.compile(rb"super\([^()]*\)$")
_SWITCHED = re.compile(rb" ?= ?(?:False|True)")
_SAME_NAME = re.compile(rb"[ \t]*([\w.]+) = (?:\1|\w[\w.]*\(.*\))$")
_TENSORS = re.compile(rb"\s*[a-z_][\w.]*(?:\(\w*\))?(?:\[\w*\])?, ?[a-z_]\w*[,.)\[]")
_PARAMETERS_OF = re.compile(rb"(?<![\w.])([\w.]+)\.parameters\(\)")
_SAMPLE = re.compile(rb"def __getitem__\(self, (\w+)(.{,4000})", re.DOTALL)
_CHANGES = b"|".join(name.encode() for name in sorted((*CHANGES_ITSELF, *CHANGES_ARGUMENT)))
_CHANGED = re.compile(rb" [-+*/]= |\] = |\b(?:%b)\(" % _CHANGES)
_ENDS: Words = (b",", b")", b"\n", b"\r", b" ", b"]", b"}", b"")
_VIEWS: Words = (b"parameters(", b"values(", b"keys(", b"items(", b"buffers(")
_MODULE_NAMES: Words = (b"odel", b"net", b"Net", b"criterion", b"loss", b"module", b"self")
_EXPRESSION = re.compile(rb"\s*[\w.]+(?:\[[^\]\n]*\])*$")
_PARAMETERS: Words = (b"param", b" p", b"parameter", b"weight", b"bias")


_COLLECTIVE_METHODS: Words = (b".gather(", b".gather_for_metrics(", b".reduce(", b".wait_for_everyone(")
_ALL_TAKE_PART = shortest(
    (*(name + b"(" for name in last_names(COLLECTIVES)), *_COLLECTIVE_METHODS, *last_names(SYNCHRONISED), b"DDP(")
)
_PROCESSES: Words = (b"rank", b"RANK", b"Rank", b"process", b"is_ma", b"global_zero")
_RANKS: Words = (b"rank", b"RANK", b"Rank", b"process_index")
_COMPARED = re.compile(rb"(?:\([^()\n]*\))? ?(?:%[^\n=!<>]*)?(?:[=!]=|[<>]|in |not in )")
_FIRST_PROCESS: Words = (
    *(kind + b"_process" for kind in (b"main", b"master", b"first", b"root")),
    *(b"is_" + kind for kind in (b"main", b"master", b"rank", b"global_zero")),
)
_RECORDING: Words = (b"_grad", b"inference_mode")
_BATCHES_OF = re.compile(rb"\n[ \t]*for (?:[^\n]*\bbatch|[^\n]* in [^\n]*(?:batches|iter)\b)[^\n]*:")
_BETTER = re.compile(rb"[<>]=? ?\(?[\w.]*(?:best|patience)|(?:best|patience)[\w.\[\]\"']*\)?(?: ?[-+*] ?[\w.]+)? ?[<>]")
_TINY = re.compile(rb"(?:sqrt|log\w*|norm)\([^\n]*\) ?\+ ?(?:1\.?0?e-|0\.0000|[\w.]*(?:eps|EPS))")
_REBOUND = re.compile(rb"[\n;][ \t]*([A-Za-z_]\w*) = \(?\1(?: [-+]|\.data [-+])[^\n]*grad")
_GENERATOR = re.compile(rb"[\n;][ \t]*(\w+) = (?!list\(|\[|sum\()[^\n=]*parameters\(\)(?!\])")


def calls_forward(part: bytes, _: bytes) -> bool:
    """Whether `forward` is called, otherwise than by `super()`."""
    return any(not _SUPER.search(before[-60:]) for before, _ in around(part, b".forward("))


def names_state_dict(part: bytes, _: bytes) -> bool:
    """Whether `state_dict` is named and not called."""
    return any(after[:1] in _ENDS for _, after in around(part, b".state_dict"))


def drops_context(part: bytes, _: bytes) -> bool:
    """Whether a context manager is made as a statement of its own."""
    return any(_is_statement(*both) for both in around(part, *_CONTEXTS))


def drops_moved(part: bytes, whole: bytes) -> bool:
    """Whether what `to` or `cuda` returns is dropped."""
    return any(_is_moved(*both, whole) for both in around(part, *_MOVES))


def takes_first_batch(part: bytes, whole: bytes) -> bool:
    """Whether the first element of a new iterator is taken, which may be a loader's."""
    return any(_is_first_batch(after, whole) for _, after in around(part, b"next(iter("))


def names_method(part: bytes, _: bytes) -> bool:
    """Whether `backward` or `step` is named as a statement, and not called."""
    return any(_is_reference(*both) for both in around(part, b".backward", b".step"))


def sets_training_flag(part: bytes, _: bytes) -> bool:
    """Whether `training` is set, otherwise than by the object itself."""
    return any(not before.endswith(b"self") for before, _ in around(part, *_FLAGS))


def keeps_generator(part: bytes, whole: bytes) -> bool:
    """Whether something that is called for each sample keeps a random state."""
    return some(_DRAWING, whole) and any(_is_kept(before, part) for before, _ in around(part, *_GENERATORS))


def sets_requires_grad(part: bytes, _: bytes) -> bool:
    """Whether `requires_grad` is set on what may be a module."""
    return any(_is_frozen(*both) for both in around(part, b".requires_grad"))


def makes_criterion_of_tensors(part: bytes, _: bytes) -> bool:
    """Whether the class of a criterion is given what may be tensors."""
    return any(_TENSORS.match(after) and b"nn." in before[-40:] for before, after in around(part, b"Loss("))


def rebinds_to_loaded(part: bytes, _: bytes) -> bool:
    """Whether a name is bound to what its own `load_state_dict` returns."""
    return any(_SAME_NAME.match(line_before(before)) for before, _ in around(part, b".load_state_dict("))


def loads_state_of(part: bytes, _: bytes) -> bool:
    """Whether a state is loaded where it is read: `target.load_state_dict(model.state_dict())`."""
    return any(b".state_dict()" in after.partition(b"\n")[0] for _, after in around(part, b".load_state_dict("))


def grades_activations(part: bytes, whole: bytes) -> bool:
    """Whether an activation is in the same function as a criterion, or is passed to an attribute whose name suggests
    one."""
    if not some(_ACTIVATING, part) or not some(LOSSES, whole):
        return False
    return any(
        _ACTIVATION.search(body) and (_LOSS.search(body) or _OWN_CRITERION.search(body))
        for body in part.split(b"\n    def ")
    )


def changes_samples(part: bytes, _: bytes) -> bool:
    """Whether a dataset changes something that it keeps under the index of a sample."""
    return any(
        b"self." in (body := sample[2].partition(b"\n    def ")[0])
        and b"[" + sample[1] + b"]" in body
        and _CHANGED.search(body) is not None
        for sample in _SAMPLE.finditer(part)
    )


def gives_parameters_twice(part: bytes, whole: bytes) -> bool:
    """Whether the parameters of something are asked for twice, in code with optimizers."""
    if b"optim" not in whole or part.count(b".parameters()") < 2:
        return False  # The expression reads each word of the file at each of its letters.
    owners = _PARAMETERS_OF.findall(part)
    return len(owners) > len(set(owners))


def waits_on_one_rank(part: bytes, whole: bytes) -> bool:
    """Whether something that all processes have to call stands in code that tells them apart."""
    if not some(_PROCESSES, whole) or not some(_ALL_TAKE_PART, part):
        return False
    return some(_FIRST_PROCESS, whole) or any(_COMPARED.match(after) for _, after in around(whole, *_RANKS))


def compares_best(part: bytes, whole: bytes) -> bool:
    """Whether a value is compared with the best one so far, or with a patience, in code with optimizers and epochs."""
    if b"best" not in part and b"patience" not in part:
        return False
    return b"epoch" in whole and some(OPTIMIZERS, whole) and _BETTER.search(part) is not None


def adds_tiny_number(part: bytes, _: bytes) -> bool:
    """Whether a tiny number is added to a root or a logarithm, or to what may be one."""
    return (b"sqrt" in part or b"log" in part) and _TINY.search(part) is not None


def rebinds_parameter(part: bytes, whole: bytes) -> bool:
    """Whether a name is bound to what is computed from itself and a gradient: `p = p - rate * p.grad`."""
    return b"grad" in part and b"param" in whole and _REBOUND.search(part) is not None


def evaluates_with_gradients(part: bytes, whole: bytes) -> bool:
    """Whether a loop goes over batches, or over an iterator, in a file that sets evaluation mode and never turns the
    recording of gradients off: the loader behind it may have any name."""
    return b".eval(" in whole and not some(_RECORDING, whole) and _BATCHES_OF.search(part) is not None


def uses_generator_twice(part: bytes, _: bytes) -> bool:
    """Whether a generator of parameters has a name that is passed on twice or more."""
    if b"parameters()" not in part:
        return False
    names = {made[1] for made in _GENERATOR.finditer(part)}
    return any(
        sum(map(part.count, (b"(" + name + b")", b"(" + name + b",", b" in " + name + b")", b" in " + name + b":"))) > 1
        for name in names
    )


def _is_statement(before: bytes, after: bytes) -> bool:
    """Whether a context is a statement of its own."""
    line = line_before(before).strip()
    return (not line or line.replace(b".", b"").isalnum()) and after[:1] in (b"\n", b"\r", b"", b" ", b";")


def _is_moved(before: bytes, after: bytes, whole: bytes) -> bool:
    """Whether a move is a statement of its own and its receiver may be a tensor: its name does not suggest a module,
    and it is bound in this file or part of a batch or of a criterion's arguments."""
    line = line_before(before)
    if line.endswith(_MODULE_NAMES) or not _EXPRESSION.match(line):
        return False
    if after_call(after).lstrip(b" \t")[:1] not in (b"\n", b"\r", b";", b""):
        return False
    name = line.strip().partition(b"[")[0]
    if some(LOADERS, whole) or some(_CRITERIA, whole):
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

"""Which files have to be parsed: those with the bytes that a mistake cannot do without.

A finding lies at an event, and an event at a word of its file. Words that stand in most files of a kind (the `no_grad`
of an initialisation, `super().forward`) count only beside another one that the mistake needs as well. A search for
one word reads a gigabyte a second, a regular expression a tenth of it: words come first, and many share a gate.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from enum import Flag

from looplint.recognize.values import ACTIVATIONS, LOGITS, MISSPELLED


class Need(Flag):
    """What of a file has to be read: its loops, its module classes, both or nothing."""

    NOTHING = 0
    LOOPS = 1
    CLASSES = 2
    ALL = 3


Words = tuple[bytes, ...]


def _last_names(dotted: Iterable[str]) -> Words:
    return tuple(sorted({name.rpartition(".")[2].encode() for name in dotted}))


COMMENTS: Words = (b"looplint:", b"LOOP")
"""Comments that speak to looplint are judged in any file."""

_LOADERS: Words = (b"oader:", b"oader)", b"DataLoader", b"criterion(")
_EVALUATION: Words = (b".eval(", b"no_grad", b"inference_mode")
_GENERATORS: Words = (b"default_rng(", b"RandomState(", b" = random.Random(", b" = torch.Generator(")

Row = tuple[Words, tuple[Words, ...]]
"""Words at which a mistake may lie, and those of which the file must hold one of each group besides."""

BACKWARD: Row = (
    (b".backward(", b"manual_backward(", b".backward\n", b".backward\r", b".backward ", b"import backward"),
    ((b"backward",),),
)
STEP: Row = (
    (b".step(", b".step\n", b".step\r", b"_step(", b".step)"),
    ((b"step",), (b"optim", b"opt.")),
)
CLEAR: Row = ((b".zero_grad",), ())
VALIDATION: Row = (_EVALUATION, (_LOADERS,))
LOOPS: tuple[Row, ...] = (
    BACKWARD,
    STEP,
    VALIDATION,
    CLEAR,
    ((b"DistributedSampler(",), ()),
    ((b".training = ", b".training=", b".training  = "), ((b".training",),)),
    (_GENERATORS, ((b"Dataset", b"__call__("), (b"self.",))),
    (_last_names(MISSPELLED), ((b".requir",),)),
)
"""What a file may have for whose sake its loops are read."""

_LOSSES, _ACTIVATIONS = _last_names(LOGITS), _last_names(ACTIVATIONS)
_SWITCHED = re.compile(rb" ?= ?(?:False|True)")
_SAME_NAME = re.compile(rb"[ \t]*([\w.]+) = (?:\1|\w[\w.]*\(.*\))$")
_TENSORS = re.compile(rb"\s*[a-z_][\w.]*(?:\(\w*\))?(?:\[\w*\])?, ?[a-z_]\w*[,.)\[]")
_BASES: Words = (b"Module):", b"Module, ", b"Model):", b"Model, ")
_ENDS: Words = (b",", b")", b"\n", b"\r", b" ", b"]", b"}", b"")
_CONTEXTS: Words = (b"no_grad()", b"enable_grad()", b"inference_mode()")
_PARTS: Words = (b"parameters(", b"values(", b"keys(", b"items(", b"buffers(")
_MOVES: Words = (b".to(", b".cuda(", b".cpu(", b".double(", b".float(", b".half(")
_MODULE_NAMES: Words = (b"odel", b"net", b"Net", b"criterion", b"loss", b"module", b"self")
_EXPRESSION = re.compile(rb"\s*[\w.]+(?:\[[^\]\n]*\])*$")
_PARAMETERS: Words = (b"param", b" p", b"parameter", b"weight", b"bias")
_LAYER = re.compile(rb"\s*(?:\w+\.)?[A-Z]\w*\(")
_CLASS = re.compile(rb"[A-Z]\w*\(")
_SELF = re.compile(rb"\s*self\.\w+(?:: .*)?$")
_EMPTY = re.compile(rb"\s*(?:self\.)?(\w+)(?:: .*)?$")


def need(data: bytes) -> Need:
    """What of a Python file with these bytes has to be read."""
    if b"torch" not in data and b".backward(" not in data and b".zero_grad" not in data:
        return Need.ALL if COMMENTS[0] in data else Need.NOTHING
    if _in(data, COMMENTS):
        return Need.ALL
    found = Need.NOTHING
    if _words(data) or _loop_level(data):
        found |= Need.LOOPS
    if _in(data, _BASES) and _class_level(data):
        found |= Need.CLASSES
    return found


def sites(data: bytes) -> Callable[[bytes], bool]:
    """What tells whether a mistake may lie in a part of a Python file with these bytes."""
    words = _words(data)
    return lambda part: _in(part, words) or _loop_level(part)


def trains(data: bytes) -> bool:
    """Whether a Python file with these bytes is about training, so that a mistake may lie in any of its parts."""
    rows = [_holds(data, row) for row in (BACKWARD, STEP, CLEAR)]
    return _holds(data, VALIDATION) or sum(rows) > 1 or (any(rows) and b"epoch" in data)


def _words(data: bytes) -> Words:
    """The words of `LOOPS` at which a mistake may lie in this file."""
    return tuple(word for row in LOOPS if _holds(data, row) for word in row[0])


def _holds(data: bytes, row: Row) -> bool:
    words, besides = row
    return all(_in(data, group) for group in besides) and _in(data, words)


def _in(data: bytes, words: Words) -> bool:
    return any(word in data for word in words)


def _loop_level(data: bytes) -> bool:
    """What one word does not tell: `.forward` of something else than `super()`, `state_dict` without a call, a context
    as a statement, a first batch, modules that are frozen, an activation in the same function as a criterion, a
    criterion made of two things, what loading gives bound to what was loaded."""
    if b".forward(" in data and data.count(b".forward(") > data.count(b"super().forward("):
        return True
    return (
        any(after[:1] in _ENDS for _, after in _around(data, b".state_dict"))
        or any(_statement(*both) for word in _CONTEXTS for both in _around(data, word))
        or any(_moved(*both) for word in _MOVES for both in _around(data, word))
        or any(not after.partition(b")")[0].endswith(_PARTS) for _, after in _around(data, b"next(iter("))
        or any(
            _SWITCHED.match(after) and not before.endswith(_PARAMETERS)
            for before, after in _around(data, b".requires_grad")
        )
        or any(_TENSORS.match(after) and b"nn." in before[-40:] for before, after in _around(data, b"Loss("))
        or any(_SAME_NAME.match(before[before.rfind(b"\n") + 1 :]) for before, _ in _around(data, b".load_state_dict("))
        or (
            _in(data, _ACTIVATIONS)
            and _in(data, _LOSSES)
            and any(_in(part, _LOSSES) and _in(part, _ACTIVATIONS) for part in data.split(b"\n    def "))
        )
    )


def _around(data: bytes, word: bytes) -> Iterable[tuple[bytes, bytes]]:
    """What stands before and after each place of a word."""
    if word not in data:
        return ()
    parts = data.split(word)
    return itertools.pairwise(parts)


def _statement(before: bytes, after: bytes) -> bool:
    """Whether a call is a statement of its own."""
    line = before[before.rfind(b"\n") + 1 :].strip()
    return (not line or line.replace(b".", b"").isalnum()) and after[:1] in (b"\n", b"\r", b"", b" ", b";")


def _moved(before: bytes, after: bytes) -> bool:
    """Whether a call that moves something, by its name no module, is a statement of its own."""
    line, call = before[before.rfind(b"\n") + 1 :], after.partition(b"\n")[0].partition(b"#")[0].rstrip()
    return call.endswith(b")") and not line.endswith(_MODULE_NAMES) and _EXPRESSION.match(line) is not None


def _class_level(data: bytes) -> bool:
    """Layers built in `forward`, layers in a plain collection, functional dropout that is not told the mode."""
    forward = b"def forward(" in data
    return (forward and _builds(data)) or _keeps(data) or (forward and b"dropout" in data and _drops(data))


def _builds(data: bytes) -> bool:
    own = [part.partition(b"(") for part in data.split(b"\nclass ")[1:]]
    names = tuple(name + b"(" for name, _, bases in own if b"Module" in bases.partition(b")")[0])
    methods = [part.partition(b"\nclass ")[0] for part in data.split(b"\n    def ")[1:]]
    running = [body for body in methods if not body.startswith(b"__init__")]
    for body in running:
        makes = b"nn." in body and any(_CLASS.match(after) for after in body.split(b"nn.")[1:])
        if makes or any(b" " + name in body for name in names):
            called = b"self." + body[: body.find(b"(") + 1]
            if body.startswith(b"forward(") or b"def forward(" in body or any(called in one for one in running):
                return True
    return False


def _keeps(data: bytes) -> bool:
    for opening in (b" = [", b" = (", b" = {", b" = list("):
        for before, after in _around(data, opening):
            first = after.partition(b":")[2] if opening == b" = {" else after.removeprefix(b"[")
            if _LAYER.match(first) and _SELF.match(before[before.rfind(b"\n") + 1 :]):
                return True
    return any(_adds(data, opening) for opening in (b" = []", b" = {}", b" = list()", b" = dict()"))


def _adds(data: bytes, empty: bytes) -> bool:
    """Whether layers are put into a collection that began as an empty one and is an attribute in the end."""
    for before, _ in _around(data, empty):
        line = before[before.rfind(b"\n") + 1 :]
        match = _EMPTY.match(line)
        if match is None:
            continue
        name = match[1]
        if b"self." in line:
            name = b"self." + name
        elif not _in(data, (b" = " + name + b"\n", b" = " + name + b"\r")):
            continue
        elif b"nn." in data and b" " + name + b".append(" in data and b"def forward(" in data:
            return True
        for way in (b".append(", b".extend([", b"[", b" += ["):
            for _, after in _around(data, name + way):
                if _LAYER.match(after.partition(b"] = ")[2] if way == b"[" else after):
                    return True
    return False


def _drops(data: bytes) -> bool:
    if b"import dropout" in data or (b", dropout" in data and b"nn.functional import" in data):
        return True
    for before, after in _around(data, b"dropout("):
        receiver = before[-24:].rpartition(b"\n")[2].rpartition(b" ")[2].rpartition(b"(")[2]
        if b"." in receiver and b"self" not in receiver and b"training" not in after[:300].partition(b")\n")[0]:
            return True
    return False

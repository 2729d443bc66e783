"""What of a file shows that its module classes have to be analysed: a form of code for each kind of event in the
definition of a class."""

from __future__ import annotations

import re
from collections.abc import Collection

from looplint.knowledge.layers import ALONG_SEQUENCES, FORWARDS, STATELESS
from looplint.prefilter.words import Words, around, line_before, some

BASES: Words = (b"Module):", b"Module, ", b"Model):", b"Model, ")

_LAYER = re.compile(rb"\s*(?:\w+\.)?[A-Z]\w*\(")
_MADE = re.compile(rb"nn\.([A-Z]\w*)\(")
_NO_LAYERS = frozenset(name.rpartition(".")[2].encode() for name in STATELESS) | {b"Module", b"Parameter"}
_BOUND = re.compile(rb"\s*(?:self\.)?(\w+)(?:: .*)?$")
_RUN = frozenset(name.encode() for name in FORWARDS)
_FORWARD = re.compile(rb"\n([ \t]+)def (?:" + b"|".join(sorted(_RUN)) + rb")\(")
_OWN = re.compile(rb"\n[ \t]*class ")
_OUTSIDE = re.compile(rb"\n(?=[^\s)])")
_BRACKETS = re.compile(rb"[()\[\]{},]")
_MULTIPLIED = re.compile(rb"[\])] ?\* ?\(?[\w]|[\w)] \* [\[(]")
_REPEATED = re.compile(rb"[\[(]\s*(\w+)\s+for\s+(?!\1\b)\w+\s+in\s+range\(")
_SAME_VALUE = re.compile(rb"\{[^\n]{1,40}:\s*(\w+)\s+for\s+(?!\1\b)\w+\s+in\b")
_LISTED = re.compile(rb"(?:\[([A-Za-z_][\w.]*)(\()?[^\]]{0,300}\] ?\* ?\(?\w)|(?:[\w)] \* \[([A-Za-z_][\w.]*)(\()?)")
_APPENDED = re.compile(
    rb" in range\([^\n]*:(?:\n(?:[ \t][^\n]*\n){0,4}?)?"
    rb"[ \t]+[\w.]+\.(?:append\(\s*|(?:add|register)_module\([^\n]{1,80}, )(\w+)\s*\)"
)
_PUTS: Words = (b".append(", b".add_module(", b".register_module(")
_TIMES: Words = (b"]*", b"] *", b" * [")
_LAYERS = re.compile(rb"\b(\w+) = (?:\(\s*)?(?:\w+\.)*[A-Z]\w*\(")
_PASSES_ON: Words = (b"return ", b"setattr(")
_MASK: Words = (b"bernoulli", b"Bernoulli", b"torch.rand", b"uniform_(")
_NORMAL: Words = (b"randn", b"normal")
_NOISE_CLASS = re.compile(rb"\bclass \w*[Nn]oise\w*\(")
_SHARE: Words = (b" / ", b"1 - self.", b"1. - self.", b"1.0 - self.", b"rop")
_ALONG: Words = tuple(name.rpartition(".")[2].encode() + b"(" for name in ALONG_SEQUENCES)
_SECOND = re.compile(rb"\[:, ?[^\]\n]*- ?1\b|\.(?:mean|max|amax|sum)\(\s*(?:dim ?= ?)?1\s*\)")
_RATE = re.compile(rb"[\n;:]\s+self\.(?:[\w.]*drop[\w.]*|p) = 0(?:\.0?)?\b")


def has_site(part: bytes, whole: bytes) -> bool:
    """Whether a part of the code of a file has one of the forms of `IN_FORWARD`, in a file with a `forward`, or of
    `ANYWHERE`."""
    if _FORWARD.search(whole) and any(stands_in(part, whole) for stands_in in IN_FORWARD.values()):
        return True
    return any(stands_in(part, whole) for stands_in in ANYWHERE.values())


def _builds(part: bytes, whole: bytes) -> bool:
    """Whether a method that runs in a forward pass constructs layers."""
    own = [cls.partition(b"(") for cls in _OWN.split(whole)[1:]]
    names = tuple(name + b"(" for name, _, bases in own if b"Module" in bases.partition(b")")[0])
    return any(_builds_beside(indent, part, names) for indent in set(_FORWARD.findall(part)))


def _builds_beside(indent: bytes, part: bytes, names: Words) -> bool:
    """Whether code that runs in a forward pass constructs layers, among methods with the indentation of a `forward`."""
    methods = [_OUTSIDE.split(method, 1)[0] for method in part.split(b"\n" + indent + b"def ")[1:]]
    running = [body for body in methods if not body.startswith(b"__init__")]
    for body in running:
        made = _MADE.findall(body) if b"nn." in body else ()
        if not _NO_LAYERS.issuperset(made) or any(b" " + name in body for name in names):
            name = body[: body.find(b"(")]
            if name in _RUN or any(b"self." + name + b"(" in one for one in running):
                return True
    return False


def _keeps(part: bytes, whole: bytes) -> bool:
    """Whether layers are kept in a plain collection that is an attribute."""
    for opening in (b" = [", b" = (", b" = {", b" = list("):
        for before, after in around(part, opening):
            first = after.partition(b":")[2] if opening == b" = {" else after.removeprefix(b"[")
            if _LAYER.match(first) and _is_attribute(line_before(before), part):
                if opening != b" = (" or _is_tuple(after):
                    return True
    return any(_adds(part, opening, whole) for opening in (b" = []", b" = {}", b" = list()", b" = dict()"))


def _is_tuple(inside: bytes) -> bool:
    """Whether the text in parentheses has a comma at its top level."""
    depth = 0
    for bracket in _BRACKETS.finditer(inside):
        if bracket[0] in b"([{":
            depth += 1
        elif bracket[0] != b",":
            depth -= 1
        elif not depth:
            return True
        if depth < 0:
            return False
    return False


def _is_attribute(line: bytes, part: bytes) -> bool:
    """Whether the target of a row is an attribute, directly or by a later assignment."""
    match = _BOUND.match(line)
    if match is None:
        return False
    return b"self." in line or some((b" = " + match[1] + b"\n", b" = " + match[1] + b"\r"), part)


def _adds(part: bytes, empty: bytes, whole: bytes) -> bool:
    """Whether layers are added to a collection that starts empty and becomes an attribute."""
    for before, _ in around(part, empty):
        line = line_before(before)
        match = _BOUND.match(line)
        if match is None:
            continue
        name = match[1]
        if not _is_attribute(line, part):
            continue
        if b"self." in line:
            name = b"self." + name
        elif b"nn." in part and b" " + name + b".append(" in part and _FORWARD.search(whole) is not None:
            return True
        for form in (b".append(", b".extend([", b"[", b" += ["):
            for _, after in around(part, name + form):
                if _LAYER.match(after.partition(b"] = ")[2] if form == b"[" else after):
                    return True
    return False


def _drops(part: bytes, whole: bytes) -> bool:
    """Whether a function of `torch.nn.functional` drops out, without the mode."""
    if b"rop" not in part:
        return False
    if b"import dropout" in whole or (b", dropout" in whole and b"nn.functional import" in whole):
        return True
    for _, after in around(part, b"_product_attention("):
        if b"rop" in after[:300] and b"training" not in after[:300].partition(b")\n")[0]:
            return True
    for before, after in around(part, b"dropout("):
        receiver = before[-24:].rpartition(b"\n")[2].rpartition(b" ")[2].rpartition(b"(")[2]
        if b"." in receiver and b"self" not in receiver and b"training" not in after[:300].partition(b")\n")[0]:
            return True
    return False


def _drops_unswitched(part: bytes, _: bytes) -> bool:
    """Whether code that may run in a forward pass constructs a dropout, draws a mask, or sets a rate to 0."""
    if b"Dropout" in part:
        for body in part.split(b"def ")[1:]:
            if not body.startswith(b"__init__") and b"Dropout" in body and b"nn." in body:
                return True
    if b"oise" in part and some(_NORMAL, part) and _NOISE_CLASS.search(part) is not None:
        return True
    return (some(_MASK, part) and some(_SHARE, part)) or (b"training" in part and _RATE.search(part) is not None)


def _derives(part: bytes, _: bytes) -> bool:
    """Whether an operation is applied to a parameter that is assigned to an attribute or a local."""
    for before, after in around(part, b"Parameter("):
        line = line_before(before)
        if b"=" not in line:
            rows = before.removesuffix(line).rstrip()
            line = line_before(rows[:-1]) + line.lstrip() if rows.endswith(b"= (") else line
        _, assigned, head = line.partition(b" = ")
        if assigned and (_applies_before(head) or b"self." not in line or _applies_behind(after)):
            return True
        if not assigned and some(_PASSES_ON, line) and (_applies_before(line) or _applies_behind(after)):
            return True
    return False


def _applies_before(head: bytes) -> bool:
    """Whether more than a package name stands between the assignment and the parameter."""
    return not head.strip().replace(b".", b"").replace(b"_", b"").isalnum() and bool(head.strip())


def _applies_behind(inside: bytes) -> bool:
    """Whether something follows the parenthesis that ends here."""
    depth = 1
    for bracket in _BRACKETS.finditer(inside):
        if bracket[0] in b"([{":
            depth += 1
        elif bracket[0] != b",":
            depth -= 1
        if not depth:
            rest = inside[bracket.end() :].partition(b"\n")[0].strip()
            return bool(rest) and not rest.startswith((b"#", b";", b"\\"))
    return True


def _recurs(part: bytes, _: bytes) -> bool:
    """Whether a layer along sequences is made that may give the time first, and a second dimension is picked."""
    return some(_ALONG, part) and _SECOND.search(part) is not None


def _shares(part: bytes, _: bytes) -> bool:
    """Whether a list may hold one layer several times."""
    return repeats_layers(part) or _multiplies(part)


def _multiplies(part: bytes) -> bool:
    """Whether a class with layers multiplies something in brackets."""
    return (b"nn." in part or b"Layer" in part) and b"*" in part and _MULTIPLIED.search(part) is not None


def repeats_layers(part: bytes) -> bool:
    """Whether a list of what looks like a layer is multiplied, or repeats a name, or a loop appends one."""
    if b"nn." not in part and b"Layer" not in part and b"Module" not in part:
        return False
    if b"fromkeys(" in part or _REPEATED.search(part) is not None:
        return True
    if b"ModuleDict(" in part and _SAME_VALUE.search(part) is not None:
        return True
    looped = b"range(" in part and some(_PUTS, part)
    appended = _APPENDED.findall(part) if looped else []
    listed = [(row[0] or row[2], row[1] or row[3]) for row in (_LISTED.findall(part) if some(_TIMES, part) else ())]
    made = (name for name, called in listed if called)
    if any(name.rpartition(b".")[2][:1].isupper() or b"\ndef " + name + b"(" in part for name in made):
        return True
    names = {*appended, *(name for name, called in listed if not called)}
    return bool(names) and not names.isdisjoint(_LAYERS.findall(part))


IN_FORWARD = {"BUILD": _builds, "DROPOUT": _drops, "UNSWITCHED": _drops_unswitched}
"""What a `forward` runs, by the kind of event."""

ANYWHERE = {"HOLD": _keeps, "DERIVE": _derives, "SHARE": _shares, "PICK": _recurs}
"""What any code of a class may hold, by the kind of event."""


def shows(data: bytes, kinds: Collection[str] | None = None) -> bool:
    """Whether the code of a file shows an event of these kinds in a class (None: of any)."""
    if kinds is not None and IN_FORWARD.keys().isdisjoint(kinds) and ANYWHERE.keys().isdisjoint(kinds):
        return False
    return has_site(data, data) if some(BASES, data) else repeats_layers(data)

"""Dropout in code that `forward` runs, not controlled by `train()` and `eval()`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from looplint.knowledge.layers import DROPOUTS
from looplint.module_classes.built_in_forward import kept
from looplint.module_classes.calls import Call
from looplint.module_classes.class_syntax import (
    Function,
    assignments,
    mentions,
    methods_of,
    named,
    names,
    nodes,
    options,
    receiver,
    set_by_callers,
)
from looplint.module_classes.classes import Classes
from looplint.module_classes.dropouts import SAMPLES_ON_PURPOSE
from looplint.module_classes.module_class import UnswitchedDropout
from looplint.syntax.walk import as_text

SAYS_WHEN = re.compile(r"(?i)train|eval|infer|determinis|test(?:ing|_|$)|\bmode\b|enabled?$|active$")
"""Names of settings and parameters that decide whether a dropout is active; also of a mask passed as an argument."""

OTHER_DROPOUT = re.compile(r"(?i)augment|noise|guidance|uncond|corrupt|simulat|jitter|packet|binari[sz]|gumbel|gate")
"""Purposes of dropping values other than regularisation, which may apply in evaluation, too."""

NOISE_NAME = re.compile(r"[Nn]oise")
REGULARISES = re.compile(r"(?i)regulari[sz]|\b(?:during|in|at|while|only for|only when|when) (?:the )?train")
"""Words by which a class says that it acts in training only."""

OTHER_NOISE = re.compile(
    r"(?i)augment|transform|corrupt|simulat|channel|privacy|attack|robust|defen[cs]|smooth|diffus|sampl|generat"
    r"|infer|evaluat|\btest|explor|always|both"
)
"""Purposes of adding noise that it may have in evaluation, too."""

DROPOUT_NAME = re.compile(r"(?i)drop")
RATE = re.compile(r"(?i)^p$|drop|^rate$")
NOISE_DROPOUT = re.compile(r"(?i)dropout")
RANDOM = frozenset(("torch.rand", "torch.rand_like"))
NORMAL = frozenset(("torch.randn", "torch.randn_like", "torch.normal"))
ROUNDS = frozenset(("floor", "floor_", "round", "round_"))


def unswitched(
    classes: Classes, node: ast.ClassDef, running: Sequence[Function], inside: Sequence[Call]
) -> Iterator[UnswitchedDropout]:
    """The dropout of a class that its mode does not control. `running`: the methods that `forward` runs; `inside`: the
    calls in them."""
    about = f"{node.name} {ast.get_docstring(node) or ''}"
    yield from _made(classes, about, inside)
    yield from _masks(classes, node, about, running)
    yield from _rates(classes, node, running)
    yield from _added_noise(classes, node, running)


def _made(classes: Classes, about: str, inside: Sequence[Call]) -> Iterator[UnswitchedDropout]:
    called = {id(call.node.func): call.node for call in inside}
    for call in inside:
        known = classes.resolve(call.node.func) in DROPOUTS or _is_own_dropout(classes, call.node.func)
        if not known or kept(call.method, call.bound):
            continue
        applied = called.get(id(call.node))
        place = classes.text.place(applied or call.node)
        arguments = (*call.node.args, *(keyword.value for keyword in call.node.keywords))
        switched = any(
            attribute.attr in ("train", "eval", "training")
            and (attribute.value is call.node or (call.bound and named(attribute.value) == call.bound))
            for attribute in nodes(call.method, ast.Attribute)
        )
        off = options(call.node).get("p", getattr((*call.node.args, None)[0], "value", None)) == 0
        yield UnswitchedDropout(
            "made",
            name=ast.unparse(call.node.func),
            place=place,
            method=call.method.name,
            decided=bool(switched)
            or off
            or any(mentions(part, "training") for part in arguments)
            or set_by_callers(call.method, call.node, "p", 0)
            or any(SAYS_WHEN.search(name) for part in call.around for name in names(part)),
            on_purpose=_on_purpose(classes, about, call.method, call.node),
            mended=_as_function(classes, call, applied),
        )


def _is_own_dropout(classes: Classes, made: ast.expr) -> bool:
    """Whether it is a module class of this file that is named as a dropout, reads its mode and has no parameters."""
    cls = classes.named.get(made.id) if isinstance(made, ast.Name) else None
    if cls is None or not DROPOUT_NAME.search(cls.name) or not classes.is_module(cls):
        return False
    return "training" in names(cls) and not classes.has_parameters(cls)


def _as_function(classes: Classes, call: Call, applied: ast.Call | None) -> str | None:
    """`nn.Dropout(0.1)(x)` as `nn.functional.dropout(x, 0.1, training=self.training)`."""
    function = call.node.func
    if applied is None or len(applied.args) != 1 or applied.keywords or not isinstance(function, ast.Attribute):
        return None
    if classes.resolve(function) != "torch.nn.Dropout" or isinstance(applied.args[0], ast.Starred):
        return None
    if not receiver(call.method):
        return None
    texts = [classes.text.place(part).text for part in (applied.args[0], *call.node.args)]
    texts += [f"{k.arg}={classes.text.place(k.value).text}" for k in call.node.keywords if k.arg]
    written = f"{ast.unparse(function.value)}.functional.dropout({', '.join(texts)}, "
    return (
        None
        if any("#" in text or not text for text in texts)
        else (f"{written}training={receiver(call.method)}.training)")
    )


def _masks(
    classes: Classes, node: ast.ClassDef, about: str, running: Sequence[Function]
) -> Iterator[UnswitchedDropout]:
    """A random mask drawn by a class that is named as a dropout, or that divides by the share it keeps."""
    for method in running:
        masks = (one for one in nodes(method, ast.expr) if _is_mask(classes, method, one))
        drawn = next(masks, None) or _noise(classes, node, method)
        if drawn is None or not (DROPOUT_NAME.search(node.name) or _scales(method, drawn)):
            continue
        yield UnswitchedDropout(
            "mask",
            name=node.name,
            place=classes.text.place(drawn),
            method=method.name,
            decided=_has_mode_setting(classes, node)
            or _callers_read_mode(classes, node)
            or _passed_to_layer(method, drawn),
            on_purpose=_on_purpose(classes, about, method, drawn) or OTHER_DROPOUT.search(about) is not None,
        )
        return


def _is_mask(classes: Classes, method: Function, node: ast.expr) -> bool:
    """Whether an expression draws zeros and ones: Bernoulli samples, or uniform numbers compared or rounded."""
    if isinstance(node, ast.Call):
        last = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = classes.resolve(node.func) or ""
        return (
            last in ("bernoulli", "bernoulli_")
            or name in ("torch.bernoulli", "torch.distributions.Bernoulli")
            or (last in ROUNDS and _is_random(classes, method, node))
        )
    return isinstance(node, ast.Compare) and len(node.ops) == 1 and _is_random(classes, method, node)


def _is_random(classes: Classes, method: Function, node: ast.expr) -> bool:
    """Whether an expression, or the value of a name in it, contains uniform random numbers."""
    used = {name.id for name in nodes(node, ast.Name)}
    bound = [value for target, value in assignments(method) if isinstance(target, ast.Name) and target.id in used]
    return any(
        classes.resolve(call.func) in RANDOM or (isinstance(call.func, ast.Attribute) and call.func.attr == "uniform_")
        for part in (node, *bound)
        for call in nodes(part, ast.Call)
    )


def _noise(classes: Classes, node: ast.ClassDef, method: Function) -> ast.expr | None:
    """Normal noise drawn by a class that is named as a dropout: it multiplies by it instead of by zeros and ones."""
    if not NOISE_DROPOUT.search(node.name):
        return None
    return next((call for call in nodes(method, ast.Call) if classes.resolve(call.func) in NORMAL), None)


def _added_noise(classes: Classes, node: ast.ClassDef, running: Sequence[Function]) -> Iterator[UnswitchedDropout]:
    """Normal noise added by a class without parameters that says it regularises, or acts in training."""
    if not NOISE_NAME.search(node.name) or NOISE_DROPOUT.search(node.name) or classes.has_parameters(node):
        return
    texts = (ast.get_docstring(node), *map(ast.get_docstring, running), classes.text.comments(classes.text.place(node)))
    said = " ".join(text or "" for text in texts)
    if not REGULARISES.search(said) or OTHER_NOISE.search(f"{node.name} {said}"):
        return
    for method in running:
        for call in nodes(method, ast.Call):
            in_place = isinstance(call.func, ast.Attribute) and call.func.attr == "normal_"
            if in_place or classes.resolve(call.func) in NORMAL:
                yield UnswitchedDropout(
                    "noise",
                    name=node.name,
                    place=classes.text.place(call),
                    method=method.name,
                    decided=_has_mode_setting(classes, node) or _callers_read_mode(classes, node),
                )
                return


def _scales(method: Function, mask: ast.expr) -> bool:
    """Whether a method divides by the share that is kept: `1 - self.p`, or what the uniform numbers of its mask are
    compared with."""
    shares = {as_text(side) for side in (mask.left, *mask.comparators)} if isinstance(mask, ast.Compare) else set()
    operations = list(nodes(method, ast.BinOp))
    return any(map(_is_share_kept, operations)) or any(
        isinstance(one.op, ast.Div) and as_text(one.right) in shares for one in operations
    )


def _is_share_kept(node: ast.BinOp) -> bool:
    """`1 - self.p`, `1.0 - rate`."""
    return (
        isinstance(node.op, ast.Sub)
        and isinstance(node.left, ast.Constant)
        and node.left.value == 1
        and RATE.search(ast.unparse(node.right).rpartition(".")[2]) is not None
    )


def _has_mode_setting(classes: Classes, node: ast.ClassDef, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a class or a base of it has a setting that may be the mode, or calls unknown code."""
    arguments = {argument.arg for argument in nodes(node, ast.arg)}
    constants = {str(constant.value) for constant in nodes(node, ast.Constant) if constant.value == "training"}
    words = names(node) | arguments | constants | set(methods_of(node))
    if "mask" in arguments or any(map(SAYS_WHEN.search, words)):
        return True
    if any(isinstance(one.func, ast.Attribute) and one.func.attr == "forward" for one in nodes(node, ast.Call)):
        return True
    own = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in classes.named]
    known = sum((classes.resolve(base) or "").startswith("torch.nn.") for base in node.bases)
    return len(own) + known < len(node.bases) or any(
        _has_mode_setting(classes, classes.named[base], seen | {base}) for base in own if base not in seen
    )


def _callers_read_mode(classes: Classes, node: ast.ClassDef) -> bool:
    """Whether a class of the file that constructs this one reads the mode itself."""
    return any(
        "training" in names(other)
        for other in classes.named.values()
        if other is not node and node.name in {name.id for name in nodes(other, ast.Name)}
    )


def _passed_to_layer(method: Function, mask: ast.expr) -> bool:
    """Whether a mask, scaled or reshaped at most, is an argument of a layer of the class, which may read the mode."""
    this, masks = receiver(method), set[str]()
    for target, value in assignments(method):
        used = {name.id for name in nodes(value, ast.Name)} - {this}
        if isinstance(target, ast.Name) and (
            any(n is mask for n in nodes(value, ast.expr)) or (used and used <= masks)
        ):
            masks.add(target.id)
    return any(
        isinstance(given, ast.Name) and given.id in masks
        for call in nodes(method, ast.Call)
        if isinstance(call.func, ast.Attribute | ast.Subscript) and _rooted_at(call.func, this)
        for given in (*call.args, *(keyword.value for keyword in call.keywords))
    )


def _rooted_at(node: ast.expr, name: str) -> bool:
    """Whether an expression is an attribute or an entry of `name`, or of one of its attributes."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name) and node.id == name


def _rates(classes: Classes, node: ast.ClassDef, running: Sequence[Function]) -> Iterator[UnswitchedDropout]:
    """A rate that is set to 0 in evaluation mode, and set by nothing else that runs."""
    methods = methods_of(node)
    if not {"train", "eval"}.isdisjoint(methods):
        return
    for method in running:
        for branch in nodes(method, ast.If):
            if not mentions(branch.test, "training"):
                continue
            for body in (branch.body, branch.orelse):
                for statement in body:
                    rate = _zeroed(statement)
                    elsewhere = [
                        one
                        for other in methods.values()
                        if other.name != "__init__"
                        for one in nodes(other, ast.Assign)
                        if one is not statement and rate in map(ast.unparse, one.targets)
                    ]
                    if rate and not elsewhere:
                        yield UnswitchedDropout("rate", rate, classes.text.place(statement), method.name)


def _zeroed(statement: ast.stmt) -> str:
    """The rate of a dropout that a statement sets to 0, as written."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return ""
    target, value = statement.targets[0], statement.value
    if not isinstance(target, ast.Attribute) or not isinstance(value, ast.Constant) or value.value != 0:
        return ""
    written = ast.unparse(target)
    of_dropout = target.attr != "p" or DROPOUT_NAME.search(written) or written == "self.p"
    return written if RATE.search(target.attr) and written.startswith("self.") and of_dropout else ""


def _on_purpose(classes: Classes, about: str, method: Function, node: ast.expr) -> bool:
    beside = classes.text.comments(classes.text.place(node))
    words = (about, method.name, ast.get_docstring(method) or "", beside)
    return SAMPLES_ON_PURPOSE.search(" ".join(words)) is not None

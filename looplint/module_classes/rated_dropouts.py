"""Functions that drop out with the rate that they are passed, whatever the mode: attention."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from looplint.knowledge.layers import DROPS_BY_RATE
from looplint.module_classes.calls import Call
from looplint.module_classes.class_syntax import assignments, mentions, methods_of, nodes, self_attribute
from looplint.module_classes.classes import Classes
from looplint.module_classes.dropouts import SAMPLES_ON_PURPOSE, hides_receiver
from looplint.module_classes.module_class import Dropout


def rated_dropouts(classes: Classes, node: ast.ClassDef, inside: Sequence[Call]) -> Iterator[Dropout]:
    """The calls among those that `forward` runs whose rate is a number or an attribute set in `__init__` alone."""
    for call in inside:
        row = DROPS_BY_RATE.get(classes.resolve(call.node.func) or "")
        rate = _argument(call.node, *row) if row is not None else None
        if row is None or rate is None or not _is_fixed(node, rate):
            continue
        place = classes.text.place(call.node)
        words = " ".join((node.name, ast.get_docstring(node) or "", call.method.name, classes.text.comments(place)))
        written = f"{row[1]}={ast.unparse(rate)}"
        mended = f"{written} if self.training else 0.0"
        once = place.text.count(written) == 1 and not hides_receiver(call)
        yield Dropout(
            name=ast.unparse(call.node.func),
            place=place,
            method=call.method.name,
            decided=any(mentions(part, "training") for part in call.around),
            on_purpose=SAMPLES_ON_PURPOSE.search(words) is not None,
            mended=place.text.replace(written, mended) if once else None,
            cure=mended,
        )


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """An argument of a call; None if it is omitted, or if it is not certain which one it is."""
    if any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords):
        return None
    named = [one.value for one in call.keywords if one.arg == name]
    return next(iter([*named, *call.args[position : position + 1]]), None)


def _is_fixed(node: ast.ClassDef, rate: ast.expr) -> bool:
    """Whether a rate is the same in both modes, and may be above 0: a number, `self.rate` or `self.drop.p`."""
    if isinstance(rate, ast.Constant):
        return isinstance(rate.value, int | float) and rate.value > 0
    whole = rate.value if isinstance(rate, ast.Attribute) and rate.attr == "p" else rate
    attribute = self_attribute(whole)
    methods = methods_of(node)
    if not attribute or attribute in methods or "__init__" not in methods:
        return False
    set_in = {
        name
        for name, method in methods.items()
        for target in nodes(method, ast.Attribute)
        if isinstance(target.ctx, ast.Store) and target.attr in (attribute, "p")
    }
    values = [value for target, value in assignments(methods["__init__"]) if self_attribute(target) == attribute]
    zero = all(isinstance(value, ast.Constant) and not value.value for value in values)
    return set_in == {"__init__"} and not zero

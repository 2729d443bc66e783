"""Functional dropout in code that `forward` runs, and whether it depends on the mode."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from looplint.knowledge.layers import ALWAYS_ON_DROPOUTS
from looplint.module_classes.calls import Call
from looplint.module_classes.class_syntax import mentions, options, receiver, set_by_callers
from looplint.module_classes.classes import Classes
from looplint.module_classes.module_class import Dropout
from looplint.syntax.walk import nodes

SAMPLES_ON_PURPOSE = re.compile(
    r"(?i)(?:\b|_)mc(?:\b|_|d)|monte|bayes|uncertain|stochastic(?![ _]?depth)|variational|ensembl"
    r"|always[ _](?:on|act|appl)|purpose|pre_?net"
)
"""Words for dropout that acts in evaluation, too. Tacotron's pre-net keeps it so that its speech varies (Shen et al.
2018, section 2.2)."""


def dropouts(classes: Classes, node: ast.ClassDef, inside: Sequence[Call]) -> Iterator[Dropout]:
    """The functional dropouts among the calls of a class that `forward` runs."""
    about = f"{node.name} {ast.get_docstring(node) or ''}"
    for call in inside:
        if classes.resolve(call.node.func) not in ALWAYS_ON_DROPOUTS:
            continue
        arguments = (*call.node.args, *(keyword.value for keyword in call.node.keywords))
        named = {keyword.arg for keyword in call.node.keywords}
        decided = (
            not named.isdisjoint({"training", None})
            or len(call.node.args) > 2
            or any(isinstance(argument, ast.Starred) for argument in arguments)
            or any(mentions(part, "training") for part in (*arguments[1:], *call.around))
            or set_by_callers(call.method, call.node, "p", 1)
        )
        place = classes.text.place(call.node)
        own = "" if hides_receiver(call) else receiver(call.method)
        words = " ".join((about, call.method.name, ast.get_docstring(call.method) or "", classes.text.comments(place)))
        yield Dropout(
            name=ast.unparse(call.node.func),
            place=place,
            method=call.method.name,
            decided=decided or options(call.node).get("p") == 0,
            on_purpose=SAMPLES_ON_PURPOSE.search(words) is not None,
            mended=_with_argument(place.text, call.node, f"training={own}.training") if own else None,
        )


def hides_receiver(call: Call) -> bool:
    """Whether a function inside of the method, around the call, has a parameter with the name of the module."""
    functions = (
        n for n in nodes(*call.method.body) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    )
    around = (one for one in functions if any(node is call.node for node in nodes(one)))
    own = receiver(call.method)
    return any(one.arg == own for each in around for one in nodes(each.args) if isinstance(one, ast.arg))


def _with_argument(call: str, node: ast.Call, argument: str) -> str:
    """The text of a call with one more keyword argument."""
    inner = call.removesuffix(")").rstrip()
    last, space = inner.rpartition("\n")[2], call.removesuffix(")")[len(inner) :]
    if not call.endswith(")") or "#" in last:
        # The comments of the call stay: a fix changes what differs.
        return f"{ast.unparse(node)[:-1]}, {argument})"
    if "\n" in space:
        indentation = last[: len(last) - len(last.lstrip())]
        return f"{inner.removesuffix(',')},\n{indentation}{argument},{space})"
    return f"{inner.removesuffix(',')}, {argument})"

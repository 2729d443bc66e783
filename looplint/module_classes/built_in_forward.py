"""Layers with parameters that are constructed again in each forward pass."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator, Sequence

from looplint.knowledge.members import NO_RECORDING
from looplint.knowledge.torch_tensors import MOVES
from looplint.module_classes.calls import Call, keeps
from looplint.module_classes.class_syntax import (
    Function,
    assignments,
    is_name,
    named,
    names,
    nodes,
    receiver,
    self_attribute,
    stored,
)
from looplint.module_classes.classes import Classes
from looplint.module_classes.module_class import Layer
from looplint.syntax.walk import nodes as every


def built_in_forward(classes: Classes, inside: Sequence[Call]) -> Iterator[Layer]:
    """The layers constructed by calls that `forward` runs; of nested layers the outer one."""
    within: set[int] = set()
    for call in inside:
        # What is kept is looked for as attributes of `self`.
        if _is_local(call) or receiver(call.method) not in ("self", ""):
            continue
        if classes.builds_parameters(call.node) and id(call.node) not in within:
            within |= {id(inner) for inner in every(call.node)}
            layer = classes.layer(call)
            # Normalisation by the batch itself begins with the same weights each time.
            if layer.options.get("track_running_stats") is False:
                continue
            yield dataclasses.replace(
                layer,
                own_weights=_weights_touched(call.method, call.bound),
                conditional=_made_once(classes, call, inside),
                recording=not any(not names(test).isdisjoint(NO_RECORDING) for test in call.around),
            )


def _is_local(call: Call) -> bool:
    """Whether the method binds the name that is called itself, so that it hides a class of that name."""
    name = call.node.func.id if isinstance(call.node.func, ast.Name) else ""
    bound = (node.id for node in nodes(call.method, ast.Name) if isinstance(node.ctx, ast.Store))
    return bool(name) and name in (*bound, *(one.arg for one in call.method.args.args))


def _made_once(classes: Classes, call: Call, inside: Sequence[Call]) -> bool:
    """Whether it is kept under a condition, by its method or by one that calls it, or in a method whose decorator may
    cache its result."""
    decorated = any(not (classes.resolve(d) or "").startswith("torch.") for d in call.method.decorator_list)
    conditions = [test for test in call.around if not _is_context(test)]
    sites = [site for site in inside if self_attribute(site.node.func) == call.method.name]
    return decorated or (bool(conditions) and any(kept(one.method, one.bound) for one in (call, *sites)))


def _is_context(node: ast.expr) -> bool:
    return any(name in ast.dump(node) for name in (*NO_RECORDING, "autocast"))


def kept(method: Function, bound: str) -> bool:
    """Whether the value of this name is, or becomes, an attribute of self or an entry of one."""
    if not bound or bound.startswith("self."):
        return bool(bound)
    put = (value for target, value in assignments(method) if self_attribute(target) or stored(target))
    passed = (argument for call in nodes(method, ast.Call) if keeps(call) for argument in call.args)
    return any(is_name(value, bound) for value in (*put, *passed))


def _weights_touched(method: Function, bound: str) -> bool:
    """Whether the module of this name is used otherwise than by calling it."""
    return any(bound and named(node.value) == bound and node.attr not in MOVES for node in nodes(method, ast.Attribute))

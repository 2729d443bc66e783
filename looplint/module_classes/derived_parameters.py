"""Tensors that a class keeps in place of a parameter: an operation is applied to `nn.Parameter(...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from looplint.knowledge.parameters import MOVES_TENSOR, NEW_TENSOR, SAME_ALREADY, SAME_USUALLY
from looplint.knowledge.torch_tensors import TENSOR_MAKERS
from looplint.module_classes.class_syntax import Function, assignments, is_name, names, nodes, self_attribute
from looplint.module_classes.classes import Classes
from looplint.module_classes.module_class import DerivedParameter
from looplint.module_classes.plain_collections import OWN_PARAMETERS

PARAMETER = "torch.nn.Parameter"
ARITHMETIC: dict[type[ast.operator], str] = {ast.Mult: "*", ast.Div: "/", ast.Add: "+", ast.Sub: "-"}


def derived_parameters(
    classes: Classes, methods: Mapping[str, Function], outside: Sequence[Function]
) -> Iterator[DerivedParameter]:
    """The tensors computed from parameters that methods which `forward` does not run (`outside`) keep in attributes."""
    if not OWN_PARAMETERS.isdisjoint(methods):
        return
    for method in outside:
        for attribute, value in _kept(classes, method):
            parameter, operation = _applied(classes, method, value)
            if parameter is not None and operation and not _is_frozen(parameter):
                yield DerivedParameter(
                    attribute,
                    classes.text.place(value),
                    operation,
                    registered=any(_registers(classes, one, attribute) for one in methods.values()),
                    mended=_mended(classes, value, parameter),
                )


def _kept(classes: Classes, method: Function) -> Iterator[tuple[str, ast.expr]]:
    """The attributes that a method sets, with their values: by name, or by `setattr(self, f"core{i}", ...)`."""
    yield from ((attribute, value) for target, value in assignments(method) if (attribute := self_attribute(target)))
    for call in nodes(method, ast.Call):
        match call:
            case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id="self"), name, value], keywords=[]):
                yield classes.text.place(name).text.strip("f'\""), value


def _applied(classes: Classes, method: Function, value: ast.expr) -> tuple[ast.Call | None, str]:
    """The parameter at the start of an expression, and the last operation on it; None and empty for any other
    expression."""
    operation = ""
    while True:
        match value:
            case ast.Call(func=function) if classes.resolve(function) == PARAMETER:
                return value, operation
            case ast.Call(func=ast.Attribute(value=ast.expr() as inner, attr=name)) if _is_tensor(classes, inner):
                if name not in NEW_TENSOR and name not in SAME_USUALLY and not name.endswith("_"):
                    return None, ""
                same = _same_already(name, value) or _moved_before(classes, inner, value)
                changed = name in NEW_TENSOR and not same
                operation = operation or (f".{name}()" if changed else "")
                value = inner
            case ast.Call(func=function, args=[first, *_]) if _computes(classes, function):
                name = ast.unparse(function)
                operation = operation or ("" if name.endswith("_") else f"{name}()")
                value = first
            case ast.Call(func=ast.Name(id=name)) if (given := classes.returned_by(name)) is not None:
                parameter, inside = _applied(classes, *given)
                return parameter, operation or inside
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in ARITHMETIC:
                operation = operation or ARITHMETIC[type(operator)]
                value = left if _applied(classes, method, left)[0] is not None else right
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                operation = operation or "-"
                value = inner
            case ast.Subscript(value=inner):
                operation = operation or "[...]"
                value = inner
            case ast.Name(id=name):
                made = _only_use(classes, method, name)
                if made is None:
                    return None, ""
                value = made
            case _:
                return None, ""


def _is_tensor(classes: Classes, receiver: ast.expr) -> bool:
    """Whether a method may be one of a tensor: its receiver is no package."""
    return classes.resolve(receiver) is None


def _computes(classes: Classes, function: ast.expr) -> bool:
    """Whether a function of torch computes a tensor from its first argument, or changes it in place."""
    name = classes.resolve(function) or ""
    return bool(TENSOR_MAKERS.match(name)) or name.startswith("torch.nn.init.")


def _only_use(classes: Classes, method: Function, name: str) -> ast.expr | None:
    """The value of a local that is bound and, apart from its initialisation, used once."""
    values = [value for target, value in assignments(method) if is_name(target, name)]
    fills = [
        call
        for call in nodes(method, ast.Call)
        if (classes.resolve(call.func) or "").startswith("torch.nn.init.")
        and any(is_name(one, name) for one in (*call.args[:1], *(key.value for key in call.keywords)))
    ]
    used = sum(node.id == name for node in nodes(method, ast.Name)) - len(fills)
    return values[0] if len(values) == 1 and used == 2 and not is_name(values[0], name) else None


def _same_already(name: str, call: ast.Call) -> bool:
    """Whether a move or conversion goes to a parameter's usual device and type."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    if name not in MOVES_TENSOR or not arguments:
        return False
    written = [ast.unparse(argument).strip("'\"").rpartition(".")[2] for argument in arguments]
    return all(one.partition("(")[2].strip("'\")") in SAME_ALREADY or one in SAME_ALREADY for one in written)


def _moved_before(classes: Classes, parameter: ast.expr, move: ast.expr) -> bool:
    """Whether a move repeats that of the parameter's argument: a tensor that is there already is returned as it is."""
    match parameter, move:
        case ast.Call(func=function, args=[ast.Call(func=ast.Attribute(attr=name)) as moved, *_]), ast.Call(
            func=ast.Attribute(attr=again)
        ) if classes.resolve(function) == PARAMETER and name == again and name in MOVES_TENSOR:
            return _arguments(moved) == _arguments(move)
    return False


def _arguments(call: ast.Call) -> list[str]:
    return [ast.unparse(one) for one in (*call.args, *call.keywords)]


def _is_frozen(parameter: ast.Call) -> bool:
    """Whether it is constant: `requires_grad=False`."""
    flags = [*parameter.args[1:2], *(k.value for k in parameter.keywords if k.arg == "requires_grad")]
    return any(isinstance(flag, ast.Constant) and not flag.value for flag in flags)


def _registers(classes: Classes, method: Function, attribute: str) -> bool:
    """Whether a method makes the attribute a parameter, or registers something by hand."""
    by_hand = (call for call in nodes(method, ast.Call) if is_name(call.func, "setattr"))
    applied = (len(call.args) == 3 and _applied(classes, method, call.args[2])[1] != "" for call in by_hand)
    if "register_parameter" in names(method) or not all(applied):
        return True
    return any(
        self_attribute(target) == attribute
        and isinstance(value, ast.Call)
        and classes.resolve(value.func) == PARAMETER
        and attribute in names(value)
        for target, value in assignments(method)
    )


def _mended(classes: Classes, value: ast.expr, parameter: ast.Call) -> str | None:
    """The value with all operations moved inside the parameter: only moves, and arithmetic on its own argument, mean
    the same there."""
    whole, inner = classes.text.place(value).text, classes.text.place(parameter).text
    argument = classes.text.place(parameter.args[0]).text if parameter.args else ""
    if not argument or inner not in whole or not _may_move_inside(value, parameter):
        return None
    before, _, behind = whole.partition(inner)
    head, _, rest = inner.partition(argument)
    plain = isinstance(parameter.args[0], ast.Name | ast.Call | ast.Attribute | ast.Subscript)
    return f"{head}{before}{argument if plain else f'({argument})'}{behind}{rest}"


def _may_move_inside(value: ast.expr, parameter: ast.Call) -> bool:
    while value is not parameter:
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in MOVES_TENSOR:
            value = value.func.value
        elif isinstance(value, ast.BinOp) and type(value.op) in ARITHMETIC and parameter in (value.left, value.right):
            value = parameter
        else:
            return False
    return True

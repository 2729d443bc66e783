"""Lists in which one layer occurs several times: `[layer] * n`, in a class or where a network is built without one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from looplint.knowledge.layers import CONTAINERS, PARAMETER_LISTS
from looplint.module_classes.class_syntax import Function, assignments, is_name, nodes, self_attribute, unmoved
from looplint.module_classes.classes import Classes
from looplint.module_classes.module_class import SharedLayer
from looplint.syntax.walk import statements

SHARES_ON_PURPOSE = re.compile(
    r"(?i)shar(?:e|ing)|\btie[sd]?\b|tying|recurr|recurs|universal|albert|siam|iterat|unroll|reus|same"
)
LAYER_NAME = re.compile(r"(?i)^(?:\w+_)?(?:layer|block|conv|linear|cell|expert)$")
"""Parameter names that suggest a layer with weights."""

PUTS = frozenset(("append", "extend"))
PUTS_BY_NAME = frozenset(("add_module", "register_module"))


def shared_layers(classes: Classes, node: ast.ClassDef, outside: Sequence[Function]) -> Iterator[SharedLayer]:
    """Repeated layers in methods of a class that `forward` does not run (`outside`)."""
    about = f"{node.name} {ast.get_docstring(node) or ''}"
    for method in outside:
        for written, attribute in _kept(method):
            yield from _shared(classes, method, written, f"{about} {attribute}")
        yield from _appended(classes, method, about)


def contained_layers(classes: Classes, function: Function) -> Iterator[SharedLayer]:
    """Repeated layers in a function of no module class: only in lists that a container of torch takes there."""
    calls = [call for call in nodes(function, ast.Call) if classes.resolve(call.func) in CONTAINERS - PARAMETER_LISTS]
    taken = {name.id for call in calls for argument in call.args for name in nodes(argument, ast.Name)}
    bound = [(target.id, value) for target, value in assignments(function) if isinstance(target, ast.Name)]
    written = [("", call) for call in calls] + [(name, value) for name, value in bound if name in taken]
    found = (one for name, value in written for one in _shared(classes, function, value, name))
    yield from {one.place: one for one in found}.values()
    yield from _appended(classes, function, "")


def _appended(classes: Classes, method: Function, about: str) -> Iterator[SharedLayer]:
    """Layers that are constructed before a loop over numbers which appends them, to a list that a container takes or to
    one of `self`."""
    for loop in nodes(method, ast.For):
        if not isinstance(loop.iter, ast.Call) or not is_name(loop.iter.func, "range"):
            continue
        bound = {name.id for name in nodes(loop, ast.Name) if isinstance(name.ctx, ast.Store)}
        in_branches = {id(call) for branch in nodes(loop, ast.If) for call in nodes(branch, ast.Call)}
        for call in (one for one in nodes(loop, ast.Call) if id(one) not in in_branches):
            match call:
                case ast.Call(func=ast.Attribute(value=kept, attr="append"), args=[ast.Name(id=name) as layer]):
                    own = bool(self_attribute(kept)) or _is_taken(classes, method, ast.unparse(kept))
                case ast.Call(func=ast.Attribute(value=kept, attr=puts), args=[_, ast.Name(id=name) as layer]):
                    own = puts in PUTS_BY_NAME and (is_name(kept, "self") or bool(self_attribute(kept)))
                case _:
                    continue
            if not own or name in bound or not _is_layer(classes, method, layer, layer, contained=False):
                continue
            words = (about, method.name, ast.get_docstring(method) or "", ast.unparse(kept))
            place = classes.text.place(call)
            purpose = SHARES_ON_PURPOSE.search(" ".join((*words, classes.text.comments(place))))
            chosen = _appended_anew(method, kept)
            yield SharedLayer(name, place, method.name, on_purpose=purpose is not None or chosen)


def _appended_anew(method: Function, kept: ast.expr) -> bool:
    """Whether another loop of the method constructs a layer in each pass for the same list: it is a choice that this
    one does not."""
    return any(
        is_name(call.args[-1], name.id)
        for loop in nodes(method, ast.For)
        for call in nodes(loop, ast.Call)
        if isinstance(call.func, ast.Attribute) and call.args and ast.unparse(call.func.value) == ast.unparse(kept)
        for name in nodes(loop, ast.Name)
        if isinstance(name.ctx, ast.Store)
    )


def _is_taken(classes: Classes, method: Function, name: str) -> bool:
    """Whether a container of torch takes a list, or is called so itself."""
    made = [value for target, value in assignments(method) if is_name(target, name)]
    calls = [one for one in nodes(method, ast.Call) if classes.resolve(one.func) in CONTAINERS - PARAMETER_LISTS]
    return any(one is value for one in calls for value in made) or any(
        is_name(inner, name) for one in calls for argument in one.args for inner in nodes(argument, ast.Name)
    )


def _shared(classes: Classes, method: Function, written: ast.expr, about: str) -> Iterator[SharedLayer]:
    for many, contained in _lists(classes, written):
        if _is_flag(method, _count(many)):
            continue
        layers = [one for one in _elements(many) if _is_layer(classes, method, one, many, contained)]
        if not layers:
            continue
        place = classes.text.place(many)
        words = (about, method.name, ast.get_docstring(method) or "", classes.text.comments(place))
        yield SharedLayer(
            layer=classes.text.place(layers[0]).text.partition("\n")[0],
            place=place,
            method=method.name,
            on_purpose=SHARES_ON_PURPOSE.search(" ".join(words)) is not None,
            mended=_mended(classes, many),
        )


def _kept(method: Function) -> Iterator[tuple[ast.expr, str]]:
    """The values that a method assigns, adds to a collection or returns, with the attribute they are assigned to."""
    for target, value in assignments(method):
        yield value, self_attribute(target)
    for statement in statements(method.body):
        if isinstance(statement, ast.AugAssign):
            yield statement.value, self_attribute(statement.target)
        elif isinstance(statement, ast.Return) and statement.value is not None:
            yield statement.value, ""
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            function = statement.value.func
            if isinstance(function, ast.Attribute) and function.attr in PUTS and statement.value.args:
                yield statement.value.args[-1], self_attribute(function.value)


def _lists(classes: Classes, value: ast.expr, contained: bool = False) -> Iterator[tuple[ast.expr, bool]]:
    """The lists in an expression whose elements may be the same object, and whether a container of torch takes them. An
    argument of other code may be copied there."""
    match value:
        case ast.BinOp(op=ast.Mult()) | ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
            yield value, contained
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _lists(classes, left, contained)
            yield from _lists(classes, right, contained)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _lists(classes, body, contained)
            yield from _lists(classes, orelse, contained)
        case ast.Starred(value=inner):
            yield from _lists(classes, inner, contained)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            for element in elements:
                yield from _lists(classes, element, contained)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="dict"), attr="fromkeys"), args=[_, _]):
            yield value, contained
        case ast.Call(func=function, args=arguments):
            name = classes.resolve(function)
            if name in CONTAINERS - PARAMETER_LISTS or is_name(function, "list") or is_name(function, "tuple"):
                for argument in arguments:
                    yield from _lists(classes, argument, contained or name in CONTAINERS)


def _elements(many: ast.expr) -> Sequence[ast.expr]:
    """The repeated elements of such a list."""
    match many:
        case (
            ast.BinOp(left=ast.List(elts=elements) | ast.Tuple(elts=elements), right=count)
            | ast.BinOp(left=count, right=ast.List(elts=elements) | ast.Tuple(elts=elements))
        ):
            once = isinstance(count, ast.Constant) and count.value in (0, 1)
            return () if once else elements
        case (
            ast.ListComp(elt=ast.Name() as element)
            | ast.GeneratorExp(elt=ast.Name() as element)
            | ast.DictComp(value=ast.Name() as element)
        ):
            return (element,)
        case ast.Call(args=[_, element]):  # `dict.fromkeys(names, layer)`
            return (element,)
    return ()


def _count(many: ast.expr) -> ast.expr | None:
    """What such a list is multiplied by."""
    if not isinstance(many, ast.BinOp):
        return None
    return many.right if isinstance(many.left, ast.List | ast.Tuple) else many.left


def _is_flag(method: Function, count: ast.expr | None) -> bool:
    """Whether a list is repeated once or not at all: `normalise * [layer]`, with `normalise=True` as a parameter."""
    if not isinstance(count, ast.Name):
        return isinstance(count, ast.Compare) or (isinstance(count, ast.UnaryOp) and isinstance(count.op, ast.Not))
    taken, others = [*method.args.posonlyargs, *method.args.args], method.args.kwonlyargs
    defaults = [*zip(reversed(taken), reversed(method.args.defaults), strict=False)]
    flags = [
        argument.arg
        for argument, default in (*defaults, *zip(others, method.args.kw_defaults, strict=True))
        if isinstance(default, ast.Constant) and isinstance(default.value, bool)
    ]
    noted = [(argument.arg, argument.annotation) for argument in (*taken, *others)]
    flags += [name for name, annotation in noted if annotation is not None and is_name(annotation, "bool")]
    return count.id in flags


def _is_layer(classes: Classes, method: Function, element: ast.expr, many: ast.expr, contained: bool) -> bool:
    """Whether an element is a layer with parameters: constructed there, or a local or parameter bound to one."""
    element = unmoved(element)
    if isinstance(element, ast.Call):
        return classes.parametric(element) or classes.returns_parametric(element)
    if not isinstance(element, ast.Name):
        return False
    generators = many.generators if isinstance(many, ast.ListComp | ast.GeneratorExp | ast.DictComp) else ()
    if any(bound.id == element.id for generator in generators for bound in nodes(generator.target, ast.Name)):
        return False
    bound = [value for target, value in assignments(method) if is_name(target, element.id)]
    if bound:
        made = (unmoved(value) for value in bound)
        return all(classes.parametric(value) or classes.returns_parametric(value) for value in made)
    taken = (*method.args.posonlyargs, *method.args.args, *method.args.kwonlyargs)
    rebound = any(n.id == element.id and isinstance(n.ctx, ast.Store) for n in nodes(method, ast.Name))
    if not contained or rebound or all(argument.arg != element.id for argument in taken):
        return False
    return _names_layer(element) or any(
        _names_layer(one) or classes.parametric(one) or classes.returns_parametric(one)
        for one in map(unmoved, classes.passed(method, element.id))
    )


def _names_layer(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and LAYER_NAME.match(node.id) is not None


def _mended(classes: Classes, many: ast.expr) -> str | None:
    """The list with a separate layer for each element; a layer that is constructed elsewhere would have to be
    copied."""
    elements, count = _elements(many), _count(many)
    if (
        not isinstance(many, ast.BinOp)
        or count is None
        or not all(isinstance(unmoved(element), ast.Call) for element in elements)
    ):
        return None
    texts = [classes.text.place(element).text for element in elements]
    if not all(texts) or any("#" in text for text in texts):
        return None
    number = f"for _ in range({classes.text.place(count).text})"
    listed = f"{texts[0]} {number}" if len(texts) == 1 else f"layer {number} for layer in ({', '.join(texts)})"
    as_tuple = isinstance(many.left, ast.Tuple) or isinstance(many.right, ast.Tuple)
    return f"tuple({listed})" if as_tuple else f"[{listed}]"

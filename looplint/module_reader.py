"""Reads the torch module classes of a parsed file into `ModuleClass`, once, for every rule that asks about classes."""

from __future__ import annotations

import ast
import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeVar

from looplint.events import Place
from looplint.modules import Collection, Dropout, Layer, ModuleClass
from looplint.recognize.imports import statements
from looplint.recognize.layers import (
    ALWAYS_ON_DROPOUTS,
    CONTAINERS,
    LAYERS,
    REPARAMETRISES,
    STATELESS,
    has_mode,
    has_parameters,
    is_graph_convolution,
)
from looplint.recognize.python import PLAIN_VALUES
from looplint.recognize.torch import MODULE_BASES, TENSOR_MAKERS

T = TypeVar("T", bound=ast.AST)
Resolve = Callable[[ast.expr], str | None]
Plain = Literal["list", "tuple", "dict"]
Function = ast.FunctionDef | ast.AsyncFunctionDef

PLAIN: dict[str, Plain] = {"list": "list", "tuple": "tuple", "dict": "dict"}

FORWARDS = frozenset({"forward", "__call__", "training_step"})

MOVES = frozenset({"to", "cuda", "cpu", "half", "float", "double", "bfloat16"})
"""Methods that give the module itself back."""

HARMLESS = frozenset({"len", "enumerate", "zip", "reversed", "print", "iter", "next", "isinstance", "type", "str"})
"""Functions that a list of layers may be handed to without becoming known to the module."""

OWN_PARAMETERS = frozenset({"parameters", "named_parameters", "_apply", "__setattr__", "named_modules", "modules"})
REGISTERS = frozenset({"add_module", "register_module", "setattr", "__setattr__", "_modules", "vars", "__dict__"})

SAMPLES_ON_PURPOSE = re.compile(
    r"(?i)(?:\b|_)mc(?:\b|_|d)|monte|bayes|uncertain|stochastic|variational|ensembl|always[ _](?:on|act|appl)|purpose"
)
HYPERNETWORK = re.compile(r"(?i)hyper|meta_?learn|MAML|dynamic_?(conv|filter)")


def module_classes(tree: ast.Module, path: str, resolve: Resolve, text: str = "") -> Iterator[ModuleClass]:
    """The classes of a file that are torch modules, in the order of the code.

    `resolve`: gives the dotted name of an expression through the file's imports (`Imports.dotted`). `text`: what was
    parsed; columns are characters only with it, and fixes and comments need it.
    """
    nodes = [node for node in statements(tree.body) if isinstance(node, ast.ClassDef)]
    if nodes:
        reader = _Reader({node.name: node for node in nodes}, path, resolve, text.split("\n"))
        for node in nodes:
            if (certain := reader.is_module(node)) is not None:
                yield reader.read(node, certain)


@dataclasses.dataclass(frozen=True, slots=True)
class _Call:
    """A call, the conditions and contexts around it, and what it is bound to."""

    node: ast.Call
    method: Function
    around: tuple[ast.expr, ...]
    bound: str = ""


class _Reader:
    def __init__(self, classes: Mapping[str, ast.ClassDef], path: str, resolve: Resolve, lines: Sequence[str]) -> None:
        self.classes = classes
        self.path = path
        self.resolve = resolve
        self.lines = lines
        self._certain: dict[ast.ClassDef, bool | None] = {}
        self._parametric: dict[ast.ClassDef, bool] = {}
        self._made: dict[ast.ClassDef, Sequence[Layer]] = {}
        self._sensitive: dict[ast.ClassDef, bool] = {}

    # ---- which classes are modules

    def is_module(self, node: ast.ClassDef) -> bool | None:
        """True: by its bases. False: it looks like one. None: it is none, or nothing says so."""
        if node not in self._certain:
            self._certain[node] = None
            self._certain[node] = self._is_module(node)
        return self._certain[node]

    def _is_module(self, node: ast.ClassDef) -> bool | None:
        unknown = False
        for base in node.bases:
            name = self.resolve(base) or ""
            if MODULE_BASES.match(name):
                return True
            if isinstance(base, ast.Name) and base.id in self.classes:
                if (known := self.is_module(self.classes[base.id])) is not None:
                    return known
            elif not name.startswith(("torch.", "typing.", "abc.")):
                unknown = True
        methods = _methods(node)
        looks = unknown and "forward" in methods and any(layer.attribute for layer in self._layers(node))
        return False if looks else None

    # ---- what is read of one class

    def read(self, node: ast.ClassDef, certain: bool) -> ModuleClass:
        methods = _methods(node)
        forward = _run_by(methods, FORWARDS & methods.keys())
        inside = [call for name in methods if name in forward for call in _calls(methods[name], forward[name])]
        outside = [methods[name] for name in methods if name not in forward]
        return ModuleClass(
            name=node.name,
            place=self._place(node, head=True),
            bases=tuple(self.resolve(base) or ast.unparse(base) for base in node.bases),
            layers=tuple(self._all_layers(node)),
            collections=tuple(self._collections(methods, outside)),
            built_in_forward=tuple(self._built(inside)),
            dropouts=tuple(self._dropouts(node, inside)),
            parameters=self._has_parameters(node),
            mode_sensitive=self._mode_sensitive(node),
            hypernetwork=HYPERNETWORK.search(node.name) is not None,
            certain=certain,
        )

    def _layers(self, node: ast.ClassDef) -> Sequence[Layer]:
        if node not in self._made:
            methods = _methods(node)
            forward = _run_by(methods, FORWARDS & methods.keys())
            calls = (call for name, method in methods.items() if name not in forward for call in _calls(method))
            self._made[node] = []  # a class that makes itself ends here
            self._made[node] = [self._layer(call) for call in calls if self._made_by(call.node)]
        return self._made[node]

    def _all_layers(self, node: ast.ClassDef, seen: frozenset[str] = frozenset()) -> Iterator[Layer]:
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id in self.classes and base.id not in seen:
                yield from self._all_layers(self.classes[base.id], seen | {node.name, base.id})
        yield from self._layers(node)

    def _layer(self, call: _Call) -> Layer:
        return Layer(
            made_by=self._made_by(call.node) or "",
            place=self._place(call.node),
            method=call.method.name,
            attribute=call.bound.removeprefix("self.") if call.bound.startswith("self.") else "",
            options=_options(call.node),
            parameters=self._parametric_layer(call.node),
        )

    # ---- layers

    def _made_by(self, node: ast.expr) -> str | None:
        """What a constructor call of a layer makes: a class of torch.nn, or a module class of this file."""
        if not isinstance(node, ast.Call):
            return None
        name = self.resolve(node.func)
        if name in LAYERS and name not in ("torch.nn.Module", "torch.nn.Parameter"):
            return name
        if name is not None and is_graph_convolution(name):
            return name
        if isinstance(node.func, ast.Name) and node.func.id in self.classes:
            return node.func.id if self.is_module(self.classes[node.func.id]) is not None else None
        return None

    def _parametric_layer(self, node: ast.expr) -> bool:
        made_by = self._made_by(node)
        if made_by is None or not isinstance(node, ast.Call):
            return False
        if made_by in CONTAINERS:
            return any(self._may_train(argument) for argument in (*node.args, *(k.value for k in node.keywords)))
        if made_by in self.classes:
            return self._has_parameters(self.classes[made_by])
        return has_parameters(made_by, _options(node))

    def _may_train(self, node: ast.expr) -> bool:
        """Whether what is put into a container may have parameters: all but literals and stateless layers."""
        if isinstance(node, ast.Starred):
            return self._may_train(node.value)
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return any(map(self._may_train, node.elts))
        if isinstance(node, ast.Dict):
            return any(map(self._may_train, node.values))
        made_by = self._made_by(node)
        if made_by in STATELESS:
            return False
        return self._parametric_layer(node) if made_by else not isinstance(node, ast.Constant)

    def _has_parameters(self, node: ast.ClassDef) -> bool:
        if node not in self._parametric:
            self._parametric[node] = False
            self._parametric[node] = any(layer.parameters for layer in self._all_layers(node)) or any(
                self.resolve(call.func) == "torch.nn.Parameter" for call in _nodes(node, ast.Call)
            )
        return self._parametric[node]

    def _mode_sensitive(self, node: ast.ClassDef) -> bool:
        """Whether it may compute something else in training mode; what is not seen may."""
        if node not in self._sensitive:
            self._sensitive[node] = False
            self._sensitive[node] = (
                any(attribute.attr == "training" for attribute in _nodes(node, ast.Attribute))
                or any(self._may_switch(base) for base in node.bases)
                or any(
                    self._may_switch(call.func, call)
                    for call in self._made_in(_methods(node))
                    if not self._reparametrises(call.func, _methods(node))
                )
                or any(self._switches(call) for call in _nodes(node, ast.Call))
                or self._handed_in(node)
            )
        return self._sensitive[node]

    def _made_in(self, methods: Mapping[str, Function]) -> Iterator[ast.Call]:
        """What is made and kept as an attribute of self, containers laid open: what a layer is given are sizes."""
        kept = [v for m in methods.values() for target, v in _assignments(m) if _self_attribute(target)]
        waiting: list[ast.AST] = [*reversed(kept)]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Call) and not _is_move(node):
                yield node
                if (self.resolve(node.func) or "") in LAYERS - CONTAINERS - {"torch.nn.DataParallel"}:
                    continue
            waiting += reversed([*ast.iter_child_nodes(node)])

    def _reparametrises(self, made: ast.expr, methods: Mapping[str, Function]) -> bool:
        """Whether it is `weight_norm` or the like, also by a name of its own: the layer inside says what it does."""
        called = [made]
        if isinstance(made, ast.Name):
            bound = (value for m in methods.values() for target, value in _assignments(m) if _is_name(target, made.id))
            called = [
                one for v in bound for one in ((v.body, v.orelse) if isinstance(v, ast.IfExp) else (v,))
            ] or called
        return all(self.resolve(one) in REPARAMETRISES for one in called)

    def _handed_in(self, node: ast.ClassDef) -> bool:
        """Whether it runs layers that it is given when it is made."""
        init = _methods(node).get("__init__")
        if init is None:
            return False
        given = {argument.arg for argument in (*init.args.args[1:], *init.args.kwonlyargs)}
        contained = [a for c in _nodes(init, ast.Call) if self.resolve(c.func) in CONTAINERS for a in c.args]
        plain = [a.value if isinstance(a, ast.Starred) else a for a in contained]
        kept = {
            _self_attribute(t) for t, value in _assignments(init) if isinstance(value, ast.Name) and value.id in given
        }
        return any(isinstance(a, ast.Name) and a.id in given for a in plain) or any(
            _self_attribute(call.func) in kept - {None, ""} for call in _nodes(node, ast.Call)
        )

    def _switches(self, call: ast.Call) -> bool:
        """Whether a layer with a mode is made here, wherever it is put: into a list, handed to `super().__init__`."""
        made = call.func
        if isinstance(made, ast.Name) and made.id in self.classes:
            return self._mode_sensitive(self.classes[made.id])
        return self.resolve(made) in LAYERS and self._may_switch(made, call)

    def _may_switch(self, made: ast.expr, call: ast.Call | None = None) -> bool:
        if isinstance(made, ast.Name) and made.id in self.classes:
            return self._mode_sensitive(self.classes[made.id])
        name = self.resolve(made)
        if _gives_plain_value(made, name):
            return False
        options = {k.arg: getattr(k.value, "value", True) for k in call.keywords if k.arg} if call is not None else {}
        return name not in LAYERS or has_mode(name, options)

    # ---- built in forward

    def _built(self, inside: Sequence[_Call]) -> Iterator[Layer]:
        within: set[int] = set()
        for call in inside:
            if self._parametric_layer(call.node) and id(call.node) not in within:
                within |= {id(inner) for inner in ast.walk(call.node)}
                yield dataclasses.replace(
                    self._layer(call),
                    own_weights=_weights_touched(call.method, call.bound),
                    conditional=self._made_once(call),
                    recording=not any(
                        not _names(test).isdisjoint({"no_grad", "inference_mode"}) for test in call.around
                    ),
                )

    def _made_once(self, call: _Call) -> bool:
        """Whether it is kept under a condition, or in a method whose decorator may keep what it returns."""
        decorated = any(not (self.resolve(d) or "").startswith("torch.") for d in call.method.decorator_list)
        conditions = [test for test in call.around if not _is_context(test)]
        return decorated or (bool(conditions) and _kept(call.method, call.bound))

    # ---- functional dropout

    def _dropouts(self, node: ast.ClassDef, inside: Sequence[_Call]) -> Iterator[Dropout]:
        about = f"{node.name} {ast.get_docstring(node) or ''}"
        for call in inside:
            if self.resolve(call.node.func) not in ALWAYS_ON_DROPOUTS:
                continue
            arguments = (*call.node.args, *(keyword.value for keyword in call.node.keywords))
            named = {keyword.arg for keyword in call.node.keywords}
            decided = (
                not named.isdisjoint({"training", None})
                or len(call.node.args) > 2
                or any(isinstance(argument, ast.Starred) for argument in arguments)
                or any(_mentions(part, "training") for part in (*arguments[1:], *call.around))
            )
            place = self._place(call.node)
            said = " ".join((about, call.method.name, ast.get_docstring(call.method) or "", self._comments(place)))
            yield Dropout(
                name=ast.unparse(call.node.func),
                place=place,
                method=call.method.name,
                decided=decided or _options(call.node).get("p") == 0,
                on_purpose=SAMPLES_ON_PURPOSE.search(said) is not None,
                mended=_with_argument(place.text, f"training={_receiver(call.method)}.training"),
            )

    def _comments(self, place: Place) -> str:
        rows = self.lines[max(place.row - 2, 0) : place.end_row]
        return " ".join(row.partition("#")[2] for row in rows)

    # ---- plain lists, tuples and dicts

    def _collections(self, methods: Mapping[str, Function], outside: Sequence[Function]) -> Iterator[Collection]:
        if not OWN_PARAMETERS.isdisjoint(methods) or not outside:
            return
        uses: _Uses | None = None
        for method in outside:
            for target, value in _assignments(method):
                attribute = _self_attribute(target)
                if not attribute:
                    continue
                local = value.id if isinstance(value, ast.Name) else ""
                literal = _made_as(method, local) if local else value
                kind = _plain_kind(literal)
                if kind is None or literal is None:
                    continue
                uses = uses or _Uses.of(methods, outside)
                known_as = [f"self.{attribute}", *([local] if local else [])]
                added = sorted((one for name in known_as for one in uses.added.get(name, ())), key=lambda one: one[0])
                put = [*_elements(literal), *(element for _, element in added)]
                layers = [layer for element in put for layer in self._fresh(element, method, outside)]
                if layers:
                    yield Collection(
                        attribute=attribute,
                        kind=kind,
                        place=self._place(value),
                        layers=tuple(layers),
                        registered=uses.registers
                        or not uses.handed_over.isdisjoint(known_as)
                        or attribute in uses.kept_otherwise
                        or _hidden_on_purpose(literal),
                        wrapped=self._wrapped(kind, value, layers),
                    )

    def _fresh(
        self, element: ast.expr, method: Function, outside: Sequence[Function], seen: frozenset[str] = frozenset()
    ) -> Iterator[Layer]:
        """The layers with parameters in an element put into a collection: written there, or a local made before."""
        element = _unmoved(element)
        if isinstance(element, ast.IfExp):
            yield from self._fresh(element.body, method, outside, seen)
            yield from self._fresh(element.orelse, method, outside, seen)
        elif isinstance(element, ast.Name) and element.id not in seen:
            for owner in outside:
                values = [value for target, value in _assignments(owner) if _is_name(target, element.id)]
                kept = any(
                    _self_attribute(target) and _is_name(value, element.id) for target, value in _assignments(owner)
                )
                if values and not kept and not _plain_kind(values[-1]):
                    for value in values:
                        if not isinstance(value, ast.Name):
                            yield from self._fresh(value, owner, outside, seen | {element.id})
        elif isinstance(element, ast.Call) and self._parametric_layer(element):
            yield self._layer(_Call(element, method, ()))

    def _wrapped(self, kind: str, value: ast.expr, layers: Sequence[Layer]) -> str | None:
        place = self._place(value)
        space = next(iter(self._spellings(value, layers)), None)
        nested = any(isinstance(inner, ast.List | ast.Tuple | ast.Dict) for inner in _entries(value) or ())
        if space is None or not place.text or nested:
            return None
        if kind == "dict":
            keys = value.keys if isinstance(value, ast.Dict) else []
            if not keys or not all(isinstance(key, ast.Constant) and isinstance(key.value, str) for key in keys):
                return None
        return f"{space}.{'ModuleDict' if kind == 'dict' else 'ModuleList'}({'' if _is_empty(value) else place.text})"

    def _spellings(self, value: ast.expr, layers: Sequence[Layer]) -> Iterator[str]:
        """How the file writes `torch.nn`: read off the layers, which are written `<torch.nn>.Linear(...)`."""
        for layer in layers:
            prefix = re.match(r"([\w.]+)\.\w+\(", layer.place.text)
            if prefix and layer.made_by in LAYERS:
                yield prefix[1]
        for node in self.classes.values():
            for base in node.bases:
                if isinstance(base, ast.Attribute) and self.resolve(base.value) == "torch.nn":
                    yield ast.unparse(base.value)

    # ---- places

    def _place(self, node: ast.expr | ast.stmt, head: bool = False) -> Place:
        row, end_row = node.lineno, node.end_lineno or node.lineno
        column = self._column(row, node.col_offset)
        if head:
            width = len(self.lines[row - 1]) if row <= len(self.lines) else column
            return Place(self.path, row, column, row, max(width, column) + 1)
        end_column = self._column(end_row, node.end_col_offset or 0)
        rows = list(self.lines[row - 1 : end_row])
        if rows:
            rows[-1] = rows[-1][: end_column - 1]
            rows[0] = rows[0][column - 1 :]
        return Place(self.path, row, column, end_row, end_column, "\n".join(rows))

    def _column(self, row: int, offset: int) -> int:
        """The column in characters, from 1, of ast's offset in UTF-8 bytes, from 0."""
        line = self.lines[row - 1] if row <= len(self.lines) else ""
        return (offset if line.isascii() else len(line.encode()[:offset].decode(errors="ignore"))) + 1


# ---- questions to the syntax


def _methods(node: ast.ClassDef) -> dict[str, Function]:
    return {item.name: item for item in statements(node.body) if isinstance(item, Function) and item in node.body}


def _gives_plain_value(function: ast.expr, name: str | None) -> bool:
    """Whether a function gives a number or a tensor, no layer: one of Python's own, of `math`, of torch itself."""
    if isinstance(function, ast.Name) and name in (None, function.id, f"builtins.{function.id}"):
        return function.id in PLAIN_VALUES
    return name is not None and bool(name.startswith("math.") or TENSOR_MAKERS.match(name))


def _receiver(method: Function) -> str:
    return method.args.args[0].arg if method.args.args else "self"


@functools.lru_cache(maxsize=128)
def _walk(node: ast.AST) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(node))


def _nodes(node: ast.AST, kind: type[T]) -> Iterator[T]:
    return (inner for inner in _walk(node) if isinstance(inner, kind))


def _names(node: ast.AST) -> set[str]:
    """Every name and attribute that is mentioned."""
    return {name.id for name in _nodes(node, ast.Name)} | {attribute.attr for attribute in _nodes(node, ast.Attribute)}


def _mentions(node: ast.expr, name: str) -> bool:
    return name in _names(node) or any(name == str(constant.value) for constant in _nodes(node, ast.Constant))


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _self_attribute(node: ast.expr) -> str:
    """`x` of `self.x`, else an empty string."""
    return node.attr if isinstance(node, ast.Attribute) and _is_name(node.value, "self") else ""


def _named(node: ast.expr) -> str:
    """`x` or `self.x` as text, else an empty string."""
    attribute = _self_attribute(node)
    return node.id if isinstance(node, ast.Name) else attribute and f"self.{attribute}"


def _run_by(methods: Mapping[str, Function], start: Iterable[str]) -> dict[str, tuple[ast.expr, ...]]:
    """The methods that run when those of `start` do, each with the conditions around the way to it."""
    reached: dict[str, tuple[ast.expr, ...]] = dict.fromkeys(start, ())
    waiting = list(reached)
    while waiting:
        caller = waiting.pop()
        for call in _calls(methods[caller]):
            name, around = _self_attribute(call.node.func), (*reached[caller], *call.around)
            if name in methods and name != "__init__" and (name not in reached or (reached[name] and not around)):
                reached[name] = around
                waiting.append(name)
    return reached


def _calls(method: Function, around: tuple[ast.expr, ...] = ()) -> Iterator[_Call]:
    """Every call in a method, in the order of the code, with the conditions and contexts around it."""
    waiting: list[tuple[ast.AST, tuple[ast.expr, ...], str]] = []

    def block(body: Sequence[ast.stmt], around: tuple[ast.expr, ...]) -> None:
        later = []
        for statement in body:
            later.append((statement, around, ""))
            if isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Return | ast.Raise | ast.Continue):
                around = (*around, statement.test)
        waiting.extend(reversed(later))

    block(method.body, around)
    while waiting:
        node, around, bound = waiting.pop()
        if isinstance(node, ast.Call):
            yield _Call(node, method, around, bound)
        if isinstance(node, ast.If):
            block(node.orelse, (*around, node.test))
            block(node.body, (*around, node.test))
            waiting.append((node.test, around, ""))
        elif isinstance(node, ast.IfExp):
            inner = (*around, node.test)
            waiting.extend(((node.orelse, inner, bound), (node.body, inner, bound), (node.test, around, "")))
        elif isinstance(node, ast.With | ast.AsyncWith):
            block(node.body, (*around, *(item.context_expr for item in node.items)))
            waiting.extend((item.context_expr, around, "") for item in reversed(node.items))
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            waiting.append((node.value, around, _named(target) or ("self.[]" if _stored(target) else "")))
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While | ast.Try):
            for body in ("finalbody", "orelse"):
                block(getattr(node, body, []), around)
            waiting.extend((handler, around, "") for handler in reversed(getattr(node, "handlers", [])))
            block(node.body, around)
            head = node.iter if isinstance(node, ast.For | ast.AsyncFor) else getattr(node, "test", None)
            waiting.extend([(head, around, "")] if head is not None else [])
        else:
            moved = bound if isinstance(node, ast.Attribute) or _is_move(node) else ""
            if isinstance(node, ast.Call) and _keeps(node):
                moved = "self.[]"
            waiting.extend((child, around, moved) for child in reversed(list(ast.iter_child_nodes(node))))


def _stored(target: ast.expr) -> bool:
    """Whether the target is an entry of an attribute of self."""
    return isinstance(target, ast.Subscript) and bool(_self_attribute(target.value))


def _is_move(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MOVES


def _unmoved(node: ast.expr) -> ast.expr:
    """The module under `.to(device)`, `.cuda()` ..."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MOVES:
        node = node.func.value
    return node


def _is_context(node: ast.expr) -> bool:
    return any(name in ast.dump(node) for name in ("no_grad", "inference_mode", "autocast"))


def _kept(method: Function, bound: str) -> bool:
    """Whether what is bound to this name is, or becomes, an attribute of self or an entry of one."""
    if not bound or bound.startswith("self."):
        return bool(bound)
    stored = (value for target, value in _assignments(method) if _self_attribute(target) or _stored(target))
    handed = (argument for call in _nodes(method, ast.Call) if _keeps(call) for argument in call.args)
    return any(_is_name(value, bound) for value in (*stored, *handed))


def _keeps(call: ast.Call) -> bool:
    """Whether a call stores arguments in self: `self.add_module(...)`, `setattr(...)`, `self.layers.append(...)`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in REGISTERS or bool(_self_attribute(call.func.value))
    return isinstance(call.func, ast.Name) and call.func.id in REGISTERS


def _weights_touched(method: Function, bound: str) -> bool:
    """Whether something of the module bound to this name is looked at: it does more than run."""
    return any(
        bound and _named(node.value) == bound and node.attr not in MOVES for node in _nodes(method, ast.Attribute)
    )


def _options(call: ast.Call) -> dict[str, object]:
    return {k.arg: k.value.value for k in call.keywords if k.arg and isinstance(k.value, ast.Constant)}


def _with_argument(call: str, argument: str) -> str | None:
    """The text of a call with one more keyword argument; None where its last line is too odd to be edited."""
    inner = call.removesuffix(")").rstrip()
    last, space = inner.rpartition("\n")[2], call.removesuffix(")")[len(inner) :]
    if not call.endswith(")") or "#" in last:
        return None
    if "\n" in space:
        indentation = last[: len(last) - len(last.lstrip())]
        return f"{inner.removesuffix(',')},\n{indentation}{argument},{space})"
    return f"{inner.removesuffix(',')}, {argument})"


def _assignments(method: Function) -> Iterator[tuple[ast.expr, ast.expr]]:
    for statement in statements(method.body):
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                yield from _paired(target, statement.value)
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            yield statement.target, statement.value


def _paired(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """`a, b = x, y` is two assignments."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from _paired(one, other)
    else:
        yield target, value


def _made_as(method: Function, name: str) -> ast.expr | None:
    """The plain collection that a local is made as."""
    values = [value for target, value in _assignments(method) if _is_name(target, name)]
    return values[0] if values and all(_plain_kind(value) for value in values) else None


def _plain_kind(value: ast.expr | None) -> Plain | None:
    if isinstance(value, ast.BinOp):
        return _plain_kind(value.left) or _plain_kind(value.right)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return PLAIN.get(value.func.id)
    if isinstance(value, ast.List | ast.ListComp):
        return "list"
    if isinstance(value, ast.Dict | ast.DictComp):
        return "dict"
    return "tuple" if isinstance(value, ast.Tuple) else None


def _is_empty(value: ast.expr) -> bool:
    return not isinstance(value, ast.Name) and not any(_elements(value))


def _entries(value: ast.expr) -> Sequence[ast.expr] | None:
    """What is in a plain collection; None for anything else."""
    match value:
        case ast.BinOp():
            return (value.left, value.right)
        case ast.List() | ast.Tuple():
            return value.elts
        case ast.Dict():
            return value.values
        case ast.ListComp() | ast.GeneratorExp():
            return (value.elt,)
        case ast.DictComp():
            return (value.value,)
        case ast.Call() if _plain_kind(value):
            return (*value.args, *(keyword.value for keyword in value.keywords))
    return None


def _elements(value: ast.expr) -> Iterator[ast.expr]:
    """What is in a plain collection, nested ones laid open."""
    entries = _entries(value)
    if entries is None:
        yield value
    else:
        for entry in entries:
            yield from _elements(entry)


def _parts(argument: ast.expr) -> Iterator[ast.expr]:
    """What is handed over by an argument: itself, or what it spreads or lists."""
    if isinstance(argument, ast.Starred):
        argument = argument.value
    yield argument
    if isinstance(argument, ast.List | ast.Tuple | ast.ListComp | ast.GeneratorExp | ast.BinOp):
        for comprehension in getattr(argument, "generators", ()):
            yield comprehension.iter
        for element in _elements(argument):
            yield from _parts(element) if element is not argument else ()
    elif isinstance(argument, ast.Call) and isinstance(argument.func, ast.Attribute):
        yield argument.func.value
    elif isinstance(argument, ast.Call):
        for inner in argument.args:
            yield from _parts(inner)


@dataclasses.dataclass(frozen=True, slots=True)
class _Uses:
    """What the methods of a class do with collections, found once for all of them.

    `registers`: something is registered by hand. `handed_over`: names and attributes of self that are given to a call
    that may register what is in them. `kept_otherwise`: attributes that are also assigned a call's result, or whose
    parameters the class handles itself. `added`: what is put into a collection later, by its name, in order.
    """

    registers: bool
    handed_over: frozenset[str]
    kept_otherwise: frozenset[str]
    added: Mapping[str, list[tuple[int, ast.expr]]]

    @classmethod
    def of(cls, methods: Mapping[str, Function], outside: Sequence[Function]) -> _Uses:
        kept: set[str] = set()
        for method in methods.values():
            names = _names(method)
            if not names.isdisjoint({"parameters", "named_parameters", "requires_grad_"}):
                kept |= names
            for target, value in _assignments(method):
                if isinstance(value, ast.Call) and _plain_kind(value) is None:
                    kept.add(_self_attribute(target))
        added: dict[str, list[tuple[int, ast.expr]]] = {}
        for number, (name, element) in enumerate(entry for method in outside for entry in _added(method)):
            added.setdefault(name, []).append((number, element))
        return cls(
            any(not REGISTERS.isdisjoint(_names(one)) for one in outside),
            frozenset(name for one in methods.values() for name in _handed_over(one)),
            frozenset(kept),
            added,
        )


def _handed_over(method: Function) -> Iterator[str]:
    for call in _nodes(method, ast.Call):
        function = call.func.id if isinstance(call.func, ast.Name) else ""
        if function in HARMLESS:
            continue
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            for part in _parts(argument):
                if name := _named(part):
                    yield name


def _added(method: Function) -> Iterator[tuple[str, ast.expr]]:
    """What is put into a collection later, with the collection's name."""
    for call in _nodes(method, ast.Call):
        if isinstance(call.func, ast.Attribute) and call.args and (name := _named(call.func.value)):
            if call.func.attr in ("append", "insert", "setdefault"):
                yield name, call.args[-1]
            elif call.func.attr in ("extend", "update"):
                yield from ((name, element) for element in _elements(call.args[-1]))
    for target, value in _assignments(method):
        if isinstance(target, ast.Subscript) and (name := _named(target.value)):
            yield name, value
    for statement in _nodes(method, ast.AugAssign):
        if name := _named(statement.target):
            yield from ((name, element) for element in _elements(statement.value))


def _hidden_on_purpose(value: ast.expr) -> bool:
    """`[module]` or `(module,)`: the usual way to keep a module from being registered."""
    return isinstance(value, ast.List | ast.Tuple) and len(value.elts) == 1

"""Which classes of a file are modules, which layers they construct, and which of these have trainable parameters."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence

from looplint.knowledge.layers import (
    BATCH_NORMS,
    CONTAINERS,
    FORWARDS,
    GRAPH_CONVOLUTIONS,
    LAYERS,
    STATELESS,
    WITH_PARAMETERS,
)
from looplint.knowledge.torch_types import MODULE_BASES
from looplint.module_classes.calls import Call, calls_in, run_by
from looplint.module_classes.class_syntax import (
    Function,
    assignments,
    is_name,
    methods_of,
    names,
    nodes,
    options,
    self_attribute,
    unmoved,
)
from looplint.module_classes.layers import has_parameters
from looplint.module_classes.module_class import Layer
from looplint.module_classes.text import Text
from looplint.syntax.walk import statements

Resolve = Callable[[ast.expr], str | None]

STARTS_OTHERWISE = frozenset(
    (
        "load_state_dict",
        "requires_grad",
        "requires_grad_",
        "eval",
        "no_grad",
        "detach",
        "deepcopy",
        "load",
        "parameters",
    )
)
"""Names in a class that may load, copy, freeze or train its parameters itself."""

PLAIN_CALLS = frozenset(
    (
        "super", "range", "len", "zip", "enumerate", "isinstance", "list", "tuple", "dict", "set", "int", "float",
        "str", "bool", "sum", "max", "min", "abs", "round", "sorted", "reversed", "any", "all", "print",
    )
)  # fmt: skip


class Classes:
    """The classes of a file. `named`: by name. `functions`: its functions of the top level, by name. `resolve`: the
    dotted name of an expression."""

    def __init__(self, tree: ast.Module, named: Mapping[str, ast.ClassDef], resolve: Resolve, text: Text) -> None:
        self.named = named
        self.functions = {node.name: node for node in tree.body if isinstance(node, Function)}
        self._tree = tree
        self.resolve = resolve
        self.text = text
        self._certain: dict[ast.ClassDef, bool | None] = {}
        self._parametric: dict[ast.ClassDef, bool] = {}
        self._made: dict[ast.ClassDef, Sequence[Layer]] = {}
        self._fresh: dict[ast.ClassDef, bool] = {}

    def is_module(self, node: ast.ClassDef) -> bool | None:
        """True: by its bases. False: it looks like one. None: it is none, or unknown."""
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
            if isinstance(base, ast.Name) and base.id in self.named:
                if (known := self.is_module(self.named[base.id])) is not None:
                    return known
            elif not name.startswith(("torch.", "typing.", "abc.")):
                unknown = True
        methods = methods_of(node)
        looks = unknown and "forward" in methods and any(layer.attribute for layer in self._layers(node))
        return False if looks else None

    def all_layers(self, node: ast.ClassDef, seen: frozenset[str] = frozenset()) -> Iterator[Layer]:
        """The layers that a class constructs outside `forward`, those of its base classes in the file first."""
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id in self.named and base.id not in seen:
                yield from self.all_layers(self.named[base.id], seen | {node.name, base.id})
        yield from self._layers(node)

    def _layers(self, node: ast.ClassDef) -> Sequence[Layer]:
        if node not in self._made:
            methods = methods_of(node)
            forward = run_by(methods, FORWARDS & methods.keys())
            calls = (call for name, method in methods.items() if name not in forward for call in calls_in(method))
            self._made[node] = []  # a class that constructs itself ends here
            self._made[node] = [self.layer(call) for call in calls if self._made_by(call.node)]
        return self._made[node]

    def layer(self, call: Call) -> Layer:
        """The result of a constructor call, as a layer."""
        return Layer(
            constructor=self._made_by(call.node) or "",
            place=self.text.place(call.node),
            method=call.method.name,
            attribute=call.bound.removeprefix("self.") if call.bound.startswith("self.") else "",
            options=options(call.node),
            parameters=self.parametric(call.node),
        )

    def _made_by(self, node: ast.expr) -> str | None:
        """The class that a constructor call instantiates: of torch.nn, or a module class of this file."""
        if not isinstance(node, ast.Call):
            return None
        name = self.resolve(node.func)
        if name in LAYERS and name not in ("torch.nn.Module", "torch.nn.Parameter"):
            return name
        if name is not None and GRAPH_CONVOLUTIONS.match(name):
            return name
        if isinstance(node.func, ast.Name) and node.func.id in self.named:
            return node.func.id if self.is_module(self.named[node.func.id]) is not None else None
        return None

    def parametric(self, node: ast.expr) -> bool:
        """Whether an expression constructs a layer with trainable parameters."""
        constructor = self._made_by(node)
        if constructor is None or not isinstance(node, ast.Call):
            return False
        if constructor in CONTAINERS:
            return any(self._may_train(argument) for argument in (*node.args, *(k.value for k in node.keywords)))
        if constructor in self.named:
            return self.has_parameters(self.named[constructor])
        return has_parameters(constructor, options(node))

    def returns_parametric(self, node: ast.expr) -> bool:
        """Whether an expression calls a function of this file that returns a new layer with trainable parameters each
        time: each of its returns constructs one."""
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        function = self.functions.get(name)
        if function is None or function.decorator_list:
            return False
        bound = list(assignments(function))
        values: list[ast.expr] = []
        for statement in statements(function.body):
            if isinstance(statement, ast.Return):
                value = statement.value or ast.Constant(None)
                local = [one for target, one in bound if isinstance(value, ast.Name) and is_name(target, value.id)]
                values += local or [value]
        return bool(values) and all(self.parametric(unmoved(value)) for value in values)

    def returned_by(self, name: str) -> tuple[Function, ast.expr] | None:
        """What a function of this file returns, and the function, if it has no other return; else None."""
        function = self.functions.get(name)
        if function is None or function.decorator_list:
            return None
        returned = [one.value for one in statements(function.body) if isinstance(one, ast.Return)]
        return (function, returned[0]) if len(returned) == 1 and returned[0] is not None else None

    def passed(self, function: Function, parameter: str) -> Iterator[ast.expr]:
        """What the calls of a function of the top level pass as one of its parameters."""
        if self.functions.get(function.name) is not function:
            return
        taken = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        for call in self._calls.get(function.name, ()):
            yield from (keyword.value for keyword in call.keywords if keyword.arg == parameter)
            at = taken.index(parameter) if parameter in taken else len(call.args)
            yield from () if any(isinstance(one, ast.Starred) for one in call.args) else call.args[at : at + 1]

    @functools.cached_property
    def _calls(self) -> dict[str, list[ast.Call]]:
        """The calls of each name of the file."""
        found: dict[str, list[ast.Call]] = {}
        for call in nodes(self._tree, ast.Call):
            if isinstance(call.func, ast.Name):
                found.setdefault(call.func.id, []).append(call)
        return found

    def builds_parameters(self, node: ast.expr) -> bool:
        """Whether an expression constructs trainable parameters itself: a container whose elements were made elsewhere
        does not."""
        if isinstance(node, ast.Call) and self._made_by(node) in CONTAINERS:
            return any(map(self.builds_parameters, (*node.args, *(keyword.value for keyword in node.keywords))))
        if isinstance(node, ast.Starred | ast.List | ast.Tuple | ast.Set | ast.Dict | ast.ListComp | ast.GeneratorExp):
            return any(self.parametric(call) and self.builds_parameters(call) for call in nodes(node, ast.Call))
        return self.parametric(node)

    def _may_train(self, node: ast.expr) -> bool:
        """Whether an argument of a container may have parameters: all but literals, stateless layers and existing
        attributes of `self`."""
        if isinstance(node, ast.Starred):
            return self._may_train(node.value)
        if self_attribute(node):
            return False
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return any(map(self._may_train, node.elts))
        if isinstance(node, ast.Dict):
            return any(map(self._may_train, node.values))
        constructor = self._made_by(node)
        if constructor in STATELESS:
            return False
        return self.parametric(node) if constructor else not isinstance(node, ast.Constant)

    def has_parameters(self, node: ast.ClassDef) -> bool:
        """Whether a class has trainable parameters."""
        if node not in self._parametric:
            self._parametric[node] = False
            inherited = any(self._gives_parameters(base) for base in node.bases)
            self._parametric[node] = (
                inherited
                or any(layer.parameters for layer in self.all_layers(node))
                or any(
                    self.resolve(call.func) == "torch.nn.Parameter" and options(call).get("requires_grad") is not False
                    for call in nodes(node, ast.Call)
                )
            )
        return self._parametric[node]

    def _gives_parameters(self, base: ast.expr) -> bool:
        """Whether a class inherits parameters from that base."""
        if isinstance(base, ast.Name) and base.id in self.named:
            return self.has_parameters(self.named[base.id])
        return self.resolve(base) in WITH_PARAMETERS

    def has_statistics(self, node: ast.ClassDef, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a class has layers of batch normalisation, or parts that do."""
        made = {layer.constructor for layer in self.all_layers(node)}
        inner = {name for name in made if name in self.named and name not in seen}
        return not made.isdisjoint(BATCH_NORMS) or any(
            self.has_statistics(self.named[name], seen | {node.name, name}) for name in inner
        )

    def is_fresh(self, node: ast.ClassDef) -> bool:
        """Whether a class has trainable parameters, all of them from layers of `torch.nn`, and loads, copies or freezes
        nothing."""
        if node not in self._fresh:
            self._fresh[node] = False
            self._fresh[node] = (
                bool(node.bases)
                and all(self._is_fresh_base(base) for base in node.bases)
                and STARTS_OTHERWISE.isdisjoint(names(node))
                and self.has_parameters(node)
                and all(self._is_fresh_call(call) for call in nodes(node, ast.Call))
            )
        return self._fresh[node]

    def _is_fresh_base(self, base: ast.expr) -> bool:
        own = self.named.get(base.id) if isinstance(base, ast.Name) else None
        return self.is_fresh(own) if own is not None else self.resolve(base) == "torch.nn.Module"

    def _is_fresh_call(self, call: ast.Call) -> bool:
        """Whether a call constructs no module, or a fresh one."""
        name = self.resolve(call.func) or ""
        if isinstance(call.func, ast.Name) and call.func.id in self.named:
            made = self.named[call.func.id]
            return self.is_module(made) is None or not self.has_parameters(made) or self.is_fresh(made)
        known = name.startswith(("torch.", "math.", "numpy.", "builtins."))
        method = isinstance(call.func, ast.Attribute) and not name
        return known or method or (isinstance(call.func, ast.Name) and call.func.id in PLAIN_CALLS)

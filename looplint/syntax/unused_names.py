"""Names that are provably unused: no code in whose scope they are reads them."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from looplint.knowledge.python_names import REFLECTION
from looplint.knowledge.torch_schedules import EPOCH_SCHEDULER_LOOKS, SCHEDULER_LOOKS
from looplint.syntax.walk import nodes


@dataclasses.dataclass(slots=True)
class _Uses:
    """The uses of names in a piece of code. `read`: for each name the functions that it is passed to, with the
    argument's position, `.` and an attribute, or `self.` and an attribute that it is assigned to; an empty function for
    any other use. `reflects`: it may read any name."""

    read: dict[str, list[tuple[str, object]]] = dataclasses.field(default_factory=dict)
    functions: dict[str, list[ast.FunctionDef]] = dataclasses.field(default_factory=dict)
    classes: dict[str, list[ast.ClassDef]] = dataclasses.field(default_factory=dict)
    reflects: bool = False


_ATTRIBUTES: WeakKeyDictionary[ast.AST, frozenset[str]] = WeakKeyDictionary()
_USES: WeakKeyDictionary[ast.AST, _Uses] = WeakKeyDictionary()


def _uses(code: ast.AST) -> _Uses:
    """The uses of all names in a piece of code, collected in one walk."""
    found = _USES.get(code)
    if found is None:
        found = _USES[code] = _Uses()
        passed, names = dict[int, tuple[str, object]](), list[ast.Name]()
        for node in nodes(code):
            if isinstance(node, ast.Name):
                names.append(node)
            elif isinstance(node, ast.Attribute):
                passed[id(node.value)] = (f".{node.attr}", None)
            elif isinstance(node, ast.Assign):
                passed.update(
                    (id(value), (f"self.{target.attr}", None))
                    for target, value in _pairs(node)
                    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
                )
            elif isinstance(node, ast.Call):
                if isinstance(node.func, ast.Name):
                    found.reflects = found.reflects or node.func.id in REFLECTION
                    given = [*enumerate(node.args), *((k.arg, k.value) for k in node.keywords)]
                    passed.update({id(value): (node.func.id, place) for place, value in given})
            elif isinstance(node, ast.FunctionDef) and node is not code:
                # The cached result must not keep the code alive.
                found.functions.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.ClassDef):
                found.classes.setdefault(node.name, []).append(node)
        for name in names:
            if isinstance(name.ctx, ast.Load):
                found.read.setdefault(name.id, []).append(passed.get(id(name), ("", None)))
    return found


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What is assigned to what, also side by side: `self.a, self.b = a, b`."""
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            if len(target.elts) == len(node.value.elts):
                yield from zip(target.elts, node.value.elts, strict=True)
        else:
            yield target, node.value


def is_used(code: ast.AST, name: str, module: ast.Module, depth: int = 0, *, counts_epochs: bool = False) -> bool:
    """Whether code does anything with a name but bind it, look at a scheduler, or pass it to a function that ignores
    it. `counts_epochs`: it is a scheduler that ignores the number of updates."""
    uses = _uses(code)
    return uses.reflects or any(
        not _is_ignored(*given, module, depth, counts_epochs) for given in uses.read.get(name, ())
    )


def _is_ignored(function: str, place: object, module: ast.Module, depth: int, counts_epochs: bool) -> bool:
    """Whether an attribute is one that is only looked at, or a function of this file ignores an argument."""
    if function.startswith("."):
        return function[1:] in (EPOCH_SCHEDULER_LOOKS if counts_epochs else SCHEDULER_LOOKS)
    if function in _uses(module).classes:
        return not counts_epochs and _is_only_kept(function, place, module)
    found = _uses(module).functions.get(function, ())
    if len(found) != 1 or depth > 2 or found[0].decorator_list:
        return False
    names = [a.arg for a in (*found[0].args.posonlyargs, *found[0].args.args)]
    name = names[place] if isinstance(place, int) and place < len(names) else place
    known = [*names, *(a.arg for a in found[0].args.kwonlyargs)]
    return (
        isinstance(name, str)
        and name in known
        and not is_used(found[0], name, module, depth + 1, counts_epochs=counts_epochs)
    )


def _is_only_kept(name: str, place: object, module: ast.Module) -> bool:
    """Whether a class of this file, without bases, only assigns an argument to attributes that the file does not
    use."""
    found = _uses(module).classes[name]
    whole = found[0]
    methods = [one for one in whole.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
    if len(found) != 1 or whole.bases or whole.keywords or whole.decorator_list or len(methods) != 1:
        return False
    names = [a.arg for a in (*methods[0].args.posonlyargs, *methods[0].args.args)][1:]
    parameter = names[place] if isinstance(place, int) and place < len(names) else place
    if parameter not in (*names, *(a.arg for a in methods[0].args.kwonlyargs)) or _uses(methods[0]).reflects:
        return False
    kept = [
        one.removeprefix("self.") for one, _ in _uses(methods[0]).read.get(str(parameter), ()) if one[:5] == "self."
    ]
    all_of_them = len(kept) == len(_uses(methods[0]).read.get(str(parameter), ()))
    return bool(kept) and all_of_them and not any(is_attribute_used(module, one) for one in kept)


def is_attribute_used(module: ast.Module, name: str) -> bool:
    """Whether a file does anything with an attribute of this name but set it or read a rate of it."""
    found = _ATTRIBUTES.get(module)
    if found is None:
        found = _ATTRIBUTES[module] = frozenset().union(*map(_attributes_used, module.body))
    return name in found


def _attributes_used(statement: ast.stmt) -> frozenset[str]:
    """The attributes that a top-level statement reads, but for rates; most statements stay when a file is edited."""
    found = _ATTRIBUTES.get(statement)
    if found is None:
        reads = [n for n in nodes(statement) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load)]
        rates = {id(n.value) for n in reads if n.attr in SCHEDULER_LOOKS}
        found = _ATTRIBUTES[statement] = frozenset(n.attr for n in reads if id(n) not in rates)
    return found

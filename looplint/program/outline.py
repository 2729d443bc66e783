"""The outline of a module, before any evaluation: its functions, and which names they use."""

from __future__ import annotations

import ast
import functools
from collections import Counter
from collections.abc import Callable, Collection
from weakref import WeakKeyDictionary

from looplint import prefilter
from looplint.knowledge.name_hints import STEPS, TRAIN_PARTS, TRAINS
from looplint.knowledge.step_methods import PER_EPOCH
from looplint.syntax.walk import last_name, nodes, top_level

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

COMMON = 4
"""Classes of one module that may share a method name before a call of that name says nothing about its receiver."""


class Outline:
    """What a module defines at its top level, methods included."""

    def __init__(self, tree: ast.Module, text: str) -> None:
        self.tree = tree
        self._text = text
        self._sites: dict[ast.stmt, bool] = {}

    @functools.cached_property
    def _data(self) -> bytes:
        return prefilter.code(self._text.encode("utf-8", "surrogatepass"))

    @functools.cached_property
    def _rows(self) -> list[bytes]:
        return self._data.split(b"\n")

    @functools.cached_property
    def _is_site(self) -> Callable[[bytes], bool]:
        return prefilter.sites(self._data)

    @functools.cached_property
    def trains(self) -> bool:
        """Whether the file is about training, judged by its words."""
        return prefilter.trains(self._data)

    @functools.cached_property
    def functions(self) -> list[tuple[FunctionNode, ast.ClassDef | None]]:
        """Functions, and methods with their class. Those that others of this module name come last: most likely they
        are called by one of them, as the functions above a `main` are."""
        found: list[tuple[FunctionNode, ast.ClassDef | None]] = []
        for statement in top_level(self.tree.body):
            if isinstance(statement, FunctionNode):
                found.append((statement, None))
            elif isinstance(statement, ast.ClassDef):
                found.extend((member, statement) for member in statement.body if isinstance(member, FunctionNode))
        called = {function.name: names_in(function) for function, _ in found}
        named = Counter(name for names in called.values() for name in names)

        def calls(item: tuple[FunctionNode, ast.ClassDef | None]) -> int:
            function, owner = item
            if owner is not None and function.name.startswith("__"):
                return named[owner.name]  # Constructing an object calls it, without its name.
            return named[function.name] - (function.name in called[function.name])

        return sorted(found, key=calls)

    @functools.cached_property
    def common(self) -> frozenset[str]:
        """Names that do not identify a callee: special methods, and those that many classes share."""
        owned = Counter(function.name for function, owner in self.functions if owner is not None)
        return frozenset(name for name, count in owned.items() if count > COMMON or name.startswith("__"))

    @functools.cached_property
    def entry_names(self) -> frozenset[str]:
        """Names by which other files call code that trains here: functions, and the classes of methods."""
        return frozenset(
            function.name if owner is None else owner.name
            for function, owner in self.functions
            if steps(names_in(function))
        )

    @functools.cached_property
    def exported_names(self) -> frozenset[str]:
        """All names through which code that trains here may be reached."""
        return self._reaching(lambda node: steps(names_in(node)))

    @functools.cached_property
    def reported(self) -> frozenset[str]:
        """All names through which a mistake may be reached."""
        return self._reaching(self.has_site)

    def _reaching(self, is_wanted: Callable[[FunctionNode], bool]) -> frozenset[str]:
        return self.names_reaching(
            {
                owner.name if owner is not None and function.name in self.common else function.name
                for function, owner in self.functions
                if is_wanted(function)
            }
        )

    def has_site(self, node: ast.stmt) -> bool:
        """Whether a statement or function of the module may contain a mistake, judged by its words."""
        if self.trains:
            return trains(names_in(node)) or (getattr(node, "name", "") in PER_EPOCH and "compute" in names_in(node))
        return self.has_form(node)

    @functools.cached_property
    def may_report(self) -> dict[FunctionNode, ast.ClassDef | None]:
        """The functions that are such candidates, or have a word or form that is one in a file that does not train,
        each with its class."""
        return {
            function: owner for function, owner in self.functions if self.has_site(function) or self.has_form(function)
        }

    def has_form(self, node: ast.stmt) -> bool:
        """Whether a statement or function of the module has a word or a form at which a mistake may be reported."""
        found = self._sites.get(node)
        if found is None:
            found = self._sites[node] = self._is_site(self._rows_of(node))
        return found

    def _rows_of(self, node: ast.stmt) -> bytes:
        first = min((d.lineno for d in getattr(node, "decorator_list", ())), default=node.lineno)
        return b"\n".join((*self._rows[first - 1 : node.end_lineno], b""))

    def has_class_site(self, node: ast.ClassDef) -> bool:
        """Whether a module class may contain a mistake, judged by its words."""
        return prefilter.classes.has_site(self._rows_of(node), self._data)

    @functools.cached_property
    def repeats_layers(self) -> bool:
        """Whether the file may have a list that contains one layer several times, judged by its words."""
        return prefilter.classes.repeats_layers(self._data)

    def names_reaching(self, wanted: Collection[str]) -> frozenset[str]:
        """The names of the module, these included, through which one of the wanted names may be reached: functions and
        variables that use one, classes with such a method or base, imports under another name."""
        found = set(wanted)
        waiting: list[tuple[tuple[str, ...], frozenset[str]]] = []
        for statement in top_level(self.tree.body):
            if isinstance(statement, ast.ImportFrom):
                found.update(alias.asname for alias in statement.names if alias.asname and alias.name in wanted)
            elif isinstance(statement, FunctionNode):
                waiting.append(((statement.name,), names_in(statement)))
            elif isinstance(statement, ast.ClassDef):
                for part in (*statement.bases, *statement.body):
                    own = (part.name,) if isinstance(part, FunctionNode) else ()
                    waiting.append(((statement.name, *own), names_in(part) | frozenset(own)))
            elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                bound = tuple(name for target in targets for name in names_in(target))
                waiting.append((bound, names_in(statement.value)))
        users: dict[str, list[tuple[str, ...]]] = {}
        for bound, names in waiting:
            for name in names:
                users.setdefault(name, []).append(bound)
        new = list(found)
        while new:
            for bound in users.pop(new.pop(), ()):
                more = [name for name in bound if name not in self.common and name not in found]
                found.update(more)
                new += more
        return frozenset(found)


def trains(names: frozenset[str]) -> bool:
    """Whether code with these names may contain an event: a name from the loop itself, or from its objects."""
    return not names.isdisjoint(TRAINS) or {"next", "iter"} <= names or TRAIN_PARTS.search("\n".join(names)) is not None


def steps(names: frozenset[str]) -> bool:
    """Whether the caller of code with these names may matter: it performs a step of a loop, or switches the mode."""
    return not names.isdisjoint(STEPS) or ("step" in names and trains(names))


def names_in(node: ast.AST) -> frozenset[str]:
    """Every name and attribute in a piece of code."""
    return _survey(node)[0]


def calls_in(node: ast.AST) -> frozenset[tuple[str, str]]:
    """The method calls in a piece of code, each with the last part of its receiver's name. `backward` with an argument
    is `backward(loss)`."""
    return _survey(node)[1]


def _survey(node: ast.AST) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """The names and calls in a piece of code: trees are large, and walked once for both."""
    found = _SURVEYS.get(node)
    if found is None:
        if isinstance(node, ast.ClassDef):
            parts = (*node.decorator_list, *node.bases, *node.body)
            found = frozenset().union(*map(names_in, parts)), frozenset().union(*map(calls_in, parts))
        else:
            names = set()
            calls = set()
            for n in nodes(node):
                kind = n.__class__
                if kind is ast.Name:
                    names.add(n.id)  # type: ignore[attr-defined]
                elif kind is ast.Attribute:
                    names.add(n.attr)  # type: ignore[attr-defined]
                elif isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute):
                    if name := last_name(n.func.value):
                        method = n.func.attr
                        calls.add((name, "backward(loss)" if method == "backward" and n.args else method))
            found = frozenset(names), frozenset(calls)
        _SURVEYS[node] = found
    return found


def has_inner_functions(function: FunctionNode) -> bool:
    """Whether a function defines functions, which may use its variables after it has returned."""
    found = _INNER.get(function)
    if found is None:
        inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.GeneratorExp)
        found = _INNER[function] = any(isinstance(n, inner) for n in nodes(*function.body))
    return found


def inner_imports(function: FunctionNode) -> list[ast.Import | ast.ImportFrom]:
    """The import statements in a function."""
    found = _IMPORTS.get(function)
    if found is None:
        found = _IMPORTS[function] = [n for n in nodes(function) if isinstance(n, ast.Import | ast.ImportFrom)]
    return found


_IMPORTS: WeakKeyDictionary[ast.AST, list[ast.Import | ast.ImportFrom]] = WeakKeyDictionary()
_INNER: WeakKeyDictionary[ast.AST, bool] = WeakKeyDictionary()
_SURVEYS: WeakKeyDictionary[ast.AST, tuple[frozenset[str], frozenset[tuple[str, str]]]] = WeakKeyDictionary()

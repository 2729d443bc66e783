"""Reads the torch module classes of a parsed file, each once for all rules.

- `classes`: which classes are modules, and the layers that they construct
- `modes`: which of them may compute something different in training mode
- `built_in_forward`, `derived_parameters`, `dropouts`, `plain_collections`, `sequences`, `shared_layers`,
  `unswitched`: what may be wrong in a class, a topic each
- `module_class`, `class_graph`: a class as data, and as the events that rules are asked about
- `calls`, `class_syntax`, `text`: the calls, the syntax and the text that they are read from
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from looplint.knowledge.layers import FORWARDS
from looplint.module_classes.built_in_forward import built_in_forward
from looplint.module_classes.calls import calls_in, run_by
from looplint.module_classes.class_syntax import Function, methods_of
from looplint.module_classes.classes import Classes, Resolve
from looplint.module_classes.derived_parameters import derived_parameters
from looplint.module_classes.dropouts import dropouts
from looplint.module_classes.modes import Free, Modes, returns_by_mode, unrecorded
from looplint.module_classes.module_class import ModuleClass
from looplint.module_classes.plain_collections import plain_collections
from looplint.module_classes.rated_dropouts import rated_dropouts
from looplint.module_classes.sequences import sequences
from looplint.module_classes.shared_layers import contained_layers, shared_layers
from looplint.module_classes.text import Text
from looplint.module_classes.unswitched import unswitched
from looplint.syntax.walk import DEFINITIONS, statements, top_level

HYPERNETWORK = re.compile(r"(?i)hyper|meta_?learn|MAML|dynamic_?(conv|filter)")


class ModuleReader:
    """Reads the torch module classes of a file, each on demand.

    `resolve`: the dotted name of an expression through the file's imports (`Imports.dotted`). `text`: what was parsed;
    without it columns are bytes, and there are no fixes and comments.
    """

    def __init__(self, tree: ast.Module, path: str, resolve: Resolve, text: str = "") -> None:
        self.nodes = [node for node in statements(tree.body) if isinstance(node, ast.ClassDef)]
        self._tree = tree
        self._classes = Classes(
            tree,
            named={node.name: node for node in self.nodes},
            resolve=resolve,
            text=Text(path, text.split("\n")),
        )
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.decorator_list]
        self._functions = {node.name: node for node in functions}
        self._modes = Modes(self._classes, self._functions)
        self._read: dict[ast.ClassDef, ModuleClass | None] = {}

    def read(self, node: ast.ClassDef) -> ModuleClass | None:
        """One class as data, None if it is no module."""
        if node not in self._read:
            certain = self._classes.is_module(node)
            self._read[node] = _read(node, certain, self._classes, self._modes) if certain is not None else None
        return self._read[node]

    def outside(self) -> Iterator[ModuleClass]:
        """The functions that belong to no module class, and the code of the file itself, with the layers that they give
        to containers."""
        modules = [node for node in self.nodes if self._classes.is_module(node) is not None]
        inside = {id(one) for node in modules for one in statements(node.body)}
        script = ast.FunctionDef("", ast.arguments([], [], None, [], [], None, []), [], [])
        script.body = [one for one in top_level(self._tree.body) if not isinstance(one, DEFINITIONS)]
        functions = [one for one in statements(self._tree.body) if isinstance(one, Function) and id(one) not in inside]
        for function in (script, *functions):
            if shared := tuple(contained_layers(self._classes, function)):
                yield ModuleClass(function.name, shared[0].place, shared_layers=shared, function=True)

    def mode_sensitive(self, node: ast.ClassDef, free: Free) -> bool:
        """Whether a class may compute something different in training mode, where these imported classes do not, and
        these imported functions give none that does by themselves."""
        return Modes(self._classes, self._functions, free).sensitive(node)

    def gives_mode(self, function: ast.FunctionDef) -> bool:
        """Whether a function of the file may give a layer with a mode by itself, whatever is passed to it."""
        return self._modes.gives_switching(function)


def module_classes(tree: ast.Module, path: str, resolve: Resolve, text: str = "") -> Iterator[ModuleClass]:
    """All torch module classes of a file, in source order."""
    reader = ModuleReader(tree, path, resolve, text)
    return (cls for node in reader.nodes if (cls := reader.read(node)) is not None)


def _read(node: ast.ClassDef, certain: bool, classes: Classes, modes: Modes) -> ModuleClass:
    methods = methods_of(node)
    forward = run_by(methods, FORWARDS & methods.keys())
    inside = [call for name in methods if name in forward for call in calls_in(methods[name], forward[name])]
    outside = [methods[name] for name in methods if name not in forward]
    return ModuleClass(
        name=node.name,
        place=classes.text.place(node, head=True),
        bases=tuple(classes.resolve(base) or ast.unparse(base) for base in node.bases),
        layers=tuple(classes.all_layers(node)),
        collections=tuple(plain_collections(classes, methods, outside)),
        built_in_forward=tuple(built_in_forward(classes, inside)),
        dropouts=(*dropouts(classes, node, inside), *rated_dropouts(classes, node, inside)),
        unswitched=tuple(unswitched(classes, node, [methods[name] for name in forward], inside)),
        derived_parameters=tuple(derived_parameters(classes, methods, outside)),
        shared_layers=tuple(shared_layers(classes, node, outside)),
        sequences=tuple(sequences(classes, list(methods.values()), [methods[name] for name in forward])),
        parameters=classes.has_parameters(node),
        fresh=classes.is_fresh(node),
        mode_sensitive=modes.sensitive(node),
        statistics=classes.has_statistics(node),
        returns_by_mode=returns_by_mode(classes, methods),
        unrecorded=unrecorded(methods),
        hypernetwork=HYPERNETWORK.search(node.name) is not None,
        certain=certain,
    )

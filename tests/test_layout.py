"""The house: which folder may import which, and what each may hold. The lists of exceptions only ever shrink."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from readme_parts import ROOT

PACKAGE = ROOT / "looplint"
FILES = sorted(PACKAGE.rglob("*.py"))

FLOORS = (
    ("events", "finding", "notice", "profile", "version"),
    ("knowledge", "rule", "syntax"),
    ("module_classes", "prefilter", "sources"),
    ("fix", "program", "project", "report"),
    ("findings", "interpreter"),
    ("library", "pages"),
    ("run",),
    ("api", "cli", "corpus", "metadata", "server"),
    ("notebook_magic",),
)
"""From the ground up: a folder imports from floors below its own, and from neighbours where that makes no circle."""

PARSERS_OUTSIDE_SYNTAX = {"metadata.py", "expression.py", "transform.py"}
"""Files outside `syntax/` that know libcst: its nodes are what they are about. None calls `ast.parse`."""

ROW_LOADERS = {
    "keras.py: _takes",
    "layers.py: _torch_nn",
    "segmentation_models_pytorch.py: _returns",
    "segmentation_models_pytorch.py: _takes",
}
"""Functions in `knowledge/` that write out the rows of their own file."""

TESTED = ("events", "interpreter", "library", "module_classes", "prefilter", "program", "run")
"""Folders of which each file has a test file of its own, in a folder of the same name."""

DECLARED = ("contexts", "facts", "how", "kinds", "options")
"""Vocabularies: each member is set, read and explained."""

GRAPH = ("derivation", "edges", "event", "event_graph", "lifetimes", "object", "query_nodes", "search")
"""The event graph and what it consists of, tested together: a query needs all of it."""

TESTED_ELSEWHERE = {
    **dict.fromkeys((f"events/{name}.py" for name in DECLARED), "test_contract.py"),
    **dict.fromkeys((f"events/{name}.py" for name in GRAPH), "test_events.py"),
    "events/shape.py": "library/test_shape_rules.py",
    "events/caller.py": "library/test_direct_forward.py",
    "interpreter/library.py": "library/test_library.py",  # the interface of the library
    "interpreter/part.py": "test_layout.py",
    "interpreter/tables.py": "library/test_tables.py",  # the form of the tables
    "library/part.py": "test_layout.py",
    "prefilter/__init__.py": "prefilter/test_need.py",
    "module_classes/__init__.py": "test_module_reader.py",
    "module_classes/module_class.py": "test_module_reader.py",
    "program/step_names.py": "test_step_names.py",
    "run/analysis.py": "test_project_index.py",
    "run/callers.py": "test_project_index.py",
    "run/api.py": "test_api.py",
    "run/cache.py": "test_cache.py",
    "run/cache_folder.py": "test_cache.py",
    "run/workspace.py": "test_workspace.py",
}
"""Files whose tests are about more than the file alone."""


def unit(module: str) -> str:
    """The folder of looplint, or the file that lies in none, that a module belongs to."""
    return module.split(".")[1] if "." in module else "looplint"


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def imports(file: Path) -> Iterator[str]:
    """The modules of looplint that a file imports when it runs, not those that only its types need."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "looplint":
            yield from (f"looplint.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("looplint."):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("looplint."))


def arrows() -> dict[str, set[str]]:
    """For each folder (or file that lies in none), those that it imports from."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in FILES:
        own = unit(name_of(file))
        found[own] |= {unit(module) for module in imports(file)} - {own}
    return found


def circles(graph: dict[str, set[str]]) -> list[str]:
    """What can be reached from itself."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for after in graph.get(waiting.pop(), ()):
                if after not in seen:
                    seen.add(after)
                    waiting.append(after)
        return seen

    return sorted(one for one in graph if one in reached(one))


def strings(file: Path) -> Iterator[str]:
    """The strings in a file that are no docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["b", "c"]


def test_no_folder_imports_in_a_circle() -> None:
    assert circles(arrows()) == []


def test_no_file_imports_in_a_circle() -> None:
    names = {name_of(file).removesuffix(".__init__") for file in FILES}
    found = {
        name_of(file).removesuffix(".__init__"): set(imports(file)) & names - {name_of(file).removesuffix(".__init__")}
        for file in FILES
    }
    assert circles(found) == []


def test_a_folder_imports_from_the_floors_below_it() -> None:
    level = {name: index for index, floor in enumerate(FLOORS) for name in floor}
    found = arrows()
    assert set(found) - set(level) <= {"looplint", "__init__", "__main__"}, "a new folder needs a floor"
    upwards = [
        f"{one} -> {other}"
        for one, others in found.items()
        for other in others
        if one in level and other in level and level[other] > level[one]
    ]
    assert upwards == []


def test_the_interpreter_does_not_know_the_library() -> None:
    found = [file.name for file in (PACKAGE / "interpreter").glob("*.py") if "looplint.library" in file.read_text()]
    # One docstring says where the other side of the interface is.
    assert [name for name in found if name != "library.py"] == []
    assert not any(unit(module) == "library" for module in imports(PACKAGE / "interpreter" / "library.py"))


def test_the_interpreter_looks_into_no_table_of_torch() -> None:
    tables = {f"looplint.knowledge.{name}" for name in ("layers", "logits", "torch_types", "torch_calls")}
    tables |= {"looplint.knowledge.torch_schedules", "looplint.knowledge.torch_tensors"}
    found = {file.name for file in (PACKAGE / "interpreter").glob("*.py") if tables & set(imports(file))}
    assert found == set(), "declare a table in interpreter/tables.py, and fill it in library/tables.py"


def test_the_interpreter_names_nothing_of_torch() -> None:
    found = {
        file.name
        for file in (PACKAGE / "interpreter").glob("*.py")
        if any(text == "torch" or text.startswith("torch.") for text in strings(file))
    }
    assert found == set()


def test_knowledge_holds_rows_and_no_code() -> None:
    found = {
        f"{file.name}: {getattr(node, 'name', 'lambda')}"
        for file in (PACKAGE / "knowledge").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    }
    assert found == ROW_LOADERS


def lists_of_names(tree: ast.AST) -> Iterator[ast.AST]:
    """The lists of two names or more that stand inside functions, and those in patterns of `match`."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        for node in ast.walk(function):
            parts: list[ast.expr] = []
            if isinstance(node, ast.Tuple | ast.List | ast.Set):
                parts = node.elts
            elif isinstance(node, ast.MatchOr):
                parts = [one.value for one in node.patterns if isinstance(one, ast.MatchValue)]
            if sum(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in parts) > 1:
                yield node


def test_lists_of_names_are_found() -> None:
    code = "A = ('x', 'y')\ndef f(n, a=('x', 1)):\n    match n:\n        case 'x' | 'y': return n in {'x', 'y'}\n"
    assert [ast.unparse(one) for one in lists_of_names(ast.parse(code))] == ["'x' | 'y'", "{'x', 'y'}"]


@pytest.mark.parametrize("folder", ["interpreter", "library"])
def test_no_list_of_names_stands_in_a_function(folder: str) -> None:
    """Names are data: they stand in `knowledge/`, each list under a name of its own with a sentence."""
    found = [
        f"{file.name}:{getattr(node, 'lineno', 0)} {ast.unparse(node)}"
        for file in sorted((PACKAGE / folder).glob("*.py"))
        for node in lists_of_names(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_only_the_syntax_folder_knows_a_parser() -> None:
    found = {
        file.name
        for file in FILES
        if unit(name_of(file)) != "syntax"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and ast.unparse(node) == "ast.parse")
        or (isinstance(node, ast.Import | ast.ImportFrom) and "libcst" in ast.unparse(node))
    }
    assert found <= PARSERS_OUTSIDE_SYNTAX


@pytest.mark.parametrize("word", ["zero_grad", "backward", "torch"])
def test_sources_know_nothing_of_torch(word: str) -> None:
    found = {file.name for file in (PACKAGE / "sources").glob("*.py") if any(word in text for text in strings(file))}
    assert found == set()


def test_parts_hold_the_reader_and_nothing_of_another_part() -> None:
    """Parts reach each other through the reader, and never by a private name."""
    found = []
    for file in (*(PACKAGE / "interpreter").glob("*.py"), *(PACKAGE / "library").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            private = isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__")
            if private and isinstance(node, ast.Attribute) and not isinstance(node.value, ast.Name):
                found.append(f"{file.name}:{node.lineno} {ast.unparse(node)}")
            if isinstance(node, ast.Name) and node.id == "NotImplementedError":
                found.append(f"{file.name}:{node.lineno} a stub")
    assert found == []


def test_each_part_has_a_test_file_of_its_own() -> None:
    tests = PACKAGE.parent / "tests"
    wanted = {}
    for folder in TESTED:
        # Modules in folders inside it have names of their own.
        for file in (PACKAGE / folder).rglob("*.py"):
            name = f"{folder}/{file.name}"
            if file.name != "__init__.py" or name in TESTED_ELSEWHERE:
                wanted[name] = TESTED_ELSEWHERE.get(name, f"{folder}/test_{file.name}")
    assert set(TESTED_ELSEWHERE) <= set(wanted), "a file is gone"
    assert [f"{name}: {test}" for name, test in sorted(wanted.items()) if not (tests / test).is_file()] == []

"""Registries: dictionaries of a module that decorators fill."""

from __future__ import annotations

from pathlib import Path

from hand_made import NoLibrary, at_the_end, value

from looplint.events import EventGraph, Place
from looplint.interpreter.reader import Reader
from looplint.interpreter.values import Class, Collection
from looplint.program.program import Program
from looplint.sources import from_text

REGISTRY = """
KNOWN = {}
OTHER = {}


def enter(name):
    def decorator(cls):
        KNOWN[name] = cls
        return cls

    return decorator
"""

NETWORK = """
@enter("small")
class Small:
    pass


@other("large")
class Large:
    pass
"""


def reading(folder: Path, code: str, **files: str) -> Reader:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    program = Program()
    (source,) = from_text(code, str(folder / "train.py"))
    module = program.add(source, str(folder / "train.py"))
    return at_the_end(Reader(program, EventGraph("code", Place("code.py", 1, 1, 1, 1)), module, True, NoLibrary))


def entered(reader: Reader, name: str) -> dict[object, str]:
    found = value(reader, name)
    assert isinstance(found, Collection)
    return {key: one.name for key, one in found.items.items() if isinstance(one, Class)}


def test_entries_of_the_same_file(tmp_path: Path) -> None:
    reader = reading(tmp_path, f"def other(name):\n    return print\n{REGISTRY}{NETWORK}\nx = KNOWN")
    assert entered(reader, "x") == {"small": "Small"}


def test_entries_of_what_a_package_imports(tmp_path: Path) -> None:
    network = f"from registry import enter\n{NETWORK}"
    files = {"registry": REGISTRY, "networks": network, "package": "import networks\nfrom registry import KNOWN, OTHER"}
    reader = reading(tmp_path, "from package import KNOWN, OTHER", **files)
    assert entered(reader, "KNOWN") == {"small": "Small"}
    assert entered(reader, "OTHER") == {}


def test_a_decorator_that_sets_no_entry_is_left_alone(tmp_path: Path) -> None:
    files = {"registry": REGISTRY, "networks": "from registry import enter\nenter('a')\nclass A: pass\n"}
    assert entered(reading(tmp_path, "import networks\nfrom registry import KNOWN", **files), "KNOWN") == {}

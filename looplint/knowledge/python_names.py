"""Python's own functions and collections as data."""

from __future__ import annotations

NUMBERS = frozenset(
    ("float", "int", "bool", "str", "len", "repr", "hash", "ord", "complex", "bytes", "format", "divmod")
)
"""Built-in functions that return a plain value."""

PLAIN_VALUES = NUMBERS | frozenset(("max", "min", "sum", "abs", "round", "pow", "range"))
"""Built-in functions that make no object of a class of its own, whatever they are given plain values for."""

HARMLESS = frozenset(
    (
        "print",
        "isinstance",
        "issubclass",
        "hasattr",
        "id",
        "type",
        "callable",
        "vars",
        "dir",
        "input",
        "open",
        "any",
        "all",
        "exit",
        "breakpoint",
        "help",
        "delattr",
        "globals",
        "locals",
        "object",
        "quit",
    )
)
"""Built-in functions that do nothing to what they are given."""

ITERATORS = frozenset(
    (
        "tqdm.tqdm",
        "tqdm.auto.tqdm",
        "tqdm.notebook.tqdm",
        "tqdm.trange",
        "rich.progress.track",
        "fastprogress.progress_bar",
        "fastprogress.master_bar",
        "progressbar.progressbar",
        "alive_progress.alive_it",
        "collections.deque",
        "copy.copy",
    )
)
"""Functions that go over what they are given."""

KEEPS = frozenset(("append", "add", "extend", "insert", "appendleft", "push", "put", "update"))
"""Methods that put their argument into their receiver."""

VIEWS = frozenset(("items", "keys", "values", "parameters", "named_parameters", "buffers", "children", "modules"))
"""Methods that give the parts of one object, no stream of batches."""

ONE_SHOT = frozenset(("iter", "zip", "enumerate", "map", "filter"))
"""Built-in functions that give what can be gone through once."""

EXHAUSTS = frozenset(("list", "tuple", "set", "sorted", "sum", "max", "min"))
"""Built-in functions that go through what they are given."""

PASSED_ON = frozenset(("enumerate", "tqdm"))
"""Functions through which one goes over what they are given."""

ENUMERATIONS = frozenset(f"enum.{name}" for name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum"))
"""Classes whose attributes are constants that are told apart by their names."""

PLAIN_ENUMERATIONS = frozenset(("enum.IntEnum", "enum.StrEnum", "enum.IntFlag", "builtins.int", "builtins.str"))
"""Bases that make these constants plain numbers or strings as well."""

REFLECTION = frozenset(("locals", "vars", "globals", "eval", "exec"))
"""Built-in functions that read variables by names which do not stand in the code."""

PROGRESS = ("tqdm", "trange", "track")
"""Last names of functions, of whatever package, that go over what they are given and show how far they are."""

COUNTED = frozenset(("collections.defaultdict", "collections.Counter"))
"""What makes a dict that is empty at first, or whose values are numbers."""

RECORDS = frozenset(("types.SimpleNamespace", "argparse.Namespace"))
"""What makes an object that only holds attributes."""

"""Python's own functions and collections as data."""

from __future__ import annotations

NUMBERS = frozenset(
    ("float", "int", "bool", "str", "len", "repr", "hash", "ord", "complex", "bytes", "format", "divmod")
)
"""Built-in functions that return a plain value."""

PLAIN_VALUES = NUMBERS | frozenset(("max", "min", "sum", "abs", "round", "pow", "range"))
"""Built-in functions that return plain values for plain arguments."""

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
"""Built-in functions without effect on their arguments."""

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
        "random.choices",
        "random.sample",
    )
)
"""Functions that iterate over their arguments."""

KEEPS = frozenset(("append", "add", "extend", "insert", "appendleft", "push", "put", "update"))
"""Methods that add their argument to their receiver."""

VIEWS = frozenset(("items", "keys", "values", "parameters", "named_parameters", "buffers", "children", "modules"))
"""Methods that return the parts of one object, not a stream of batches."""

ONE_SHOT = frozenset(("iter", "zip", "enumerate", "map", "filter"))
"""Built-in functions that return a one-shot iterator."""

EXHAUSTS = frozenset(("list", "tuple", "set", "sorted", "sum", "max", "min"))
"""Built-in functions that consume an iterable."""

PASSED_ON = frozenset(("enumerate", "tqdm"))
"""Functions that yield the elements of their argument."""

ENUMERATIONS = frozenset(f"enum.{name}" for name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum"))
"""Enumerations: classes whose attributes are distinct constants."""

PLAIN_ENUMERATIONS = frozenset(("enum.IntEnum", "enum.StrEnum", "enum.IntFlag", "builtins.int", "builtins.str"))
"""Bases that make these constants plain numbers or strings as well."""

REFLECTION = frozenset(("locals", "vars", "globals", "eval", "exec"))
"""Built-in functions that read variables by names which are not in the code."""

PROGRESS = ("tqdm", "trange", "track")
"""Last names of functions, of any package, that iterate over their argument and show progress."""

COUNTED = frozenset(("collections.defaultdict", "collections.Counter"))
"""Constructors of a dict that starts empty, or whose values are numbers."""

COLLECTIONS = frozenset(("builtins.list", "builtins.dict", "builtins.set", "collections.deque"))
"""Constructors of collections, which start empty without an argument."""

RECORDS = frozenset(("types.SimpleNamespace", "argparse.Namespace"))
"""Constructors of objects that only hold attributes."""

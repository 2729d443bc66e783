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

SELECTS = frozenset(("difference", "intersection", "symmetric_difference"))
"""Methods of a set that leave some of its elements out."""

VIEWS = frozenset(("items", "keys", "values", "parameters", "named_parameters", "buffers", "children", "modules"))
"""Methods that return the parts of one object, not a stream of batches."""

ONE_SHOT = frozenset(("iter", "zip", "enumerate", "map", "filter"))
"""Built-in functions that return a one-shot iterator."""

READS_NO_ATTRIBUTES = ("abc.", "builtins.", "typing.")
"""Beginnings of the names of base classes that read no attributes of an object."""

KEEPS_ALL = frozenset(("list", "tuple", "set", "sorted", "sum"))
"""Built-in functions whose result holds all elements of an iterator, or is computed of all of them."""

EXHAUSTS = KEEPS_ALL | frozenset(("max", "min"))
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

NAMED_TUPLES = frozenset(("collections.namedtuple", "typing.NamedTuple"))
"""Functions that make a class of tuples with named elements."""

WITHOUT_DEFAULTS = frozenset(("field_names", "module"))
"""Their keywords that change nothing about the elements."""

GIVES_SAMPLES = frozenset(("__getitem__", "__getitems__", "__call__"))
"""Methods that give a sample, of a dataset or of a transformation in it."""

READS_SAMPLES = ("__getitem__", "__getitems__", "__iter__")
"""Methods by which the samples of a dataset are read."""

OF_MEMBERS = frozenset(("name", "value"))
"""Attributes of a member of an enumeration."""

INFINITE = frozenset(("inf", "Inf", "infty"))
"""Last names of the constant infinity."""

NEXT = frozenset(("next", "__next__"))
"""Methods that return the next element of an iterator."""

FURTHER_ACCESSORS = frozenset(("setter", "deleter"))
"""Decorators of a property's further functions."""

ENDLESS = frozenset(("cycle", "repeat", "count"))
"""Last names of functions that return an endless iterator."""

SAME_TYPE = frozenset(("Optional", "Annotated", "Final"))
"""Last names of annotations whose (first) argument is the type."""

MAKES_CONTEXT_MANAGER = frozenset(("contextmanager", "asynccontextmanager"))
"""Last names of decorators that make a context manager of a generator."""

COUNTING = frozenset(("range", "trange", "count"))
"""Last names of functions that return consecutive numbers."""

APPLIES = frozenset(("map", "starmap"))
"""Last names of functions that call their first argument with the elements of the others."""

COMBINES = APPLIES | frozenset(("zip", "enumerate", "product", "chain"))
"""Last names of functions that return an iterator over the elements of several arguments."""

LISTS = frozenset(("list", "tuple", "set", "sorted"))
"""Built-in functions that collect the elements of an iterable."""

COLLECTS = LISTS | frozenset(("dict",))
"""The same, and `dict`."""

ITERATES = COLLECTS | frozenset(("reversed", "iter", "enumerate", "zip", "filter", "map", "range"))
"""Built-in functions that iterate over an argument, or collect its elements."""

ONE_NUMBER = frozenset(("float", "int", "len"))
"""Built-in functions that return a single number."""

COMPUTES = frozenset(("sum", "max", "min", "abs", "round", "pow"))
"""Built-in functions that compute with their arguments, whatever type these have."""

OF_ENTRIES = frozenset(("items", "values", "keys", "copy"))
"""Methods of a collection that return its entries."""

SAME_VALUES = frozenset(("items", "values"))
"""Methods of a dictionary that return its values."""

STORES = {"store_true": True, "store_false": False}
"""What an option of `argparse` stores where it is written, by its action."""

TAKES_OUT = frozenset(("pop", "popleft"))
"""Methods that remove an element and return it."""

RETURNS_NOTHING = frozenset(("clear", "remove", "sort", "reverse", "index", "count"))
"""Methods of a collection that return none of its elements."""

ADDS_EACH = frozenset(("extend", "update"))
"""Methods that add the elements of their argument."""

"""Functions that split datasets, and streams. A part is a view: `.dataset` is the whole, shared by all parts.

Source: the reference page of `torch.utils.data` (torch 2.13).
"""

from __future__ import annotations

import re

SUBSET = "torch.utils.data.Subset"

JOINED = "torch.utils.data.ConcatDataset"

SPLITS = frozenset(("torch.utils.data.random_split", "torch.utils.data.dataset.random_split"))
"""Functions that split a dataset into a list of `Subset`."""

FOLD_MAKERS = frozenset(
    f"sklearn.model_selection.{name}"
    for name in (
        "GroupKFold",
        "KFold",
        "LeaveOneGroupOut",
        "LeaveOneOut",
        "RepeatedKFold",
        "RepeatedStratifiedKFold",
        "ShuffleSplit",
        "StratifiedGroupKFold",
        "StratifiedKFold",
        "StratifiedShuffleSplit",
    )
)
"""What cross-validates: its `split` gives another part to hold out in each pass. In `TimeSeriesSplit` a model may go on
from the pass before."""

DATASET = "torch.utils.data.Dataset"

TRANSFORMATION = re.compile(r"(?i)transform|augment|^lambda\b")
"""Arguments of a dataset, as written, that change its samples and do not choose between them."""

CHANGES_ITSELF = frozenset(
    [
        "add_",
        "append",
        "clamp_",
        "clip_",
        "copy_",
        "div_",
        "extend",
        "fill_",
        "insert",
        "masked_fill_",
        "mul_",
        "neg_",
        "normal_",
        "pop",
        "popitem",
        "put_",
        "remove",
        "sub_",
        "uniform_",
        "zero_",
    ]
)
"""Methods that change their receiver."""

CHANGES_ARGUMENT = frozenset(["shuffle"])
"""Functions that change their argument."""

CONVERTS = frozenset(["array", "as_tensor", "asarray", "float", "from_numpy", "int", "long", "str", "tensor"])
"""Functions that give the same again when they are called again."""

READS_RECORDS = frozenset(("json.load", "json.loads"))
"""Functions that give lists and dictionaries, which stay the same objects."""

READS_ARRAYS = frozenset(("numpy.load",))
"""Functions that give an array, of which an index takes a part in the same memory (numpy 2)."""

MAPS_FILE = "mmap_mode"
"""Their argument with which the array stays in the file."""

SHARES_MEMORY = frozenset(("from_numpy",))
"""Functions that take arrays and no numbers, and share their memory."""

STREAM = "torch.utils.data.IterableDataset"

KNOWS_WORKERS = re.compile(r"(?i)worker|shard|(?:^|_)rank|world|num_process|process_index|partition")
"""Names in a class that may give each worker, or each process, its own part."""

WHOLE = ("torchvision.datasets.", "torch.utils.data.TensorDataset")
"""Beginnings of the names of datasets that are the same in each process."""

READS_ALL = frozenset(("open", "range", "listdir", "glob", "iglob", "rglob", "read_csv", "TensorDataset"))
"""Functions and methods that iterate over data which is the same for every worker."""

SEEDED = re.compile(r"(?i)seed|generator|default_rng|randomstate|rng")
"""Names in a method that may draw the same numbers again."""

DRAWS = re.compile(r"(?i)rand|shuffle|sample|choice|permut|normal|step|reset")
"""Names in a stream that generates its samples, different ones in each worker."""

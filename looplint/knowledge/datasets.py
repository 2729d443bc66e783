"""What makes parts of a dataset, and streams. A part is a view: `.dataset` is the whole that it was taken from, shared
by all parts.

Source: the reference page of `torch.utils.data` (torch 2.13).
"""

from __future__ import annotations

import re

SUBSET = "torch.utils.data.Subset"

SPLITS = frozenset(("torch.utils.data.random_split", "torch.utils.data.dataset.random_split"))
"""Functions that take a dataset apart into a list of `Subset`."""

STREAM = "torch.utils.data.IterableDataset"

KNOWS_WORKERS = re.compile(r"(?i)worker|shard|(?:^|_)rank|world|num_process|process_index|partition")
"""Names in a class that may give each worker, or each process, a part of its own."""

READS_ALL = frozenset(("open", "range", "listdir", "glob", "iglob", "rglob", "read_csv", "TensorDataset"))
"""Functions and methods by which a stream goes over what is the same for every worker."""

DRAWS = re.compile(r"(?i)rand|shuffle|sample|choice|permut|normal|step|reset")
"""Names in the code of a stream that makes its samples up, each worker other ones."""

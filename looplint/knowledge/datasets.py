"""Functions that split datasets, and streams. A part is a view: `.dataset` is the whole, shared by all parts.

Source: the reference page of `torch.utils.data` (torch 2.13).
"""

from __future__ import annotations

import re

SUBSET = "torch.utils.data.Subset"

SPLITS = frozenset(("torch.utils.data.random_split", "torch.utils.data.dataset.random_split"))
"""Functions that split a dataset into a list of `Subset`."""

STREAM = "torch.utils.data.IterableDataset"

KNOWS_WORKERS = re.compile(r"(?i)worker|shard|(?:^|_)rank|world|num_process|process_index|partition")
"""Names in a class that may give each worker, or each process, its own part."""

READS_ALL = frozenset(("open", "range", "listdir", "glob", "iglob", "rglob", "read_csv", "TensorDataset"))
"""Functions and methods that iterate over data which is the same for every worker."""

DRAWS = re.compile(r"(?i)rand|shuffle|sample|choice|permut|normal|step|reset")
"""Names in a stream that generates its samples, different ones in each worker."""

#!/usr/bin/env bash
# datasets: `IterableDataset.shuffle(seed)` gives the same order in every epoch, until `set_epoch()` is called. A map-style
# dataset behind `DataLoader(shuffle=True)` is shuffled anew each time.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 datasets==5.2.0
export HF_HOME=$folder/hf
python -W ignore - <<'P'
import torch
from datasets import Dataset
from torch.utils.data import DataLoader

rows = Dataset.from_dict({"x": list(range(64))})
streamed = rows.to_iterable_dataset().shuffle(seed=0, buffer_size=64)

def order(loader):
    return [int(x) for batch in loader for x in batch["x"]]

loader = DataLoader(streamed, batch_size=8)
first, second = order(loader), order(loader)
streamed.set_epoch(1)
third = order(loader)
again = DataLoader(rows, batch_size=8, shuffle=True)
print("streamed, two epochs equal:", first == second, "| after set_epoch(1):", first == third)
assert first == second != third and sorted(first) == sorted(third)
assert order(again) != order(again)
P

#!/usr/bin/env bash
# PyTorch: a DataLoader that neither shuffles nor has workers takes a number from the global random generator each time that it is
# iterated. One more validation, or one fewer, gives the dropout and the shuffling of the rest of the training other numbers, although
# the seed is the same. With a `generator` of its own it does not.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
python - <<'P'
import torch
from torch.utils.data import DataLoader


def next_number(loader):
    torch.manual_seed(0)
    for _ in loader:
        pass
    return torch.rand(()).item()


data = list(range(4))
none = next_number([])
plain = next_number(DataLoader(data, batch_size=2, shuffle=False, num_workers=0))
own = next_number(DataLoader(data, batch_size=2, generator=torch.Generator()))
print(f"the next random number: without a loader {none:.4f}, behind one {plain:.4f}, behind one with a generator {own:.4f}")
assert plain != none and own == none
P

#!/usr/bin/env bash
# PyTorch's DataLoader gives each worker its own seed for `torch`, `random` and the global generator of NumPy. A generator that
# the dataset made for itself (`default_rng()`, as NumPy advises) is copied: all workers draw the same numbers.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
cat > draws.py <<'P'
import numpy, torch
from torch.utils.data import DataLoader, Dataset

class Draws(Dataset):
    def __init__(self, own):
        self.draw = numpy.random.default_rng(0).random if own else None

    def __len__(self):
        return 8

    def __getitem__(self, index):
        return float(self.draw() if self.draw else numpy.random.rand())

def different(own):
    loader = DataLoader(Draws(own), batch_size=1, num_workers=2, multiprocessing_context="fork")
    return len({round(float(x), 9) for x in loader})

print(f"different numbers of 8: global generator {different(False)}, own generator {different(True)}")
assert (different(False), different(True)) == (8, 4)
P
python -W ignore draws.py

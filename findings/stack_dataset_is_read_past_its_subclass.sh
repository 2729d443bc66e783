#!/usr/bin/env bash
# PyTorch: DataLoader prefers `__getitems__` where a dataset has one. A subclass of StackDataset that overrides `__getitem__`, say to
# add augmentation, is asked by an index and never by a loader: batches come as the base class reads them. For Subset, which has the
# same method, PyTorch raises an error that says so; ConcatDataset and TensorDataset have none.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
python - <<'P'
import torch
from torch.utils.data import ConcatDataset, DataLoader, StackDataset, Subset


class Augmented(StackDataset):
    def __getitem__(self, index):
        sample, target = super().__getitem__(index)
        return sample * 100, target


class AugmentedSubset(Subset):
    def __getitem__(self, index):
        return super().__getitem__(index) * 100


class AugmentedConcat(ConcatDataset):
    def __getitem__(self, index):
        return super().__getitem__(index) * 100


dataset = Augmented([1, 2], [0, 1])
batch = next(iter(DataLoader(dataset, batch_size=2)))[0].tolist()
print(f"by index: {[dataset[0][0], dataset[1][0]]}, by a loader: {batch}")
assert [dataset[0][0], dataset[1][0]] == [100, 200] and batch == [1, 2]
concat = next(iter(DataLoader(AugmentedConcat([[1], [2]]), batch_size=2))).tolist()
print(f"ConcatDataset, by a loader: {concat}")
assert concat == [100, 200]
try:
    AugmentedSubset([1, 2], [0, 1])
except NotImplementedError as error:
    print(f"Subset: {str(error).splitlines()[0][:80]}")
else:
    raise AssertionError("no error")
P

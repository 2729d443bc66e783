"""datasets: a stream that is shuffled has one order in all epochs, unless `set_epoch` is called on it."""

# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.13.0", "numpy==2.4.6", "datasets==5.2.0"]
# ///

import datasets
import torch
from datasets import Dataset, IterableDataset, load_dataset
from datasets.distributed import split_dataset_by_node
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(0)
criterion = nn.CrossEntropyLoss()
table = Dataset.from_dict({"inputs": torch.randn(16, 6).tolist(), "targets": [0, 1, 2, 1] * 4, "row": list(range(16))})


def epoch_is_never_told():
    model, seen = nn.Linear(6, 3), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    stream = table.to_iterable_dataset().shuffle(seed=3).with_format("torch")  # expect: missing-set-epoch
    source = DataLoader(stream, batch_size=4)
    for epoch in range(2):
        seen.append([])
        for batch in source:
            optimizer.zero_grad()
            criterion(model(batch["inputs"]), batch["targets"]).backward()
            optimizer.step()
            seen[-1] += batch["row"].tolist()
    return seen


def epoch_is_told():
    model, seen = nn.Linear(6, 3), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    stream = table.to_iterable_dataset().shuffle(seed=3).with_format("torch")
    source = DataLoader(stream, batch_size=4)
    for epoch in range(2):
        stream.set_epoch(epoch)
        seen.append([])
        for batch in source:  # ok: missing-set-epoch
            optimizer.zero_grad()
            criterion(model(batch["inputs"]), batch["targets"]).backward()
            optimizer.step()
            seen[-1] += batch["row"].tolist()
    return seen


def rows(stream):
    return [row["row"] for row in stream]


def changed(stream):
    """The stream after each of the methods that give another one."""
    features = datasets.Features({name: datasets.Value("int64") for name in ("row", "other")})
    yield stream.map(lambda row: row)
    yield stream.filter(lambda row: True)
    yield stream.cast(features)
    yield stream.cast(features).cast_column("row", datasets.Value("int64"))
    yield stream.remove_columns("other")
    yield stream.rename_column("other", "another")
    yield stream.rename_columns({"other": "another"})
    yield stream.select_columns(["row"])
    yield stream.shard(num_shards=1, index=0)
    yield stream.skip(0)
    yield stream.take(16)
    yield stream.with_format("torch")
    yield split_dataset_by_node(stream, rank=0, world_size=1)


def made(folder):
    """A stream by each of the functions that make one."""
    plain = Dataset.from_dict({"row": list(range(16)), "other": [0] * 16})
    plain.to_csv(f"{folder}/rows.csv")
    yield plain.to_iterable_dataset()
    yield IterableDataset.from_generator(lambda: ({"row": row, "other": 0} for row in range(16)))
    yield load_dataset("csv", data_files=f"{folder}/rows.csv", split="train", streaming=True)


if __name__ == "__main__":
    import tempfile

    first, second = epoch_is_never_told()
    assert first == second
    first, second = epoch_is_told()
    assert first != second and sorted(first) == sorted(second)
    with tempfile.TemporaryDirectory() as folder:
        for stream in made(folder):
            assert rows(stream) == rows(stream) == list(range(16))
            for shuffled in changed(stream.shuffle(seed=3, buffer_size=16)):
                orders = []
                for epoch in (0, 0, 1):
                    shuffled.set_epoch(epoch)
                    orders.append([int(row) for row in rows(shuffled)])
                assert orders[0] == orders[1] != orders[2], shuffled

#!/usr/bin/env bash
# torchmetrics: one metric by two names gives two numbers. `Accuracy(task="multiclass")` counts samples, and `MulticlassAccuracy`,
# which it makes, averages over the classes; likewise F1Score and the functions.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 torchmetrics==1.9.0
python -W ignore - <<'P'
import torch
from torchmetrics import Accuracy, F1Score
from torchmetrics.classification import MulticlassAccuracy, MulticlassF1Score
from torchmetrics.functional.classification import accuracy, multiclass_accuracy

target = torch.tensor([0] * 9 + [1])
always_0 = torch.zeros(10, dtype=torch.long)
by_task, by_class = Accuracy(task="multiclass", num_classes=2), MulticlassAccuracy(num_classes=2)
values = {
    "Accuracy(task=...)": by_task(always_0, target).item(),
    "MulticlassAccuracy": by_class(always_0, target).item(),
    "accuracy(task=...)": accuracy(always_0, target, task="multiclass", num_classes=2).item(),
    "multiclass_accuracy": multiclass_accuracy(always_0, target, num_classes=2).item(),
    "F1Score(task=...)": F1Score(task="multiclass", num_classes=2)(always_0, target).item(),
    "MulticlassF1Score": MulticlassF1Score(num_classes=2)(always_0, target).item(),
}
print(type(by_task).__name__, type(by_class).__name__, {name: round(value, 4) for name, value in values.items()})
assert type(by_task) is type(by_class)
assert [round(value, 4) for value in values.values()] == [0.9, 0.5, 0.9, 0.5, 0.9, 0.4737]
P

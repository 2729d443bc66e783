#!/usr/bin/env bash
# Keras on PyTorch: a Keras model is an `nn.Module` with `train()` and `eval()`, but its layers look only at the argument
# `training`. Dropout is off in a hand-written loop after `model.train()`, and on after `model.eval()` with `training=True`.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 keras==3.15.1
export KERAS_BACKEND=torch CUDA_VISIBLE_DEVICES=
python -W ignore - <<'P'
import keras, torch

model = keras.Sequential([keras.Input((100,)), keras.layers.Dropout(0.5)])
assert isinstance(model, torch.nn.Module)
ones = torch.ones(8, 100)

def zeros(**arguments):
    return round(float((model(ones, **arguments) == 0).float().mean()), 1)

model.train()
in_train = zeros()
model.eval()
in_eval = zeros(training=True)
print(f"share of zeros after train(): {in_train}; after eval(), with training=True: {in_eval}")
assert (in_train, in_eval) == (0.0, 0.5)
P

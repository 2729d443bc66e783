#!/usr/bin/env bash
# transformers: a model made by `from_config` is in training mode, as every new `nn.Module` is; one made by `from_pretrained` is
# in evaluation mode. Fine-tuning in a hand-written loop without `model.train()` has no dropout.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 transformers==5.24.0
export HF_HOME=$folder/hf
python -W ignore - <<'P'
from transformers import AutoModel, BertConfig

config = BertConfig(vocab_size=10, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
fresh = AutoModel.from_config(config)
fresh.save_pretrained("saved")
loaded = AutoModel.from_pretrained("saved")
print(f"training: from_config {fresh.training}, from_pretrained {loaded.training}")
assert fresh.training and not loaded.training
P

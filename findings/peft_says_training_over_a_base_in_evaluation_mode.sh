#!/usr/bin/env bash
# peft: around a model of `from_pretrained`, which is in evaluation mode, `get_peft_model` gives one that says `training` True.
# Only its own parts are in training mode: the dropout of the base stays off until `train()` is called on the whole.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 transformers==5.24.0 peft==0.21.2
export HF_HOME=$folder/hf
python -W ignore - <<'P'
from peft import LoraConfig, get_peft_model
from transformers import AutoModel, BertConfig

config = BertConfig(vocab_size=10, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
AutoModel.from_config(config).save_pretrained("saved")
model = get_peft_model(AutoModel.from_pretrained("saved"), LoraConfig(target_modules=["query"], lora_dropout=0.1))
base = {name for name, part in model.named_modules() if type(part).__name__ == "Dropout" and "lora" not in name}
adapters = {name for name, part in model.named_modules() if type(part).__name__ == "Dropout" and "lora" in name}
modes = {name: part.training for name, part in model.named_modules()}
print(f"training: the model {model.training}, dropout of the base {[modes[name] for name in sorted(base)]}, "
      f"dropout of the adapters {[modes[name] for name in sorted(adapters)]}")
assert model.training and base and adapters
assert not any(modes[name] for name in base) and all(modes[name] for name in adapters)
model.train()
assert all(part.training for part in model.modules())
P

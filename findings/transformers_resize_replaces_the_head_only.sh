#!/usr/bin/env bash
# transformers: `resize_token_embeddings` puts a longer tensor into the very parameter of the embedding, so that an optimizer made
# before goes on training it, but gives a head with weights of its own a new parameter, which that optimizer does not hold.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 transformers==5.24.0
python -W ignore - <<'P'
import torch
from transformers import GPT2Config, GPT2LMHeadModel, logging

logging.set_verbosity_error()
torch.manual_seed(0)
model = GPT2LMHeadModel(GPT2Config(vocab_size=30, n_embd=8, n_layer=1, n_head=1, tie_word_embeddings=False))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
model.resize_token_embeddings(32)
embedding, head = model.transformer.wte.weight, model.lm_head.weight
held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
before = embedding.detach().clone(), head.detach().clone()
ids = torch.tensor([[30, 31, 3, 4]])
model(input_ids=ids, labels=ids).loss.backward()
optimizer.step()
moved = [float((now - old).abs().max()) for now, old in zip((embedding, head), before)]
print(f"the optimizer holds: embedding {id(embedding) in held}, head {id(head) in held}")
print(f"moved by: embedding {moved[0]:.3f}, head {moved[1]:.3f}")
assert id(embedding) in held and id(head) not in held
assert moved[0] > 0.05 and moved[1] == 0
P

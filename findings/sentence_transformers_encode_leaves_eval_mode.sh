#!/usr/bin/env bash
# sentence-transformers: `encode()` switches the model to evaluation mode and leaves it there. Called between batches, it ends
# dropout for the rest of training.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6 sentence-transformers==6.2.0
python -W ignore - <<'P'
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import StaticEmbedding
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "a": 1, "loop": 2}, unk_token="[UNK]"))
tokenizer.pre_tokenizer = Whitespace()
model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=8)], device="cpu")
model.train()
before = model.training
model.encode(["a loop"], show_progress_bar=False)
print(f"training before encode: {before}, after: {model.training}")
assert before and not model.training
P

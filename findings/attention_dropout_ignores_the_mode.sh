#!/usr/bin/env bash
# PyTorch: `F.scaled_dot_product_attention` has no argument `training`. With a constant `dropout_p` it drops in evaluation mode
# and under `no_grad`, unlike `nn.MultiheadAttention`, which looks at its mode.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" torch==2.13.0 numpy==2.4.6
python -W ignore - <<'P'
import torch

class Attention(torch.nn.Module):
    def forward(self, x):
        return torch.nn.functional.scaled_dot_product_attention(x, x, x, dropout_p=0.5)

x = torch.randn(1, 8, 4)
own, ready = Attention().eval(), torch.nn.MultiheadAttention(4, 1, dropout=0.5, batch_first=True).eval()
with torch.no_grad():
    function = float((own(x) - own(x)).abs().max())
    module = float((ready(x, x, x)[0] - ready(x, x, x)[0]).abs().max())
print(f"two runs in evaluation mode differ by {function:.3f} (function) and {module:.3f} (nn.MultiheadAttention)")
assert function > 0 and module == 0
P

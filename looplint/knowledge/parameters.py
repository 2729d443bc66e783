"""What makes a new tensor of a `torch.nn.Parameter`: the result is no parameter, and no module registers it.

Measured with torch 2.13: `type(nn.Parameter(x).view(-1))` is `Tensor`. A conversion to what the parameter already is,
and each method whose name ends in `_`, give the parameter itself.
"""

from __future__ import annotations

MOVES_TENSOR = frozenset(("to", "cuda", "xpu", "half", "double", "bfloat16", "type"))
"""Methods that move or convert. `float` and `cpu` are left out: a parameter mostly is that already."""

SAME_ALREADY = frozenset(("cpu", "float32", "float", "FloatTensor"))
"""What a parameter mostly is already, so that moving or converting it there gives the parameter itself."""

NEW_TENSOR = MOVES_TENSOR | frozenset(
    (
        "abs", "add", "bmm", "chunk", "clamp", "clone", "cos", "cumsum", "diag", "div", "exp", "expand", "expand_as",
        "flatten", "log", "log_softmax", "matmul", "mean", "mm", "mul", "neg", "norm", "permute", "pow", "relu",
        "repeat", "repeat_interleave", "reshape", "sigmoid", "sin", "softmax", "softplus", "sqrt", "square",
        "squeeze", "sub", "sum", "t", "tanh", "transpose", "type_as", "unsqueeze", "view", "view_as",
    )
)  # fmt: skip
"""Methods of a tensor that give another tensor."""

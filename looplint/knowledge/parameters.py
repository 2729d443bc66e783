"""Operations on a `torch.nn.Parameter` that return a new tensor, which is no parameter and is not registered.

Measured with torch 2.13: `type(nn.Parameter(x).view(-1))` is `Tensor`. A conversion without effect, and each method
whose name ends in `_`, return the parameter itself.
"""

from __future__ import annotations

TENSOR_CLASSES = frozenset(("torch.Tensor", "torch.nn.Parameter", "torch.nn.parameter.Parameter"))
"""Classes of which no module is."""

ALL_TENSORS = frozenset(("torch.Tensor", "torch.autograd.Variable", "torch.autograd.variable.Variable"))
"""Classes of which every tensor is: `isinstance(torch.ones(1), torch.autograd.Variable)` is true (torch 2.13)."""

MOVES_TENSOR = frozenset(("to", "cuda", "xpu", "half", "double", "bfloat16", "type"))
"""Methods that move or convert."""

SAME_USUALLY = frozenset(("float", "cpu", "contiguous"))
"""Methods that rarely have an effect on a parameter: they return the parameter itself."""

SAME_ALREADY = frozenset(("cpu", "float32", "float", "FloatTensor"))
"""A parameter's usual device and types: moving or converting to them returns the parameter itself."""

NEW_TENSOR = MOVES_TENSOR | frozenset(
    (
        "abs", "add", "bmm", "chunk", "clamp", "clone", "cos", "cumsum", "diag", "div", "exp", "expand", "expand_as",
        "flatten", "log", "log_softmax", "matmul", "mean", "mm", "mul", "neg", "norm", "permute", "pow", "relu",
        "repeat", "repeat_interleave", "reshape", "sigmoid", "sin", "softmax", "softplus", "sqrt", "square",
        "squeeze", "sub", "sum", "t", "tanh", "transpose", "type_as", "unsqueeze", "view", "view_as",
    )
)  # fmt: skip
"""Methods of a tensor that return another tensor."""

"""Functions, methods and attributes of tensors, by name: whose results are tensors, hold a graph or keep the values.

Source: the reference pages of torch 2.13 (torch, torch.Tensor, torch.random) and of numpy 2.
"""

from __future__ import annotations

import re

ZERO_TENSORS = frozenset(("torch.zeros", "torch.zeros_like"))

RANDOM_STATES = frozenset(
    (
        "numpy.random.default_rng",
        "numpy.random.RandomState",
        "numpy.random.Generator",
        "random.Random",
        "torch.Generator",
    )
)
"""Constructors of a separate source of random numbers."""

RANDOM_TENSORS = frozenset(("torch.rand", "torch.randn", "torch.randint", "torch.rand_like", "torch.randn_like"))
"""Functions whose results hold random numbers: no predictions."""

DRAWS = frozenset(("torch.rand", "torch.randint", "torch.randn", "torch.bernoulli"))
"""Functions whose results may be data that a loop without a loader trains with."""

TENSOR_MAKERS = re.compile(
    r"^torch\.(?!load$|compile$|device$)[a-z]\w*$|^torch\.(?:nn\.functional|linalg|fft|special)\.\w+$|^torch\.(?:\w+)?Tensor$"
)
"""Functions of torch that return tensors."""

DROPS_GRAPH = frozenset(
    (
        "item",
        "tolist",
        "numpy",
        "size",
        "dim",
        "numel",
        "nelement",
        "stride",
        "is_cuda",
        "get_device",
        "data_ptr",
        "asnumpy",
    )
)
"""Methods, on any value, that return a plain number or array."""

NO_GRAPH = frozenset(
    (
        "all", "any", "argmax", "argmin", "argsort", "bincount", "count_nonzero", "eq", "ge", "greater",
        "greater_equal", "gt", "isclose", "isfinite", "isinf", "isnan", "isneginf", "isposinf", "isreal", "le", "less",
        "less_equal", "logical_and", "logical_not", "logical_or", "logical_xor", "lt", "multinomial", "ne", "nonzero",
        "not_equal", "signbit",
    )
)  # fmt: skip
"""Functions and methods of tensors that return indices, counts or truth values, without a graph (each run with torch
2.13)."""

WITH_INDICES = frozenset(("cummax", "cummin", "kthvalue", "max", "median", "min", "mode", "nanmedian", "sort", "topk"))
"""Functions and methods of tensors whose result along a dimension is a pair, values and indices; these have no graph
(each run with torch 2.13)."""

DETACHES = NO_GRAPH | frozenset(
    (
        "detach",
        "detach_",
        "long",
        "int",
        "bool",
        "byte",
        "short",
        "new_zeros",
        "new_ones",
        "new_tensor",
        "new_full",
        "topk_indices",
    )
)
"""Methods, on any value, whose result has no graph."""

DISTRIBUTIONS = "torch.distributions."
"""The package of probability distributions, whose `sample` runs without recording gradients."""

MOVES = frozenset(("to", "cuda", "cpu", "xpu", "half", "float", "double", "bfloat16"))
"""Methods that move or convert: a module itself, a tensor into another one."""

KEEPS_IDENTITY = MOVES | frozenset(
    (
        "share_memory",
        "share_memory_",
        "requires_grad_",
        "contiguous",
        "pin_memory",
        "to_empty",
        "compile",
        "mps",
        "npu",
        "retain_grad_",
        "copy_to",
        "manual_seed",
    )
)
"""Methods, on any value, that return the receiver, as far as it matters here."""

KEEPS_PARAMETERS = MOVES | frozenset(("train", "eval"))
"""Methods of a module that neither read its parameters nor change which there are."""

TENSOR_METHODS = frozenset(
    (
        "expand_as",
        "type_as",
        "view_as",
        "reshape_as",
        "masked_fill",
        "masked_fill_",
        "masked_select",
        "unsqueeze",
        "squeeze",
        "permute",
        "matmul",
        "bmm",
        "clamp",
        "clamp_",
        "log_softmax",
        "logsumexp",
        "repeat_interleave",
        "index_select",
        "index_fill_",
        "scatter_",
    )
)
"""Methods that only tensors have."""

ARRAY_METHODS = TENSOR_METHODS | {
    *("repeat", "expand", "view", "reshape", "transpose", "flatten", "float", "double", "long", "clone", "detach"),
    *("item", "numpy", "astype", "tolist", "sum", "mean", "max", "min"),
}
"""Methods of tensors and arrays whose result is no module, whatever they are called on in a constructor."""

PLAIN_ATTRIBUTES = frozenset(
    (
        "shape",
        "device",
        "dtype",
        "ndim",
        "is_cuda",
        "requires_grad",
        "training",
        "batch_size",
        "is_leaf",
        "size",
        "in_features",
        "out_features",
        "in_channels",
        "out_channels",
        "embedding_dim",
        "num_embeddings",
        "num_features",
        "hidden_size",
        "input_size",
        "__name__",
        "__class__",
    )
)
"""Attributes that are plain values."""

ZEROES = frozenset(("zero_", "fill_", "detach_"))
"""Methods that set a gradient to zero, or detach it."""

SAME_GRADIENT = frozenset(("detach", "view", "flatten"))
"""Methods that return a reshaped gradient."""

WRITES_GRADIENT = frozenset(("copy_", "add_", "mul_", "div_", "set_"))
"""Methods that write into a gradient."""

ADDS_IN_PLACE = frozenset(("add_",))
"""Methods that add their argument to a tensor in place."""

FILLS = frozenset(("zero_", "fill_", "fill"))
"""Methods that set all elements of a tensor or array to one value."""

SAME_VALUES = frozenset(("detach", "clone", "to", "cpu", "cuda", "float"))
"""Methods that give a tensor with the values of their receiver, without its graph, as a copy, or elsewhere."""

TAKEN_OUT = frozenset(("item", "numpy", "tolist"))
"""Methods that extract the value of a tensor."""

TENSORS_OF_NUMBERS = frozenset(f"torch.{name}" for name in ("tensor", "zeros", "ones", "arange", "linspace", "rand"))
"""Functions that make a tensor of numbers, on the CPU unless a device is passed."""

INFINITY = frozenset(("float('inf')", "math.inf", "torch.inf", "np.inf", "numpy.inf", "inf"))
"""Expressions that mean no limit."""

NUMBER_PACKAGES = frozenset(
    (
        "numpy",
        "np",
        "math",
        "statistics",
        "random",
        "time",
        "os",
        "sys",
        "re",
        "json",
        "logging",
        "sklearn",
        "pandas",
        "scipy",
    )
)
"""Packages whose functions return plain values, or arrays without a graph."""

MEANS_OF_LISTS = frozenset(("numpy.mean", "np.mean", "statistics.mean", "statistics.fmean"))
"""Functions that give the mean of a list."""

ONE_OF_MANY = frozenset(("torch.stack", "torch.tensor", "torch.as_tensor", "torch.Tensor", "torch.FloatTensor"))
"""Functions that make one tensor of a list of numbers."""

ROOTS = frozenset(("torch.sqrt", "Tensor.sqrt"))

LOGARITHMS = frozenset(("torch.log", "Tensor.log", "torch.log2", "Tensor.log2", "torch.log10", "Tensor.log10"))

SQUARES = frozenset(("torch.square", "Tensor.square"))

POWERS = frozenset(("torch.pow", "Tensor.pow"))

SUMS_OF_SQUARES = frozenset(("torch.sum", "Tensor.sum", "torch.mean", "Tensor.mean"))
"""Functions and methods that give what is not defined, or has no slope, where all squares are zero."""

SUMS = frozenset(("torch.mean", "torch.sum", "torch.add"))
"""Functions that return a loss computed from losses."""

SCALES_IN_PLACE = frozenset(("mul_", "div_"))
"""Methods that multiply a tensor in place."""

OVERWRITES = frozenset(("copy_", "set_"))
"""Methods that replace the values of a tensor."""

DRAWN_WITHOUT_GRAPH = frozenset(("sample", "sample_n"))
"""Methods of a distribution whose result holds no graph."""

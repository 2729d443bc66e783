"""Functions, methods and layers by what they make of the shape of a tensor or an array.

Names are those of torch 2.13, numpy 2 and pandas; the same name does the same in all of them. Sources: their reference
pages.
"""

from __future__ import annotations

from looplint.knowledge.layers import BATCH_NORMS, DROPOUTS

SAME = frozenset(
    (
        "Variable", "abs", "absolute", "as_tensor", "asarray", "astype", "ascontiguousarray", "bfloat16", "bool",
        "ceil", "clamp", "clamp_", "clip", "clone", "contiguous", "copy", "cos", "cpu", "cuda", "cumsum", "detach",
        "double", "dropout", "elu", "empty_like", "exp", "expm1", "float", "floor", "from_numpy", "full_like", "gelu",
        "half", "int", "leaky_relu", "log", "log10", "log1p", "log2", "log_softmax", "logcumsumexp", "logsigmoid",
        "long", "masked_fill", "nan_to_num", "neg", "normalize", "numpy", "ones_like", "pow", "rand_like",
        "randn_like", "reciprocal", "relu", "relu_", "requires_grad_", "rint", "round", "rsqrt", "selu", "sigmoid",
        "sign", "silu", "sin", "softmax", "softplus", "sqrt", "square", "tanh", "to", "to_numpy", "type", "type_as",
        "zeros_like", "FloatTensor", "DoubleTensor", "LongTensor", "Tensor", "tensor", "array",
    )
)  # fmt: skip
"""They keep the shape of their first argument, or of their receiver."""

SAME_LAYERS = DROPOUTS | BATCH_NORMS | frozenset(
    f"torch.nn.{name}"
    for name in (
        "CELU", "ELU", "GELU", "GLU", "Hardsigmoid", "Hardswish", "Hardtanh", "Identity", "LayerNorm", "LeakyReLU",
        "LogSigmoid", "LogSoftmax", "Mish", "PReLU", "RMSNorm", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid", "Softmax",
        "Softplus", "Softsign", "Tanh", "TransformerEncoder", "TransformerEncoderLayer",
    )
)  # fmt: skip
"""Layers that keep the shape of their input."""

LINEAR = {"torch.nn.Linear": (1, "out_features"), "torch.nn.LazyLinear": (0, "out_features")}
"""Layers that change the last dimension only: where the argument that says to what stands."""

GIVES_NUMBER = frozenset(
    (
        "math.cos", "math.exp", "math.log", "math.sin", "math.sqrt", "random.gauss", "random.randint", "random.random",
        "random.randrange", "random.uniform",
    )
)  # fmt: skip
"""Functions that give one number."""

LOOKS_UP = {"torch.nn.Embedding": 1, "torch.nn.EmbeddingBag": 0}
"""Layers that give a row for each index, or for each row of them: how many dimensions they add."""

REDUCES = frozenset(
    (
        "all", "amax", "amin", "any", "argmax", "argmin", "count_nonzero", "logsumexp", "mean", "median", "nanmean",
        "nansum", "norm", "prod", "std", "sum", "var",
    )
)  # fmt: skip
"""They remove the dimensions that are passed, or all."""

KEEPS_DIMENSIONS = frozenset(("keepdim", "keepdims"))
"""Keywords with which these dimensions stay, with size 1."""

WITH_INDICES = frozenset(
    (
        "max", "min",
    )
)  # fmt: skip
"""They do so, too, and return a pair if a dimension is passed."""

SIZED = frozenset(
    (
        "empty", "ones", "rand", "randn", "standard_normal", "zeros",
    )
)  # fmt: skip
"""They make a tensor of a size: numbers one after the other, a tuple, or `size=`."""

SIZE_AT = {"full": 0, "integers": 2, "randint": 2, "uniform": 2, "normal": 2, "random": 0}
"""They take the size at this position, or by the name `size`."""

ROWS = frozenset(
    (
        "arange", "linspace", "logspace", "randperm",
    )
)  # fmt: skip
"""They make a tensor with one dimension."""

RESHAPES = frozenset(
    (
        "view", "reshape",
    )
)  # fmt: skip
"""They return the same values in the shape that is passed."""

FLAT = frozenset(
    (
        "flatten", "ravel",
    )
)  # fmt: skip
"""They return the same values in one dimension, if no dimensions to join are passed."""

TURNS = frozenset(
    (
        "t", "transpose", "permute", "swapaxes", "T", "mT",
    )
)  # fmt: skip
"""They change the order of dimensions."""

IN_PLACE = frozenset(
    (
        "squeeze_", "unsqueeze_", "resize_", "t_", "transpose_", "set_", "resize",
    )
)  # fmt: skip
"""Methods that give their receiver another shape."""

LIKE = frozenset(
    (
        "expand_as", "view_as", "reshape_as", "gather", "take_along_dim",
    )
)  # fmt: skip
"""They give something of the shape of their last argument."""

TABLES = frozenset(
    (
        "pandas.read_csv", "pandas.read_excel", "pandas.read_parquet", "pandas.DataFrame", "numpy.loadtxt",
        "numpy.genfromtxt",
    )
)  # fmt: skip
"""They make a table: rows and columns."""

TABLE_METHODS = frozenset(
    (
        "drop", "dropna", "fillna", "sample", "head", "reset_index", "sort_values", "drop_duplicates",
    )
)  # fmt: skip
"""They give a table again."""

LEARNS = "sklearn"
"""The package whose functions and preprocessors keep samples as rows."""

FEATURES_AND_TARGETS = frozenset(
    (
        "load_diabetes", "load_iris", "load_breast_cancer", "load_wine", "fetch_california_housing",
        "make_regression", "make_classification", "make_moons", "make_blobs", "make_circles",
    )
)  # fmt: skip
"""Functions of `sklearn.datasets` that give features with two dimensions and one target for each row."""

SPLITS_ROWS = "sklearn.model_selection.train_test_split"
"""It gives each array that it is given twice, with fewer rows."""

PREPARES = frozenset(
    (
        "fit_transform", "transform",
    )
)  # fmt: skip
"""Methods of `sklearn.preprocessing`: rows and columns stay rows and columns."""

IN_PIECES = frozenset(
    (
        "split", "chunk", "array_split",
    )
)  # fmt: skip
"""They give several parts, each with as many dimensions."""

ENVIRONMENTS = frozenset(("gym.make", "gymnasium.make"))
"""They make an environment whose `step` gives numbers (gymnasium 1.0: `SupportsFloat`, `bool`, `bool`)."""

NUMBERS_OF_STEP = (1, 2, 3)
"""Where these are: the reward, and whether the episode has ended. Before gym 0.26 what is not one is at position 3."""

JOINS_TENSORS = frozenset(("cat", "concat", "concatenate", "stack"))
"""Functions that put several tensors into one."""

VALUES_AND_INDICES = (0, 1, "values", "indices")
"""The parts of a pair of values and indices."""

MULTIPLIES = frozenset(("mm", "matmul", "dot", "bmm", "mv"))
"""Functions and methods that multiply matrices."""

TRANSPOSES = frozenset(("T", "mT"))
"""Attributes with the dimensions in another order."""

SAME_SHAPE = frozenset(("data", "real", "values", "iloc", "loc"))
"""Attributes with the same shape."""

RANKS_OF_LEARNED = {0: 2, 1: 1, "data": 2, "target": 1}
"""The ranks of features and targets in what a loader of a data set returns."""

ARRAYS = frozenset(("torch", "numpy"))
"""Packages whose functions compute with arrays."""

GRAPHS = "torch_geometric"
"""The package whose `POOLS` give a row for each graph of a batch (torch-geometric 2.8)."""

POOLS = frozenset(("global_add_pool", "global_max_pool", "global_mean_pool"))

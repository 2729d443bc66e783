"""The classes of `torch.nn`, by their content: parameters, other layers, or nothing."""

from __future__ import annotations

from collections.abc import Mapping


def _torch_nn(names: str, suffixes: str = "") -> frozenset[str]:
    return frozenset(f"torch.nn.{name}{suffix}" for name in names.split() for suffix in suffixes.split() or [""])


BATCH_NORMS = _torch_nn("BatchNorm LazyBatchNorm", "1d 2d 3d") | _torch_nn("SyncBatchNorm")
INSTANCE_NORMS = _torch_nn("InstanceNorm LazyInstanceNorm", "1d 2d 3d")

WITH_PARAMETERS = (
    _torch_nn("Conv ConvTranspose LazyConv LazyConvTranspose", "1d 2d 3d")
    | _torch_nn("Linear LazyLinear Bilinear Embedding EmbeddingBag PReLU AdaptiveLogSoftmaxWithLoss")
    | _torch_nn("RNN LSTM GRU RNNCell LSTMCell GRUCell MultiheadAttention Transformer")
    | _torch_nn("TransformerEncoder TransformerDecoder TransformerEncoderLayer TransformerDecoderLayer")
    | _torch_nn("GroupNorm LayerNorm RMSNorm")
    | BATCH_NORMS
    | INSTANCE_NORMS
)

LINEAR = _torch_nn("Conv ConvTranspose LazyConv LazyConvTranspose", "1d 2d 3d") | _torch_nn("Linear LazyLinear")
"""Layers that multiply by a weight, and return numbers of any size."""

PARAMETER_LISTS = _torch_nn("ParameterList ParameterDict")

CONTAINERS = _torch_nn("Sequential ModuleList ModuleDict") | PARAMETER_LISTS

SEQUENTIAL = frozenset(("torch.nn.Sequential", "keras.Sequential", "keras.models.Sequential"))
"""Containers that return what the last of their layers returns."""

DROPOUTS = _torch_nn("Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout")

MODE_SENSITIVE = DROPOUTS | BATCH_NORMS | _torch_nn("RReLU")
"""Layers that compute something different in training and in evaluation mode."""

RECURRENT = {"torch.nn.RNN": 5, "torch.nn.LSTM": 4, "torch.nn.GRU": 4}
"""Layers that go along a sequence, and the position of their argument `batch_first`."""

ALONG_SEQUENCES = RECURRENT | {"torch.nn.MultiheadAttention": 8, "torch.nn.TransformerEncoderLayer": 6}
"""The same, and layers that attend to a sequence."""

GIVE_STATES = frozenset((*RECURRENT, "torch.nn.MultiheadAttention"))
"""Those that return something beside their output: states, or the weights of attention."""

TRANSFORMER_STACK = "torch.nn.TransformerEncoder"
"""Takes a layer, and gives what that gives."""

REPARAMETRISES = frozenset(
    f"torch.nn.utils.{module}{norm}"
    for module in ("", "parametrizations.")
    for norm in ("weight_norm", "spectral_norm")
)
"""Functions that reparametrise the weights of a layer, and do not change its mode sensitivity."""

_WITHOUT_BY_DEFAULT = _torch_nn("RNN LSTM GRU MultiheadAttention")
_WITH_DROPOUT = _WITHOUT_BY_DEFAULT | _torch_nn(
    "Transformer TransformerEncoder TransformerDecoder TransformerEncoderLayer TransformerDecoderLayer"
)
"""Layers with a dropout of their own, some only if an argument sets it."""

LOSSES = _torch_nn(
    "BCE BCEWithLogits CTC CosineEmbedding CrossEntropy GaussianNLL HingeEmbedding Huber KLDiv L1 MSE MarginRanking "
    "MultiLabelMargin MultiLabelSoftMargin MultiMargin NLL PoissonNLL SmoothL1 SoftMargin TripletMargin "
    "TripletMarginWithDistance",
    "Loss",
)

STATELESS = (
    DROPOUTS
    | LOSSES
    | _torch_nn("AdaptiveAvgPool AdaptiveMaxPool AvgPool LPPool MaxPool MaxUnpool CircularPad ConstantPad", "1d 2d 3d")
    | _torch_nn("ReflectionPad ReplicationPad ZeroPad", "1d 2d 3d")
    | _torch_nn("FractionalMaxPool2d FractionalMaxPool3d Fold Unfold Flatten Unflatten Identity ChannelShuffle")
    | _torch_nn("PixelShuffle PixelUnshuffle Upsample UpsamplingBilinear2d UpsamplingNearest2d CrossMapLRN2d")
    | _torch_nn("CosineSimilarity PairwiseDistance LocalResponseNorm Threshold Softmax Softmax2d Softmin LogSoftmax")
    | _torch_nn("CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid Mish RReLU ReLU")
    | _torch_nn("ReLU6 SELU SiLU Sigmoid Softplus Softshrink Softsign Tanh Tanhshrink")
)

FORWARDS = frozenset(("forward", "__call__", "training_step"))
"""Methods of a module that run in each forward pass."""

LAYERS = WITH_PARAMETERS | CONTAINERS | STATELESS | _torch_nn("Module Parameter DataParallel")

ALWAYS_ON_DROPOUTS = frozenset(f"torch.nn.functional.dropout{suffix}" for suffix in ("", "1d", "2d", "3d"))
"""The functional dropouts whose `training` is True by default."""


def is_graph_convolution(name: str) -> bool:
    """Whether a class of `torch_geometric.nn` is a convolution with trainable parameters."""
    last = name.rpartition(".")[2]
    return name.startswith("torch_geometric.nn.") and last.endswith("Conv") and last not in _PLAIN_CONVOLUTIONS


_PLAIN_CONVOLUTIONS = frozenset(("LGConv", "SimpleConv", "WLConv", "MessagePassing"))


def has_mode(constructor: str, options: Mapping[str, object]) -> bool:
    """Whether a layer of `torch.nn`, constructed with these keyword arguments, is mode-sensitive."""
    if constructor in _WITH_DROPOUT:
        return options.get("dropout", constructor not in _WITHOUT_BY_DEFAULT) not in (0, False)
    return constructor in MODE_SENSITIVE


def has_parameters(constructor: str, options: Mapping[str, object]) -> bool:
    """Whether a layer of `torch.nn`, constructed with these keyword arguments, has trainable parameters."""
    if constructor in INSTANCE_NORMS:
        return options.get("affine", False) is not False
    if options.get("affine") is False or options.get("elementwise_affine") is False:
        return False
    return constructor in WITH_PARAMETERS or is_graph_convolution(constructor)

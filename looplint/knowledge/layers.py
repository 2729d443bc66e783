"""The classes of `torch.nn`, by their content: parameters, other layers, or nothing."""

from __future__ import annotations

import re


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

ACTIVATION = re.compile(r"(?i)(?:^|_)(?:act|nonlin)")
"""Names of arguments that are classes of activations."""

COLLECTIONS = _torch_nn("ModuleList ModuleDict")

CONTAINERS = COLLECTIONS | _torch_nn("Sequential") | PARAMETER_LISTS

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
"""Layers that return something beside their output: states, or the weights of attention."""

TRANSFORMER_STACK = "torch.nn.TransformerEncoder"
"""Takes a layer, and gives what that gives."""

REPARAMETRISES = frozenset(
    f"torch.nn.utils.{module}{norm}"
    for module in ("", "parametrizations.")
    for norm in ("weight_norm", "spectral_norm")
)
"""Functions that reparametrise the weights of a layer, and do not change its mode sensitivity."""

NO_DROPOUT_BY_DEFAULT = _torch_nn("RNN LSTM GRU MultiheadAttention")
"""Layers with a dropout of their own, if an argument sets it."""

WITH_DROPOUT = NO_DROPOUT_BY_DEFAULT | _torch_nn(
    "Transformer TransformerEncoder TransformerDecoder TransformerEncoderLayer TransformerDecoderLayer"
)
"""These, and those that have one unless an argument says otherwise."""

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

DROPS_BY_RATE = {"torch.nn.functional.scaled_dot_product_attention": (4, "dropout_p")}
"""Functions that drop out with this argument, by position and name, and have no `training`."""

GRAPH_CONVOLUTIONS = re.compile(r"torch_geometric\.nn\.(?:\w+\.)*(?!(?:LG|Simple|WL)Conv$)\w*Conv$")
"""The convolutions of `torch_geometric.nn` with trainable parameters."""

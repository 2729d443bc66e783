"""torch and related packages as data: types and events by name.

Sources: the reference pages of torch 2.13 (torch.optim, torch.nn, torch.amp, torch.utils.data) and of the packages
named in the rows.
"""

from __future__ import annotations

import re

from looplint.events import Context, How, Kind, Type
from looplint.knowledge.criteria import TRAINED_CRITERIA
from looplint.knowledge.effect import Effect, Returns

TORCH = frozenset(
    ("torch", "torchvision", "lightning", "pytorch_lightning", "accelerate", "fastai", "timm", "transformers")
)
"""A file that imports one of these is about torch, whatever else it imports."""

RIVALS = frozenset(
    (
        "mxnet",
        "paddle",
        "tinygrad",
        "tensorflow",
        "keras",
        "chainer",
        "jax",
        "flax",
        "mindspore",
        "jittor",
        "oneflow",
        "megengine",
    )
)
"""A file that imports one of these and not torch is about that package's training loops."""

FOREIGN = RIVALS | frozenset(
    ("gluon", "optax", "theano", "haiku", "autograd", "cupy", "gym", "gymnasium", "rclpy", "rospy")
)
"""Packages whose objects share torch's method names but are not torch's."""

WRAPPERS = frozenset(
    (
        "torch.nn.parallel.DistributedDataParallel",
        "torch.nn.DataParallel",
        "torch.distributed.fsdp.FullyShardedDataParallel",
        "torch.distributed.fsdp.fully_sharded_data_parallel.FullyShardedDataParallel",
        "apex.parallel.DistributedDataParallel",
        "torch_xla.distributed.fsdp.XlaFullyShardedDataParallel",
        "fairscale.nn.FullyShardedDataParallel",
        "fairscale.nn.data_parallel.ShardedDataParallel",
        "torch.optim.swa_utils.AveragedModel",
    )
)
"""Modules that wrap the module passed as their first argument."""

SHARED = WRAPPERS - {"torch.optim.swa_utils.AveragedModel"}
"""Those that hold that module itself, not a copy."""

ZOOS = ("torchvision.models.", "timm.")
"""Prefixes of constructors of networks whose attributes are layers, with exceptions."""

NO_LAYER = re.compile(r"token|pos(?:ition)?_?emb|gamma|scale|table|cfg|num_|_dim|^mean|^std")
"""Attributes of these networks that are parameters or settings."""

HEADS = ("fc", "classifier", "head", "heads", "last_linear")
"""Their layer whose output they return."""

TYPES: dict[str, Type] = {
    "torch.amp.GradScaler": Type.SCALER,
    "torch.distributed.fsdp.sharded_grad_scaler.ShardedGradScaler": Type.SCALER,
    "accelerate.Accelerator": Type.FRAMEWORK,
    "lightning.fabric.Fabric": Type.FRAMEWORK,
    "lightning.Fabric": Type.FRAMEWORK,
    "torch.utils.data.DataLoader": Type.LOADER,
    "torch_geometric.loader.DataLoader": Type.LOADER,
    "torch_geometric.data.DataLoader": Type.LOADER,
    "torchdata.stateful_dataloader.StatefulDataLoader": Type.LOADER,
    "torch.utils.data.DistributedSampler": Type.SAMPLER,
    "torch.nn.Parameter": Type.PARAMETERS,
    "torch.nn.parameter.Parameter": Type.PARAMETERS,
    "torch.nn.UninitializedParameter": Type.PARAMETERS,
    "torch.hub.load": Type.MODULE,
    "timm.create_model": Type.MODULE,
    "timm.models.create_model": Type.MODULE,
    "transformers.AdamW": Type.OPTIMIZER,
    "transformers.Adafactor": Type.OPTIMIZER,
    "prodigyopt.Prodigy": Type.OPTIMIZER,
    "came_pytorch.CAME": Type.OPTIMIZER,
    "torch.optim.swa_utils.SWALR": Type.SCHEDULER,
    "torch.optim.swa_utils.update_bn": Type.OTHER,
    "torch.distributed.optim.DistributedOptimizer": Type.OTHER,
    "torch.distributed.optim.ZeroRedundancyOptimizer": Type.OPTIMIZER,
    **dict.fromkeys(WRAPPERS, Type.MODULE),
    **dict.fromkeys(TRAINED_CRITERIA, Type.CRITERION),
}
"""Types of the results of functions and classes."""

TYPES_BY_PREFIX: tuple[tuple[str, Type], ...] = (
    ("torch.optim.lr_scheduler.", Type.SCHEDULER),
    ("transformers.get_", Type.SCHEDULER),
    ("transformers.optimization.get_", Type.SCHEDULER),
    ("diffusers.optimization.get_", Type.SCHEDULER),
    ("timm.scheduler.", Type.SCHEDULER),
    ("torch.optim.", Type.OPTIMIZER),
    ("torch_optimizer.", Type.OPTIMIZER),
    ("apex.optimizers.", Type.OPTIMIZER),
    ("bitsandbytes.optim.", Type.OPTIMIZER),
    ("timm.optim.", Type.OPTIMIZER),
    ("deepspeed.ops.", Type.OPTIMIZER),
    ("torchvision.models.", Type.MODULE),
    ("segmentation_models_pytorch.", Type.MODULE),
    ("monai.networks.nets.", Type.MODULE),
    ("torch_geometric.nn.", Type.MODULE),
    ("timm.models.", Type.MODULE),
)
"""The same by the beginning of their name; of optimizers and samplers only names that begin with a capital."""

LAYER = re.compile(r"^torch\.(?:ao\.)?nn\.(?:parallel\.)?([A-Z]\w*)$")
"""Classes of `torch.nn`."""

OPTIMIZER_NAME = re.compile(
    r"(?:^|\.)(?!Local)\w*(?:Optimizer|Adam|AdamW|Adagrad|Adadelta|RMSprop|Adafactor|Shampoo|Lamb(?!da)|LAMB|Lion|LARS|SGD|LBFGS|SAM|Muon)\w*$"
)
"""Names of optimizers of any package."""

PRETRAINED = re.compile(
    r"^(?:transformers|diffusers|sentence_transformers|open_clip)\b.*\b(\w+)\.from_(?:pretrained|config)$"
)
"""Class methods that load a network or its settings."""

NO_MODULE = re.compile(r"Tokenizer|Processor|Config|Extractor|Scheduler|Pipeline|Dataset|Collator|Argument")
"""Classes that are loaded alike and are no networks."""


MODULE_BASES = re.compile(
    r"^(?:torch\.nn\.[A-Z]\w*|torch\.nn\.parallel\.\w+|torch\.jit\.ScriptModule|\w*lightning(?:\.pytorch)?\.(?:core\.)?LightningModule"
    r"|\w*lightning\.(?:pytorch\.)?core\.(?:lightning|module)\.LightningModule|pl\.LightningModule|torchvision\.models\.\S+"
    r"|transformers\.\S*(?:PreTrainedModel|Model|For\w+)|diffusers\.\S*ModelMixin|torch_geometric\.nn\.\S+|timm\.models\.\S+"
    r"|fairseq\.models\.\S+|pyro\.nn\.PyroModule|gpytorch\.\S*(?:Module|GP|Kernel|Mean)|botorch\.models\.\S+|skorch\.\S*Module"
    r"|speechbrain\.nnet\.\S+|espnet2?\.\S*(?:AbsESPnetModel|Module)|mmengine\.model\.\S*(?:Module|Model)|mmcv\.\S*BaseModule)$"
)
"""Base classes that make a class a torch module."""

OWN_CALL = re.compile(r"^gpytorch\.|^botorch\.")
"""Base classes whose `__call__` is not that of `torch.nn.Module` and runs no hooks (gpytorch 1.14, run)."""

TRAINING_METHODS = re.compile(
    r"(?:training|validation|test|predict)_step$|(?:train|fit|learn|optimi[sz]e|update|validate|evaluate|test|infer)(?:_|$)"
)
"""Methods of a module with training, validation or inference code, which are no part of the network."""

OPTIMIZER_BASES = re.compile(r"^torch\.optim\.(?:optimizer\.)?[A-Z]\w*$")
AUTOGRAD_FUNCTION = "torch.autograd.Function"
SCHEDULERS = "torch.optim.lr_scheduler."
ANY_OPTIMIZER = frozenset(("torch.optim.Optimizer", "torch.optim.optimizer.Optimizer"))
TENSOR = "torch.Tensor"
DEFAULT_LOADER = "torch.utils.data.DataLoader"
GRADIENT_SWITCH = "torch.set_grad_enabled"
STAR_IMPORTS = frozenset(("torch", "torch.nn", "torch.nn.functional", "torch.optim"))
ZERO_TENSORS = frozenset(("torch.zeros", "torch.zeros_like"))

CONTEXTS: dict[str, Context] = {
    "torch.no_grad": Context.NO_GRAD,
    "torch.inference_mode": Context.INFERENCE_MODE,
    "torch.enable_grad": Context.ENABLE_GRAD,
    "torch.set_grad_enabled": Context.SET_GRAD_ENABLED,
    "torch.autocast": Context.AUTOCAST,
    "torch.distributed.autograd.context": Context.DIST_AUTOGRAD,
    "torch.autograd.set_detect_anomaly": Context.DETECT_ANOMALY,
    "torch.autograd.detect_anomaly": Context.DETECT_ANOMALY,
    "torch.autograd.graph.save_on_cpu": Context.SAVE_ON_CPU,
    "torch.fork_rng": Context.FORK_RNG,
    "torch.profiler.profile": Context.PROFILER,
    "torch.autograd.profiler.profile": Context.PROFILER,
    "torch.autograd.profiler.record_function": Context.PROFILER,
    "torch.utils.benchmark.Timer": Context.PROFILER,
    "cProfile.Profile": Context.PROFILER,
}
"""Context managers (and decorators), by name."""

RECORDING = frozenset((Context.NO_GRAD, Context.INFERENCE_MODE, Context.ENABLE_GRAD, Context.SET_GRAD_ENABLED))
"""Those that turn the recording of gradients on or off."""

ACT_WHEN_MADE = frozenset(("torch.set_grad_enabled", "torch.autograd.set_detect_anomaly"))
"""Of these, the ones that also take effect without a `with`, on all following code."""

CONTEXT_METHODS: dict[str, Context] = {
    "accumulate": Context.ACCUMULATE,
    "no_sync": Context.NO_SYNC,
    "no_backward_sync": Context.NO_SYNC,
    "autocast": Context.AUTOCAST,
    "scale_loss": Context.SCALE_LOSS,
}
"""Methods that return context managers, on any framework object."""

GRADE = Effect(Kind.GRADE, subject="", returns=Returns.DERIVED)
NUMBER = Effect(returns=Returns.NUMBER)
SEED = Effect(Kind.SEED, subject="", returns=Returns.NOTHING)

FUNCTIONS: dict[str, Effect] = {
    "torch._foreach_zero_": Effect(Kind.CLEAR, 0),
    "torch.nn.utils.clip_grad_norm_": Effect(Kind.CLIP, 0, keyword="parameters", returns=Returns.NUMBER),
    "torch.nn.utils.clip_grad_norm": Effect(Kind.CLIP, 0, keyword="parameters", returns=Returns.NUMBER),
    "torch.nn.utils.clip_grad_value_": Effect(Kind.CLIP, 0, keyword="parameters", returns=Returns.NUMBER),
    "torch.nn.utils.vector_to_parameters": Effect(Kind.LOAD, 1, keyword="parameters", returns=Returns.NOTHING),
    "torch.autograd.backward": Effect(Kind.BACKWARD, 0, keyword="tensors"),
    "torch.manual_seed": SEED,
    "torch.cuda.manual_seed": SEED,
    "torch.cuda.manual_seed_all": SEED,
    "torch.set_rng_state": SEED,
    "torch.cuda.set_rng_state": SEED,
    "accelerate.utils.set_seed": SEED,
    "transformers.set_seed": SEED,
    "lightning.seed_everything": SEED,
    "torch.save": Effect(Kind.SAVE, 0, keyword="obj"),
    "torch.compile": Effect(returns=Returns.COMPILED),
    "torch.jit.script": Effect(returns=Returns.FIRST),
    "torch.jit.trace": Effect(returns=Returns.FIRST),
    "torch.nn.utils.weight_norm": Effect(returns=Returns.FIRST),
    "torch.nn.utils.spectral_norm": Effect(returns=Returns.FIRST),
    "torch.nn.utils.parametrizations.weight_norm": Effect(returns=Returns.FIRST),
    "torch.nn.utils.parametrizations.spectral_norm": Effect(returns=Returns.FIRST),
    "torch.nn.SyncBatchNorm.convert_sync_batchnorm": Effect(returns=Returns.FIRST),
    "torch.autograd.Variable": Effect(returns=Returns.FIRST),
    "backpack.extend": Effect(returns=Returns.FIRST),
    "apex.amp.initialize": Effect(returns=Returns.ARGUMENT),
    "apex.amp.scale_loss": Effect(returns=Returns.FIRST),
    "apex.amp.master_params": Effect(returns=Returns.NEW),
    "copy.deepcopy": Effect(returns=Returns.COPY),
    "copy.copy": Effect(returns=Returns.COPY),
    "torch.is_tensor": NUMBER,
    "torch.equal": NUMBER,
    "torch.detach": Effect(returns=Returns.DETACHED),
    "torch.bucketize": Effect(returns=Returns.DETACHED),
    "torch.searchsorted": Effect(returns=Returns.DETACHED),
    "torch.zeros_like": Effect(returns=Returns.DATA),
    "torch.ones_like": Effect(returns=Returns.DATA),
    "torch.full_like": Effect(returns=Returns.DATA),
    "torch.rand_like": Effect(returns=Returns.DATA),
    "torch.randn_like": Effect(returns=Returns.DATA),
    "torch.tensor": Effect(returns=Returns.DETACHED),
    "torch.from_numpy": Effect(returns=Returns.DATA),
    "torch.isnan": Effect(returns=Returns.DETACHED),
    "torch.isfinite": Effect(returns=Returns.DETACHED),
}
"""Functions by canonical name. Every other function of torch returns something computed from its arguments."""

BATCHES = {
    "torch.optim.lr_scheduler.OneCycleLR": (4, "steps_per_epoch", True),
    "torch.optim.lr_scheduler.CyclicLR": (3, "step_size_up", False),
}
"""Schedulers that count batches if an argument (by position and name) is passed, or if it is not."""

LENGTHS = {
    "torch.optim.lr_scheduler.CosineAnnealingLR": (1, "T_max"),
    "torch.optim.lr_scheduler.LinearLR": (3, "total_iters"),
    "torch.optim.lr_scheduler.PolynomialLR": (1, "total_iters"),
    "transformers.get_linear_schedule_with_warmup": (2, "num_training_steps"),
    "transformers.get_cosine_schedule_with_warmup": (2, "num_training_steps"),
    "transformers.get_polynomial_decay_schedule_with_warmup": (2, "num_training_steps"),
    "transformers.get_scheduler": (3, "num_training_steps"),
    "diffusers.optimization.get_scheduler": (4, "num_training_steps"),
}
"""Schedulers that are made for a number of steps, with the argument (by position and name) that says how many."""

LOSS_FUNCTION = re.compile(
    r"^torch\.nn\.functional\.(?:\w*_loss|cross_entropy|binary_cross_entropy(?:_with_logits)?|kl_div)$"
)
"""Functions that compute a loss."""

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

TENSOR_MAKERS = re.compile(
    r"^torch\.(?!load$|compile$|device$)[a-z]\w*$|^torch\.(?:nn\.functional|linalg|fft|special)\.\w+$|^torch\.(?:\w+)?Tensor$"
)
"""Functions of torch that return tensors."""

STEP = Effect(Kind.STEP, flag=("zero_grad", Kind.CLEAR))
SAME = Effect(returns=Returns.SELF)
SWITCH = Effect(Kind.TRAIN, returns=Returns.SELF)

METHODS: dict[Type, dict[str, Effect]] = {
    Type.OPTIMIZER: {
        "zero_grad": Effect(Kind.CLEAR),
        "step": STEP,
        "first_step": STEP,
        "second_step": STEP,
        "backward": Effect(Kind.BACKWARD, 0, keyword="loss"),
        "clip_grad_norm": Effect(Kind.CLIP, returns=Returns.NUMBER),
        "clip_master_grads": Effect(Kind.CLIP, returns=Returns.NUMBER),
        "load_state_dict": Effect(Kind.LOAD, returns=Returns.LOADED),
        "state_dict": Effect(returns=Returns.NEW),
        "train": Effect(Kind.WEIGHTS, how=How.UNAVERAGED),
        "eval": Effect(Kind.WEIGHTS, how=How.AVERAGED),
    },
    Type.MODULE: {
        "zero_grad": Effect(Kind.CLEAR),
        "forward": Effect(Kind.FORWARD, returns=Returns.DERIVED),
        "train": SWITCH,
        "eval": Effect(Kind.EVAL, returns=Returns.SELF),
        "parameters": Effect(returns=Returns.PARAMETERS),
        "named_parameters": Effect(returns=Returns.PARAMETERS),
        "trainable_parameters": Effect(returns=Returns.PARAMETERS),
        "modules": Effect(returns=Returns.PARTS),
        "named_modules": Effect(returns=Returns.PARTS),
        "children": Effect(returns=Returns.PARTS),
        "named_children": Effect(returns=Returns.PARTS),
        "state_dict": Effect(returns=Returns.STATE),
        "load_state_dict": Effect(Kind.LOAD, returns=Returns.LOADED),
        "clip_grad_norm_": Effect(Kind.CLIP, returns=Returns.NUMBER),
        "apply": SAME,
    },
    Type.ENGINE: {
        "backward": Effect(Kind.BACKWARD, 0, keyword="loss"),
        "step": Effect(Kind.STEP, then=Kind.CLEAR),
        "zero_grad": Effect(Kind.CLEAR),
        "train": SWITCH,
        "eval": Effect(Kind.EVAL, returns=Returns.SELF),
        "parameters": Effect(returns=Returns.PARAMETERS),
    },
    Type.SCALER: {
        "scale": Effect(returns=Returns.DERIVED),
        "step": Effect(Kind.STEP, 0, object="self", keyword="optimizer"),
        "unscale_": Effect(Kind.UNSCALE, 0, object="self", keyword="optimizer"),
        "update": Effect(Kind.SCALER_UPDATE),
    },
    Type.SCHEDULER: {
        "step": Effect(Kind.SCHEDULE),
        "get_last_lr": NUMBER,
        "get_lr": NUMBER,
        "state_dict": Effect(returns=Returns.NEW),
        "load_state_dict": Effect(Kind.LOAD, returns=Returns.LOADED),
    },
    Type.SAMPLER: {"set_epoch": Effect(Kind.SET_EPOCH)},
    Type.LOADER: {"set_epoch": Effect(Kind.SET_EPOCH)},
    Type.FRAMEWORK: {
        "backward": Effect(Kind.BACKWARD, 0, keyword="loss"),
        "manual_backward": Effect(Kind.BACKWARD, 0, keyword="loss"),
        "prepare": Effect(returns=Returns.ARGUMENT),
        "prepare_model": Effect(returns=Returns.ARGUMENT),
        "prepare_optimizer": Effect(returns=Returns.ARGUMENT),
        "prepare_data_loader": Effect(returns=Returns.ARGUMENT),
        "setup": Effect(returns=Returns.WRAPPED),
        "setup_module": Effect(returns=Returns.WRAPPED),
        "setup_optimizers": Effect(returns=Returns.ARGUMENT),
        "setup_dataloaders": Effect(returns=Returns.ARGUMENT),
        "unwrap_model": Effect(returns=Returns.FIRST),
        "clip_grad_norm_": Effect(Kind.CLIP, 0, returns=Returns.NUMBER),
        "clip_grad_value_": Effect(Kind.CLIP, 0, returns=Returns.NUMBER),
        "clip_gradients": Effect(Kind.CLIP, 0, returns=Returns.NUMBER),
        "unscale_gradients": Effect(Kind.UNSCALE, 0),
        "print": Effect(),
        "log": Effect(),
        "save": Effect(),
        "wait_for_everyone": Effect(Kind.COLLECTIVE),
        "gather": Effect(Kind.COLLECTIVE, returns=Returns.DERIVED),
        "gather_for_metrics": Effect(Kind.COLLECTIVE, returns=Returns.DERIVED),
        "reduce": Effect(Kind.COLLECTIVE, returns=Returns.DERIVED),
        "save_state": Effect(),
        "free_memory": Effect(),
    },
    Type.TENSOR: {"backward": Effect(Kind.BACKWARD)},
    Type.CRITERION: {
        "forward": Effect(Kind.FORWARD, returns=Returns.DERIVED),
        "backward": Effect(Kind.BACKWARD),
        "train": SAME,
        "eval": SAME,
    },
}

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

COMPUTES_NOTHING = frozenset(("zero_grad", "item", "detach", "append", "clone"))
"""Methods that neither predict nor back-propagate."""

SCHEDULED_BY_NAME = frozenset(("transformers.get_scheduler", "diffusers.optimization.get_scheduler"))
"""Functions whose first argument is the name of a schedule, and whose second one the optimizer."""

NUMBERS_OF_BATCHES = frozenset(("estimated_stepping_batches", "num_training_batches"))
"""Attributes that are a number of batches, on whatever object (Lightning's trainer)."""

STOPS_DEVICE = frozenset(
    f"torch.{device}.{name}"
    for device in ("cuda", "xpu", "mps", "npu", "accelerator", "accelerator.memory")
    for name in ("synchronize", "empty_cache")
)
"""Functions that wait for the device, or give cached memory back, which waits, too."""

GIVES_MEMORY_BACK = frozenset(("empty_cache",))
"""Those of them of which code that measures time has no need."""

WATCHES_AUTOGRAD = {"torch.autograd.set_detect_anomaly": None, "torch.autograd.detect_anomaly": True}
"""Functions that switch anomaly detection on, and whether they do so without an argument."""

MEASURES_TIME = frozenset(("time", "perf_counter", "monotonic", "elapsed_time", "timer", "Timer", "profile", "record"))
"""Names in code that measures time: it has to wait for the device."""

WITH_MOMENTUM = frozenset(f"torch.optim.{name}" for name in ("Adam", "AdamW", "Adamax", "NAdam", "RAdam"))
"""Optimizers that move by earlier gradients whatever their arguments."""

MOVES_BY = ("momentum", "weight_decay")
"""Arguments by which an optimizer moves parameters whose gradients are zero."""

SETS_RATE = frozenset(
    f"torch.optim.lr_scheduler.{name}"
    for name in (
        "ConstantLR",
        "CosineAnnealingWarmRestarts",
        "CyclicLR",
        "LambdaLR",
        "LinearLR",
        "OneCycleLR",
        "SequentialLR",
    )
)
"""Schedulers that set the rate of a resumed optimizer in their constructor (measured with torch 2.13; the others leave
it as loaded)."""

KEEPS_RATE = frozenset(("torch.optim.lr_scheduler.ReduceLROnPlateau",))
"""Schedulers that multiply the rate that the optimizer has at the time: only their patience begins anew."""

SET_RATE = ("transformers.",)
"""Beginnings of the names of functions whose schedulers do so too (they are `LambdaLR`)."""

MULTIPLIES_RATE = frozenset(("torch.optim.lr_scheduler.LambdaLR",))
"""Schedulers whose function returns a factor for the rate, not the rate."""

SCHEDULER_LOOKS = frozenset(
    ("get_last_lr", "get_lr", "state_dict", "load_state_dict", "last_epoch", "optimizer", "base_lrs", "print_lr")
)
"""Methods and attributes of a scheduler that do not change a rate."""

EPOCH_SCHEDULER_LOOKS = SCHEDULER_LOOKS | {"step_update"}
"""The same for a scheduler of timm that counts epochs."""

HOOKS = frozenset(("register_step_pre_hook", "register_step_post_hook"))
"""Methods of an optimizer that register code to run with each step."""

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

FUNCTIONS |= {f"torch.{name}": Effect(returns=Returns.DETACHED) for name in NO_GRAPH}

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

CLIPPING = re.compile(r"(?i)^clip_(?:grad\w*|norms?(?:_\w*)?)$|^clip_grad|gradient_clip")

RESETS_WEIGHTS = frozenset(("reset_parameters", "reset_weights", "init_weights"))
"""Methods of modules that reset their weights."""

SETS_WEIGHTS = frozenset(("set_params", "set_parameters", "set_flat_params", "set_param_values", "set_weights"))
"""Names that people give to methods of modules that write given values into their weights."""

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
"""Functions that make a tensor of numbers, on the CPU unless they are told otherwise."""

LOGS = frozenset(("log", "log_dict", "print"))
"""Methods of frameworks that report values."""

SWITCHES_OPTIMIZER = frozenset(("toggle_optimizer", "untoggle_optimizer"))
"""Methods of frameworks that select the optimizer whose parameters are trained."""

LEAVES_CONTEXT = frozenset(("__enter__", "enter_context", "__exit__", "close"))
"""Methods that enter or leave a context by hand."""

PLAIN_SCALER_METHODS = frozenset(("state_dict", "load_state_dict", "is_enabled"))
"""Methods of a scaler that do not read its scale."""

REGISTERS_MODULE = frozenset(("add_module", "register_module", "insert", "append"))
"""Methods of a module that register another one."""

LIMITS = ("max_norm", "clip_value")
"""Keywords of the limit in functions that clip gradients."""

INFINITY = frozenset(("float('inf')", "math.inf", "torch.inf", "np.inf", "numpy.inf", "inf"))
"""Expressions that mean no limit."""

STATE_METHODS = frozenset(("state_dict", "load_state_dict"))
"""Methods of any object with a state."""

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

VARIABLE = "torch.autograd.Variable"
"""The former constructor of tensors that record gradients."""

ENGINE_ARGUMENTS = ("model", "optimizer", "model_parameters")
"""Arguments of `deepspeed.initialize` that its engine is made of, from the second on."""

SAMPLER_ARGUMENTS = frozenset(("sampler", "batch_sampler", "3", "4"))
"""Arguments of a loader that choose its samples, by name and position."""

FUNCTIONAL_CALLS = frozenset(("torch.func.functional_call", "torch.nn.utils.stateless.functional_call"))
"""Functions that call a module with other parameters."""

SOME_PROCESSES = frozenset(("group", "async_op"))
"""Arguments of a collective that is not over all processes, or does not wait."""

SCALES_IN_PLACE = frozenset(("mul_", "div_"))
"""Methods that multiply a tensor in place."""

OVERWRITES = frozenset(("copy_", "set_"))
"""Methods that replace the values of a tensor."""

DRAWN_WITHOUT_GRAPH = frozenset(("sample", "sample_n"))
"""Methods of a distribution whose result holds no graph."""

OLD_REDUCTIONS = frozenset(("size_average", "reduce"))
"""Former arguments of a criterion in place of `reduction`."""

MEAN_REDUCTIONS = frozenset(("mean", "batchmean"))
"""Values of `reduction` for a mean over the batch."""

"""Types and packages of torch and related packages, by name.

Sources: the reference pages of torch 2.13 (torch.optim, torch.nn, torch.utils.data) and of the packages named in the
rows.
"""

from __future__ import annotations

import re

from looplint.events import Fact, Type
from looplint.knowledge.criteria import TRAINED_CRITERIA

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

OF_TORCH = ("torch.", "Tensor.")
"""Prefixes of the functions and classes of torch, and of the methods of tensors."""

FACTS_BY_NAME = {
    "Tensor.clone": (Fact.CLONED,),
    "torch.optim.LBFGS": (Fact.REPEATS_CLOSURE,),
    "torch.optim.SGD": (Fact.GROWS_WITH_GRADIENTS,),
}
"""What is known of all objects that a function or class returns."""

RATE_IN_GROUPS = "torch.optim."
"""Begins the names of optimizers that have no attribute for the rate, only `param_groups` (torch 2.13.0)."""

FACTS_BY_LAST_NAME = {
    "DistributedDataParallel": (Fact.AVERAGES_OVER_PROCESSES,),
    "DistributedSampler": (Fact.ORDER_OF_EPOCH,),
}
"""The same of classes that other packages have under the same name, for the same purpose (apex, torch_xla)."""

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
"""Wrappers that hold that module itself, not a copy."""

ZOOS = ("torchvision.models.", "timm.")
"""Prefixes of constructors of networks whose attributes are layers, with exceptions."""

RETURNS_BY_MODE = "torchvision.models.detection."
"""Prefix of constructors of networks that return losses in training mode, and boxes in evaluation mode."""

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

STAR_IMPORTS = frozenset(("torch", "torch.nn", "torch.nn.functional", "torch.optim"))

VARIABLE = "torch.autograd.Variable"
"""The former constructor of tensors that record gradients."""

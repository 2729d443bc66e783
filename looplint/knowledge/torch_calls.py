"""What functions, methods and context managers of torch and related packages do to a training loop, by name.

Sources: the reference pages of torch 2.13 (torch.optim, torch.nn, torch.amp) and of the packages named in the rows.
"""

from __future__ import annotations

import re

from looplint.events import Context, How, Kind, Type
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.torch_tensors import NO_GRAPH

GRADIENT_SWITCH = "torch.set_grad_enabled"

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
"""Contexts that turn the recording of gradients on or off."""

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

# The weight becomes two new parameters, its length and its direction. `spectral_norm` and pruning keep the parameter
# (torch 2.13.0, run).
NEW_WEIGHTS = Effect(Kind.ASSIGN, 0, keyword="module", returns=Returns.FIRST, how=How.NEW_PARAMETERS)

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
    "torch.nn.utils.weight_norm": NEW_WEIGHTS,
    "torch.nn.utils.spectral_norm": Effect(returns=Returns.FIRST),
    "torch.nn.utils.parametrizations.weight_norm": NEW_WEIGHTS,
    "torch.nn.utils.parametrizations.spectral_norm": Effect(returns=Returns.FIRST),
    "torch.nn.SyncBatchNorm.convert_sync_batchnorm": Effect(returns=Returns.FIRST),
    "torch.autograd.Variable": Effect(returns=Returns.FIRST),
    "backpack.extend": Effect(returns=Returns.FIRST),
    "apex.amp.initialize": Effect(returns=Returns.ARGUMENT),
    "apex.amp.scale_loss": Effect(returns=Returns.FIRST),
    "apex.amp.master_params": Effect(returns=Returns.NEW),
    "copy.deepcopy": Effect(returns=Returns.COPY),
    "copy.copy": Effect(returns=Returns.COPY),
    "torch.utils._pytree.tree_map": Effect(returns=Returns.MAPPED),
    "torch.utils._pytree.tree_unflatten": Effect(returns=Returns.FIRST),
    "optree.tree_map": Effect(returns=Returns.MAPPED),
    "accelerate.utils.recursively_apply": Effect(returns=Returns.MAPPED),
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

LOSS_FUNCTION = re.compile(
    r"^torch\.nn\.functional\.(?:\w*_loss|cross_entropy|binary_cross_entropy(?:_with_logits)?|kl_div)$"
)
"""Functions that compute a loss."""

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
        "load_state_dict": Effect(Kind.LOAD, returns=Returns.LOADED, flag=("assign", Kind.ASSIGN)),
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

COMPUTES_NOTHING = frozenset(("zero_grad", "item", "detach", "append", "clone"))
"""Methods that neither predict nor back-propagate."""

STOPS_DEVICE = frozenset(
    f"torch.{device}.{name}"
    for device in ("cuda", "xpu", "mps", "npu", "accelerator", "accelerator.memory")
    for name in ("synchronize", "empty_cache")
)
"""Functions that wait for the device, or give cached memory back, which waits, too."""

GIVES_MEMORY_BACK = frozenset(("empty_cache",))
"""Functions among them that code which measures time does not need."""

WATCHES_AUTOGRAD = {"torch.autograd.set_detect_anomaly": None, "torch.autograd.detect_anomaly": True}
"""Functions that switch anomaly detection on, and whether they do so without an argument."""

MEASURES_TIME = frozenset(("time", "perf_counter", "monotonic", "elapsed_time", "timer", "Timer", "profile", "record"))
"""Names in code that measures time: it has to wait for the device."""

STATE_BY = {"torch.optim.SGD": "momentum"}
"""Optimizers that keep nothing from one step to the next, unless this argument is given."""

WITH_MOMENTUM = frozenset(f"torch.optim.{name}" for name in ("Adam", "AdamW", "Adamax", "NAdam", "RAdam"))
"""Optimizers that move by earlier gradients whatever their arguments."""

MOVES_BY = ("momentum", "weight_decay")
"""Arguments by which an optimizer moves parameters whose gradients are zero."""

HOOKS = frozenset(("register_step_pre_hook", "register_step_post_hook"))
"""Methods of an optimizer that register code to run with each step."""

FUNCTIONS |= {f"torch.{name}": Effect(returns=Returns.DETACHED) for name in NO_GRAPH}

CLIPPING = re.compile(r"(?i)^clip_(?:grad\w*|norms?(?:_\w*)?)$|^clip_grad|gradient_clip")

RESETS_WEIGHTS = frozenset(("reset_parameters", "reset_weights", "init_weights"))
"""Methods of modules that reset their weights."""

SETS_WEIGHTS = frozenset(("set_params", "set_parameters", "set_flat_params", "set_param_values", "set_weights"))
"""Names that people give to methods of modules that write given values into their weights."""

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

STATE_METHODS = frozenset(("state_dict", "load_state_dict"))
"""Methods of any object with a state."""

ENGINE_ARGUMENTS = ("model", "optimizer", "model_parameters")
"""Arguments of `deepspeed.initialize` that its engine is made of, from the second on."""

SAMPLER_ARGUMENTS = frozenset(("sampler", "batch_sampler", "3", "4"))
"""Arguments of a loader that choose its samples, by name and position."""

FUNCTIONAL_CALLS = frozenset(("torch.func.functional_call", "torch.nn.utils.stateless.functional_call"))
"""Functions that call a module with other parameters."""

SOME_PROCESSES = frozenset(("group", "async_op"))
"""Arguments of a collective that is not over all processes, or does not wait."""

OLD_REDUCTIONS = frozenset(("size_average", "reduce"))
"""Former arguments of a criterion in place of `reduction`."""

MEAN_REDUCTIONS = frozenset(("mean", "batchmean"))
"""Values of `reduction` for a mean over the batch."""

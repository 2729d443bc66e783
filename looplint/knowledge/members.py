"""Attributes and methods by their names, whatever object has them."""

from __future__ import annotations

from collections.abc import Mapping

from looplint.events import Type

LAYER_PARAMETERS = frozenset(("weight", "bias"))
"""Attributes of a layer that are parameters."""

SETS_MODE = frozenset(("train", "eval"))
"""Methods that switch a module to training or evaluation mode."""

WITHOUT_GRAPH = frozenset(("data", "detach"))
"""Attributes of a tensor with the same values, and without its graph."""

CHANGES_SHAPE = frozenset(("data", "shape"))
"""Attributes whose assignment changes the shape of a tensor."""

SHAPES = frozenset(("shape", "ndim"))
"""Attributes that say the shape of a tensor."""

SHAPE_METHODS = frozenset(("size", "dim"))
"""Methods that return the shape of a tensor."""

COUNTED_PARTS = frozenset(("dataset", "sampler"))
"""Attributes of a loader whose length is a number of samples."""

ASKS_FOR_GRAPH = frozenset(("requires_grad", "grad_fn", "is_grad_enabled"))
"""Attributes that say whether there is a graph to back-propagate through, or whether gradients are recorded."""

ENDS_ACCUMULATION = frozenset(("sync_gradients", "is_gradient_accumulation_boundary"))
"""Attributes that are true in the last of several batches whose gradients are accumulated."""

CALLED = ("__call__", "forward")
"""Methods that run when an object is called, the first of them that its class has."""

CONSTRUCTS = frozenset(("from_pretrained", "load_from_checkpoint", "from_config", "create"))
"""Methods of a class that return an object of it, although its source does not define them."""

RUNS_AS_DEFINED = frozenset(("zero_grad", "train", "eval", "forward", "load_state_dict"))
"""Methods whose own definition in a class counts, although what they do is known."""

UPDATES_OTHERWISE = frozenset(("step", "zero_", "zero_grad"))
"""Names in the `step` of an optimizer that does not only read gradients, or leaves the update to another one."""

CHANGES_NO_GRADIENT = frozenset(("state_dict", "add_param_group"))
"""Methods of an optimizer that neither clear nor step."""

NO_RECORDING = ("no_grad", "inference_mode")
"""Contexts and decorators in which autograd records nothing."""

ADDS_PARAMETERS = frozenset(("add_param_group",))
"""Methods that give an optimizer further parameters."""

STATEMENTS_OF: Mapping[str, frozenset[Type]] = {
    "step": frozenset((Type.OPTIMIZER, Type.MODULE, Type.SCHEDULER, Type.ENGINE)),
    "zero_grad": frozenset((Type.OPTIMIZER, Type.MODULE, Type.SCHEDULER, Type.ENGINE)),
    "backward": frozenset((Type.TENSOR,)),
    "eval": frozenset((Type.MODULE, Type.ENGINE)),
    "train": frozenset((Type.MODULE, Type.ENGINE)),
    "update": frozenset((Type.SCALER,)),
}
"""Methods that are called as statements of a loop, and the types of objects that have them: where the parentheses are
missing, nothing happens."""

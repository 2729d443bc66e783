"""What an object is, by the names of the methods that are called on it."""

from __future__ import annotations

OF_ENGINES = frozenset(("step", "backward"))
"""Methods of an engine that a module has not, or not with an argument."""

USED_AS_ENGINE = frozenset(("step", "backward(loss)"))
"""Uses of an engine: `engine.backward(loss)` and `engine.step()`."""

STEPS = frozenset(("step", "first_step", "second_step"))
"""Methods that update parameters."""

BESIDE_CLEAR = frozenset(("step", "param_groups", "add_param_group"))
"""Other uses of an object that is cleared, by which it is an optimizer."""

BESIDE_STEP = frozenset(("zero_grad", "param_groups", "add_param_group"))
"""Other uses of an object that is stepped, by which it is an optimizer."""

OF_SCALERS = frozenset(("unscale_", "scale", "update"))
"""Methods of a gradient scaler."""

OF_PARAMETERS = frozenset(("parameters", "named_parameters", "state_dict"))
"""Methods that only objects with parameters have."""

OF_MODULES = OF_PARAMETERS | frozenset(("train", "eval", "forward", "modules", "children"))
"""Methods of a module."""

GRADIENTS = frozenset(("torch.ones_like", "torch.tensor", "torch.ones"))
"""Constructors of a gradient that is passed to `backward`: no loss."""

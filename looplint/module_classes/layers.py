"""What a layer has, by its constructor and the arguments of that."""

from __future__ import annotations

from collections.abc import Mapping

from looplint.knowledge.layers import (
    GRAPH_CONVOLUTIONS,
    INSTANCE_NORMS,
    MODE_SENSITIVE,
    NO_DROPOUT_BY_DEFAULT,
    WITH_DROPOUT,
    WITH_PARAMETERS,
)


def has_mode(constructor: str, options: Mapping[str, object]) -> bool:
    """Whether a layer of `torch.nn`, constructed with these keyword arguments, is mode-sensitive."""
    if constructor in WITH_DROPOUT:
        return options.get("dropout", constructor not in NO_DROPOUT_BY_DEFAULT) not in (0, False)
    return constructor in MODE_SENSITIVE


def has_parameters(constructor: str, options: Mapping[str, object]) -> bool:
    """Whether a layer of `torch.nn` or `torch_geometric.nn`, constructed with these keyword arguments, has trainable
    parameters."""
    if constructor in INSTANCE_NORMS:
        return options.get("affine", False) is not False
    if options.get("affine") is False or options.get("elementwise_affine") is False:
        return False
    return constructor in WITH_PARAMETERS or GRAPH_CONVOLUTIONS.match(constructor) is not None

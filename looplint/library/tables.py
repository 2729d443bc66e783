"""The interpreter's tables, for torch."""

from __future__ import annotations

from looplint.events import Type
from looplint.interpreter.tables import Tables
from looplint.knowledge import torch
from looplint.knowledge.layers import PARAMETER_LISTS
from looplint.knowledge.logits import JOINS, SHAPES
from looplint.library.types import type_of


def _type_of_base(dotted: str) -> Type:
    kind = type_of(dotted)
    if kind is Type.PARAMETERS:
        return kind
    if torch.MODULE_BASES.search(dotted) or kind is Type.MODULE:
        return Type.MODULE
    if torch.OPTIMIZER_BASES.search(dotted):
        return Type.OPTIMIZER
    if dotted.startswith(torch.SCHEDULERS):
        return Type.SCHEDULER
    if dotted == torch.AUTOGRAD_FUNCTION:
        return Type.OTHER
    return kind if kind in (Type.SAMPLER, Type.SCALER, Type.CRITERION) else Type.UNKNOWN


def _type_of_annotation(dotted: str) -> Type:
    if dotted in torch.ANY_OPTIMIZER:
        return Type.OPTIMIZER
    if dotted == torch.TENSOR:
        # A tensor can have any role: parameters, a loss, a batch.
        return Type.UNKNOWN
    return Type.SCHEDULER if dotted.startswith(torch.SCHEDULERS) else type_of(dotted)


TABLES = Tables(
    root="torch",
    star_imports=torch.STAR_IMPORTS,
    type_of=type_of,
    type_of_base=_type_of_base,
    type_of_annotation=_type_of_annotation,
    methods=torch.METHODS,
    wrappers=torch.WRAPPERS,
    shared=torch.SHARED,
    parameter_lists=PARAMETER_LISTS,
    random_states=torch.RANDOM_STATES,
    zero_tensors=torch.ZERO_TENSORS,
    default_loader=torch.DEFAULT_LOADER,
    tensor_makers=torch.TENSOR_MAKERS,
    model_zoos=torch.ZOOS,
    no_layer=torch.NO_LAYER,
    contexts=torch.CONTEXTS,
    context_methods=torch.CONTEXT_METHODS,
    recording=torch.RECORDING,
    gradient_switch=torch.GRADIENT_SWITCH,
    act_when_made=torch.ACT_WHEN_MADE,
    moves=torch.MOVES,
    keeps_identity=torch.KEEPS_IDENTITY,
    shapes=SHAPES,
    joins=JOINS,
    with_indices=torch.WITH_INDICES,
    plain_attributes=torch.PLAIN_ATTRIBUTES,
    hooks=torch.HOOKS,
    resets_weights=torch.RESETS_WEIGHTS,
    clipping=torch.CLIPPING,
)

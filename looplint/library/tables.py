"""The interpreter's tables, for torch."""

from __future__ import annotations

from looplint.events import Type
from looplint.interpreter.tables import Tables
from looplint.knowledge import torch_calls as calls
from looplint.knowledge import torch_tensors as tensors
from looplint.knowledge import torch_types as types
from looplint.knowledge.layers import PARAMETER_LISTS
from looplint.knowledge.logits import JOINS, SHAPES
from looplint.library.types import facts_of, type_of


def _type_of_base(dotted: str) -> Type:
    kind = type_of(dotted)
    if kind is Type.PARAMETERS:
        return kind
    if types.MODULE_BASES.search(dotted) or kind is Type.MODULE:
        return Type.MODULE
    if types.OPTIMIZER_BASES.search(dotted):
        return Type.OPTIMIZER
    if dotted.startswith(types.SCHEDULERS):
        return Type.SCHEDULER
    if dotted == types.AUTOGRAD_FUNCTION:
        return Type.OTHER
    return kind if kind in (Type.SAMPLER, Type.SCALER, Type.CRITERION) else Type.UNKNOWN


def _type_of_annotation(dotted: str) -> Type:
    if dotted in types.ANY_OPTIMIZER:
        return Type.OPTIMIZER
    if dotted == types.TENSOR:
        # A tensor can have any role: parameters, a loss, a batch.
        return Type.UNKNOWN
    return Type.SCHEDULER if dotted.startswith(types.SCHEDULERS) else type_of(dotted)


TABLES = Tables(
    root="torch",
    star_imports=types.STAR_IMPORTS,
    type_of=type_of,
    type_of_base=_type_of_base,
    type_of_annotation=_type_of_annotation,
    facts_of=facts_of,
    methods=calls.METHODS,
    wrappers=types.WRAPPERS,
    shared=types.SHARED,
    parameter_lists=PARAMETER_LISTS,
    random_states=tensors.RANDOM_STATES,
    zero_tensors=tensors.ZERO_TENSORS,
    default_loader=types.DEFAULT_LOADER,
    tensor_makers=tensors.TENSOR_MAKERS,
    model_zoos=types.ZOOS,
    no_layer=types.NO_LAYER,
    contexts=calls.CONTEXTS,
    context_methods=calls.CONTEXT_METHODS,
    recording=calls.RECORDING,
    gradient_switch=calls.GRADIENT_SWITCH,
    act_when_made=calls.ACT_WHEN_MADE,
    moves=tensors.MOVES,
    keeps_identity=tensors.KEEPS_IDENTITY,
    shapes=SHAPES,
    joins=JOINS,
    with_indices=tensors.WITH_INDICES,
    plain_attributes=tensors.PLAIN_ATTRIBUTES,
    hooks=calls.HOOKS,
    resets_weights=calls.RESETS_WEIGHTS,
    clipping=calls.CLIPPING,
)

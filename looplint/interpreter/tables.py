"""What the interpreter needs to know of the library's names, as tables that the library fills in."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Mapping

from looplint.events import Context, Type
from looplint.knowledge.effect import Effect


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Names whose meaning decides how code is read. Names with dots are canonical (`numpy.mean`, not `np.mean`)."""

    root: str
    """The package whose name means it also in excerpts that do not import it."""
    star_imports: frozenset[str]
    """Modules from which `from ... import *` gives every name that is not found elsewhere."""

    type_of: Callable[[str], Type]
    """What a call of this name makes; `Type.UNKNOWN` if that is not known."""
    type_of_base: Callable[[str], Type]
    """What the objects of a class are that has this base; `Type.UNKNOWN` if that is not known."""
    type_of_annotation: Callable[[str], Type]
    """What a parameter is that is annotated with this class; `Type.UNKNOWN` if that says nothing."""
    methods: Mapping[Type, Mapping[str, Effect]]
    """What methods do, by the type of their receiver."""

    wrappers: frozenset[str]
    """Modules made around the module that is their first argument."""
    shared: frozenset[str]
    """Those of the wrappers that hold that module itself, not a copy."""
    parameter_lists: Collection[str]
    """Collections whose items are parameters."""
    random_states: frozenset[str]
    """Makers of random generators."""
    zero_tensors: frozenset[str]
    """Makers of tensors that hold zeros."""
    default_loader: str
    """The loader that stacks its samples itself where it is given no `collate_fn`."""
    tensor_makers: re.Pattern[str]
    """Functions that give a tensor for sure."""
    model_zoos: tuple[str, ...]
    """Beginnings of names whose calls make modules that have further modules as attributes."""
    no_layer: re.Pattern[str]
    """Attributes of such modules that are none."""

    contexts: Mapping[str, Context]
    """Context managers."""
    context_methods: Mapping[str, Context]
    """Methods that give a context manager, whatever they are called on."""
    recording: frozenset[Context]
    """Contexts that say whether gradients are recorded."""
    gradient_switch: str
    """The context manager that takes as an argument whether gradients are recorded."""
    act_when_made: frozenset[str]
    """Context managers that act as soon as they are made."""

    moves: frozenset[str]
    """Methods that give the same data on another device or in another type."""
    keeps_identity: frozenset[str]
    """Methods whose result stands for the same values as their receiver."""
    shapes: frozenset[str]
    """Methods that give the same values in another shape."""
    plain_attributes: frozenset[str]
    """Attributes that hold numbers and options, not tensors."""
    hooks: frozenset[str]
    """Methods of an optimizer that register a function and change nothing else."""
    begins_anew: frozenset[str]
    """Methods that give a module new weights."""
    clipping: re.Pattern[str]
    """Last parts of the names of functions that limit gradients."""

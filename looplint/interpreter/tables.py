"""What the interpreter needs to know about library names, as tables that the library provides."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Mapping

from looplint.events import Context, Fact, Type
from looplint.knowledge.effect import Effect


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Names that affect evaluation. Dotted names are canonical (`numpy.mean`, not `np.mean`)."""

    root: str
    """The package whose name is also known in excerpts that do not import it."""
    star_imports: frozenset[str]
    """Modules whose `from ... import *` is assumed to bind every otherwise unknown name."""

    type_of: Callable[[str], Type]
    """The type of a call's result; `Type.UNKNOWN` if unknown."""
    type_of_base: Callable[[str], Type]
    """The type of instances of a class with this base; `Type.UNKNOWN` if unknown."""
    type_of_annotation: Callable[[str], Type]
    """The type of a parameter with this annotation; `Type.UNKNOWN` if it says nothing."""
    facts_of: Callable[[str], frozenset[Fact]]
    """What is known of an object by the callee that created it alone, whatever its arguments."""
    methods: Mapping[Type, Mapping[str, Effect]]
    """The effects of methods, by the type of their receiver."""

    wrappers: frozenset[str]
    """Modules that wrap the module passed as their first argument."""
    shared: frozenset[str]
    """The wrappers that hold that module itself, not a copy."""
    parameter_lists: Collection[str]
    """Collections whose elements are parameters."""
    random_states: frozenset[str]
    """Constructors of random generators."""
    zero_tensors: frozenset[str]
    """Constructors of tensors filled with zeros."""
    default_loader: str
    """The loader that stacks its samples into tensors if no `collate_fn` is passed."""
    tensor_makers: re.Pattern[str]
    """Functions that certainly return a tensor."""
    model_zoos: tuple[str, ...]
    """Prefixes of callees that return modules whose attributes are modules."""
    no_layer: re.Pattern[str]
    """Attributes of such modules that are no modules."""

    contexts: Mapping[str, Context]
    """Context managers."""
    context_methods: Mapping[str, Context]
    """Methods that return a context manager, whatever their receiver."""
    recording: frozenset[Context]
    """Contexts that turn the recording of gradients on or off."""
    gradient_switch: str
    """The context manager with a flag for recording gradients."""
    act_when_made: frozenset[str]
    """Context managers that take effect when they are constructed."""

    moves: frozenset[str]
    """Methods that return the same data on another device or in another type."""
    keeps_identity: frozenset[str]
    """Methods whose result has the same values as their receiver."""
    shapes: frozenset[str]
    """Methods that return the same values in another shape."""
    joins: frozenset[str]
    """Last parts of the names of functions that put several tensors into one."""
    with_indices: frozenset[str]
    """Last parts of the names of functions and methods that return a pair: values, and indices without a graph."""
    plain_attributes: frozenset[str]
    """Attributes that hold numbers and options, not tensors."""
    hooks: frozenset[str]
    """Methods of an optimizer that register a function and change nothing else."""
    resets_weights: frozenset[str]
    """Methods that reset the weights of a module."""
    clipping: re.Pattern[str]
    """Last parts of the names of functions that clip gradients."""

"""A `torch.nn.Module` class as data, free of syntax: `class_graph` makes its events of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Literal

from looplint.events import Place


@dataclasses.dataclass(frozen=True, slots=True)
class Layer:
    """A layer constructed in a method of the class.

    `attribute`: the attribute of `self` it is bound to, empty for a local. `constructor`: `torch.nn.Linear`, or the
    name of a module class of the same file. `options`: its literal keyword arguments. `parameters`: it has trainable
    parameters. `own_weights`: its weights are read, set or frozen in the same method, so they are not its random
    initial ones. `conditional`: it is constructed and kept under a condition (lazily). `recording`: autograd is
    recording there.
    """

    constructor: str
    place: Place
    method: str
    attribute: str = ""
    options: Mapping[str, object] = dataclasses.field(default_factory=dict)
    parameters: bool = False
    own_weights: bool = False
    conditional: bool = False
    recording: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Collection:
    """Layers kept in a plain list, tuple or dict at `self.<attribute>`.

    `place`: the value assigned to the attribute. `layers`: its elements with parameters. `registered`: they are
    registered otherwise (`ModuleList`, `add_module`, `setattr`, an own `parameters`, a call to unknown code).
    `wrapped`: the value as code that registers the layers, None if it cannot be written.
    """

    attribute: str
    kind: Literal["list", "tuple", "dict"]
    place: Place
    layers: tuple[Layer, ...]
    registered: bool = False
    wrapped: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Dropout:
    """A call of `torch.nn.functional.dropout` (1d, 2d, 3d), or of attention with dropout, in code that `forward` runs.

    `name`: the function as written. `decided`: the code says when it is active (a `training` argument, any mention of
    `training` in an argument or around the call). `on_purpose`: a class or method name or a comment says that it is
    active in evaluation too (Monte Carlo dropout). `mended`: the call with `cure`, None if it cannot be written.
    `cure`: the argument that makes it depend on the mode.
    """

    name: str
    place: Place
    method: str
    decided: bool = False
    on_purpose: bool = False
    mended: str | None = None
    cure: str = "training=self.training"


@dataclasses.dataclass(frozen=True, slots=True)
class UnswitchedDropout:
    """Dropout that `train()` and `eval()` do not control, in code that `forward` runs.

    `kind`: "made": a dropout module constructed there, always in training mode. "mask": a class draws the mask itself
    and never reads `self.training`. "noise": a class that says it acts in training adds normal noise without reading
    the mode. "rate": `forward` sets the rate to 0 in evaluation mode and nothing restores it.
    `name`: the constructor, the class or the rate as written. `decided`: other code says when it is active.
    `on_purpose`, `mended`: as in `Dropout`.
    """

    kind: Literal["made", "mask", "noise", "rate"]
    name: str
    place: Place
    method: str
    decided: bool = False
    on_purpose: bool = False
    mended: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class DerivedParameter:
    """A tensor at `self.<attribute>` computed from a `torch.nn.Parameter` that nothing else refers to.

    `place`: the value assigned. `operation`: the operation on the parameter: `.cuda()`, `*`, `torch.exp()`.
    `registered`: the class registers the tensor later. `mended`: the value with the operation inside `Parameter(...)`,
    None if that would mean something else.
    """

    attribute: str
    place: Place
    operation: str
    registered: bool = False
    mended: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class SharedLayer:
    """A layer with parameters that occurs several times in one list: `[nn.Linear(8, 8)] * 4`.

    `layer`: the layer as written. `place`: the list. `on_purpose`: a class, method or attribute name or a comment says
    that weights are shared. `mended`: the list with a separate layer for each element, None if it cannot be written.
    """

    layer: str
    place: Place
    method: str
    on_purpose: bool = False
    mended: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class SequenceIndex:
    """The output of a recurrent layer that gives (time, batch, features), indexed as if the batch came first.

    `layer`: the layer as written. `place`: what is taken of its output. `made`: where the layer is made. `mended`: the
    same with `batch_first=True`, where nothing else depends on the order.
    """

    layer: str
    place: Place
    made: Place
    mended: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class ModuleClass:
    """A `torch.nn.Module` class; or a function that builds a network without one, of which only `name`, `place` and
    `shared_layers` are known, and which is a `function`.

    `bases`: dotted names of its bases. `layers`: constructed outside `forward`, those of base classes in the same file
    first. `built_in_forward`: layers constructed in `forward` or a method it calls. `hypernetwork`: the class computes
    the weights of its layers itself. `certain`: a base class is known to be a module; otherwise it looks like one.
    `parameters`: it has trainable parameters. `fresh`: all of them belong to layers of `torch.nn`, none is loaded,
    copied or frozen. `mode_sensitive`: it may compute something different in training mode.
    `statistics`: it has layers of batch normalisation. `returns_by_mode`: `forward` returns apart in training mode.
    `unrecorded`: what it runs in evaluation mode turns recording off by itself.
    """

    name: str
    place: Place
    bases: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    collections: tuple[Collection, ...] = ()
    built_in_forward: tuple[Layer, ...] = ()
    dropouts: tuple[Dropout, ...] = ()
    unswitched: tuple[UnswitchedDropout, ...] = ()
    derived_parameters: tuple[DerivedParameter, ...] = ()
    shared_layers: tuple[SharedLayer, ...] = ()
    sequences: tuple[SequenceIndex, ...] = ()
    parameters: bool = False
    fresh: bool = False
    mode_sensitive: bool = False
    statistics: bool = False
    returns_by_mode: bool = False
    unrecorded: bool = False
    hypernetwork: bool = False
    certain: bool = True
    function: bool = False

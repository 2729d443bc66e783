"""A torch module class as data: what rules about classes may know of one, free of syntax."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Literal

from looplint.events import Place


@dataclasses.dataclass(frozen=True, slots=True)
class Layer:
    """A layer made in a method of the class.

    `attribute`: the attribute of `self` it is bound to, empty for a local. `constructor`: `torch.nn.Linear`, or the
    name of a module class of the same file. `options`: its keyword arguments, as far as they are literals.
    `parameters`: it has something to train. `own_weights`: its weights are read, set or frozen in the same method, so
    that they are not the random ones it was made with. `conditional`: it is made and kept under a condition (built on
    first use). `recording`: autograd records where it is made.
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

    `place`: the value assigned to the attribute. `layers`: those with parameters that are put into it. `registered`:
    they reach the module by another way (`ModuleList`, `add_module`, `setattr`, an own `parameters`, a call that is
    not seen through). `wrapped`: the value as code that registers the layers, where it can be written.
    """

    attribute: str
    kind: Literal["list", "tuple", "dict"]
    place: Place
    layers: tuple[Layer, ...]
    registered: bool = False
    wrapped: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Dropout:
    """A call of `torch.nn.functional.dropout` (1d, 2d, 3d) in code that `forward` runs.

    `name`: the function as written. `decided`: the code says when it acts (a `training` argument, any mention of
    `training` in an argument or around the call). `on_purpose`: class, method or comment say that it is to act in
    evaluation too (Monte Carlo dropout). `mended`: the call with `training=self.training`, where it can be written.
    """

    name: str
    place: Place
    method: str
    decided: bool = False
    on_purpose: bool = False
    mended: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class UnswitchedDropout:
    """Dropout that `train()` and `eval()` do not reach, in code that `forward` runs.

    `kind`: "made": a dropout module made there, always in training mode. "mask": a class of one's own draws the mask
    and never reads `self.training`. "rate": `forward` sets the rate to 0 in evaluation mode and nothing sets it back.
    `name`: the constructor, the class or the rate as written. `decided`: other code says when it acts. `on_purpose`,
    `mended`: as in `Dropout`.
    """

    kind: Literal["made", "mask", "rate"]
    name: str
    place: Place
    method: str
    decided: bool = False
    on_purpose: bool = False
    mended: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class DerivedParameter:
    """A tensor at `self.<attribute>` computed from a `torch.nn.Parameter` that nothing else holds.

    `place`: the value assigned. `operation`: what is applied to the parameter: `.cuda()`, `*`, `torch.exp()`.
    `registered`: the class registers the tensor later. `mended`: the value with the operation inside of
    `Parameter(...)`, where both mean the same.
    """

    attribute: str
    place: Place
    operation: str
    registered: bool = False
    mended: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class SharedLayer:
    """A layer with parameters that stands several times in one list: `[nn.Linear(8, 8)] * 4`.

    `layer`: the layer as written. `place`: the list. `on_purpose`: class, method, attribute or comment say that the
    weights are shared. `mended`: the list with a layer of its own for each place, where it can be written.
    """

    layer: str
    place: Place
    method: str
    on_purpose: bool = False
    mended: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class ModuleClass:
    """A class that is a `torch.nn.Module`.

    `bases`: dotted names of its bases. `layers`: made outside of `forward`, those of base classes in the same file
    first. `built_in_forward`: layers made in `forward` or a method it calls. `hypernetwork`: the class says that it
    makes the weights of its layers itself. `certain`: a base class is known to be a module; else it looks like one.
    `parameters`: it has something to train. `fresh`: that is all made by layers of `torch.nn` and by nothing else, and
    nothing of it is loaded, copied or frozen. `mode_sensitive`: it may compute something else in training mode.
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
    parameters: bool = False
    fresh: bool = False
    mode_sensitive: bool = False
    hypernetwork: bool = False
    certain: bool = True

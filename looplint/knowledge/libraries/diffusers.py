"""diffusers 0.42.1, run: `from_pretrained` gives a model in evaluation mode; `EMAModel.step` moves the average towards
the weights that the parameters have at that time, and `copy_to` overwrites those until `restore`; the `step` of a noise
scheduler is no step of a learning rate, and a pipeline samples with the networks as they are."""

from __future__ import annotations

from looplint.events import Fact, How, Kind, Type
from looplint.knowledge.effect import Effect, Returns
from looplint.knowledge.library_rows import Known, LibraryRows

_EMA = "diffusers.*.EMAModel"
_NOISE = tuple(f"diffusers.*.{name}Scheduler" for name in ("DDIM", "DDPM", "EulerDiscrete"))
_NETWORKS = ("diffusers.*Model", "diffusers.*AutoencoderKL")
_LOADED = tuple(f"{name}.from_pretrained" for name in _NETWORKS)

ROWS = LibraryRows(
    types=dict.fromkeys((_EMA, *_NOISE, "diffusers.*Pipeline"), Type.OTHER)
    | dict.fromkeys((*_NETWORKS, *_LOADED), Type.MODULE),
    effects={
        f"{_EMA}.step": (Effect(Kind.TRACK),),
        f"{_EMA}.copy_to": (Effect(Kind.WEIGHTS, how=How.AVERAGED),),
        f"{_EMA}.restore": (Effect(Kind.WEIGHTS, how=How.UNAVERAGED),),
    }
    | dict.fromkeys((f"{name}.step" for name in _NOISE), (Effect(returns=Returns.DERIVED),))
    | dict.fromkeys((f"{name}.add_noise" for name in _NOISE), (Effect(returns=Returns.DERIVED),)),
    facts=dict.fromkeys(_LOADED, (Known(frozenset((Fact.IN_EVALUATION,))),)),
)

"""Objects of known classes: what they are made of, and what is known of them."""

from __future__ import annotations

import pytest
from hand_made import happened, object_of, value
from with_library import reading

from looplint.events import Fact, Kind, Type


def test_an_optimizer_is_made_of_parameters_not_of_its_rate() -> None:
    reader = reading("net = nn.Linear(2, 2)\nopt = optim.SGD(net.parameters(), lr=rate, momentum=0.9)")
    optimizer = object_of(reader, "opt")
    assert (optimizer.type, optimizer.certain, optimizer.options["momentum"]) == (Type.OPTIMIZER, True, 0.9)
    assert [one.type for one in optimizer.operands] == [Type.PARAMETERS]
    assert optimizer.comes_from(object_of(reader, "net"))
    assert (Kind.MAKE, "opt") in happened(reader, Kind.MAKE) or (Kind.MAKE, "optimizer") in happened(reader, Kind.MAKE)


@pytest.mark.parametrize(
    ("made", "moves"),
    [("optim.SGD(p, 0.1)", False), ("optim.SGD(p, 0.1, momentum=0.9)", True), ("optim.Adam(p)", True)],
)
def test_which_optimizers_move_on_gradients_of_zero(made: str, moves: bool) -> None:
    assert (Fact.MOVES_ON_ZEROS in object_of(reading(f"opt = {made}"), "opt").facts) is moves


def test_a_scheduler_belongs_to_its_optimizer() -> None:
    reader = reading("opt = optim.SGD(p, 0.1)\nschedule = lr_scheduler.StepLR(opt, step_size=3)")
    assert object_of(reader, "schedule").operands == (object_of(reader, "opt"),)


@pytest.mark.parametrize(
    ("layer", "facts"),
    [
        ("nn.Linear(1, 1)", {Fact.MODE_FREE, Fact.FRESH, Fact.SINGLE_LAYER}),
        ("nn.Dropout(0.1)", {Fact.NO_PARAMETERS, Fact.SINGLE_LAYER}),
        ("nn.BatchNorm1d(4)", {Fact.FRESH, Fact.STATISTICS, Fact.SINGLE_LAYER}),
        ("nn.Sequential(nn.Flatten(), nn.ReLU())", {Fact.MODE_FREE, Fact.NO_PARAMETERS}),
        ("nn.Sequential(nn.Linear(1, 1), nn.Dropout())", {Fact.FRESH}),
    ],
)
def test_what_layers_have(layer: str, facts: set[Fact]) -> None:
    asked = {Fact.MODE_FREE, Fact.FRESH, Fact.NO_PARAMETERS, Fact.STATISTICS, Fact.SINGLE_LAYER}
    assert object_of(reading(f"layer = {layer}"), "layer").facts & asked == facts


def test_a_wrapper_is_made_of_its_module_alone() -> None:
    reader = reading("net = nn.Linear(1, 1)\nwrapped = nn.parallel.DistributedDataParallel(net, device_ids=[rank])")
    assert object_of(reader, "wrapped").operands == (object_of(reader, "net"),)


def test_what_deepspeed_returns() -> None:
    reader = reading("import deepspeed\nengine, opt, _, _ = deepspeed.initialize(model=net, config=settings)")
    engine, optimizer = object_of(reader, "engine"), object_of(reader, "opt")
    assert (engine.type, optimizer.type) == (Type.ENGINE, Type.OTHER)
    assert optimizer.operands == (engine,) and value(reader, "settings") not in engine.operands

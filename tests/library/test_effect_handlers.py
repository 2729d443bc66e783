"""The special cases of event kinds."""

from __future__ import annotations

import pytest
from hand_made import happened, object_of
from with_library import reading

from looplint.events import Graph, Kind, Option

MADE = "net = nn.Linear(2, 2)\nopt = optim.SGD(net.parameters(), lr=0.1)\n"


@pytest.mark.parametrize(
    ("call", "kind"),
    [("net.train()", Kind.TRAIN), ("net.train(False)", Kind.EVAL), ("net.train(mode=False)", Kind.EVAL)],
)
def test_training_mode_off_is_evaluation_mode(call: str, kind: Kind) -> None:
    assert happened(reading(MADE + call), Kind.TRAIN, Kind.EVAL) == [(kind, "net")]


def test_a_step_runs_its_closure() -> None:
    code = MADE + "def closure():\n    opt.zero_grad()\n    loss.backward()\n    return loss\nopt.step(closure)"
    reader = reading(code)
    assert [kind for kind, _ in happened(reader, Kind.CLEAR, Kind.BACKWARD, Kind.STEP)] == [
        Kind.CLEAR,
        Kind.BACKWARD,
        Kind.STEP,
    ]
    (step,) = reader.graph.all(Kind.STEP)
    assert (step.options[Option.CLOSURE], step.options[Option.IDLE_CLOSURE]) == (True, False)


def test_a_closure_that_computes_nothing_is_idle() -> None:
    (step,) = reading(MADE + "opt.step(lambda: loss.item())").graph.all(Kind.STEP)
    assert step.options[Option.IDLE_CLOSURE] is True


def test_what_goes_backward_holds_a_graph() -> None:
    assert object_of(reading("loss = given(x)\nloss.backward()"), "loss").graph is Graph.YES
    assert object_of(reading("loss = given(x)"), "loss").graph is not Graph.YES


@pytest.mark.parametrize(
    ("limit", "norm"), [("1.0", 1.0), ("max_norm=5", 5), ("float('inf')", float("inf")), ("limit", None)]
)
def test_the_norm_that_gradients_are_clipped_to(limit: str, norm: float | None) -> None:
    (clip,) = reading(MADE + f"nn.utils.clip_grad_norm_(net.parameters(), {limit})").graph.all(Kind.CLIP)
    assert clip.options.get(Option.MAX_NORM) == norm


def test_a_state_that_is_saved_without_being_called_is_a_reference() -> None:
    assert happened(reading(MADE + "torch.save(net.state_dict, 'f')"), Kind.REFERENCE) == [(Kind.REFERENCE, "net")]
    assert happened(reading(MADE + "torch.save({'w': net.state_dict}, 'f')"), Kind.REFERENCE) != []
    assert happened(reading(MADE + "torch.save(net.state_dict(), 'f')"), Kind.REFERENCE) == []


@pytest.mark.parametrize(("seed", "changes"), [("0", False), ("epoch", True)])
def test_whether_a_seed_changes_in_a_loop(seed: str, changes: bool) -> None:
    (event,) = reading(f"for epoch in range(9):\n    torch.manual_seed({seed})").graph.all(Kind.SEED)
    assert event.options[Option.CHANGES] is changes

"""The results of calls, by what their row says that they return."""

from __future__ import annotations

from hand_made import object_of, value
from with_library import reading

from looplint.events import AbstractObject, Fact, Graph, Kind, Option, Type
from looplint.interpreter.values import Collection
from looplint.knowledge.effect import Returns
from looplint.library.returned import _HANDLERS

NET = "net = nn.Linear(2, 2)\n"


def test_there_is_a_result_for_each_word_that_a_row_may_say() -> None:
    assert set(_HANDLERS) == set(Returns)


def test_parameters_are_gone_through_once() -> None:
    parameters = object_of(reading(NET + "p = net.parameters()"), "p")
    assert (parameters.type, Fact.ONE_SHOT in parameters.facts) == (Type.PARAMETERS, True)


def test_a_state_shares_the_memory_and_a_deep_copy_does_not() -> None:
    reader = reading(NET + "state = net.state_dict()\nsame = copy.copy(state)\nother = copy.deepcopy(state)")
    assert Fact.STATE in object_of(reader, "state").facts
    assert object_of(reader, "same") is object_of(reader, "state")
    assert Fact.STATE not in object_of(reader, "other").facts


def test_a_copy_of_a_network_is_another_network() -> None:
    reader = reading(NET + "other = copy.deepcopy(net)")
    net, other = object_of(reader, "net"), object_of(reader, "other")
    assert (other.type, other.options[Option.COPY_OF]) == (Type.MODULE, net)
    assert not other.related(net)


def test_a_framework_returns_what_it_was_given() -> None:
    code = (
        NET + "from accelerate import Accelerator\naccelerator = Accelerator()\nopt = optim.SGD(net.parameters(), 1)\n"
    )
    reader = reading(code + "both = accelerator.prepare(net, opt)\none = accelerator.prepare(net)")
    both = value(reader, "both")
    assert isinstance(both, Collection) and both.elements() == [value(reader, "net"), value(reader, "opt")]
    assert object_of(reader, "one") is object_of(reader, "net")
    assert Fact.PREPARED in object_of(reader, "net").facts


def test_a_scaled_loss_is_a_tensor_that_its_scaler_scaled() -> None:
    loss = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES)
    scaled = object_of(reading("scaler = torch.amp.GradScaler()\ns = scaler.scale(loss)", loss=loss), "s")
    assert Fact.SCALED in scaled.facts and scaled.graph is Graph.YES
    assert scaled.options[Option.BY] == "scaler"


def test_a_tensor_made_of_a_loss_is_a_new_leaf() -> None:
    loss = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES)
    reader = reading("new = torch.tensor(loss, requires_grad=True)", loss=loss)
    assert [event.object for event in reader.graph.all(Kind.LEAF)] == [loss]

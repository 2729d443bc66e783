"""Methods by name, whatever their receiver."""

from __future__ import annotations

from hand_made import happened, object_of
from with_library import reading

from looplint.events import AbstractObject, Fact, Graph, Kind, Type
from looplint.library.method_handlers import handlers

LOSS = AbstractObject(Type.TENSOR, "loss", certain=True, graph=Graph.YES, facts=frozenset((Fact.GRADED,)))
NET = "net = nn.Linear(2, 2)\n"


def test_what_any_value_has_comes_before_what_a_type_has() -> None:
    assert [handler.__name__ for handler in handlers(Type.NUMBER, "item")] == ["_plain_number", "_of_number"]


def test_what_clears_by_its_name() -> None:
    reader = reading("trainer.zero_grads(opt)", opt=AbstractObject(Type.OPTIMIZER, "opt", certain=True))
    (clear,) = reader.graph.all(Kind.CLEAR)
    assert [one.name for one in clear.subjects] == ["trainer", "opt"]


def test_new_weights_and_new_parameters_are_noticed() -> None:
    assert happened(reading(NET + "net.reset_parameters()"), Kind.LOAD) == [(Kind.LOAD, "net")]
    reader = reading(NET + "opt = optim.SGD(a, 0.1)\nopt.add_param_group({'params': net.parameters()})")
    assert object_of(reader, "opt").comes_from(object_of(reader, "net"))


def test_a_tensor_that_losses_are_added_to_keeps_them() -> None:
    code = "total = torch.zeros(1)\nfor x in loader:\n    total.add_(loss)"
    assert happened(reading(code, loss=LOSS), Kind.KEEP) == [(Kind.KEEP, "total")]


def test_a_layer_that_is_appended_is_a_part() -> None:
    reader = reading("whole = nn.ModuleList()\n" + NET + "whole.append(net)")
    assert object_of(reader, "whole").comes_from(object_of(reader, "net"))

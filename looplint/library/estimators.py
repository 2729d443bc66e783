"""Estimators: objects of a library that make a network and a criterion of the classes that they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from looplint.events import Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Class, Symbol, objects_in

if TYPE_CHECKING:
    from looplint.library.effect_handlers import EffectCall


def grade_network(call: EffectCall) -> None:
    """`NeuralNetClassifier(Network, criterion=nn.MSELoss)` passes what the network returns to the criterion."""
    network, criterion = call.given.get(0, "module"), call.given.get(1, "criterion")
    call.kind = None
    if not isinstance(network, Class) or not isinstance(criterion, Symbol):
        return
    reader, node = call.reader, call.node
    batch = reader.objects.external(node, "batch", "batch of an estimator")
    judged = set(reader.record.inlined)
    with reader.flow.silently():
        made = reader.call(network, Arguments([], {}, open=True), node)
        module = next((one for one in objects_in(made) if one.type is Type.MODULE), None)
        output = call.library.module_calls.forward(module, Arguments([batch], {}), node) if module else None
    # The network is judged where it is called.
    reader.record.inlined.clear()
    reader.record.inlined.update(judged)
    if output is not None:
        loss = reader.objects.make(
            node, Type.CRITERION, role="criterion of an estimator", constructor=criterion.dotted, certain=True
        )
        targets = reader.objects.external(node, "targets", "targets of an estimator")
        call.library.module_calls.grade(loss, Arguments([output, targets], {}), node)

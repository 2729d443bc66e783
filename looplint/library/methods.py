"""Methods by the type of the receiver or by their names."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from looplint.events import AbstractObject, Graph, Kind, Type
from looplint.interpreter.activation import entered
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.objects import cut_off
from looplint.interpreter.values import Const, Function, Value, either, objects_in
from looplint.knowledge.logits import SHAPES
from looplint.knowledge.name_hints import CLEARS
from looplint.knowledge.python_names import KEEPS
from looplint.knowledge.torch import (
    BEGINS_ANEW,
    CLIPPING,
    DETACHES,
    DROPS_GRAPH,
    HOOKS,
    KEEPS_IDENTITY,
    METHODS,
    TENSOR_METHODS,
)
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text

_SETTLED = frozenset((Type.MODULE, Type.OPTIMIZER, Type.SCALER, Type.SCHEDULER, Type.ENGINE))
"""Types that one telling use of an object settles for the rest of the reading."""


class Methods(LibraryPart):
    """Calls methods of objects whose class is not read."""

    def call(
        self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call, others: Sequence[AbstractObject] = ()
    ) -> Value:
        """A method by the type of its receiver; failing that, by its name and the names around. `others`: what it may
        be called on instead."""
        kind = self.library.roles.of(thing, name, given, node)
        if name == "apply" and given.args and isinstance(given.args[0], Function):
            self.reader.call(given.args[0], Arguments([thing], {}), node)
        effect = METHODS.get(kind, {}).get(name)
        if effect is not None and thing.type is Type.UNKNOWN and kind in _SETTLED:
            thing.type = kind
        if effect is not None and effect.kind is Kind.FORWARD:
            return self.library.module_calls.direct_forward(thing, given, node)
        if effect is not None:
            return self.library.effects.apply(effect, thing, given, node, name, others)
        if name in ("zero_", "fill_", "detach_") and "grad" in thing.facts:
            if name != "detach_":
                self.reader.emit(Kind.CLEAR, thing.sources or (thing,), node, how=f"grad.{name}")
            return thing
        if name in ("detach", "view", "flatten") and "grad" in thing.facts:
            return thing
        if name in ("copy_", "add_", "mul_", "div_", "set_") and "grad" in thing.facts:
            if name in ("mul_", "div_"):
                self.reader.emit(Kind.READ, thing.sources or (thing,), node, how="grad scaled")
            if name in ("copy_", "set_") or (name == "mul_" and given.get(0) == Const(0, argument=True)):
                self.reader.emit(Kind.CLEAR, thing.sources or (thing,), node, how="grad")
            if name in ("copy_", "set_", "add_"):
                self.reader.emit(Kind.BACKWARD, thing.sources or (thing,), node, how="grad")
            return thing
        if name in DROPS_GRAPH:
            number = self.reader.objects.make(node, Type.NUMBER, role="number", graph=Graph.NO)
            number.facts |= thing.facts & {"graded"} | (
                cut_off(thing) if name in ("item", "numpy", "tolist") else set()
            )
            return number
        if name in DETACHES:
            cut = frozenset() if name.startswith("new_") else frozenset(("detached",)) | cut_off(thing)
            detached = self.reader.objects.make(
                node, Type.TENSOR, role="detached", graph=Graph.NO, sources=(), facts=cut
            )
            if name == "detach_":
                self.reader.emit(Kind.READ, (thing,), node, how=name)
            if name == "detach_" and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                self.reader.names.bind(node.func.value.id, detached, node)
            return detached
        if name == "requires_grad_" and kind is Type.MODULE:
            self.library.module_calls.freeze(thing, given, node)
            return thing
        if name == "requires_grad_":
            self.reader.emit(Kind.ASSIGN, (thing,), node, how=name)
            self.library.module_calls.leaf(thing, given, node)
            return thing
        if name in KEEPS_IDENTITY:
            if kind is Type.UNKNOWN or kind is Type.TENSOR:
                return thing
            return thing
        if name == "manual_backward":
            return self.library.effects.apply(METHODS[Type.FRAMEWORK][name], thing, given, node, name)
        if name == "optimizers":
            found = self.reader.objects.external(thing, f"{thing.name}.optimizers()", "optimizers")
            found.type, found.certain = Type.OPTIMIZER, True
            return found
        if name in ("log", "log_dict", "print"):
            return Const(None)
        if name in ("toggle_optimizer", "untoggle_optimizer"):
            self.reader.unknown_calls.switched(name, [thing, *given.values], node)
            return Const(None)
        if name in ("__enter__", "enter_context", "__exit__", "close") and (
            "context" in thing.facts or any("context" in one.facts for one in self.reader.objects.of(given.values))
        ):
            # Where what is entered by hand is left again is not followed.
            self.reader.now.contexts = entered(self.reader.now.contexts, "set_grad_enabled")
            return Const(None)
        if CLEARS.search(name):
            written = as_text(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            self.reader.emit(
                Kind.CLEAR, (thing, *self.reader.objects.of(given.values)), node, how=name, written=written
            )
            return Const(None)
        if CLIPPING.search(name):
            self.reader.emit(Kind.CLIP, self.reader.objects.of(given.args[:1]) or (thing,), node, how=name)
            return self.reader.objects.number(node)
        if kind is Type.NUMBER:
            if name == "backward" and "cut off" in thing.facts:
                self.reader.emit(Kind.BACKWARD, (thing,), node, how=name, written=as_text(node.func).rpartition(".")[0])
            number = self.reader.objects.number(node)
            number.facts |= thing.facts & {"cut off"}
            return number
        if "state" in thing.facts and name == "copy":
            return thing
        if kind is Type.SCALER and name not in ("state_dict", "load_state_dict", "is_enabled"):
            self.reader.emit(Kind.READ, (thing,), node, how="get_scale")
        if name == "add_param_group":
            self.reader.emit(Kind.READ, (thing,), node, how=name)
            thing.sources = (*thing.sources, *self.reader.objects.of(given.values))
        if name in HOOKS:
            thing.facts |= {"hooked"}
        if name == "apply" or name in BEGINS_ANEW:
            self.reader.emit(Kind.LOAD, (thing,), node, how=name)
        if name == "keys":
            return self.reader.objects.number(node)
        if name in ("items", "values"):
            return thing
        if name == "get" and thing.type is Type.UNKNOWN and _is_key(given.get(0)):
            # What a dictionary that comes from outside has under a key, or what stands for it.
            return either((self.reader.items.item(thing, given.args[0], node), *given.args[1:2]))
        if name in ("add_module", "register_module", "insert", "append") and kind is Type.MODULE:
            thing.sources = (*thing.sources, *self.reader.objects.of(given.args[-1:]))
            return thing
        if name == "clear" and not given.values:
            self.reader.emit(Kind.EMPTY, (thing,), node, how=name)
        if name in KEEPS and thing.type is not Type.TENSOR:
            return self.library.collections.kept(thing, given, node, name)
        # A method of a module's own, `model.loss(...)`, may compute with its parameters.
        plain = thing.graph is not Graph.UNKNOWN and kind is not Type.MODULE
        if kind in (Type.TENSOR, Type.CRITERION) or plain or name in TENSOR_METHODS:
            result = self.reader.objects.derived(node, (thing, *given.values), constructor=f"Tensor.{name}")
            if name in SHAPES:
                self.library.activations.share(result, (thing,))
            elif name in ("mean", "sum", "div", "mul", "add"):
                result.facts |= thing.facts & {"graded"}
            self.library.activations.mark(result, f"Tensor.{name}", given, node, receiver=thing)
            return result
        if kind is Type.MODULE and "grad" in name:
            # `model.layer_gradients(...)`: what backward left is looked at.
            self.reader.emit(Kind.READ, (thing,), node, how="grad")
        unseen = self.reader.unknown_calls.method(thing, name, given, node)
        if name == "load_state_dict":
            for one in objects_in(unseen):
                one.facts |= {"load result"}
        return unseen


def _is_key(value: Value | None) -> bool:
    return isinstance(value, Const) and isinstance(value.value, str)

"""Methods: by the class of the receiver, by its type or, where neither is known, by its name and the uses around."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from looplint.events import AbstractObject, Graph, Kind, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.names import _decorator
from looplint.interpreter.reader import cut_off, entered
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Function,
    Instance,
    Method,
    Super,
    Value,
    alternatives,
    either,
    objects_in,
)
from looplint.knowledge.logits import SHAPES
from looplint.knowledge.name_hints import CLEARS, hint, is_loss
from looplint.knowledge.python_names import KEEPS
from looplint.knowledge.torch import (
    CLIPPING,
    DETACHES,
    DROPS_GRAPH,
    HOOKS,
    KEEPS_IDENTITY,
    METHODS,
    TENSOR_METHODS,
    WRAPPERS,
)
from looplint.library.module_calls import Modules
from looplint.program.outline import names_in
from looplint.syntax.walk import as_text, last_name

BEGINS_ANEW = frozenset(("reset_parameters", "reset_weights", "init_weights"))
"""Methods of modules that give them the weights of a fresh one."""

_SETTLED = frozenset((Type.MODULE, Type.OPTIMIZER, Type.SCALER, Type.SCHEDULER, Type.ENGINE))
"""Types that one telling use of an object settles for the rest of the reading."""


class Methods(Modules):
    """Reads calls of methods."""

    def _method(self, receiver: Value, name: str, given: Arguments, node: ast.Call) -> Value:
        if isinstance(receiver, AbstractObject):
            return self._method_of_thing(receiver, name, given, node)
        if isinstance(receiver, Method):
            return self._unseen(node, [receiver, *given.values], given, name=name)
        if isinstance(receiver, Const):
            if isinstance(receiver.value, str | int | float | bytes):
                return self.number(node)
            return Const(None)
        if isinstance(receiver, Class) and name in ("from_pretrained", "load_from_checkpoint", "from_config", "create"):
            if self.class_attribute(receiver, name) is None:
                return self._instantiate(receiver, Arguments(given.args, given.keywords, True), node)
        if isinstance(receiver, Class):
            function = self.class_attribute(receiver, name)
            if isinstance(function, Function) and isinstance(function.node, ast.FunctionDef):
                decorators = {_decorator(d) for d in function.node.decorator_list}
                if "classmethod" in decorators:
                    return self._class_method(receiver, function, given, node)
                return self.call_value(function, given, node)
        if isinstance(receiver, Super):
            return self._super_method(receiver, name, given, node)
        target = self.named_attribute(receiver, name, node)
        return self._each(target, lambda one: self.call_value(one, given, node))

    def _class_method(self, cls: Class, function: Function, given: Arguments, node: ast.Call) -> Value:
        parameters = function.node.args
        if parameters.args:
            frame_value: list[Value] = [cls, *given.args]
            return self.call_function(function, frame_value, given.keywords, node, given.open)
        return self.call_value(function, given, node)

    def _super_method(self, receiver: Super, name: str, given: Arguments, node: ast.Call) -> Value:
        found = self.find_method(receiver.owner, name, after=receiver.owner)
        if found is not None:
            function = Function(found[0], found[1].frame, receiver.receiver, found[1])
            return self.call_function(function, given.args, given.keywords, node, given.open)
        if name == "__init__":
            return Const(None)
        effect = METHODS.get(receiver.receiver.type, {}).get(name)
        if effect is not None and effect.kind is not Kind.FORWARD:
            return self._effect(effect, receiver.receiver, given, node, name)
        return self._unseen(node, [receiver.receiver, *given.values], given, name=name)

    def _method_of_thing(self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call) -> Value:
        stored = self.stored(thing, name)
        if stored is not None and not isinstance(thing, Collection):
            return self._each(stored, lambda one: self.call_value(one, given, node))
        if isinstance(thing, Collection):
            return self._method_of_collection(thing, name, given, node)
        if isinstance(thing, Instance) and thing.cls is not None:
            found = self.instance_attribute(thing, name, node.func)
            overridden = thing.type is Type.UNKNOWN or name not in METHODS.get(thing.type, {})
            if thing.type is Type.SCHEDULER and name == "step" and isinstance(found, Function):
                thing.facts |= {"own step"}
            if (
                isinstance(found, Function)
                and found.node is not None
                and (overridden or name in ("zero_grad", "train", "eval", "forward", "load_state_dict"))
                and not (thing.type is Type.OPTIMIZER and self.updates_by_hand(thing.cls))
            ):
                if name == "forward" and thing.type is Type.MODULE:
                    return self._direct_forward(thing, given, node)
                if name in BEGINS_ANEW and thing.type is Type.MODULE:
                    self.emit(Kind.LOAD, (thing,), node, how=name)
                return self.call_value(found, given, node)
            if found is not None and not isinstance(found, Function):
                return self._each(found, lambda one: self.call_value(one, given, node))
        if name == "module" and thing.constructor in WRAPPERS and thing.sources:
            return self._predict(thing.sources[0], given, node)
        known = self.known_call(f"{thing.constructor}.{name}" if thing.constructor else f"{thing.name}.{name}")
        if known is not None:
            return self._effect(known, thing, given, node, name)
        result = self._known_method(thing, name, given, node)
        if name == "step" and self._clears_itself(thing):
            self.emit(Kind.ESCAPE, (thing,), node, how=name)
        return result

    def _clears_itself(self, thing: AbstractObject) -> bool:
        """Whether the step of an optimizer may clear: a hook was put on it, or its own code does more than step."""
        if "hooked" in thing.facts:
            return True
        found = self.find_method(thing.cls, "step") if isinstance(thing, Instance) and thing.cls is not None else None
        return found is not None and any(map(CLEARS.search, names_in(found[0])))

    def _optimizers(self, receiver: Value, name: str, given: Arguments, node: ast.Call) -> list[AbstractObject]:
        """Several optimizers of which one steps or is cleared here: whichever it is, it is the same one all along."""
        found = [one for one in alternatives(receiver) if not isinstance(one, Const)]
        optimizers = [
            one
            for one in found
            if isinstance(one, AbstractObject)
            and not isinstance(one, Instance | Collection)
            and self.stored(one, name) is None
            and self._role(one, name, given, node) is Type.OPTIMIZER
        ]
        plain = name == "zero_grad" or (name == "step" and not given.values)
        return optimizers if plain and len(found) == len(optimizers) > 1 else []

    def _known_method(
        self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call, others: Sequence[AbstractObject] = ()
    ) -> Value:
        """A method by the type of its receiver; failing that, by its name and the names around. `others`: what it may
        be called on instead."""
        kind = self._role(thing, name, given, node)
        if name == "apply" and given.args and isinstance(given.args[0], Function):
            self.call_value(given.args[0], Arguments([thing], {}), node)
        effect = METHODS.get(kind, {}).get(name)
        if effect is not None and thing.type is Type.UNKNOWN and kind in _SETTLED:
            thing.type = kind
        if effect is not None and effect.kind is Kind.FORWARD:
            return self._direct_forward(thing, given, node)
        if effect is not None:
            return self._effect(effect, thing, given, node, name, others)
        if name in ("zero_", "fill_", "detach_") and "grad" in thing.facts:
            if name != "detach_":
                self.emit(Kind.CLEAR, thing.sources or (thing,), node, how=f"grad.{name}")
            return thing
        if name in ("detach", "view", "flatten") and "grad" in thing.facts:
            return thing
        if name in ("copy_", "add_", "mul_", "set_") and "grad" in thing.facts:
            if name in ("copy_", "set_") or (name == "mul_" and given.get(0) == Const(0, argument=True)):
                self.emit(Kind.CLEAR, thing.sources or (thing,), node, how="grad")
            if name in ("copy_", "set_", "add_"):
                self.emit(Kind.BACKWARD, thing.sources or (thing,), node, how="grad")
            return thing
        if name in DROPS_GRAPH:
            number = self.make(node, Type.NUMBER, role="number", graph=Graph.NO)
            number.facts |= thing.facts & {"graded"} | (
                cut_off(thing) if name in ("item", "numpy", "tolist") else set()
            )
            return number
        if name in DETACHES:
            cut = frozenset() if name.startswith("new_") else frozenset(("detached",)) | cut_off(thing)
            detached = self.make(node, Type.TENSOR, role="detached", graph=Graph.NO, sources=(), facts=cut)
            if name == "detach_":
                self.emit(Kind.READ, (thing,), node, how=name)
            if name == "detach_" and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                self.bind(node.func.value.id, detached, node)
            return detached
        if name == "requires_grad_" and kind is Type.MODULE:
            self._freeze(thing, given, node)
            return thing
        if name == "requires_grad_":
            self.emit(Kind.ASSIGN, (thing,), node, how=name)
            self._leaf(thing, given, node)
            return thing
        if name in KEEPS_IDENTITY:
            if kind is Type.UNKNOWN or kind is Type.TENSOR:
                return thing
            return thing
        if name == "manual_backward":
            return self._effect(METHODS[Type.FRAMEWORK][name], thing, given, node, name)
        if name == "optimizers":
            found = self.given(thing, f"{thing.name}.optimizers()", "optimizers")
            found.type, found.certain = Type.OPTIMIZER, True
            return found
        if name in ("log", "log_dict", "print"):
            return Const(None)
        if name in ("toggle_optimizer", "untoggle_optimizer"):
            self._switched(name, [thing, *given.values], node)
            return Const(None)
        if name in ("__enter__", "enter_context", "__exit__", "close") and (
            "context" in thing.facts or any("context" in one.facts for one in self.objects(given.values))
        ):
            # Where what is entered by hand is left again is not followed.
            self.contexts = entered(self.contexts, "set_grad_enabled")
            return Const(None)
        if CLEARS.search(name):
            written = as_text(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            self.emit(Kind.CLEAR, (thing, *self.objects(given.values)), node, how=name, written=written)
            return Const(None)
        if CLIPPING.search(name):
            self.emit(Kind.CLIP, self.objects(given.args[:1]) or (thing,), node, how=name)
            return self.number(node)
        if kind is Type.NUMBER:
            if name == "backward" and "cut off" in thing.facts:
                self.emit(Kind.BACKWARD, (thing,), node, how=name, written=as_text(node.func).rpartition(".")[0])
            number = self.number(node)
            number.facts |= thing.facts & {"cut off"}
            return number
        if "state" in thing.facts and name == "copy":
            return thing
        if kind is Type.SCALER and name not in ("state_dict", "load_state_dict", "is_enabled"):
            self.emit(Kind.READ, (thing,), node, how="get_scale")
        if name == "add_param_group":
            self.emit(Kind.READ, (thing,), node, how=name)
            thing.sources = (*thing.sources, *self.objects(given.values))
        if name in HOOKS:
            thing.facts |= {"hooked"}
        if name == "apply" or name in BEGINS_ANEW:
            self.emit(Kind.LOAD, (thing,), node, how=name)
        if name == "keys":
            return self.number(node)
        if name in ("items", "values"):
            return thing
        if name == "get" and thing.type is Type.UNKNOWN and _is_key(given.get(0)):
            # What a dictionary that comes from outside has under a key, or what stands for it.
            return either((self.item_of(thing, given.args[0], node), *given.args[1:2]))
        if name in ("add_module", "register_module", "insert", "append") and kind is Type.MODULE:
            thing.sources = (*thing.sources, *self.objects(given.args[-1:]))
            return thing
        if name == "clear" and not given.values:
            self.emit(Kind.EMPTY, (thing,), node, how=name)
        if name in KEEPS and thing.type is not Type.TENSOR:
            return self._kept(thing, given, node, name)
        # A method of a module's own, `model.loss(...)`, may compute with its parameters.
        plain = thing.graph is not Graph.UNKNOWN and kind is not Type.MODULE
        if kind in (Type.TENSOR, Type.CRITERION) or plain or name in TENSOR_METHODS:
            result = self.derived(node, (thing, *given.values), constructor=f"Tensor.{name}")
            if name in SHAPES:
                self._share_values(result, (thing,))
            elif name in ("mean", "sum", "div", "mul", "add"):
                result.facts |= thing.facts & {"graded"}
            self._mark_activation(result, f"Tensor.{name}", given, node, receiver=thing)
            return result
        unseen = self._unseen_method(thing, name, given, node)
        if name == "load_state_dict":
            for one in objects_in(unseen):
                one.facts |= {"load result"}
        return unseen

    def _role(self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call) -> Type:
        """What the receiver of a method is: its type or, where that is not known, what its name and the file's other
        uses of it speak for."""
        if thing.type is Type.MODULE and name in ("step", "backward") and "backward(loss)" in self._uses(thing):
            return Type.ENGINE
        if thing.type is not Type.UNKNOWN and not (thing.type is Type.TENSOR and thing.given):
            return thing.type
        written = last_name(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        uses = self._uses(thing) | self.module.uses.get(written, set())
        likely = hint(thing.name)
        likely = hint(written) if likely is Type.UNKNOWN else likely
        if name == "backward":
            if not given.args or is_loss(thing.name) or not self._takes_loss(given):
                return Type.TENSOR
            if likely is Type.OPTIMIZER:
                return Type.OPTIMIZER
            return (
                Type.ENGINE if {"step", "backward(loss)"} <= uses and likely is not Type.FRAMEWORK else Type.FRAMEWORK
            )
        if {"step", "backward(loss)"} <= uses and likely not in (Type.OPTIMIZER, Type.FRAMEWORK):
            return Type.ENGINE
        if name == "zero_grad":
            # What is only ever cleared may as well be a network with a short name.
            optimizer = likely is Type.OPTIMIZER or not uses.isdisjoint(("step", "param_groups", "add_param_group"))
            return Type.OPTIMIZER if optimizer else Type.MODULE if likely is Type.MODULE else Type.UNKNOWN
        if name in ("step", "first_step", "second_step"):
            if likely in (Type.SCHEDULER, Type.OTHER):
                return likely if likely is Type.SCHEDULER or "zero_grad" not in uses else Type.OPTIMIZER
            if likely is Type.SCALER:
                return Type.SCALER if given.args else Type.UNKNOWN
            if likely is Type.OPTIMIZER or not uses.isdisjoint(("zero_grad", "param_groups", "add_param_group")):
                return Type.OPTIMIZER
            return Type.UNKNOWN
        if name in ("unscale_", "scale", "update"):
            return Type.SCALER if likely is Type.SCALER else Type.UNKNOWN
        if name in ("train", "eval", "forward", "parameters", "named_parameters", "modules", "children", "state_dict"):
            if likely in (Type.MODULE, Type.UNKNOWN, Type.TENSOR, Type.CRITERION) and (
                likely is Type.MODULE
                or name in ("parameters", "named_parameters", "state_dict")
                or self.module_by_use(thing.name)
            ):
                return Type.MODULE if name != "state_dict" or likely is Type.MODULE else Type.UNKNOWN
            return Type.UNKNOWN
        if likely in (Type.SCALER, Type.SAMPLER, Type.LOADER, Type.FRAMEWORK):
            return likely
        return Type.UNKNOWN

    def _uses(self, thing: AbstractObject) -> set[str]:
        return self.module.uses.get(thing.name.rpartition(".")[2], set())

    def _takes_loss(self, given: Arguments) -> bool:
        """Whether the first argument is a loss to go back from, not the gradient of the receiver."""
        value = given.get(0)
        return any(
            is_loss(one.name)
            or "graded" in one.facts
            or one.graph is Graph.YES
            or one.type is Type.TENSOR
            or one.sources
            for one in objects_in(value)
        ) and not any(one.constructor in ("torch.ones_like", "torch.tensor", "torch.ones") for one in objects_in(value))


def _is_key(value: Value | None) -> bool:
    return isinstance(value, Const) and isinstance(value.value, str)

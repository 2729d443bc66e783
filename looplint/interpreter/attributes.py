"""Attribute access: the value of `value.name`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import ClassVar

from looplint.events import AbstractObject, Fact, Graph, How, Kind, Type
from looplint.interpreter.objects import MEANS, cut_off
from looplint.interpreter.part import Part
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Either,
    Function,
    Instance,
    Member,
    Method,
    ModuleValue,
    Partial,
    Super,
    Symbol,
    Value,
    either,
    objects_in,
)
from looplint.knowledge.members import LAYER_PARAMETERS, WITHOUT_GRAPH
from looplint.knowledge.name_hints import GRADIENT, LOGITS
from looplint.knowledge.python_names import OF_MEMBERS
from looplint.syntax.imports import canonical


class Attributes(Part):
    """Evaluates attribute access."""

    def _attribute(self, node: ast.Attribute) -> Value:
        return self.of(self.reader.evaluate(node.value), node.attr, node)

    def of(self, base: Value, name: str, node: ast.expr) -> Value:
        """The value of `base.name`, for each alternative of the base."""
        if isinstance(base, Either):
            return either(self.of(one, name, node) for one in base.values)
        if not isinstance(base, AbstractObject):
            return self.named_attribute(base, name, node)
        if isinstance(base, Instance):
            self.reader.library.used(base, name, None, node)
        value = self.stored(base, name)
        if value is not None:
            self.own(base, value)
            return value
        if isinstance(base, Collection):
            return Method(base, name)
        shape = self.reader.library.shape_of_attribute(base, name)
        if shape is not None:
            part = self._attribute_of_thing(base, name, node)
            if isinstance(part, AbstractObject):
                part.shape = shape
            return part
        if isinstance(base, Instance) and base.cls is not None:
            found = self.reader.instances.attribute(base, name, node)
            if found is not None:
                return found
        return self._attribute_of_thing(base, name, node)

    def own(self, thing: AbstractObject, value: Value) -> None:
        """Note that the modules in an attribute of a module are parts of it. Its use alone may show that it is a
        module, after it was assigned."""
        if thing.type is Type.MODULE:
            for part in objects_in(value):
                if part.type is Type.MODULE and part.owner is None and part not in thing.owners():
                    part.owner = thing

    def _attribute_of_thing(self, base: AbstractObject, name: str, node: ast.expr) -> Value:
        known = self.reader.library.attribute(base, name, node)
        if known is not None:
            return known
        tables = self.reader.tables
        if name in tables.plain_attributes or base.type is Type.NUMBER:
            plain = self.reader.objects.number(node)
            if name == "training" and base.type is not Type.NUMBER:
                plain.facts |= {Fact.TRAINING_FLAG}
            return plain
        if name == "data" and Fact.GRADIENT in base.facts:
            return base
        if name in WITHOUT_GRAPH:
            cut = frozenset((Fact.DETACHED,)) | cut_off(base) | (base.facts & MEANS)
            return self.reader.objects.make(node, Type.TENSOR, role="data", operands=(base,), graph=Graph.NO, facts=cut)
        if name in GRADIENT:
            self.reader.emit(Kind.READ, (base,), node, how=How.GRADIENT)
            return self.reader.objects.make(
                node, Type.TENSOR, role="grad", operands=(base,), graph=Graph.NO, facts=(Fact.GRADIENT,)
            )
        if name == "indices" and self.reader.items.has_indices(base):
            return self.reader.items.indices(base, node)
        if name == "param_groups":
            return self.reader.objects.make(node, Type.PARAMETERS, role="groups", operands=(base,), graph=Graph.NO)
        if name in tables.methods.get(base.type, ()) or name == "state_dict":
            return Method(base, name)
        if name == "module" and base.constructor in tables.shared and base.operands:
            return base.operands[0]
        if base.type is not Type.MODULE and (base.type is Type.TENSOR or base.graph is not Graph.UNKNOWN):
            part = self.reader.objects.derived(node, (base,), role=f"attribute {name}")
            part.name = name
            if name in LOGITS:
                part.facts |= {Fact.LOGITS}
                self.reader.items.note_named_part(base)
            return part
        return self.part(base, name)

    def part(self, owner: AbstractObject, name: str) -> AbstractObject:
        """An unknown attribute of an object: always the same object."""
        part = self.reader.objects.external(owner, f"{owner.name}.{name}" if owner.name else name, f"part {name}")
        if part.owner is None and part is not owner:
            part.owner = owner
            part.facts |= owner.facts & {Fact.MODE_FREE}
            if owner.type is Type.MODULE and owner.certain:
                if name in LAYER_PARAMETERS:
                    part.type, part.certain, part.operands = Type.PARAMETERS, True, (owner,)
                elif (
                    owner.constructor.startswith(self.reader.tables.model_zoos)
                    and not isinstance(owner, Instance)
                    and not self.reader.tables.no_layer.search(name)
                ):
                    part.type, part.certain = Type.MODULE, True
                    self.reader.objects.constructed(part, owner.constructor)
        return part

    def stored(self, thing: AbstractObject, name: str) -> Value | None:
        """The value that was assigned to an attribute of an object."""
        return self.reader.bindings.get((id(thing), name))

    def named_attribute(self, base: Value, name: str, node: ast.expr) -> Value:
        """The value of an attribute of something that is no object: of a dotted name, a file or a class."""
        match base:
            case Symbol():
                return Symbol(canonical(f"{base.dotted}.{name}"))
            case ModuleValue():
                value = self.reader.imports.exported(base.module, name)
                if value is None and (part := self.reader.program.submodule(base.module, name)) is not None:
                    return ModuleValue(part)
                return value if value is not None else self.reader.objects.external(base.module, name)
            case Class():
                value = self.reader.classes.attribute(base, name)
                return value if value is not None else Method(self.reader.objects.external(base.node, base.name), name)
            case Super():
                found = self.reader.classes.find_method(base.owner, name, after=base.owner)
                if found is not None:
                    return Function(found[0], found[1].frame, base.receiver, found[1])
                return Symbol(f"super.{name}")
            case Partial() | Function():
                return self.reader.objects.external(node, name)
            case Const(Member() as member) if name in OF_MEMBERS:
                return member.value if name == "value" else Const(member.name)
        return Method(base, name)

    handlers: ClassVar[dict[type[ast.expr], Callable[..., Value]]] = {ast.Attribute: _attribute}

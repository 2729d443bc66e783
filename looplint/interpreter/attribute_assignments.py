"""Assignments to attributes: `thing.name = value`, and what they mean by the name."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Context, Fact, How, Kind, Option, Type
from looplint.interpreter.part import Part
from looplint.interpreter.values import (
    Class,
    Const,
    Instance,
    Value,
    objects_in,
)
from looplint.knowledge.members import CHANGES_SHAPE
from looplint.knowledge.misspelled import MISSPELLED, RATES
from looplint.knowledge.name_hints import CHANGES_AVERAGING, CHANGES_SAMPLES, GRADIENT
from looplint.knowledge.python_names import GIVES_SAMPLES, READS_SAMPLES
from looplint.program.outline import names_in
from looplint.syntax.unused_names import is_attribute_used
from looplint.syntax.walk import as_text, last_name, nodes


class AttributeAssignments(Part):
    """Evaluates `thing.name = value`."""

    def assign(self, thing: AbstractObject, name: str, value: Value, node: ast.AST) -> None:
        """`thing.name = value`."""
        self.reader.record.effects += 1
        if name in GRADIENT:
            self._set_gradient(thing, value, node)
            return
        self.reader.assignments.created_elsewhere(name, value, node)
        if isinstance(value, AbstractObject) and not value.name and value.type is not Type.NUMBER:
            value.name = f"{thing.name}.{name}" if thing.name else name
        self.reader.attributes.own(thing, value)
        described = self._described(thing, name, value, node)
        if name == "requires_grad":
            self._switch_gradients(thing, value, node)
        self.reader.instances.note_use(thing, name, value)
        self.reader.bindings.set(thing, name, value, self.reader.flow.now)
        if name in CHANGES_SHAPE:
            thing.shape = None
        assigned = (Type.MODULE, Type.PARAMETERS, Type.TENSOR, Type.UNKNOWN, Type.ENGINE, Type.SCHEDULER)
        freezes = described.get(Option.MEANT, name) == "requires_grad"
        setting = freezes and (self._reads_itself(thing, name) or self.reader.instances.holds_nothing(thing))
        rate = described.get(Option.MEANT) == "lr"
        if (thing.type in assigned or rate) and not setting and not self._has_setter(thing, name):
            self.reader.emit(
                Kind.ASSIGN,
                (thing,),
                node,
                object=next(objects_in(value), None),
                how=name,
                options=described,
                written=as_text(node.value) if isinstance(node, ast.Attribute) else "",
            )
        if isinstance(value, AbstractObject) and Fact.STATE in value.facts:
            made = self.reader.now.assigned or node
            options: dict[str, object] = {Option.FOR_OTHERS: not is_attribute_used(self.reader.now.module.tree, name)}
            self.reader.emit(Kind.SNAPSHOT, value.operands, made, object=value, how="state_dict", options=options)
        if self.reader.now.assigned is not None:
            self.reader.snapshots.entries(value, self.reader.now.assigned)

    def _described(self, thing: AbstractObject, name: str, value: Value, node: ast.AST) -> dict[str, object]:
        """The options of the event: what is set, and what the name and the class say about it."""
        described: dict[str, object] = {Option.VALUE: value.value} if isinstance(value, Const) else {}
        if isinstance(self.reader.now.statement, ast.Assign) and self.reader.now.statement.targets == [node]:
            described[Option.WRITTEN] = as_text(self.reader.now.statement.value)
        if isinstance(value, AbstractObject) and value.constructor in self.reader.tables.random_states:
            described[Option.DRAWN_FOR_SAMPLES] = not GIVES_SAMPLES.isdisjoint(self._methods_with(thing, name))
        if isinstance(thing, Instance) and thing.type is Type.UNKNOWN and self.reader.flow.loops:
            described[Option.READ_FOR_SAMPLES] = self._read_for_samples(thing, name)
        if name in CHANGES_AVERAGING:
            described[Option.CHANGES_AVERAGING] = True
        if CHANGES_SAMPLES.search(name):
            described[Option.CHANGES_SAMPLES] = True
        if name in MISSPELLED:
            described[Option.MEANT] = "requires_grad"
        # Code that reads the attribute may put it into the groups.
        if name in RATES and Fact.RATE_IN_GROUPS in thing.facts and not self._is_read(node):
            described[Option.MEANT] = "lr"
        return described

    def _is_read(self, target: ast.AST) -> bool:
        """Whether the file reads the attribute that is set here, of the same name or of an attribute of that name."""
        if not isinstance(target, ast.Attribute):
            return True
        owner = target.value
        same = {as_text(owner), last_name(owner), f"self.{last_name(owner)}"}
        read = (n for n in nodes(self.reader.now.module.tree) if isinstance(n, ast.Attribute) and n.attr == target.attr)
        return any(isinstance(one.ctx, ast.Load) and as_text(one.value) in same for one in read)

    def _switch_gradients(self, thing: AbstractObject, value: Value, node: ast.AST) -> None:
        """`thing.requires_grad = value`: a tensor becomes a leaf, a parameter is trained or not."""
        local = not thing.external and thing.type in (Type.TENSOR, Type.UNKNOWN) and not isinstance(thing, Instance)
        if local and not (isinstance(value, Const) and not value.value):
            thing.facts |= {Fact.LEAF}
            self.reader.emit(Kind.LEAF, (thing,), node, object=thing, how="requires_grad")
        if thing.type is Type.PARAMETERS and isinstance(value, Const):
            self._freeze(thing, not value.value)

    def _set_gradient(self, thing: AbstractObject, value: Value, node: ast.AST) -> None:
        """`p.grad = value`: gradients are dropped, replaced by new ones, or changed."""
        cleared = (isinstance(value, Const) and value.value is None) or any(self._is_zero(v) for v in objects_in(value))
        made_of = [made for one in objects_in(value) for made in one.ancestry()]
        own = any(Fact.GRADIENT in made.facts and thing in made.operands for made in made_of)
        mine = set(thing.ancestry())
        added = any(one not in mine and not one.operands and one.type is not Type.NUMBER for one in made_of)
        if own and not added and not any(map(self._is_zero, made_of)):
            return  # `p.grad = p.grad.sign()`
        self.reader.emit(Kind.CLEAR, (thing,), node, how="grad = None" if cleared else How.GRADIENT)
        if not cleared:
            self.reader.emit(Kind.BACKWARD, (thing,), node, how=How.GRADIENT)

    def _is_zero(self, thing: AbstractObject) -> bool:
        return thing.constructor in self.reader.tables.zero_tensors or thing.constructor.endswith(".zero_")

    def _has_setter(self, thing: AbstractObject, name: str) -> bool:
        """Whether assigning an attribute calls a method: its class defines a property of that name."""
        cls = thing.cls if isinstance(thing, Instance) else None
        return cls is not None and self.reader.classes.find_method(cls, name) is not None

    def _reads_itself(self, thing: AbstractObject, name: str) -> bool:
        """Whether the class of an object reads this attribute of it: what is assigned is a setting of its own."""
        cls = thing.cls if isinstance(thing, Instance) else None
        known = [one.node for one in self.reader.classes.lineage(cls) if isinstance(one, Class)] if cls else []
        read = (n for n in nodes(*known) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load))
        return any(one.attr == name and isinstance(one.value, ast.Name) and one.value.id == "self" for one in read)

    def _freeze(self, parameter: AbstractObject, off: bool) -> None:
        """`for p in net.parameters(): p.requires_grad = False` does what `net.requires_grad_(False)` does."""
        around = self.reader.flow.loops[-1] if self.reader.flow.loops else None
        if around is None or around.over is None or Context.SOME_PARAMETERS in self.reader.now.contexts:
            return
        for module in (one for one in around.over.operands if one.type is Type.MODULE and parameter.comes_from(one)):
            module.facts = module.facts | {Fact.FROZEN} if off else module.facts - {Fact.FROZEN}

    def _read_for_samples(self, thing: Instance, name: str) -> bool:
        """Whether what gives a sample of a dataset, or what that calls, reads an attribute."""
        if thing.cls is None:
            return False
        waiting, seen = [*READS_SAMPLES], set[str]()
        while waiting:
            found = self.reader.classes.find_method(thing.cls, waiting.pop())
            if found is None or found[0].name in seen:
                continue
            seen.add(found[0].name)
            mentioned = names_in(found[0])
            if name in mentioned:
                return True
            waiting += [one for one in mentioned if self.reader.classes.find_method(thing.cls, one) is not None]
        return False

    def _methods_with(self, thing: AbstractObject, name: str) -> frozenset[str]:
        """The methods that read a random state which is set once, in the constructor; none if another method resets it,
        or if the class is aware of workers."""
        if not isinstance(thing, Instance) or thing.cls is None:
            return frozenset()
        members = [
            member
            for base in self.reader.classes.lineage(thing.cls)
            if isinstance(base, Class)
            for member in base.node.body
        ]
        methods = [m for m in members if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef)]
        stored = [
            (m.name, isinstance(n.ctx, ast.Store))
            for m in methods
            for n in nodes(m)
            if isinstance(n, ast.Attribute) and n.attr == name
        ]
        again = any(method != "__init__" and stores for method, stores in stored)
        if again or any("worker_info" in word for m in methods for word in names_in(m)):
            return frozenset()
        return frozenset(method for method, stores in stored if not stores)

"""Instances of the program's own classes: construction and attributes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from looplint.events import AbstractObject, Fact, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.decorators import decorator_name
from looplint.interpreter.part import Part
from looplint.interpreter.suggested_by_name import hint
from looplint.interpreter.values import (
    Class,
    Collection,
    Const,
    Frame,
    Function,
    Instance,
    ModuleValue,
    NamedTupleClass,
    Symbol,
    Value,
    either,
    objects_in,
)
from looplint.knowledge.python_names import KEEPS, READS_NO_ATTRIBUTES
from looplint.module_classes.frozen_attributes import is_frozen
from looplint.program.outline import has_inner_functions, inner_imports, names_in
from looplint.syntax.attribute_uses import is_name_only_called, is_only_called
from looplint.syntax.walk import as_text, nodes

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.module_classes.module_class import ModuleClass
    from looplint.program.module import Module

_PROPERTY = frozenset(("property", "cached_property", "functools.cached_property", "lazy_property"))

_READ_THROUGH = frozenset(
    (
        "optimizers", "optim", "Adam", "AdamW", "SGD", "zero_grad", "backward", "step", "state_dict",
        "load_state_dict", "from_pretrained", "eval",
    )
)  # fmt: skip
"""Names for whose sake the `__init__` of a module is evaluated; attributes of other classes are looked up on demand."""


class Instances(Part):
    """Creates instances and finds their attributes."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader)
        self._modes: dict[ast.ClassDef, bool] = {}

    def _has_mode(self, cls: Class, described: ModuleClass) -> bool:
        """Whether a module class may compute something different in training mode, classes of other files included."""
        if not described.mode_sensitive:
            return False
        if cls.node not in self._modes:
            self._modes[cls.node] = True  # a class that contains itself ends here
            module = cls.frame.module
            imported = {(a.asname or a.name).partition(".")[0] for s in module.import_statements for a in s.names}
            own = {n.name: n for n in module.tree.body if isinstance(n, ast.ClassDef)}
            around = [cls.node, *(own[name] for name in names_in(cls.node) & own.keys())]
            named = {name for name in imported if any(name in names_in(node) for node in around)}
            free = {name: found for name in named if (found := self._without_mode(module, name)) is not None}
            if modules := {name for name in named if self._is_module(module, name)}:
                calls = (call.func for node in around for call in nodes(node) if isinstance(call, ast.Call))
                dotted = {as_text(function) for function in calls if isinstance(function, ast.Attribute)}
                inside = (name for name in dotted if name.partition(".")[0] in modules)
                free |= {name: found for name in inside if (found := self._without_mode(module, name)) is not None}
            self._modes[cls.node] = not free or module.mode_sensitive(cls.node, free)
        return self._modes[cls.node]

    def _is_module(self, module: Module, name: str) -> bool:
        return isinstance(self.reader.names.global_value(module, name, module.tree), ModuleValue)

    def _without_mode(self, module: Module, written: str) -> ast.ClassDef | ast.FunctionDef | None:
        """The definition of an imported name, or of one in an imported module (`layers.Block`): a class without a mode,
        or a function that gives none by itself."""
        first, *parts = written.split(".")
        value = self.reader.names.global_value(module, first, module.tree)
        for part in parts:
            if not isinstance(value, ModuleValue):
                return None
            value = self.reader.attributes.named_attribute(value, part, ast.Name(part))
        if isinstance(value, Class):
            described = value.frame.module.module_class(value.node)
            return value.node if described is not None and not self._has_mode(value, described) else None
        if not isinstance(value, Function) or not isinstance(value.node, ast.FunctionDef):
            return None
        plain = value.receiver is None and not value.node.decorator_list
        return value.node if plain and not value.frame.module.gives_mode(value.node) else None

    def holds_nothing(self, thing: AbstractObject) -> bool:
        """Whether the class of a module has no parameters, nor parts that may have some: nothing could be frozen."""
        if not isinstance(thing, Instance) or thing.cls is None or thing.type is not Type.MODULE:
            return False
        described = thing.cls.frame.module.module_class(thing.cls.node)
        if described is None or described.parameters:
            return False
        return not self._has_mode(thing.cls, described)

    def make(self, cls: Class, given: Arguments, node: ast.Call) -> Value:
        """Create an object of a class with known source: its `__init__` is inlined."""
        record = self._as_named_tuple(cls)
        if record is not None and (made := self.named_tuple(record, given, node)) is not None:
            return made
        thing, new = self.reader.objects.thing(node, f"instance of {cls.name}", kind=Instance)
        assert isinstance(thing, Instance)
        if new:
            thing.cls, thing.place = cls, self.reader.now.place(node)
            thing.type = self.reader.classes.class_type(cls)
            thing.certain = thing.type is not Type.UNKNOWN
            thing.options = given.options
            self.reader.objects.constructed(thing, cls.name)
            described = cls.frame.module.module_class(cls.node) if thing.type is Type.MODULE else None
            if described is not None and not self._has_mode(cls, described):
                thing.facts |= {Fact.MODE_FREE}
                # All its parts are known: nothing is passed in, or may have parameters of its own.
                if not described.parameters:
                    thing.facts |= {Fact.NO_PARAMETERS}
            if described is not None and described.fresh:
                thing.facts |= {Fact.FRESH}
            if described is not None and described.statistics:
                thing.facts |= {Fact.STATISTICS}
            if described is not None and described.returns_by_mode:
                thing.facts |= {Fact.RETURNS_BY_MODE}
            if described is not None and described.unrecorded:
                thing.facts |= {Fact.UNRECORDED_IN_EVALUATION}
            if self.reader.library.mode_free(cls):
                thing.facts |= {Fact.MODE_FREE}
            self.reader.record.instances.append(cls)
        thing.operands = tuple(
            one
            for one in self.reader.objects.of(given.values)
            if one.type
            in (Type.MODULE, Type.OPTIMIZER, Type.PARAMETERS, Type.SCALER, Type.TENSOR, Type.COLLECTION, Type.ENGINE)
            or isinstance(one, Instance)
            or Fact.WHOLE_DATASET in one.facts
            or hint(one.name) in (Type.OPTIMIZER, Type.MODULE)
        )
        if thing.type is Type.OPTIMIZER:
            thing.operands = self.reader.objects.of(given.values)
        found = self.reader.classes.find_method(cls, "__init__")
        if found is not None and thing.type is Type.MODULE and not (names_in(found[0]) & _READ_THROUGH):
            thing.arguments = (given.args, given.keywords, given.open)
        elif found is not None:
            self.reader.inlining.call(
                Function(found[0], found[1].frame, thing, found[1]), given.args, given.keywords, node, given.open
            )
        elif self._is_record(cls):
            self._fill_record(thing, cls, given, node)
        self.reader.library.made(thing, node)
        return thing

    def named_tuple(self, record: NamedTupleClass, given: Arguments, node: ast.AST) -> Value | None:
        """A named tuple: a tuple whose elements are attributes as well; None where its elements are not known."""
        values = {**dict(record.defaults), **dict(zip(record.fields, given.args, strict=False)), **given.keywords}
        if given.open or len(given.args) > len(record.fields) or values.keys() != set(record.fields):
            return None
        found = self.reader.objects.collection(node, "named tuple")
        found.items = {index: values[name] for index, name in enumerate(record.fields)}
        found.operands = self.reader.objects.of(values.values())
        for name, value in values.items():
            self.reader.bindings.set(found, name, value, self.reader.flow.now)
        return found

    def _as_named_tuple(self, cls: Class) -> NamedTupleClass | None:
        """A class that derives from `NamedTuple` and has no methods; None of other classes."""
        if not cls.node.bases or any(isinstance(s, ast.FunctionDef) for s in cls.node.body):
            return None
        if not self._is_named_tuple(cls):
            return None
        fields = _annotated(cls)
        written = [(name, self.reader.classes.attribute(cls, name)) for name in fields]
        defaults = tuple((name, value) for name, value in written if value is not None)
        return NamedTupleClass(cls.name, tuple(fields), defaults)

    def _is_named_tuple(self, cls: Class) -> bool:
        lineage = self.reader.classes.lineage(cls)
        return any(isinstance(base, Symbol) and base.dotted.endswith("NamedTuple") for base in lineage)

    def _is_record(self, cls: Class) -> bool:
        written = any("dataclass" in decorator_name(d) for d in cls.node.decorator_list)
        return written or self._is_named_tuple(cls)

    def _fill_record(self, thing: Instance, cls: Class, given: Arguments, node: ast.AST) -> None:
        for name, value in [*zip(_annotated(cls), given.args, strict=False), *given.keywords.items()]:
            self.reader.bindings.set(thing, name, value, self.reader.flow.now)

    def attribute(self, thing: Instance, name: str, node: ast.expr) -> Value | None:
        """An attribute of an object of a known class that was not assigned so far."""
        assert thing.cls is not None
        found = self.reader.classes.find_method(thing.cls, name)
        if found is not None:
            function, owner = found
            decorators = {decorator_name(d) for d in function.decorator_list}
            if decorators & _PROPERTY:
                return self.reader.inlining.call(Function(function, owner.frame, thing, owner), [], {}, node)
            receiver = None if "staticmethod" in decorators else thing
            return Function(function, owner.frame, receiver, owner)
        value = self.reader.classes.attribute(thing.cls, name)
        if value is not None:
            return value
        value = self._set_elsewhere(thing, name)
        if value is not None:
            self.reader.bindings.remember(thing, name, value)
        return value

    def is_property(self, thing: AbstractObject, name: str) -> bool:
        """Whether reading an attribute calls a method of the object's class."""
        cls = thing.cls if isinstance(thing, Instance) else None
        found = self.reader.classes.find_method(cls, name) if cls is not None else None
        return found is not None and not _PROPERTY.isdisjoint(map(decorator_name, found[0].decorator_list))

    def _set_elsewhere(self, thing: Instance, name: str) -> Value | None:
        """The value that another method of the class assigns to `self.<name>`."""
        assert thing.cls is not None
        key = (id(thing), name)
        if key in self.reader.record.resolving or len(self.reader.record.resolving) > 40:
            return None
        self.reader.record.resolving.add(key)
        values: list[Value] = []
        try:
            for base in self.reader.classes.lineage(thing.cls):
                if isinstance(base, Class):
                    for method, value in self.reader.classes.assignments(base).get(name, ())[:4]:
                        mark = self.reader.bindings.mark()
                        frame = self._method_frame(method, base, thing)
                        with self.reader.flow.silently(), self.reader.in_frame(frame):
                            values.append(self._read_in_method(value, method, thing))
                        if not has_inner_functions(method):
                            self.reader.bindings.leave(frame, mark)
                if values:
                    break
        finally:
            self.reader.record.resolving.discard(key)
        if not values:
            return None
        result = either(values)
        for one in objects_in(result):
            if (
                one.owner is None
                and one.type in (Type.MODULE, Type.PARAMETERS, Type.TENSOR)
                and thing not in one.owners()
            ):
                one.owner = thing
        lineage = [base.node for base in self.reader.classes.lineage(thing.cls) if isinstance(base, Class)]
        if any(is_frozen(node, name) for node in lineage):
            for one in objects_in(result):
                one.facts |= {Fact.FROZEN} if one.type is Type.MODULE else frozenset()
        self.note_use(thing, name, result)
        return self.reader.names.named(result, f"self.{name}")

    def note_use(self, thing: AbstractObject, name: str, value: Value) -> None:
        """Note of a network, or a criterion with parameters, that is an attribute whether the code only calls it. A
        module holds the parameters of its attributes, and an unknown base class may read them."""
        if not isinstance(thing, Instance) or thing.cls is None or thing.type is Type.MODULE:
            return
        for one in objects_in(value):
            if one.type in (Type.MODULE, Type.CRITERION) and Fact.FRESH in one.facts:
                lineage = self.reader.classes.lineage(thing.cls)
                known = [base for base in lineage if isinstance(base, Class)]
                others = [base for base in lineage if not isinstance(base, Class)]
                names = [base.name for base in known]
                if all(
                    isinstance(base, Symbol) and base.dotted.startswith(READS_NO_ATTRIBUTES) for base in others
                ) and all(is_only_called(base.frame.module.tree, name, names) for base in known):
                    one.facts |= {Fact.ONLY_CALLED}

    def note_use_of_name(self, module: Module, name: str, value: Value) -> None:
        """Note of a network, or a criterion with parameters, that is bound at the top level of the file at hand whether
        the file only calls it. Code that imports it would have to add its parameters to an optimizer of that file."""
        if module is self.reader.now.frame.module and is_name_only_called(module.tree, name):
            for one in objects_in(value):
                trained = one.type in (Type.MODULE, Type.CRITERION) and Fact.FRESH in one.facts
                if trained and Fact.FROZEN not in one.facts:
                    one.facts |= {Fact.ONLY_CALLED}

    def _read_in_method(
        self,
        value: ast.expr | tuple[ast.expr, int],
        method: ast.FunctionDef | ast.AsyncFunctionDef,
        thing: AbstractObject,
    ) -> Value:
        expression, index = value if isinstance(value, tuple) else (value, None)
        with self.reader.at(self.reader.called_from(method, thing)):
            for imports in inner_imports(method):
                for alias in imports.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    found = self.reader.imports.imported(imports, bound)
                    if found is not None:
                        self.reader.names.bind(bound, found, imports)
            wanted = {n.id for n in nodes(expression) if isinstance(n, ast.Name)}
            if (before := _growth(method, expression, wanted)) is not None:
                self.reader.run(before)
                wanted = set()
            grown = False
            for statement in method.body:
                if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                    target = statement.targets[0]
                    if isinstance(target, ast.Name) and target.id in wanted:
                        first = self.reader.evaluate(statement.value)
                        changes = target.id in _grown(method)
                        grown |= changes
                        if not changes or isinstance(first, Collection):
                            self.reader.names.bind(target.id, first, target)
                    elif wanted & (parts := _names_of(target)) and parts.isdisjoint(_grown(method)):
                        self.reader.assignments.assign(target, self.reader.evaluate(statement.value))
            result = self.reader.evaluate(expression)
            for made in objects_in(result) if grown else ():
                made.facts |= {Fact.GROWN}
        return result if index is None else self.reader.items.item(result, Const(index), expression)

    def _method_frame(
        self, method: ast.FunctionDef | ast.AsyncFunctionDef, owner: Class, thing: AbstractObject
    ) -> Frame:
        """A frame of a method whose parameters are external."""
        frame = Frame(owner.frame.module, owner.frame, method, method.name, receiver=thing, owner=owner)
        if isinstance(thing, Instance) and thing.arguments is not None and method.name == "__init__":
            args, keywords, opened = thing.arguments
            self.reader.parameters.bind(frame, Function(method, owner.frame, thing, owner), args, keywords, opened)
            return frame
        arguments = [*method.args.posonlyargs, *method.args.args, *method.args.kwonlyargs]
        for index, argument in enumerate(arguments):
            if index == 0 and thing is not None:
                value: Value = thing
            else:
                value = self.reader.parameters.from_outside(argument, method)
            self.reader.bindings.set(frame, argument.arg, value, -1)
        return frame


def _annotated(cls: Class) -> list[str]:
    """The fields that the body of a class declares, in order."""
    return [s.target.id for s in cls.node.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]


def _growth(
    method: ast.FunctionDef | ast.AsyncFunctionDef, expression: ast.expr, wanted: set[str]
) -> list[ast.stmt] | None:
    """The statements of a method that fill the collections which an expression is made of, in front of it; None if it
    is made of none, or more than local names changes there."""
    filled = wanted & _grown(method)
    if not filled:
        return None
    last = next((s for s in method.body if any(node is expression for node in nodes(s))), None)
    if not isinstance(last, ast.Assign | ast.AnnAssign | ast.Return):
        return None
    before = method.body[: method.body.index(last)]
    found = [s for s in before if not filled.isdisjoint(names_in(s))]
    needed = set[str]().union(*map(names_in, found)) & _bound_in(before)
    found = [s for s in before if not filled.isdisjoint(names_in(s)) or not needed.isdisjoint(_bound_in([s]))]
    changing = (ast.Return, ast.Raise, ast.FunctionDef, ast.ClassDef, ast.While, ast.Try, ast.With)
    if any(isinstance(node, changing) or _changes_attribute(node) for s in found for node in nodes(s)):
        return None
    return found


def _bound_in(statements: list[ast.stmt]) -> set[str]:
    return {n.id for s in statements for n in nodes(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _names_of(target: ast.expr) -> set[str]:
    """The names that a tuple is unpacked to; none if anything else is bound, too."""
    parts = target.elts if isinstance(target, ast.Tuple) else []
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    return names if len(names) == len(parts) else set()


def _changes_attribute(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)


def _grown(method: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The names of a method whose first value is not their last one: collections that something is added to, and names
    that are bound again."""
    if method in _GROWN:
        return _GROWN[method]
    changed: set[str] = set()
    bound: set[str] = set()
    for node in nodes(method):
        match node:
            case ast.AugAssign(target=ast.Name(id=name)):
                changed.add(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attribute)) if attribute in KEEPS:
                changed.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                changed |= bound & {name}
                bound.add(name)
    _GROWN[method] = changed
    return changed


_GROWN: WeakKeyDictionary[ast.AST, set[str]] = WeakKeyDictionary()

"""Names, attributes, classes: which object a piece of code speaks of."""

from __future__ import annotations

import ast
import posixpath

from looplint.events import AbstractObject, Type
from looplint.interpreter.reader import Context
from looplint.interpreter.values import (
    Class,
    Const,
    Frame,
    Function,
    Instance,
    Member,
    Method,
    ModuleValue,
    Partial,
    Stamp,
    Super,
    Symbol,
    Value,
    either,
    objects_in,
)
from looplint.knowledge.python_names import ENUMERATIONS, PLAIN_ENUMERATIONS
from looplint.knowledge.torch import AUTOGRAD_FUNCTION, MODULE_BASES, OPTIMIZER_BASES, type_of
from looplint.program.outline import inner_imports, names_in
from looplint.program.program import Module
from looplint.syntax.imports import canonical
from looplint.syntax.walk import as_text, nodes, statements

_PROPERTY = frozenset(("property", "cached_property", "functools.cached_property", "lazy_property"))


STARS = 4
"""Packages that hand a name on by `from ... import *`; what comes through more of them is not followed."""


class Objects(Context):
    """Finds objects by origin."""

    # Names

    def lookup(self, name: str, node: ast.AST) -> Value:
        """What a name stands for here."""
        frame: Frame | None = self.frame
        while frame is not None:
            value = self.state.get((id(frame), name))
            if value is not None:
                return value
            if frame.outer is None:
                break
            frame = frame.outer
        return self.global_value(self.frame.module, name, node)

    def bound_at(self, name: str) -> tuple[Frame | None, int]:
        """The frame in which a name is bound, and when."""
        frame: Frame | None = self.frame
        while frame is not None:
            stamp = self.state.stamp((id(frame), name))
            if stamp >= 0:
                return frame, stamp
            frame = frame.outer
        return self.frame.module.frame, -1

    def named_first(self, node: ast.AST) -> tuple[str, tuple[Stamp, ...]] | None:
        """A name, or an attribute of one, as it was written first, and the stamps of what it reads: a parameter stands
        for what the caller gave. None for other expressions."""
        if isinstance(node, ast.Name):
            frame, stamp = self.bound_at(node.id)
            value, text, stamps = frame.stands_for.get(node.id, (None, "", ())) if frame is not None else (None, "", ())
            if value is not None and frame is not None and self.state.get((id(frame), node.id)) is value:
                return text, stamps
            return node.id, ((id(frame), stamp),)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            frame, _ = self.bound_at(node.value.id)
            owner = self.state.get((id(frame), node.value.id))
            text, stamps = self.named_first(node.value) or ("", ())
            own = ((id(owner), self.state.stamp((id(owner), node.attr))),) if isinstance(owner, AbstractObject) else ()
            return f"{text}.{node.attr}", (*stamps, *own)
        return None

    def _home(self, name: str) -> object:
        frame = self.frame
        return frame.module.frame if name in frame.globals else self.bound_at(name)[0] or frame

    def global_value(self, module: Module, name: str, node: ast.AST) -> Value:
        """A module-level name, read off the statement that binds it."""
        found = self.state.get((id(module.frame), name))
        if found is not None:
            return found
        value = self.exported(module, name)
        if value is not None:
            return value
        for star in module.stars:
            source = self.module_of(module, star.module or "", star.level)
            if source is not None and source is not module:
                value = self.offered(source, name)
                if value is not None:
                    return value
            elif star.module in ("torch.nn", "torch.optim", "torch", "torch.nn.functional"):
                return Symbol(canonical(f"{star.module}.{name}")) if name[0].isupper() else self.given(module, name)
        if name in _BUILTINS:
            return Symbol(f"builtins.{name}")
        # Not imported in an excerpt, or by the star of a package that is not seen: nothing else has this name.
        return Symbol(name) if name == "torch" else self.given(module, name)

    def exported(self, module: Module, name: str) -> Value | None:
        """The value of a module-level name, None if the module does not bind it."""
        found = self.state.get((id(module.frame), name))
        if found is not None:
            return found
        statements = module.bindings.get(name)
        key = (id(module), name)
        if not statements or key in self._resolving or len(self._resolving) > 40:
            return None
        self._resolving.add(key)
        try:
            with self.silently(), self.in_frame(module.frame):
                chain, self.chain = self.chain, 0
                contexts, self.contexts = self.contexts, frozenset()
                values = [value for s in statements[:4] if (value := self._binding(s, name)) is not None]
                self.chain, self.contexts = chain, contexts
        finally:
            self._resolving.discard(key)
        if not values:
            return None
        value = either(_last_definition(values))
        self.state._entries[(id(module.frame), name)] = (value, -1)
        return value

    def module_of(self, importer: Module, dotted: str, level: int = 0) -> Module | None:
        """The module that an import means, if it is one of the program's and not too many were read already. Where the
        file at hand is not about training, only what a mistake in it may be about is of interest."""
        path = self.program.locate(importer.path, dotted, level)
        if path is None:
            return None
        if path not in self.led_to:
            if len(self.led_to) >= self.files or not (self.trains or self.program.offers(path)):
                return None
            self.led_to.add(path)
        return self.program.find(importer, dotted, level)

    def offered(self, module: Module, name: str, passed: tuple[Module, ...] = ()) -> Value | None:
        """The same, or what the module has of a name by `from ... import *`, handed on from package to package."""
        value = self.exported(module, name)
        if value is not None or len(passed) > STARS or (id(module), name) in self._not_offered:
            return value
        for star in module.stars:
            source = self.module_of(module, star.module or "", star.level)
            if source is not None and source is not module and source not in passed:
                value = self.offered(source, name, (*passed, module))
                if value is not None:
                    return value
        if not passed:
            self._not_offered.add((id(module), name))
        return None

    _not_offered: set[tuple[int, str]]

    def _binding(self, statement: ast.stmt, name: str) -> Value | None:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return Function(statement, self.frame)
            case ast.ClassDef():
                return Class(statement, self.frame)
            case ast.Import() | ast.ImportFrom():
                return self.imported(statement, name)
            case ast.Assign():
                value = self.evaluate(statement.value)
                for target in statement.targets:
                    if isinstance(target, ast.Name) and target.id == name:
                        return self.named(value, name, given=True)
                    if isinstance(target, ast.Tuple | ast.List):
                        for index, element in enumerate(target.elts):
                            if isinstance(element, ast.Name) and element.id == name:
                                return self.named(self.item_of(value, Const(index), statement.value), name, given=True)
                return None
            case ast.AnnAssign() if statement.value is not None:
                return self.named(self.evaluate(statement.value), name, given=True)
        return None

    def named(self, value: Value, name: str, *, given: bool = False) -> Value:
        """The value, called by its first name if it had none."""
        if isinstance(value, AbstractObject) and not value.name and value.type is not Type.NUMBER:
            value.name = name
        return value

    def imported(self, statement: ast.Import | ast.ImportFrom, name: str) -> Value | None:
        """What an import statement binds to a name."""
        module = self.frame.module
        for alias in statement.names:
            bound = alias.asname or alias.name.partition(".")[0]
            if bound != name:
                continue
            if isinstance(statement, ast.Import):
                wanted = alias.name if alias.asname else bound
                found = self.module_of(module, wanted)
                return ModuleValue(found) if found else Symbol(canonical(wanted))
            source = self.module_of(module, statement.module or "", statement.level)
            dotted = "." * statement.level + (statement.module or "")
            if source is not None:
                value = self.exported(source, alias.name)
                if value is not None:
                    return value
                part = self.program.submodule(source, alias.name)
                if part is not None:
                    return ModuleValue(part)
                value = self.offered(source, alias.name)
                if value is not None:
                    return value
            else:
                part = self.module_of(
                    module,
                    posixpath.join(statement.module, alias.name).replace("/", ".") if statement.module else alias.name,
                    statement.level,
                )
                if part is not None:
                    return ModuleValue(part)
            return Symbol(canonical(f"{dotted}.{alias.name}" if not dotted.endswith(".") else dotted + alias.name))
        return None

    def bind(self, name: str, value: Value, node: ast.AST) -> None:
        """A name is bound here."""
        frame = self.frame
        if name in frame.globals:
            frame = frame.module.frame
            self.effects += 1
        elif name in frame.nonlocals:
            self.effects += 1
            while frame.outer is not None and (frame is self.frame or self.state.get((id(frame), name)) is None):
                frame = frame.outer
        self.named(value, name)
        self.state.set(frame, name, value, self.flow.now)

    def accumulator(self, name: str) -> AbstractObject:
        """What a name accumulates into: its binding, told apart by where it was last set."""
        frame, _stamp = self.bound_at(name)
        value = self.state.get((id(frame), f"@{name}"))
        if isinstance(value, AbstractObject):
            return value
        return self.given(frame or self.frame, name, f"accumulator {name}")

    # Attributes of what is not an object

    def named_attribute(self, base: Value, name: str, node: ast.expr) -> Value:
        match base:
            case Symbol():
                return Symbol(canonical(f"{base.dotted}.{name}"))
            case ModuleValue():
                value = self.exported(base.module, name)
                if value is None and (part := self.program.submodule(base.module, name)) is not None:
                    return ModuleValue(part)
                return value if value is not None else self.given(base.module, name)
            case Class():
                value = self.class_attribute(base, name)
                return value if value is not None else Method(self.given(base.node, base.name), name)
            case Super():
                found = self.find_method(base.owner, name, after=base.owner)
                if found is not None:
                    return Function(found[0], found[1].frame, base.receiver, found[1])
                return Symbol(f"super.{name}")
            case Partial() | Function():
                return self.given(node, name)
            case Const(Member() as member) if name in ("name", "value"):
                return member.value if name == "value" else Const(member.name)
        return Method(base, name)

    # Classes

    def members(self, cls: Class) -> dict[str, ast.stmt]:
        """The functions, classes and assignments in the body of a class, by name."""
        found = self.classes.get(cls.node)
        if found is None:
            found = {}
            for statement in cls.node.body:
                if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                    if not any(
                        isinstance(d, ast.Attribute) and d.attr in ("setter", "deleter")
                        for d in statement.decorator_list
                    ):
                        found[statement.name] = statement
                elif isinstance(statement, ast.ClassDef):
                    found[statement.name] = statement
                elif isinstance(statement, ast.Assign):
                    for target in statement.targets:
                        if isinstance(target, ast.Name):
                            found[target.id] = statement
                elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    found[statement.target.id] = statement
            self.classes[cls.node] = found
        return found

    def bases(self, cls: Class) -> list[Value]:
        """The base classes: `Class` where they are seen, `Symbol` where not."""
        values: list[Value] = []
        with self.silently(), self.in_frame(cls.frame):
            for base in cls.node.bases:
                expression = base.value if isinstance(base, ast.Subscript) else base
                if isinstance(expression, ast.Name | ast.Attribute):
                    values.append(self.evaluate(expression))
        return values

    def lineage(self, cls: Class) -> list[Class | Symbol]:
        """The class and its bases, nearest first."""
        cached = self._lineages.get(cls.node)
        if cached is not None:
            return cached
        found: list[Class | Symbol] = []
        self._lineages[cls.node] = found
        queue: list[Value] = [cls]
        while queue and len(found) < 24:
            value = queue.pop(0)
            if isinstance(value, Class) and not any(isinstance(one, Class) and one.node is value.node for one in found):
                found.append(value)
                queue.extend(self.bases(value))
            elif isinstance(value, Symbol):
                found.append(value)
            elif isinstance(value, AbstractObject):
                found.append(Symbol(f"?.{value.name}"))
        return found

    _lineages: dict[ast.ClassDef, list[Class | Symbol]]

    def class_type(self, cls: Class) -> Type:
        """What the objects of a class are, by its bases."""
        for base in self.lineage(cls):
            if isinstance(base, Symbol):
                if type_of(base.dotted) is Type.PARAMETERS:
                    return Type.PARAMETERS
                if MODULE_BASES.search(base.dotted) or type_of(base.dotted) is Type.MODULE:
                    return Type.MODULE
                if OPTIMIZER_BASES.search(base.dotted):
                    return Type.OPTIMIZER
                if base.dotted.startswith("torch.optim.lr_scheduler."):
                    return Type.SCHEDULER
                if base.dotted == AUTOGRAD_FUNCTION:
                    return Type.OTHER
                if base.dotted.startswith("torch.utils.data.") and base.dotted.endswith("Sampler"):
                    return Type.SAMPLER
                if type_of(base.dotted) in (Type.SCALER, Type.CRITERION):
                    return type_of(base.dotted)
        return Type.OPTIMIZER if self.updates_by_hand(cls) else Type.UNKNOWN

    def updates_by_hand(self, cls: Class) -> bool:
        """Whether a class is an optimizer without being one of torch's: it clears and steps by the gradients itself."""
        step, clear = self.find_method(cls, "step"), self.find_method(cls, "zero_grad")
        if step is None or clear is None:
            return False
        names = names_in(step[0])
        cleared = any(isinstance(n, ast.Attribute) and n.attr == "grad" and _is_set(n) for n in nodes(step[0]))
        return "grad" in names and names.isdisjoint(("step", "zero_", "zero_grad")) and not cleared

    def find_method(
        self, cls: Class, name: str, after: Class | None = None
    ) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, Class] | None:
        """The method that a name means in a class, and the class that defines it."""
        passed = after is None
        for base in self.lineage(cls):
            if isinstance(base, Class):
                if passed:
                    member = self.members(base).get(name)
                    if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                        return member, base
                elif after is not None and base.node is after.node:
                    passed = True
        return None

    def class_attribute(self, cls: Class, name: str) -> Value | None:
        for base in self.lineage(cls):
            if isinstance(base, Class):
                member = self.members(base).get(name)
                if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                    return Function(member, base.frame, None, base)
                if isinstance(member, ast.ClassDef):
                    return Class(member, base.frame)
                if isinstance(member, ast.Assign | ast.AnnAssign) and member.value is not None:
                    with self.silently(), self.in_frame(base.frame):
                        value = self.named(self.evaluate(member.value), name)
                    return self._enumerated(base, name, value)
        return None

    def _enumerated(self, cls: Class, name: str, value: Value) -> Value:
        """What a class names: in an enumeration a constant of its own, unless it is a number or string as well."""
        bases = {base.dotted for base in self.lineage(cls) if isinstance(base, Symbol)}
        if not bases & ENUMERATIONS or name.startswith("_"):
            return value
        plain = bases & PLAIN_ENUMERATIONS and isinstance(value, Const)
        return value if plain else Const(Member(f"{cls.frame.module.path}:{cls.name}", name, value))

    def stored(self, thing: AbstractObject, name: str) -> Value | None:
        """What was set as an attribute of an object."""
        return self.state.get((id(thing), name))

    def instance_attribute(self, thing: Instance, name: str, node: ast.expr) -> Value | None:
        """An attribute of an object whose class is seen and in which it was not set so far."""
        assert thing.cls is not None
        found = self.find_method(thing.cls, name)
        if found is not None:
            function, owner = found
            decorators = {_decorator(d) for d in function.decorator_list}
            if decorators & _PROPERTY:
                return self.call_function(Function(function, owner.frame, thing, owner), [], {}, node)
            receiver = None if "staticmethod" in decorators else thing
            return Function(function, owner.frame, receiver, owner)
        value = self.class_attribute(thing.cls, name)
        if value is not None:
            return value
        value = self._set_elsewhere(thing, name)
        if value is not None:
            self.state._entries[(id(thing), name)] = (value, -1)
        return value

    def _set_elsewhere(self, thing: Instance, name: str) -> Value | None:
        """The value that some other method of the class gives to `self.<name>`."""
        assert thing.cls is not None
        key = (id(thing), name)
        if key in self._resolving or len(self._resolving) > 40:
            return None
        self._resolving.add(key)
        values: list[Value] = []
        try:
            for base in self.lineage(thing.cls):
                if isinstance(base, Class):
                    for method, value in self.assignments(base).get(name, ())[:4]:
                        frame = self.method_frame(method, base, thing)
                        with self.silently(), self.in_frame(frame):
                            values.append(self._read_in_method(value, method))
                if values:
                    break
        finally:
            self._resolving.discard(key)
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
        return self.named(result, f"self.{name}")

    def _read_in_method(
        self, value: ast.expr | tuple[ast.expr, int], method: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> Value:
        expression, index = value if isinstance(value, tuple) else (value, None)
        with self.called_from(method):
            for imports in inner_imports(method):
                for alias in imports.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    found = self.imported(imports, bound)
                    if found is not None:
                        self.bind(bound, found, imports)
            wanted = {n.id for n in nodes(expression) if isinstance(n, ast.Name)}
            for statement in method.body:
                if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                    target = statement.targets[0]
                    if isinstance(target, ast.Name) and target.id in wanted:
                        self.bind(target.id, self.evaluate(statement.value), target)
            result = self.evaluate(expression)
        return result if index is None else self.item_of(result, Const(index), expression)

    def assignments(
        self, cls: Class
    ) -> dict[str, list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.expr | tuple[ast.expr, int]]]]:
        """What the methods of a class assign to attributes of `self`, by attribute."""
        cached = self._assigned.get(cls.node)
        if cached is not None:
            return cached
        found: dict[str, list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.expr | tuple[ast.expr, int]]]] = {}
        for method in self.members(cls).values():
            if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) or not method.args.args:
                continue
            this = method.args.args[0].arg
            for node in statements(method.body):
                if isinstance(node, ast.Assign):
                    for target in node.targets:
                        _note(found, this, method, target, node.value)
                elif isinstance(node, ast.AnnAssign) and node.value is not None:
                    _note(found, this, method, node.target, node.value)
        for values in found.values():
            real = [one for one in values if not (isinstance(one[1], ast.Constant) and one[1].value is None)]
            values[:] = real or values
        self._assigned[cls.node] = found
        return found

    _assigned: dict[
        ast.ClassDef, dict[str, list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.expr | tuple[ast.expr, int]]]]
    ]

    def method_frame(
        self, method: ast.FunctionDef | ast.AsyncFunctionDef, owner: Class, thing: AbstractObject
    ) -> Frame:
        """A frame of a method with its parameters as they come from outside."""
        frame = Frame(owner.frame.module, owner.frame, method, method.name, receiver=thing, owner=owner)
        if isinstance(thing, Instance) and thing.arguments is not None and method.name == "__init__":
            args, keywords, opened = thing.arguments
            self.bind_parameters(frame, Function(method, owner.frame, thing, owner), args, keywords, opened)
            return frame
        arguments = [*method.args.posonlyargs, *method.args.args, *method.args.kwonlyargs]
        for index, argument in enumerate(arguments):
            if index == 0 and thing is not None:
                value: Value = thing
            else:
                value = self.parameter(argument, method)
            self.state.set(frame, argument.arg, value, -1)
        return frame

    def parameter(self, argument: ast.arg, function: ast.AST) -> Value:
        """A parameter whose callers are not seen: known by its annotation, if it has one."""
        thing = self.given(argument, argument.arg, "parameter")
        if argument.annotation is not None and not thing.certain:
            self._annotate(thing, argument.annotation)
        return self._as_instance(thing, argument)

    def _as_instance(self, thing: AbstractObject, argument: ast.arg) -> Value:
        """The object of a class that is seen, where the annotation names one."""
        if argument.annotation is None or thing.certain:
            return thing
        value = self._annotation_value(argument.annotation)
        if isinstance(value, Class):
            instance, new = self.thing(argument, "instance", kind=Instance, shared=True)
            assert isinstance(instance, Instance)
            if new:
                instance.cls, instance.name, instance.given = value, argument.arg, True
                instance.type = self.class_type(value)
                instance.certain = instance.type is not Type.UNKNOWN
            instance.loops = ()
            return instance
        return thing

    def _annotate(self, thing: AbstractObject, annotation: ast.expr) -> None:
        value = self._annotation_value(annotation)
        if isinstance(value, Symbol):
            kind = type_of(value.dotted)
            if value.dotted in ("torch.optim.Optimizer", "torch.optim.optimizer.Optimizer"):
                kind = Type.OPTIMIZER
            elif value.dotted == "torch.Tensor":
                kind = Type.UNKNOWN
            elif value.dotted.startswith("torch.optim.lr_scheduler."):
                kind = Type.SCHEDULER
            if kind is not Type.UNKNOWN:
                thing.type, thing.certain, thing.constructor = kind, True, value.dotted

    def _annotation_value(self, annotation: ast.expr) -> Value | None:
        """The class an annotation names, seen through `Optional[...]`, `X | None` and quotes."""
        expression: ast.expr | None = annotation
        if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
            try:
                expression = ast.parse(expression.value, mode="eval").body
            except (SyntaxError, ValueError):
                return None
        if isinstance(expression, ast.Subscript):
            name = expression.value
            last = name.id if isinstance(name, ast.Name) else getattr(name, "attr", "")
            if last not in ("Optional", "Annotated", "Final"):
                return None
            expression = expression.slice.elts[0] if isinstance(expression.slice, ast.Tuple) else expression.slice
        if isinstance(expression, ast.BinOp):
            expression = expression.left if not _is_none(expression.left) else expression.right
        if not isinstance(expression, ast.Name | ast.Attribute):
            return None
        with self.silently(), self.in_frame(self.frame.module.frame):
            value = self.evaluate(expression)
        return value if isinstance(value, Class | Symbol) else None

    # What the other parts of the reader offer.

    def evaluate(self, node: ast.expr) -> Value:
        raise NotImplementedError

    def item_of(self, base: Value, index: Value, node: ast.expr) -> Value:
        raise NotImplementedError

    def bind_parameters(
        self, frame: Frame, function: Function, args: list[Value], keywords: dict[str, Value], opened: bool
    ) -> None:
        raise NotImplementedError

    def call_function(self, function: Function, args: list[Value], keywords: dict[str, Value], node: ast.AST) -> Value:
        raise NotImplementedError

    def call(self, node: ast.Call) -> Value:
        raise NotImplementedError


def _note(
    found: dict[str, list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.expr | tuple[ast.expr, int]]]],
    this: str,
    method: ast.FunctionDef | ast.AsyncFunctionDef,
    target: ast.expr,
    value: ast.expr,
) -> None:
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == this:
        found.setdefault(target.attr, []).append((method, value))
    elif isinstance(target, ast.Tuple | ast.List):
        for index, element in enumerate(target.elts):
            if isinstance(element, ast.Attribute) and isinstance(element.value, ast.Name) and element.value.id == this:
                whole: ast.expr | tuple[ast.expr, int] = (
                    value.elts[index]
                    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
                    else (value, index)
                )
                found.setdefault(element.attr, []).append((method, whole))


def _last_definition(values: list[Value]) -> list[Value]:
    """Of several functions or classes of one name the last counts; of several values, any."""
    if any(isinstance(value, Symbol) for value in values):
        return values[:1]
    if isinstance(values[-1], Function | Class):
        return values[-1:]
    real = [value for value in values if not (isinstance(value, Const) and value.value is None)]
    return real or values


def _decorator(node: ast.expr) -> str:
    """The dotted name of a decorator as written."""
    if isinstance(node, ast.Call):
        node = node.func
    return as_text(node)


def _is_set(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store | ast.Del)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


_BUILTINS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)

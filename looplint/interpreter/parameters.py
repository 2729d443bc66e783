"""Parameters: bound by a call or, without a known caller, described by their annotations."""

from __future__ import annotations

import ast

from looplint.events import AbstractObject, Type
from looplint.interpreter.arguments import arguments_written
from looplint.interpreter.part import Part
from looplint.interpreter.values import Class, Const, Frame, Function, Instance, Symbol, Value
from looplint.knowledge.python_names import SAME_TYPE
from looplint.syntax.parse import parse_expression

_TESTED = frozenset((Type.NUMBER, Type.OTHER, Type.UNKNOWN, Type.SCALER))
"""Types that conditions test: options, and objects that may be None."""


class Parameters(Part):
    """Binds parameters."""

    def from_outside(self, argument: ast.arg, function: ast.AST) -> Value:
        """A parameter without known callers: described by its annotation, if it has one."""
        thing = self.reader.objects.external(argument, argument.arg, "parameter")
        if argument.annotation is not None and not thing.certain:
            self.annotate(thing, argument.annotation)
        return self._as_instance(thing, argument)

    def _as_instance(self, thing: AbstractObject, argument: ast.arg) -> Value:
        """An instance, if the annotation names a class with known source."""
        if argument.annotation is None or thing.certain:
            return thing
        value = self._annotation_value(argument.annotation)
        if isinstance(value, Class):
            instance, new = self.reader.objects.thing(argument, "instance", kind=Instance, shared=True)
            assert isinstance(instance, Instance)
            if new:
                instance.cls, instance.name, instance.external = value, argument.arg, True
                instance.type = self.reader.classes.class_type(value)
                instance.certain = instance.type is not Type.UNKNOWN
            instance.loops = ()
            return instance
        return thing

    def annotate(self, thing: AbstractObject, annotation: ast.expr) -> None:
        """Give an object the type that its annotation names."""
        value = self._annotation_value(annotation)
        if isinstance(value, Symbol):
            kind = self.reader.tables.type_of_annotation(value.dotted)
            if kind is not Type.UNKNOWN:
                thing.type, thing.certain = kind, True
                self.reader.objects.constructed(thing, value.dotted)

    def _annotation_value(self, annotation: ast.expr) -> Value | None:
        """The class in an annotation, inside `Optional[...]`, `X | None` and quotes."""
        expression: ast.expr | None = annotation
        if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
            try:
                expression = parse_expression(expression.value)
            except SyntaxError:
                return None
        if isinstance(expression, ast.Name):
            # A type parameter has the type of its bound.
            expression = self.reader.now.module.type_bounds.get(expression.id, expression)
        if isinstance(expression, ast.Subscript):
            name = expression.value
            last = name.id if isinstance(name, ast.Name) else getattr(name, "attr", "")
            if last not in SAME_TYPE:
                return None
            expression = expression.slice.elts[0] if isinstance(expression.slice, ast.Tuple) else expression.slice
        if isinstance(expression, ast.BinOp):
            expression = expression.left if not _is_none(expression.left) else expression.right
        if not isinstance(expression, ast.Name | ast.Attribute):
            return None
        with self.reader.flow.silently(), self.reader.in_frame(self.reader.frame_of(self.reader.now.frame.module)):
            value = self.reader.evaluate(expression)
        return value if isinstance(value, Class | Symbol) else None

    def bind(
        self, frame: Frame, function: Function, args: list[Value], keywords: dict[str, Value], opened: bool
    ) -> None:
        """Bind the parameters of a function in the frame of its call. `opened`: further arguments are passed by `*` or
        `**`."""
        parameters = function.node.args
        positional = [*parameters.posonlyargs, *parameters.args]
        values: list[Value] = [function.receiver, *args] if function.receiver is not None else list(args)
        defaults = dict(
            zip(
                [p.arg for p in positional[len(positional) - len(parameters.defaults) :]],
                parameters.defaults,
                strict=True,
            )
        )
        defaults |= {
            p.arg: d for p, d in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True) if d is not None
        }
        stamp = self.reader.flow.now
        rest = dict(keywords)
        for index, parameter in enumerate([*positional, *parameters.kwonlyargs]):
            name = parameter.arg
            value: Value | None = None
            if index < len(positional) and index < len(values):
                value = values[index]
            elif name in rest:
                value = rest.pop(name)
            elif name in defaults and not opened:
                with self.reader.in_frame(function.frame):
                    value = self.reader.evaluate(defaults[name])
                if isinstance(value, Const) and value.value is None:
                    # A call without an argument whose default is None decides conditions on the parameter.
                    value = Const(None, argument=True)
            if value is None:
                # The names of an annotation are those of the function's file, not of its caller's.
                with self.reader.in_frame(frame):
                    value = self.from_outside(parameter, function.node)
            elif (
                isinstance(value, AbstractObject)
                and value.type is Type.UNKNOWN
                and parameter.annotation is not None
                and value.external
            ):
                with self.reader.in_frame(frame):
                    self.annotate(value, parameter.annotation)
            self.reader.bindings.set(frame, name, value, stamp)
        with self.reader.in_frame(frame):
            self._bind_rest(frame, parameters, values[len(positional) :], rest, stamp)

    def _bind_rest(
        self, frame: Frame, parameters: ast.arguments, values: list[Value], keywords: dict[str, Value], stamp: int
    ) -> None:
        if parameters.vararg is not None:
            bundle = self.reader.objects.collection(parameters.vararg, "varargs")
            bundle.items = dict(enumerate(values))
            bundle.operands = self.reader.objects.of(values)
            self.reader.bindings.set(frame, parameters.vararg.arg, bundle, stamp)
        if parameters.kwarg is not None:
            bundle = self.reader.objects.collection(parameters.kwarg, "kwargs")
            bundle.mapping = True
            bundle.items = dict(keywords.items())
            bundle.operands = self.reader.objects.of(keywords.values())
            self.reader.bindings.set(frame, parameters.kwarg.arg, bundle, stamp)

    def note_names(self, frame: Frame, function: Function, call: ast.Call) -> None:
        """Record which parameters stand for an expression of the caller, so that conditions on both are correlated."""
        written = arguments_written(function, call)
        parameters = [*function.node.args.posonlyargs, *function.node.args.args]
        if function.receiver is not None and parameters and isinstance(call.func, ast.Attribute):
            written.append((parameters[0].arg, call.func.value))
        for name, expression in written:
            value = self.reader.bindings.get((id(frame), name))
            if value is None or (isinstance(value, AbstractObject) and value.type not in _TESTED):
                continue
            if isinstance(expression, ast.Name | ast.Attribute):
                source = self.reader.names.named_first(expression)
                with self.reader.flow.silently():
                    if source is not None and self.reader.evaluate(expression) == value:
                        frame.stands_for[name] = value, *source


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None

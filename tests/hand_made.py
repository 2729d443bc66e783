"""A reader made by hand, for tests of one part: it reads a few lines, and its library knows nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from textwrap import dedent
from typing import ClassVar

from looplint.events import AbstractObject, EventGraph, Kind, Place, Type
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.library import MakesLibrary
from looplint.interpreter.reader import Reader
from looplint.interpreter.tables import Tables
from looplint.interpreter.values import Class, Collection, Const, Function, Instance, Value, objects_in
from looplint.knowledge.effect import Effect
from looplint.program.program import Program
from looplint.sources import from_text

NOTHING = re.compile(r"(?!)")

NO_TABLES = Tables(
    root="",
    star_imports=frozenset(),
    type_of=lambda dotted: Type.UNKNOWN,
    type_of_base=lambda dotted: Type.UNKNOWN,
    type_of_annotation=lambda dotted: Type.UNKNOWN,
    facts_of=lambda dotted: frozenset(),
    methods={},
    wrappers=frozenset(),
    shared=frozenset(),
    parameter_lists=(),
    random_states=frozenset(),
    zero_tensors=frozenset(),
    default_loader="",
    tensor_makers=NOTHING,
    model_zoos=(),
    no_layer=NOTHING,
    contexts={},
    context_methods={},
    recording=frozenset(),
    gradient_switch="",
    act_when_made=frozenset(),
    moves=frozenset(),
    keeps_identity=frozenset(),
    shapes=frozenset(),
    joins=frozenset(("cat",)),
    with_indices=frozenset(("max",)),
    plain_attributes=frozenset(),
    hooks=frozenset(),
    resets_weights=frozenset(),
    clipping=NOTHING,
)


class NoLibrary:
    """A library without a row: every call of it gives something new."""

    tables: ClassVar[Tables] = NO_TABLES

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def known(self, dotted: str, made_with: Mapping[str, object] | None = None) -> tuple[Effect, ...] | None:
        return None

    def mode_free(self, cls: Class) -> bool:
        return False

    def call_symbol(self, dotted: str, given: Arguments, node: ast.Call) -> Value:
        return self.reader.objects.make(node, role="result", constructor=dotted, operands=given.values)

    def call_method(
        self, thing: AbstractObject, name: str, given: Arguments, node: ast.Call, others: Sequence[AbstractObject] = ()
    ) -> Value:
        return self.reader.objects.make(node, role="result", constructor=name, operands=(thing, *given.values))

    def call_collection_method(self, thing: Collection, name: str, given: Arguments, node: ast.Call) -> Value:
        return Const(None)

    def attribute(self, thing: AbstractObject, name: str, node: ast.expr) -> Value | None:
        return None

    def predict(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> Value:
        return self.call_method(thing, "predict", given, node)

    def direct_forward(self, thing: AbstractObject, given: Arguments, node: ast.Call) -> Value:
        return self.call_method(thing, "forward", given, node)

    def grade(self, criterion: AbstractObject, given: Arguments, node: ast.Call) -> Value:
        return self.call_method(criterion, "grade", given, node)

    def apply(
        self,
        effect: Effect,
        thing: AbstractObject | None,
        given: Arguments,
        node: ast.Call,
        name: str,
        others: Sequence[AbstractObject] = (),
    ) -> Value:
        return Const(None)

    def apply_all(
        self, effects: Sequence[Effect], thing: AbstractObject | None, given: Arguments, node: ast.Call, name: str
    ) -> Value:
        return Const(None)

    def optimizers(self, receiver: Value, name: str, given: Arguments, node: ast.Call) -> list[AbstractObject]:
        return []

    def made(self, thing: AbstractObject, node: ast.AST) -> None:
        pass

    def between_calls(self, receiver: AbstractObject | None, function: ast.AST, method: ast.AST) -> bool:
        return True

    def decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef, function: Function) -> None:
        pass

    def run_waiting(self) -> None:
        pass

    def arguments_of(
        self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> dict[str, Value]:
        return {}

    def returned_to_caller(self, receiver: AbstractObject | None, function: ast.AST, result: Value) -> None:
        pass

    def called_once(self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        return False

    def called_per_batch(
        self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> bool:
        return False

    def added(self, node: ast.expr | ast.AugAssign) -> None:
        pass

    def used(self, thing: Instance, name: str, given: Arguments | None, node: ast.expr) -> None:
        pass

    def passed(self, thing: AbstractObject, node: ast.AST) -> None:
        pass

    def shape_of(self, value: Value | None) -> None:
        return None

    def shape_of_operator(self, operator: ast.operator, left: Value, right: Value) -> None:
        return None

    def shape_of_item(self, base: AbstractObject, index: Value, node: ast.expr) -> None:
        return None

    def shape_of_attribute(self, base: AbstractObject, name: str) -> None:
        return None

    def is_instance(self, value: Value, asked: Value) -> bool | None:
        return None

    def rules_out_tensors(self, asked: Value, holds: bool) -> bool:
        return False

    def gives_samples(self, thing: AbstractObject) -> bool:
        return False

    def note_element(self, element: AbstractObject, collection: AbstractObject) -> None:
        pass

    def share_values(self, result: AbstractObject, values: tuple[Value, ...] | list[Value]) -> None:
        pass

    def mark_activation(
        self,
        result: AbstractObject,
        dotted: str,
        given: Arguments | None,
        node: ast.Call,
        receiver: AbstractObject | None = None,
    ) -> None:
        pass


def reader_of(code: str, makes_library: MakesLibrary = NoLibrary, before: str = "") -> Reader:
    """A reader at the beginning of a text. `before`: lines in front of it."""
    program = Program()
    (source,) = from_text(before + dedent(code), "code.py")
    module = program.add(source, "")
    return Reader(program, EventGraph("code", Place("code.py", 1, 1, 1, 1)), module, True, makes_library)


def at_the_end(reader: Reader, **bound: Value) -> Reader:
    """The reader when it has read its text. `bound`: what names stand for at the beginning."""
    for name, value in bound.items():
        reader.bindings.set(reader.now.frame, name, value, 0)
    reader.run(reader.now.module.tree.body)
    return reader


def reading(code: str, **bound: Value) -> Reader:
    """A reader at the end of a text, with a library that knows nothing."""
    return at_the_end(reader_of(code), **bound)


def value(reader: Reader, expression: str) -> Value:
    """What an expression stands for where the reader is."""
    with reader.flow.silently():
        return reader.evaluate(ast.parse(expression, mode="eval").body)


def object_of(reader: Reader, expression: str) -> AbstractObject:
    """The one object that an expression stands for where the reader is."""
    (found,) = objects_in(value(reader, expression))
    return found


def happened(reader: Reader, *kinds: Kind) -> list[tuple[Kind, str]]:
    """The events of these kinds, with what each is about."""
    return [(event.kind, event.subject.name) for event in reader.graph.all(*kinds)]

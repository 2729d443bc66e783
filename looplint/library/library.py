"""The library of one reader: the effects of calls to unknown source, by the tables of `looplint.knowledge`."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import ClassVar

from looplint.events import AbstractObject
from looplint.interpreter.reader import Reader
from looplint.interpreter.tables import Tables
from looplint.interpreter.values import Class, Instance, Symbol, Value
from looplint.knowledge.effect import Effect
from looplint.library import libraries
from looplint.library.activations import Activations
from looplint.library.apply_effect import Effects
from looplint.library.builtins import Builtins
from looplint.library.callbacks import Callbacks
from looplint.library.changed_samples import ChangedSamples
from looplint.library.collections import Collections
from looplint.library.constructors import Constructors
from looplint.library.datasets import Datasets
from looplint.library.direct_forward import DirectForward
from looplint.library.function_loops import FunctionLoops
from looplint.library.functions import Functions
from looplint.library.methods import Methods
from looplint.library.module_calls import ModuleCalls
from looplint.library.own_averages import OwnAverages
from looplint.library.own_meters import OwnMeters
from looplint.library.returned import Returned
from looplint.library.roles import Roles
from looplint.library.schedules import Schedules
from looplint.library.shapes import Shapes
from looplint.library.step_methods import StepMethods
from looplint.library.streams import Streams
from looplint.library.tables import TABLES


class Library:
    """The parts of the library behind the interpreter's interface (see `looplint.interpreter.library`)."""

    tables: ClassVar[Tables] = TABLES

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.functions = Functions(reader, self)
        self.constructors = Constructors(reader, self)
        self.builtins = Builtins(reader, self)
        self.streams = Streams(reader, self)
        self.collections = Collections(reader, self)
        self.datasets = Datasets(reader, self)
        self.changed_samples = ChangedSamples(reader, self)
        self.roles = Roles(reader, self)
        self.schedules = Schedules(reader, self)
        self.step_methods = StepMethods(reader, self)
        self.callbacks = Callbacks(reader, self)
        self.function_loops = FunctionLoops(reader, self)
        self.own_averages = OwnAverages(reader, self)
        self.own_meters = OwnMeters(reader, self)
        self.methods = Methods(reader, self)
        self.module_calls = ModuleCalls(reader, self)
        self.forward_calls = DirectForward(reader, self)
        self.effects = Effects(reader, self)
        self.returned = Returned(reader, self)
        self.activations = Activations(reader, self)
        self.shapes = Shapes(reader, self)

        self.call_symbol = self.functions.call
        self.call_method = self.methods.call
        self.call_collection_method = self.collections.method
        self.predict = self.module_calls.predict
        self.direct_forward = self.forward_calls.call
        self.grade = self.module_calls.grade
        self.apply = self.effects.apply
        self.apply_all = self.effects.apply_all
        self.optimizers = self.roles.optimizers
        self.made = self.constructors.made
        self.between_calls = self.step_methods.between_calls
        self.returned_to_caller = self.step_methods.returned
        self.called_once = self.step_methods.called_once
        self.called_per_batch = self.step_methods.called_per_batch
        self.decorated = self.function_loops.decorated
        self.run_waiting = self.function_loops.run_waiting
        self.added = self.own_averages.added
        self.used = self.own_meters.used
        self.passed = self.own_meters.passed
        self.shape_of = self.shapes.of
        self.shape_of_operator = self.shapes.binary
        self.shape_of_item = self.shapes.item
        self.shape_of_attribute = self.shapes.attribute
        self.is_instance = self.builtins.is_instance
        self.rules_out_tensors = self.builtins.rules_out_tensors
        self.gives_samples = self.datasets.gives_samples
        self.note_element = self.shapes.element
        self.share_values = self.activations.share
        self.mark_activation = self.activations.mark

    def known(self, dotted: str, made_with: Mapping[str, object] | None = None) -> tuple[Effect, ...] | None:
        """The effects of a call according to the configuration or, failing that, to a row on a library."""
        known = self.reader.program.known
        row = (known.get(dotted) or known.get(f"*.{dotted.rpartition('.')[2]}")) if known else None
        return (row,) if row is not None else libraries.effects(dotted, made_with or {})

    def arguments_of(
        self, receiver: AbstractObject | None, function: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> dict[str, Value]:
        """The arguments that a framework passes to a method of `receiver`."""
        return self.callbacks.arguments(receiver, function) or self.step_methods.arguments(receiver, function)

    def attribute(self, thing: AbstractObject, name: str, node: ast.expr) -> Value | None:
        """The value of an attribute of an object of the library; None where nothing is known of it."""
        if thing.constructor and libraries.is_itself(f"{thing.constructor}.{name}"):
            return thing
        if isinstance(thing, Instance) and (part := self._part_of_base(thing, name)) is not None:
            return part
        for found in (self.datasets.attribute(thing, name, node), self.callbacks.attribute(thing, name, node)):
            if found is not None:
                return found
        return self.schedules.attribute(name, node)

    def _part_of_base(self, thing: Instance, name: str) -> AbstractObject | None:
        """An attribute that a base class of a library sets."""
        lineage = self.reader.classes.lineage(thing.cls) if thing.cls is not None else ()
        for base in lineage:
            constructor = libraries.constructor_of(f"{base.dotted}.{name}") if isinstance(base, Symbol) else ""
            if constructor:
                part = self.reader.attributes.part(thing, name)
                part.constructor = constructor
                return part
        return None

    def mode_free(self, cls: Class) -> bool:
        """Whether a class belongs to a library whose modules compute the same in both modes."""
        lineage = self.reader.classes.lineage(cls)
        return any(isinstance(base, Symbol) and libraries.is_mode_free(base.dotted) for base in lineage)

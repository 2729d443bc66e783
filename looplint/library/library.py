"""The library of one reading: what calls do whose source is not read, by the tables of `looplint.knowledge`."""

from __future__ import annotations

from looplint.interpreter.reader import Reader
from looplint.knowledge.effect import Effect
from looplint.library.activations import Activations
from looplint.library.apply_effect import Effects
from looplint.library.builtins import Builtins
from looplint.library.collections import Collections
from looplint.library.constructors import Constructors
from looplint.library.datasets import Datasets
from looplint.library.functions import Functions
from looplint.library.methods import Methods
from looplint.library.module_calls import ModuleCalls
from looplint.library.returned import Returned
from looplint.library.roles import Roles
from looplint.library.schedules import Schedules


class Library:
    """The parts of the library, and what the interpreter asks of them (see `looplint.interpreter.library`)."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.functions = Functions(reader, self)
        self.constructors = Constructors(reader, self)
        self.builtins = Builtins(reader, self)
        self.collections = Collections(reader, self)
        self.datasets = Datasets(reader, self)
        self.roles = Roles(reader, self)
        self.schedules = Schedules(reader, self)
        self.methods = Methods(reader, self)
        self.module_calls = ModuleCalls(reader, self)
        self.effects = Effects(reader, self)
        self.returned = Returned(reader, self)
        self.activations = Activations(reader, self)

        self.call_symbol = self.functions.call
        self.call_method = self.methods.call
        self.call_collection_method = self.collections.method
        self.attribute = self.datasets.attribute
        self.predict = self.module_calls.predict
        self.direct_forward = self.module_calls.direct_forward
        self.grade = self.module_calls.grade
        self.apply = self.effects.apply
        self.optimizers = self.roles.optimizers
        self.made = self.constructors.made
        self.share_values = self.activations.share
        self.mark_activation = self.activations.mark

    def known(self, dotted: str) -> Effect | None:
        """What the configuration says about a call."""
        known = self.reader.program.known
        return (known.get(dotted) or known.get(f"*.{dotted.rpartition('.')[2]}")) if known else None

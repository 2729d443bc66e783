"""Functions and classes by their dotted names."""

from __future__ import annotations

import ast

from looplint.events import Fact
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Value, objects_in
from looplint.knowledge.torch_tensors import DRAWS
from looplint.library.function_handlers import FunctionCall, handlers
from looplint.library.part import LibraryPart


class Functions(LibraryPart):
    """Calls functions and classes by dotted name."""

    def call(self, dotted: str, given: Arguments, node: ast.Call) -> Value:
        """The result of calling this (canonical) name: by the project's own rows, then by those of the library."""
        result = self._result(dotted, given, node)
        for one in objects_in(result) if dotted in DRAWS else ():
            one.facts |= {Fact.RANDOM}
        self.library.shapes.function(result, dotted, given)
        return result

    def _result(self, dotted: str, given: Arguments, node: ast.Call) -> Value:
        head, _, last = dotted.rpartition(".")
        if head == "builtins":
            return self.library.builtins.call(last, given, node)
        call = FunctionCall(self.library, dotted, given, node)
        known = self.library.known(dotted, given.options)
        if known is not None:
            return self.library.effects.apply_all(known, None, given, node, last)
        for handler in handlers(dotted):
            result = handler(call)
            if result is not None:
                return result
        return self.reader.unknown_calls.call(node, given.values, given, name=dotted)

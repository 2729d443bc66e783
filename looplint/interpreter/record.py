"""What one evaluation has encountered, for later queries."""

from __future__ import annotations

import ast
import dataclasses

from looplint.interpreter.values import Class, Function, Method


@dataclasses.dataclass(slots=True)
class Record:
    """The encountered code.

    `inlined`: functions that were called; `opened`: those whose body was evaluated; `refused`: those for which no
    budget was left; `left`: those abandoned before the first event. `defined`: functions that were defined or passed to
    unknown code; `passed`: those passed to unknown code; `repeated`: those called in a loop; `instances`: classes that
    were instantiated. `uncalled`: methods in a dict that are not called. `collected`: generators, as
    expressions, all of whose elements one call collects or adds up. `in_vain`: the entry point was evaluated for its
    values alone. `effects`: how many effects there were, to recognise calls without any. `resolving`: names being
    looked up, to detect cycles.
    """

    inlined: set[ast.AST] = dataclasses.field(default_factory=set)
    opened: set[ast.AST] = dataclasses.field(default_factory=set)
    refused: set[ast.AST] = dataclasses.field(default_factory=set)
    left: set[ast.AST] = dataclasses.field(default_factory=set)
    passed: set[ast.AST] = dataclasses.field(default_factory=set)
    repeated: set[ast.AST] = dataclasses.field(default_factory=set)
    defined: list[Function] = dataclasses.field(default_factory=list)
    instances: list[Class] = dataclasses.field(default_factory=list)
    uncalled: dict[int, tuple[Method, ast.expr]] = dataclasses.field(default_factory=dict)
    collected: set[ast.AST] = dataclasses.field(default_factory=set)
    in_vain: bool = False
    effects: int = 0
    resolving: set[tuple[int, str]] = dataclasses.field(default_factory=set)

    @property
    def tried(self) -> set[ast.AST]:
        """Functions that are called outside loops, and passed to unknown code that may call them in one."""
        return self.passed - self.repeated

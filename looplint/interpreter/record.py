"""What one reading has met so far, for those who ask about it later."""

from __future__ import annotations

import ast
import dataclasses

from looplint.interpreter.values import Class, Function, Method


@dataclasses.dataclass(slots=True)
class Record:
    """What was met.

    `inlined`: functions that were called; `opened`: those of them whose body was read; `refused`: those for which
    there was no budget; `left`: those that were abandoned before the first event. `defined`: functions that were
    defined or handed to unknown code; `handed`: those that unknown code got; `repeated`: those that are called in a
    loop; `instances`: classes of which an object was made. `uncalled`: methods that
    stand in a dict without being called. `effects`: how many effects there were, to tell calls without any.
    `resolving`: names that are being looked up, so that none is looked up for itself.
    """

    inlined: set[ast.AST] = dataclasses.field(default_factory=set)
    opened: set[ast.AST] = dataclasses.field(default_factory=set)
    refused: set[ast.AST] = dataclasses.field(default_factory=set)
    left: set[ast.AST] = dataclasses.field(default_factory=set)
    handed: set[ast.AST] = dataclasses.field(default_factory=set)
    repeated: set[ast.AST] = dataclasses.field(default_factory=set)
    defined: list[Function] = dataclasses.field(default_factory=list)
    instances: list[Class] = dataclasses.field(default_factory=list)
    uncalled: dict[int, tuple[Method, ast.expr]] = dataclasses.field(default_factory=dict)
    effects: int = 0
    resolving: set[tuple[int, str]] = dataclasses.field(default_factory=set)

    @property
    def tried(self) -> set[ast.AST]:
        """Functions that are called outside of any loop, and handed to unknown code that may call them in one."""
        return self.handed - self.repeated

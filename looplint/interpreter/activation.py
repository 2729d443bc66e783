"""Activations: the reader's position in the program, as one value that is swapped as a whole."""

from __future__ import annotations

import ast
import dataclasses

from looplint.events import AbstractObject, Context, Graph, Place
from looplint.interpreter.bindings import Changes
from looplint.interpreter.flow import Target
from looplint.interpreter.values import Frame, Value
from looplint.program.module import Module


class Exits:
    """The target of `return` in the current function, with the bindings and values returned. `mark`: the bindings at
    its start. `stream`: what a generator yields, if a call collects all of it; `begin`: the number of nodes of the
    graph at its start."""

    def __init__(self, mark: int, begin: int = 0, stream: AbstractObject | None = None) -> None:
        self.mark = mark
        self.begin = begin
        self.stream = stream
        self.target = Target()
        self.values: list[Value] = []
        self.states: list[Changes] = []
        self.yields: list[Value] = []


class Jumps:
    """The targets of `break` and `continue` in the current loop, with the bindings there."""

    def __init__(self, mark: int) -> None:
        self.mark = mark
        self.leave = Target()
        self.again = Target()
        self.leave_states: list[Changes] = []
        self.again_states: list[Changes] = []


@dataclasses.dataclass(eq=False, slots=True)
class Activation:
    """One activation of a function, a class body or a file.

    `frame`: its local scope. `statement`: the current one. `contexts`: those around it (`no_grad`, ...). `chain`:
    number of the call chain that led here: objects that the same code creates in another chain are other objects.
    `sites`: the call sites of that chain, outermost first. `calls`: the functions being inlined. `exits`: targets of
    `return`, innermost last; `jumps`: targets of `break` and `continue`. The lists `calls` and `exits` are shared by
    all activations of one chain.
    """

    frame: Frame
    module: Module
    statement: ast.stmt | None = None
    contexts: frozenset[Context] = frozenset()
    chain: int = 0
    sites: tuple[Place, ...] = ()
    calls: list[ast.AST] = dataclasses.field(default_factory=list)
    exits: list[Exits] = dataclasses.field(default_factory=list)
    jumps: list[Jumps] = dataclasses.field(default_factory=list)

    def copy(self) -> Activation:
        """A copy of this activation."""
        return Activation(
            self.frame,
            self.module,
            self.statement,
            self.contexts,
            self.chain,
            self.sites,
            self.calls,
            self.exits,
            self.jumps,
        )

    def in_frame(self, frame: Frame) -> Activation:
        """An activation for code of another function or file, evaluated from here."""
        inside = self.copy()
        if frame.module is not self.module:
            # The statement of a lambda or a default value is unknown, and the current one is in another file.
            inside.statement = None
        inside.frame, inside.module = frame, frame.module
        return inside

    def place(self, node: ast.AST) -> Place:
        """The place of a node of the current file."""
        return self.module.place(node)

    @property
    def assigned(self) -> ast.expr | None:
        """The right-hand side of the current statement, None if it is no assignment."""
        return self.statement.value if isinstance(self.statement, ast.Assign) else None

    @property
    def gradients(self) -> Graph:
        """Whether gradients are recorded here."""
        if Context.NO_GRAD in self.contexts or Context.INFERENCE_MODE in self.contexts:
            return Graph.NO
        return Graph.UNKNOWN if Context.SET_GRAD_ENABLED in self.contexts else Graph.YES


def entered(contexts: frozenset[Context], name: Context) -> frozenset[Context]:
    """The contexts after entering one more: recording gradients again cancels those that turned it off."""
    if name == Context.ENABLE_GRAD:
        contexts -= {Context.NO_GRAD, Context.INFERENCE_MODE, Context.SET_GRAD_ENABLED}
    return contexts | {name}

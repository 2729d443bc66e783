"""Loops of a library around functions that it is given: one runs for each batch, others at events of the loop."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Fact
from looplint.interpreter.arguments import Arguments
from looplint.interpreter.values import Const, Function, Partial, Value, alternatives, objects_in
from looplint.knowledge.function_loops import (
    ATTACHES,
    DATA,
    EPOCH,
    EPOCHS,
    ITERATION,
    OUTPUT,
    STARTED,
    STATE,
    STEP,
    STORED_STEP,
)
from looplint.library.part import LibraryPart
from looplint.syntax.walk import as_text

if TYPE_CHECKING:
    from looplint.interpreter.reader import Reader
    from looplint.library.library import Library


class FunctionLoops(LibraryPart):
    """Runs the functions of an engine."""

    def __init__(self, reader: Reader, library: Library) -> None:
        super().__init__(reader, library)
        self._handlers: dict[AbstractObject, dict[str, tuple[Value, Arguments]]] = defaultdict(dict)
        self._running: set[AbstractObject] = set()

    def made(self, engine: AbstractObject, given: Arguments) -> None:
        """An object with a loop was made of the function that runs for each batch."""
        step = given.get(0, STEP)
        if step is not None:
            self.reader.bindings.set(engine, STORED_STEP, step, self.reader.flow.now)

    def decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef, function: Function) -> None:
        """`@trainer.on(event)` in front of a function."""
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == ATTACHES:
                for engine in objects_in(self.reader.evaluate(call.func.value)):
                    if Fact.RUNS_FUNCTION in engine.facts:
                        given = Arguments([self.reader.evaluate(one) for one in call.args], {})
                        self.attach(engine, call, function, Arguments(given.args[1:], {}))

    def attach(self, engine: AbstractObject, call: ast.Call, function: Value | None, given: Arguments) -> None:
        """A function runs at an event from here on."""
        if function is not None:
            key = f"{as_text(call.args[0]) if call.args else ''} {call.lineno}"
            self._handlers[engine][key] = (function, given)

    def run(self, engine: AbstractObject, given: Arguments, node: ast.Call) -> Value | None:
        """`trainer.run(loader, max_epochs=3)`; None where its function is not known."""
        step = self.reader.attributes.stored(engine, STORED_STEP)
        found = [one for one in alternatives(step) if isinstance(one, Function | Partial)] if step is not None else []
        if len(found) != 1 or engine in self._running:
            return None
        loader = given.get(0, DATA)
        over = next(objects_in(loader), None)
        state = self.reader.objects.external(engine, f"{engine.name}.{STATE}", STATE)
        self.reader.bindings.set(engine, STATE, state, self.reader.flow.now)

        def batch() -> None:
            self._call_handlers(engine, ITERATION, node, starts=True)
            drawn = self.reader.items.element(loader, node) if loader is not None else Const(None)
            for one in self.reader.objects.flat(tuple(objects_in(drawn))):
                one.facts |= {Fact.DRAWN} if one.external else set()
            output = self.reader.call(found[0], Arguments([engine, drawn], {}), node)
            self.reader.bindings.set(state, OUTPUT, output, self.reader.flow.now)
            self._call_handlers(engine, ITERATION, node)

        def epoch() -> None:
            self._call_handlers(engine, EPOCH, node, starts=True)
            self.reader.loops.repeat("for", node.func, over, batch, endless=False)
            self._call_handlers(engine, EPOCH, node)

        self._running.add(engine)
        self._call_handlers(engine, "", node, starts=True)
        if given.get(1, EPOCHS) is None:
            epoch()
        else:
            self.reader.loops.repeat("for", node, None, epoch, endless=False)
        self._call_handlers(engine, "", node)
        self._running.discard(engine)
        return state

    def _call_handlers(self, engine: AbstractObject, event: str, node: ast.Call, *, starts: bool = False) -> None:
        """Call the functions attached to events of a kind; without one, those of no other kind. `starts`: those at its
        start, else those at its end."""
        for key, (handler, given) in list(self._handlers[engine].items()):
            kinds = [kind for kind in (ITERATION, EPOCH) if kind in key]
            if ((event not in kinds) if event else kinds) or (STARTED in key) is not starts:
                continue
            for one in alternatives(handler):
                if isinstance(one, Function):
                    of = one.node.args
                    takes = of.args or of.posonlyargs or of.vararg
                    self.reader.call(one, Arguments([engine, *given.args], {}) if takes else Arguments([], {}), node)

"""Loops of a library around functions that it is given: one runs for each batch, others at events of the loop."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

from looplint.events import AbstractObject, Fact, Kind, Type
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
    SUPERVISED,
    TRANSFORM,
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
        self._supervised: dict[AbstractObject, Arguments] = {}
        self._calls: dict[ast.Call, list[ast.Call]] = {}
        self._waiting: dict[AbstractObject, ast.Call] = {}

    def made(self, engine: AbstractObject, given: Arguments, node: ast.Call) -> None:
        """An object with a loop was made of the function that runs for each batch, or of what one is made of."""
        self._waiting[engine] = node
        if Fact.SUPERVISED in engine.facts:
            self._supervised[engine] = given
            return
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
        supervised = self._supervised.get(engine)
        if (len(found) != 1 and supervised is None) or engine in self._running:
            return None
        self._waiting.pop(engine, None)
        loader = given.get(0, DATA)
        over = next(objects_in(loader), None)
        state = self.reader.objects.external(engine, f"{engine.name}.{STATE}", STATE)
        self.reader.bindings.set(engine, STATE, state, self.reader.flow.now)

        def batch() -> None:
            self._call_handlers(engine, ITERATION, node, starts=True)
            drawn = self.reader.items.element(loader, node) if loader is not None else Const(None)
            for one in self.reader.objects.flat(tuple(objects_in(drawn))):
                one.facts |= {Fact.DRAWN} if one.external else set()
            if supervised is not None:
                output = self._update(supervised, drawn, node)
            else:
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

    def run_waiting(self) -> None:
        """Run the engines that other code gets and runs: those with functions at their events that nothing here ran."""
        for engine, node in list(self._waiting.items()):
            if self._handlers[engine]:
                loader = self.reader.objects.external(engine, DATA, "data of a caller")
                loader.type = Type.LOADER
                self.run(engine, Arguments([loader], {}), node)

    def _update(self, made_of: Arguments, drawn: Value, node: ast.Call) -> Value:
        """The update of a supervised trainer with one batch; returns what its `output_transform` makes of it."""
        model, optimizer, criterion = (made_of.get(at, name) or Const(None) for at, name in enumerate(SUPERVISED))
        calls = self._calls.setdefault(node, [ast.copy_location(ast.Call(node.func, [], []), node) for _ in range(3)])
        inputs, targets = (self.reader.items.item(drawn, Const(index), node) for index in range(2))
        self.reader.emit(Kind.TRAIN, objects_in(model), node, how="train")
        self.reader.emit(Kind.CLEAR, objects_in(optimizer), node, how="zero_grad")
        outputs = self.reader.call(model, Arguments([inputs], {}), calls[0])
        loss = self.reader.call(criterion, Arguments([outputs, targets], {}), calls[1])
        self.reader.emit(Kind.BACKWARD, objects_in(loss), node, how="backward")
        self.reader.emit(Kind.STEP, objects_in(optimizer), node, how="step")
        transform = made_of.keywords.get(TRANSFORM)
        if transform is None:
            return self.reader.objects.number(node)
        return self.reader.call(transform, Arguments([inputs, targets, outputs, loss], {}), calls[2])

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

"""`try`: handlers are arms of a branch, and `finally` runs on every exit."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import ClassVar

from looplint.events import Context, Type
from looplint.interpreter.part import Part


class TryBlocks(Part):
    """Evaluates `try`."""

    def _try(self, node: ast.Try) -> None:
        def body() -> None:
            self.reader.run(node.body)
            self.reader.run(node.orelse)

        def handle(handler: ast.ExceptHandler) -> Callable[[], None]:
            def walk() -> None:
                if handler.name:
                    self.reader.names.bind(
                        handler.name, self.reader.objects.make(handler, Type.OTHER, role="error"), handler
                    )
                with self.reader.within(Context.HANDLER):
                    self.reader.run(handler.body)

            return walk

        def guarded() -> None:
            if node.handlers:
                self.reader.branches.fork([(None, body), *((None, handle(handler)) for handler in node.handlers)])
            else:
                body()

        if node.finalbody:
            self.on_every_exit(guarded, lambda: self.reader.run(node.finalbody))
        else:
            guarded()

    def on_every_exit(self, body: Callable[[], None], last: Callable[[], None]) -> None:
        """Evaluate `body`, and `last` after each of its exits: its end, `return`, `break` or `continue`."""
        targets = [exits.target for exits in self.reader.now.exits[-1:]]
        targets += [target for jumps in self.reader.now.jumps[-1:] for target in (jumps.leave, jumps.again)]
        before = [target.ends for target in targets]
        for target in targets:
            target.ends = []
        body()
        statement, end = self.reader.now.statement, self.reader.flow.ends
        left = [target.ends for target in targets]
        for target, earlier in zip(targets, before, strict=True):
            target.ends = earlier
        for target, ends in zip(targets, left, strict=True):
            if ends:
                mark = self.reader.bindings.mark()
                self.reader.flow.ends = ends
                last()
                self.reader.flow.jump(target)
                self.reader.bindings.rollback(mark)
        self.reader.now.statement, self.reader.flow.ends = statement, end
        if end:
            last()

    handlers: ClassVar[dict[type[ast.stmt], Callable[..., int | None]]] = {ast.Try: _try, ast.TryStar: _try}

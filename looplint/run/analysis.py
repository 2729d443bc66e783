"""From a file to its mistakes: builds the event graphs that the file takes part in, and runs the rules on them.

The findings of a file come from its own entry points and from those of its callers: a file linted alone has the same
findings as in a run over the whole project.
"""

from __future__ import annotations

import ast
import os
import time
from collections import deque
from collections.abc import Callable, Sequence

from looplint.events import Event
from looplint.interpreter.entries import Entry, entries, uses
from looplint.prefilter import Need
from looplint.program.module import Module
from looplint.program.outline import FunctionNode
from looplint.program.program import Program
from looplint.rule import Mistake, Rule
from looplint.run.ask_rules import AskRules
from looplint.run.callers import Callers
from looplint.run.deep_code import room_for_deep_code
from looplint.run.fruitless import Fruitless
from looplint.run.outcome import Fault, Outcome, format_error
from looplint.run.to_findings import place_of

CALLERS_WORK = 40_000
"""Evaluated expressions for all callers of a file together, nearest callers first."""

SECONDS = 60.0
"""Processor time for one file, not wall time: findings must not depend on the load of the machine. The slowest of 400
files with a backward call takes 19 s, the median 0.08 s. What is not evaluated by then is left out, and a notice
says so."""


class Analysis:
    """Runs the rules on the event graphs of a program, file by file; each entry point is evaluated once, whoever needs
    it.

    The findings of a file do not depend on which files were analysed before. `superseded`: whether the answer is no
    longer needed; what is not evaluated by then is left out. `alone`: mistakes in what its callers inline are found
    here only, since these are not linted.
    """

    def __init__(self, program: Program, rules: Sequence[Rule], alone: bool = False) -> None:
        self.program = program
        self.callers = Callers(program, lambda module: bool(self._entries_of(module, None)), alone)
        self._ask = AskRules(program, rules)
        self._entries: dict[tuple[str, frozenset[str] | None], list[Entry]] = {}
        self._read: dict[tuple[str, Entry, bool, bool], Outcome] = {}
        self._joining: dict[str, frozenset[str]] = {}
        self._deadline = 0.0
        self.superseded: Callable[[], bool] = lambda: False

    def of(self, module: Module, need: Need = Need.ALL) -> tuple[list[tuple[Rule, Mistake]], Outcome]:
        """The mistakes in a module, in what it calls and in callers that reach it, and the outcome of its own entry
        points. `need`: which parts of it need evaluation."""
        whole = Outcome()
        found: list[tuple[Rule, Mistake]] = []
        self._deadline = time.process_time() + SECONDS
        for part in (module, *module.written):
            own = Outcome()
            if Need.LOOPS in need:
                called = Outcome()
                followed, all_of_them = self._followed(part)
                # The farthest callers first: a function that they inline is judged in their context, not by itself.
                for caller, entry in reversed(followed):
                    if entry.function not in called.inlined and _hands_on(caller, entry) not in called.inlined:
                        called.add(self._of_entry(caller, entry, trains=self._trains(part)))
                if self.callers.judge_too(part):
                    at = module.source.path
                    found += (item for item in called.mistakes if place_of(item[1].at).path == at)
                    called, all_of_them = Outcome(loops=called.loops, given_up=called.given_up), True
                own.inlined |= called.inlined
                own.left |= called.left
                own.in_vain |= called.in_vain
                own.given_up = called.given_up
                if part.outline.trains:
                    own.callers = self.callers.more.get(part.path, "")
                # Without its callers a function would be blamed for what they do.
                if not called.given_up:
                    self._add(part, own, others=not all_of_them)
                own.add(Outcome(loops=called.loops))
                own.loops = {loop: files for loop, files in own.loops.items() if module.source.path in files}
                found += (item for item in called.mistakes if _concerns(item[1], module.source.path))
                found += own.mistakes
            if Need.CLASSES in need:
                classes = Outcome()
                self._guarded(self._ask.about_classes, part, classes)
                found += classes.mistakes
                own.errors += classes.errors
            whole.add(own)
        return found, whole

    def taking_part(self, module: Module) -> set[str]:
        """The paths of all files that may affect the findings of a module, its own included."""
        waiting = [part.path for part in (module, *module.written)]
        seen = set(waiting)
        for _ in range(2):
            known = [self.callers.known(path) for path in waiting]
            waiting += [caller.path for callers in known for caller, _ in callers]
        while waiting:
            path = waiting.pop()
            seen.add(path)
            waiting += [other for other in self.program.resolved.get(path, ()) if other not in seen]
        return {self.program.notebooks[path].path if path in self.program.notebooks else path for path in seen}

    def drop(self, path: str) -> None:
        """Drop a file whose text has changed, and every result that depends on it."""
        stale = self.callers.importers_of(path)
        inside = path + os.sep
        self.program.files.drop(path)
        self.program.drop(path)
        self._entries = {
            key: found for key, found in self._entries.items() if key[0] != path and not key[0].startswith(inside)
        }
        self._read = {
            key: found for key, found in self._read.items() if key[0] not in stale and not key[0].startswith(inside)
        }
        self._joining.clear()
        self.callers.drop(path)

    def _followed(self, module: Module) -> tuple[list[tuple[Module, Entry]], bool]:
        """The entry points of other files that call into this one and are evaluated: the nearest, up to `CALLERS_WORK`;
        and whether these are all."""
        followed: list[tuple[Module, Entry]] = []
        work = 0
        fruitless = self._fruitless(module, {function for function, _ in module.outline.functions})
        for caller, names in self.callers.calling(module):
            inlined: set[ast.AST] = set()
            nearest: deque[tuple[Module, Entry]] = deque()
            # Callers before their callees, which are usually inlined in them.
            for entry in self._entries_of(caller, names):
                nearest.appendleft((caller, entry))
                if entry.function in inlined or _hands_on(caller, entry) in inlined:
                    continue
                found = self._of_entry(caller, entry, trains=self._trains(module))
                inlined |= found.inlined | found.in_vain
                work += found.work
                fruitless.add(found.effort, found.inlined | found.in_vain, found.loops.values(), found.events)
                if work > CALLERS_WORK or fruitless.too_much:
                    if work > CALLERS_WORK:
                        # Files that import this one and never call it are no loss.
                        self.callers.more[module.path] = f"they take more than {CALLERS_WORK:,} expressions"
                    return [*followed, *nearest], False
            followed += nearest
        return followed, True

    def _add(self, module: Module, outcome: Outcome, *, others: bool) -> None:
        """Add the outcome of the entry points of a module that were not inlined so far. Once those without a candidate
        for a mistake have spent their budget in vain, the rest of them is skipped, and what they may call counts as
        called from unknown code. `others`: there are callers that were not evaluated, and may pass other arguments,
        such as options that are off by default."""
        everywhere = self._ask.loops_of_others
        sites = {f for f, _ in module.outline.functions if everywhere or module.outline.has_site(f)}
        again = outcome.inlined & sites if others else set()
        fruitless = self._fruitless(module, sites)
        for entry in self._entries_of(module, None):
            # What was passed through without an event needs no evaluation of its own, unless it may contain a mistake.
            if entry.function in outcome.inlined - again or entry.function in outcome.left - sites:
                continue
            if entry.function in outcome.in_vain and entry.function not in module.outline.may_report:
                continue
            if _hands_on(module, entry) in outcome.inlined - again:
                continue
            if entry.function is None or entry.function in sites:
                called = fruitless.too_much or entry.function in again | outcome.left
                found = self._of_entry(module, entry, called)
                outcome.add(found)
                again -= found.inlined
            elif not fruitless.too_much:
                found = self._of_entry(module, entry, entry.function in outcome.left)
                outcome.add(found)
                fruitless.add(found.effort, found.inlined | found.in_vain, found.loops.values(), found.events)
            elif self._calls_training(module, entry):
                outcome.imports = f"it takes more than {fruitless.bound:,} expressions"

    def _fruitless(self, module: Module, own: set[FunctionNode]) -> Fruitless:
        return Fruitless(module.source.path, own, trains=module.outline.trains, joins=bool(self._joined(module)))

    def _entries_of(self, module: Module, names: frozenset[str] | None) -> list[Entry]:
        key = module.path or module.source.path, names
        if key not in self._entries:
            joined = self._joined(module) if names is None else frozenset()
            self._entries[key] = entries(module, names, joined, everywhere=self._ask.loops_of_others)
        return self._entries[key]

    def _trains(self, module: Module) -> bool:
        """Whether a module is about training: by its words, by what it imports, or for a rule that is not looplint's
        own, which may ask about anything."""
        return module.outline.trains or bool(self._joined(module)) or self._ask.loops_of_others

    def _calls_training(self, module: Module, entry: Entry) -> bool:
        """Whether an entry point uses a name through which another file trains."""
        joined = self._joined(module)
        return bool(joined) and uses(module, entry, joined)

    def _joined(self, module: Module) -> frozenset[str]:
        """The names in a module through which other files train."""
        key = module.path or module.source.path
        if key not in self._joining:
            joined = self.program.imported_steps(module)
            self._joining[key] = module.outline.names_reaching(joined) if joined else joined
        return self._joining[key]

    def _of_entry(self, module: Module, entry: Entry, called: bool = False, *, trains: bool = False) -> Outcome:
        """The outcome of an entry point. `called`: unknown code may call it. `trains`: it leads to code that trains."""
        called = called or (bool(entry.exported_name) and self.callers.named_elsewhere(module, entry.exported_name))
        trains = trains or module.outline.trains or self._calls_training(module, entry)
        key = module.path or module.source.path, entry, called, trains
        if key not in self._read:
            if time.process_time() > self._deadline or self.superseded():
                return Outcome(given_up=True)
            self._read[key] = found = Outcome()
            self._guarded(self._ask.about_loops, module, found, entry, called, trains)
        return self._read[key]

    def _guarded(self, read: Callable[..., object], module: Module, outcome: Outcome, *arguments: object) -> None:
        """Run one step, recording an error: an error in one file must not cost the findings of others."""
        try:
            with room_for_deep_code():
                read(module, outcome, *arguments)
        except RecursionError:
            raise
        except Exception as error:
            outcome.errors.append(Fault(f"the graph could not be built: {format_error(error)}"))


def _hands_on(module: Module, entry: Entry) -> ast.AST | None:
    """The function of the module that is all an entry point calls, without arguments: `def worker(index): main()`."""
    body = entry.function.body if entry.function is not None else []
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr | ast.Return) else None
    if not isinstance(call, ast.Call) or call.args or call.keywords or not isinstance(call.func, ast.Name):
        return None
    return next((s for s in module.bindings.get(call.func.id, []) if isinstance(s, FunctionNode)), None)


def _concerns(mistake: Mistake, path: str) -> bool:
    """Whether a mistake, its loop, an event on its path, or an object involved in one lies in a file."""
    steps = mistake.path.events if mistake.path is not None else ()
    loop = mistake.at.written_loop if isinstance(mistake.at, Event) else None
    if loop is not None and loop.place.path == path:
        return True
    for at in (mistake.at, *steps):
        if place_of(at).path == path:
            return True
        things = (*at.subjects, *at.inputs) if isinstance(at, Event) else ()
        near = {*things, *(source for thing in things for source in thing.operands)}
        if any(thing.place is not None and thing.place.path == path for thing in near):
            return True
    return False

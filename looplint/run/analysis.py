"""From a file to its mistakes: builds the event graphs that the file takes part in, and runs the rules on them.

The findings of a file come from its own entry points and from those of its callers: a file linted alone has the same
findings as in a run over the whole project.
"""

from __future__ import annotations

import ast
import dataclasses
import itertools
import os
import re
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from looplint.events import Event, EventGraph, Kind, LoopScope, Place, TooLarge
from looplint.finding import Finding, Fix, Location, Severity, TraceStep
from looplint.interpreter.budget import BUDGET, DEPTH
from looplint.interpreter.entries import Entry, entries, read, uses
from looplint.interpreter.name_hints import may_clear
from looplint.library.library import Library
from looplint.prefilter import Need
from looplint.prefilter.rivals import about_a_rival
from looplint.profile import timed
from looplint.program.outline import FunctionNode, names_in
from looplint.program.program import Module, Program
from looplint.project.config import display_path
from looplint.rule import Mistake, Rule
from looplint.run.deep_code import room_for_deep_code
from looplint.run.fruitless import Fruitless
from looplint.sources import Source

CALLERS = 16
"""Files that call into the linted file and are analysed; beyond it, what a further caller does to a function is
unknown, and mistakes on its paths are missed."""

CALLERS_WORK = 40_000
"""Evaluated expressions for all callers of a file together, nearest callers first."""

BASES = 8
"""Length of a chain of base classes, imports included, that is followed; a longer one counts as unknown."""

SECONDS = 60.0
"""Processor time for one file, not wall time: findings must not depend on the load of the machine. The slowest of 400
files with a backward call takes 19 s, the median 0.08 s. What is not evaluated by then is left out, and a notice
says so."""


T = TypeVar("T")


class Fault(NamedTuple):
    """An error in the analysis of a file or in a rule, in one line. `rule_at`: the place in the rule's file if the rule
    is not one of looplint's own."""

    what: str
    rule_at: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Cut:
    """Code whose evaluation was cut short. `name`: the function, or `<module>`. `place`: where evaluation stopped, or
    where the function begins. `why`: the limit that was reached, as the end of a sentence. `loop`: it has a training
    loop."""

    name: str
    place: Place
    why: str
    loop: bool


@dataclasses.dataclass(slots=True)
class Outcome:
    """The result of analysing entry points.

    `mistakes`: in whatever file they lie. `inlined`: functions that were inlined. `left`: functions abandoned before
    their first training event. `loops`: training loops, each with the files whose code runs in it. `work`: evaluated
    expressions. `events`: there are training events. `given_up`: a part was left out because it took too long. `cuts`:
    what was not evaluated to its end. `callers`: the limit that kept callers in other files from being evaluated, as
    the end of a sentence. `imports`: the limit that kept code which other files train from being evaluated, likewise.
    """

    mistakes: list[tuple[Rule, Mistake]] = dataclasses.field(default_factory=list)
    inlined: set[ast.AST] = dataclasses.field(default_factory=set)
    left: set[ast.AST] = dataclasses.field(default_factory=set)
    loops: dict[Place, set[str]] = dataclasses.field(default_factory=dict)
    work: int = 0
    events: bool = False
    given_up: bool = False
    errors: list[Fault] = dataclasses.field(default_factory=list)
    cuts: list[Cut] = dataclasses.field(default_factory=list)
    callers: str = ""
    imports: str = ""

    def add(self, other: Outcome) -> None:
        self.mistakes += other.mistakes
        self.inlined |= other.inlined
        self.left |= other.left
        for loop, files in other.loops.items():
            self.loops.setdefault(loop, set()).update(files)
        self.work += other.work
        self.events |= other.events
        self.given_up |= other.given_up
        self.errors += other.errors
        self.cuts += other.cuts
        self.callers = self.callers or other.callers
        self.imports = self.imports or other.imports


class Analysis:
    """Runs the rules on the event graphs of a program, file by file; each entry point is evaluated once, whoever needs
    it.

    The findings of a file do not depend on which files were analysed before. `superseded`: whether the answer is no
    longer needed; what is not evaluated by then is left out.
    """

    def __init__(self, program: Program, rules: Sequence[Rule]) -> None:
        self.program = program
        self.rules = rules
        self.files = program.files
        self._of_others = {rule.subject for rule in rules if rule.url is None}
        self._entries: dict[tuple[str, frozenset[str] | None], list[Entry]] = {}
        self._read: dict[tuple[str, Entry, bool, bool], Outcome] = {}
        self._joining: dict[str, frozenset[str]] = {}
        self._callers: dict[str, _Lazily[tuple[Module, frozenset[str]]]] = {}
        self._more_callers: dict[str, str] = {}
        self._importing: dict[str, _Lazily[str]] = {}
        self._imports: dict[str, frozenset[str]] = {}
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
                own.inlined |= called.inlined
                own.left |= called.left
                own.given_up = called.given_up
                if part.outline.trains:
                    own.callers = self._more_callers.get(part.path, "")
                # Without its callers a function would be blamed for what they do.
                if not called.given_up:
                    self._add(part, own, others=not all_of_them)
                own.add(Outcome(loops=called.loops))
                own.loops = {loop: files for loop, files in own.loops.items() if module.source.path in files}
                found += (item for item in called.mistakes if _concerns(item[1], module.source.path))
                found += own.mistakes
            if Need.CLASSES in need:
                classes = Outcome()
                self._guarded(self._ask_classes, part, classes)
                found += classes.mistakes
                own.errors += classes.errors
            whole.add(own)
        return found, whole

    def taking_part(self, module: Module) -> set[str]:
        """The paths of all files that may affect the findings of a module, its own included."""
        waiting = [part.path for part in (module, *module.written)]
        seen = set(waiting)
        for _ in range(2):
            known = [self._callers[path].known for path in waiting if path in self._callers]
            waiting += [caller.path for callers in known for caller, _ in callers]
        while waiting:
            path = waiting.pop()
            seen.add(path)
            waiting += [other for other in self.program.resolved.get(path, ()) if other not in seen]
        return {self.program.notebooks[path].path if path in self.program.notebooks else path for path in seen}

    def drop(self, path: str) -> None:
        """Drop a file whose text has changed, and every result that depends on it."""
        stale = self.importers_of(path)
        inside = path + os.sep
        self.files.drop(path)
        self._imports.pop(path, None)
        self._importing.clear()
        self.program.drop(path)
        self._entries = {
            key: found for key, found in self._entries.items() if key[0] != path and not key[0].startswith(inside)
        }
        self._read = {
            key: found for key, found in self._read.items() if key[0] not in stale and not key[0].startswith(inside)
        }
        self._joining.clear()
        self._callers.clear()
        self._more_callers.clear()

    def importers_of(self, path: str) -> set[str]:
        """The files that import a file, directly or not, itself included."""
        seen = {path}
        waiting = [path]
        while waiting:
            imported = waiting.pop()
            root = self.program.root(os.path.dirname(imported))
            words = homes(imported) | {os.fsencode(os.path.basename(os.path.dirname(imported)))}
            importers = {
                other for other in self.files.importing(root, words) if imported in self.program.imported_by(other)
            }
            importers.update(other for other, led in self.program.resolved.items() if imported in led)
            waiting += importers - seen
            seen |= importers
        return seen

    def imports_of(self, paths: Iterable[str]) -> set[str]:
        """The files that these files import, directly or not, themselves included."""
        seen = set(paths)
        waiting = list(seen)
        while waiting:
            path = waiting.pop()
            found = self.program.imported_by(path) | self.program.resolved.get(path, set())
            waiting += found - seen
            seen |= found
        return seen

    def _followed(self, module: Module) -> tuple[list[tuple[Module, Entry]], bool]:
        """The entry points of other files that call into this one and are evaluated: the nearest, up to `CALLERS_WORK`;
        and whether these are all."""
        followed: list[tuple[Module, Entry]] = []
        work = 0
        fruitless = self._fruitless(module, {function for function, _ in module.outline.functions})
        for caller, names in self._calling(module):
            inlined: set[ast.AST] = set()
            nearest: deque[tuple[Module, Entry]] = deque()
            # Callers before their callees, which are usually inlined in them.
            for entry in self._entries_of(caller, names):
                nearest.appendleft((caller, entry))
                if entry.function in inlined or _hands_on(caller, entry) in inlined:
                    continue
                found = self._of_entry(caller, entry, trains=self._trains(module))
                inlined |= found.inlined
                work += found.work
                fruitless.add(found.work, found.inlined, found.loops.values(), found.events)
                if work > CALLERS_WORK or fruitless.too_much:
                    if work > CALLERS_WORK:
                        # Files that import this one and never call it are no loss.
                        self._more_callers[module.path] = f"they take more than {CALLERS_WORK:,} expressions"
                    return [*followed, *nearest], False
            followed += nearest
        return followed, True

    def _add(self, module: Module, outcome: Outcome, *, others: bool) -> None:
        """Add the outcome of the entry points of a module that were not inlined so far. Once those without a candidate
        for a mistake have spent their budget in vain, the rest of them is skipped, and what they may call counts as
        called from unknown code. `others`: there are callers that were not evaluated, and may pass other arguments,
        such as options that are off by default."""
        everywhere = "EventGraph" in self._of_others
        sites = {f for f, _ in module.outline.functions if everywhere or module.outline.has_site(f)}
        again = outcome.inlined & sites if others else set()
        fruitless = self._fruitless(module, sites)
        for entry in self._entries_of(module, None):
            if entry.function in outcome.inlined - again or entry.function in outcome.left - sites:
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
                fruitless.add(found.work, found.inlined, found.loops.values(), found.events)
            elif self._calls_training(module, entry):
                outcome.imports = f"it takes more than {fruitless.bound:,} expressions"

    def _fruitless(self, module: Module, own: set[FunctionNode]) -> Fruitless:
        return Fruitless(module.source.path, own, trains=module.outline.trains, joins=bool(self._joined(module)))

    def _entries_of(self, module: Module, names: frozenset[str] | None) -> list[Entry]:
        key = module.path or module.source.path, names
        if key not in self._entries:
            joined = self._joined(module) if names is None else frozenset()
            self._entries[key] = entries(module, names, joined, everywhere="EventGraph" in self._of_others)
        return self._entries[key]

    def _trains(self, module: Module) -> bool:
        """Whether a module is about training: by its words, by what it imports, or for a rule that is not looplint's
        own, which may ask about anything."""
        return module.outline.trains or bool(self._joined(module)) or "EventGraph" in self._of_others

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
        called = called or (bool(entry.exported_name) and self._named_elsewhere(module, entry.exported_name))
        trains = trains or module.outline.trains or self._calls_training(module, entry)
        key = module.path or module.source.path, entry, called, trains
        if key not in self._read:
            if time.process_time() > self._deadline or self.superseded():
                return Outcome(given_up=True)
            self._read[key] = found = Outcome()
            self._guarded(self._ask_loops, module, found, entry, called, trains)
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

    def _ask_loops(self, module: Module, outcome: Outcome, entry: Entry, called: bool, trains: bool) -> None:
        with timed("event graphs"):
            reading = read(self.program, module, entry, Library, called, trains)
        loop, outcome.inlined, outcome.left, outcome.work = reading.loop, reading.covered, reading.left, reading.work
        outcome.events = reading.events
        outcome.loops = _training(loop)
        if loop.cut_at is not None and (
            outcome.loops or entry.function is None or module.outline.has_site(entry.function)
        ):
            deep = f"its calls are nested more than {DEPTH} deep"
            long = f"it takes more than {loop.cut_limit:,} expressions"
            first = "" if loop.cut_limit == BUDGET else " to reach the first step of a loop"
            why = f"{long}{first}" if loop.cut_limit else deep
            outcome.cuts.append(Cut(loop.name, loop.cut_at, why, bool(outcome.loops)))
        for rule in self.rules if any(loop.nodes) else ():
            if rule.subject == "EventGraph":
                self._collect(rule, loop, loop.name, outcome)
        found: dict[str, list[Event]] = {}
        for rule, mistake in outcome.mistakes:
            if isinstance(mistake.at, Event):
                found.setdefault(rule.name, []).append(mistake.at)
        outcome.mistakes = [one for one in outcome.mistakes if not _has_a_cause(loop, *one, found)]

    def _ask_classes(self, module: Module, outcome: Outcome) -> None:
        rival = about_a_rival(module.source.kind, module.imports)
        if any(rule.subject == "ModuleClass" for rule in self.rules) and not rival:
            with timed("module classes"):
                classes = list(module.classes(everywhere="ModuleClass" in self._of_others))
            for cls in classes:
                for rule in self.rules:
                    if rule.subject == "ModuleClass":
                        self._collect(rule, cls, cls.name, outcome)

    def _collect(self, rule: Rule, subject: object, name: str, outcome: Outcome) -> None:
        """Run one rule: an error in it must not cost the findings of others."""
        if isinstance(subject, EventGraph):
            subject.renew()
        try:
            with timed(f"{rule.code} {rule.name}", rule=True):
                outcome.mistakes.extend((rule, mistake) for mistake in rule.ask(subject))
        except TooLarge:
            # Mistakes found so far have their evidence and stay; the rest is unknown.
            place = subject.place if isinstance(subject, EventGraph) else None
            if place is not None:
                why = f"it takes more than the work of one question ({rule.code})"
                outcome.cuts.append(Cut(name, place, why, bool(outcome.loops)))
        except Exception as error:
            what = f"{rule.code} {rule.name} failed on `{name}`"
            if rule.url is None and (at := _in_rule(rule, error)):
                outcome.errors.append(Fault(f"{what}: {type(error).__name__}: {error}", at))
            else:
                outcome.errors.append(Fault(f"{what}: {format_error(error)}"))

    def _calling(self, module: Module) -> Iterator[tuple[Module, frozenset[str]]]:
        """Files of the project that may call functions of this one, directly or not, nearest first, each with the names
        in it that lead to such a call."""
        if not module.path:
            return iter(())
        if module.path not in self._callers:
            self._callers[module.path] = _Lazily(self._find_callers(module))
        return iter(self._callers[module.path])

    def _find_callers(self, module: Module) -> Iterator[tuple[Module, frozenset[str]]]:
        names = module.outline.exported_names if module.outline.entry_names else frozenset()
        if not names and not self._entries_of(module, None):
            # Only what its callers do with it matters, not what it does itself.
            names = frozenset(
                function.name if owner is None else owner.name for function, owner in module.outline.functions
            )
        seen = {module.path}
        waiting: deque[tuple[Module, frozenset[str]]] = deque([(module, names)] if names else [])
        while waiting:
            imported, wanted = waiting.popleft()
            for importer in self._importers(imported, {name.encode() for name in wanted}):
                if importer.path not in seen:
                    if len(seen) > CALLERS:
                        self._more_callers[module.path] = f"there are more than {CALLERS} files of them"
                        return
                    seen.add(importer.path)
                    found = importer, importer.outline.names_reaching(wanted)
                    waiting.append(found)
                    yield found

    def _importers(self, module: Module, names: Collection[bytes]) -> Iterator[Module]:
        """The modules that import one and contain one of these names."""
        meant = _import_paths(module)
        for path in self._files_importing(module):
            data = self.files.read(path)
            if any(name in data for name in names):
                found = self.program.load(path)
                if found is not None and not meant.isdisjoint(self._imported(found)):
                    yield found
        yield from self._parts_importing(module)

    def _files_importing(self, module: Module) -> Iterator[str]:
        if module.path not in self._importing:
            self._importing[module.path] = _Lazily(self._find_importing(module))
        return iter(self._importing[module.path])

    def _find_importing(self, module: Module) -> Iterator[str]:
        """The files that import a module. They are filtered by their bytes first: most files with that name in an
        import statement mean another module, and need no parsing."""
        if module.path not in self.program.notebooks:
            meant = _import_paths(module)
            for path in self.files.importing(self.program.root(os.path.dirname(module.path)), homes(module.path)):
                if path != module.path and not meant.isdisjoint(self.program.imported_by(path)):
                    yield path

    def _parts_importing(self, module: Module) -> Iterator[Module]:
        """The parts of its notebook that import a module written by the notebook."""
        notebook = self.program.notebooks.get(module.path)
        if notebook is not None:
            meant = _import_paths(module)
            parts = (notebook, *notebook.written)
            yield from (part for part in parts if not meant.isdisjoint(self._imported(part)))

    def _imported(self, importer: Module) -> frozenset[str]:
        """The files that the import statements of a module resolve to: modules, and the packages that contain them."""
        if importer.path not in self._imports:
            self._imports[importer.path] = self.program.located(importer.path, importer.imports)
        return self._imports[importer.path]

    def _named_elsewhere(self, module: Module, name: str) -> bool:
        """Whether other files name a function of the module: a caller that was not inlined may exist."""
        if not module.path or name not in module.outline.entry_names:
            return False
        if any(name in names_in(part.tree) for part in self._parts_importing(module)):
            return True
        importing = (path for path in self._files_importing(module) if name.encode() in self.files.read(path))
        callers = (caller for path in importing if (caller := self.program.load(path)) is not None)
        return any(not self._only_as_bases(caller, name) for caller in callers)

    def _only_as_bases(self, caller: Module, name: str) -> bool:
        """Whether another module uses a name only in imports and as a base of classes that clear no gradients, and uses
        the names of these classes only so."""
        names = {name}
        rows = caller.source.text.splitlines()
        for node in caller.tree.body:
            bases = [base.id if isinstance(base, ast.Name) else "" for base in getattr(node, "bases", ())]
            # Another base may clear gradients, unless its source is known.
            others = [base for base in bases if base not in names]
            derived = len(others) < len(bases) and all(self._is_plain_base(caller, other) for other in others)
            imported = isinstance(node, ast.ImportFrom) and any(a.name in names and not a.asname for a in node.names)
            if (derived and not _clears(node)) or imported:
                if isinstance(node, ast.ClassDef):
                    names.add(node.name)
                count = (node.end_lineno or node.lineno) - node.lineno + 1
                rows[node.lineno - 1 : node.lineno - 1 + count] = [""] * count
        return re.search(rf"\b(?:{'|'.join(names)})\b", "\n".join(rows)) is None

    def _is_plain_base(self, module: Module, name: str, depth: int = 0) -> bool:
        """Whether a name is bound to a class whose source and bases are known and which clears no gradients."""
        statement = next(iter(module.bindings.get(name, [])[-1:]), None)
        if isinstance(statement, ast.ClassDef) and depth < BASES:
            bases = [base.id if isinstance(base, ast.Name) else "" for base in statement.bases]
            return not _clears(statement) and all(
                base == "object" or self._is_plain_base(module, base, depth + 1) for base in bases
            )
        if isinstance(statement, ast.ImportFrom):
            found = self.program.find(module, statement.module or "", statement.level)
            meant = next((alias.name for alias in statement.names if (alias.asname or alias.name) == name), "")
            return found is not None and depth < BASES and self._is_plain_base(found, meant, depth + 1)
        return False


def _hands_on(module: Module, entry: Entry) -> ast.AST | None:
    """The function of the module that is all an entry point calls, without arguments: `def worker(index): main()`."""
    body = entry.function.body if entry.function is not None else []
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr | ast.Return) else None
    if not isinstance(call, ast.Call) or call.args or call.keywords or not isinstance(call.func, ast.Name):
        return None
    return next((s for s in module.bindings.get(call.func.id, []) if isinstance(s, FunctionNode)), None)


def _has_a_cause(loop: EventGraph, rule: Rule, mistake: Mistake, found: dict[str, list[Event]]) -> bool:
    """Whether another rule, to which this one yields, has found the cause. `found`: by the name of the rule."""
    causes = [cause for name in rule.yields_to for cause in found.get(name, ())]
    at = mistake.at
    if not causes or not isinstance(at, Event):
        return False
    loop.renew()
    try:
        return any(cause is at or loop.path(cause, to=at, within=loop.innermost(cause)) for cause in causes)
    except TooLarge:
        return True


def _clears(node: ast.AST) -> bool:
    return any(map(may_clear, names_in(node)))


def _import_paths(module: Module) -> set[str]:
    """The paths that an import of a module resolves to: its own, and its package's."""
    return {module.path, os.path.join(os.path.dirname(module.path), "__init__.py")}


class _Lazily(Generic[T]):
    """The files that call into one, looked for as far as they are asked for: most candidates have to be read to be
    ruled out."""

    def __init__(self, rest: Iterator[T]) -> None:
        self.known: list[T] = []
        self._rest = rest

    def __iter__(self) -> Iterator[T]:
        for index in itertools.count():
            if index == len(self.known):
                self.known += itertools.islice(self._rest, 1)
            if index == len(self.known):
                return
            yield self.known[index]


def format_error(error: BaseException) -> str:
    """An internal error in one line: the exception, and where in looplint it was raised."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = "?" if last is None else f"{os.path.basename(last.tb_frame.f_code.co_filename)}:{last.tb_lineno}"
    return f"{type(error).__name__}: {error} ({where})"


def _in_rule(rule: Rule, error: BaseException) -> str:
    """The innermost row of the rule's own file in the traceback, `lint/my_rule.py:12`."""
    import traceback

    file = rule.ask.__code__.co_filename
    rows = [row for frame, row in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    return f"{display_path(Path(file))}:{rows[-1]}" if rows else ""


def _training(loop: EventGraph) -> dict[Place, set[str]]:
    """The training loops of a program, the innermost around a backward call or, without one, around a step; and the
    files of their events, and of the calls that lead to these."""
    found: dict[LoopScope, set[str]] = {}
    for event in loop.all(Kind.BACKWARD) or loop.all(Kind.STEP):
        innermost = next((scope for scope in reversed(event.loops) if scope.is_written), None)
        if innermost is not None:
            found[innermost] = {innermost.place.path}
    for event in filter(None, loop.nodes) if found else ():
        for scope in event.loops:
            if scope in found:
                found[scope].update(place.path for place in (event.place, *event.calls))
    files: dict[Place, set[str]] = {}
    for scope, paths in found.items():
        files.setdefault(scope.place, set()).update(paths)
    return files


def homes(path: str) -> frozenset[bytes]:
    """Words of which an import statement of a file contains at least one: its name, its folder's name."""
    stem = os.path.splitext(os.path.basename(path))[0]
    folder = os.path.basename(os.path.dirname(path))
    return frozenset({os.fsencode(folder), os.fsencode(stem)} - {b"__init__"})


def _concerns(mistake: Mistake, path: str) -> bool:
    """Whether a mistake, an event on its path, or an object involved in one lies in a file."""
    steps = mistake.path.events if mistake.path is not None else ()
    for at in (mistake.at, *steps):
        if _place(at).path == path:
            return True
        things = (*at.subjects, *at.inputs) if isinstance(at, Event) else ()
        near = {*things, *(source for thing in things for source in thing.operands)}
        if any(thing.place is not None and thing.place.path == path for thing in near):
            return True
    return False


def _place(at: Event | Place) -> Place:
    return at.place if isinstance(at, Event) else at


def findings(
    mistakes: Iterable[tuple[Rule, Mistake]], sources: dict[str, Source], severity: dict[str, Severity]
) -> list[Finding]:
    """Mistakes as findings: in the coordinates of their files, without duplicates, sorted."""
    unique: dict[tuple[str, Place], Finding] = {}
    for rule, mistake in mistakes:
        at = _place(mistake.at)
        if rule.code in severity and (rule.code, at) not in unique:
            unique[rule.code, at] = _finding(rule, mistake, at, sources, severity[rule.code])
    return sorted(unique.values(), key=lambda finding: finding.sort_key)


def _finding(rule: Rule, mistake: Mistake, at: Place, sources: dict[str, Source], severity: Severity) -> Finding:
    source = sources.get(at.path)
    start, end = _located(at, sources)
    position = source.locate(at.row, at.column) if source is not None else None
    steps = [*mistake.also]
    if mistake.path is not None:
        notes = mistake.path.notes or ("",) * len(mistake.path.events)
        steps += ((event.place, note) for event, note in zip(mistake.path.events, notes, strict=False) if note)
    if all(place.path == at.path for place, _ in steps):
        steps = [*_calls_from_elsewhere(mistake.at), *steps]
    trace = []
    for place, note in steps:
        low, high = _located(place, sources)
        inside = sources.get(place.path)
        cell = inside.locate(place.row, place.column).cell if inside is not None else None
        trace.append(TraceStep(place.path, low, high, note, cell))
    return Finding(
        rule.code,
        rule.name,
        severity,
        mistake.message,
        at.path,
        start,
        end,
        position.cell if position is not None else None,
        position.cell_id if position is not None else None,
        tuple(trace),
        mistake.help,
        _fix_in(mistake.fix, at.path),
        rule.url,
    )


def _fix_in(fix: Fix | None, path: str) -> Fix | None:
    """The fix of a finding in a file: only actions in other files name their file."""
    if fix is None:
        return None
    actions = []
    for action in fix.actions:
        span = dataclasses.replace(action.span, path="") if action.path == path else action.span
        actions.append(dataclasses.replace(action, span=span))
    return dataclasses.replace(fix, actions=tuple(actions))


def _calls_from_elsewhere(at: Event | Place) -> list[tuple[Place, str]]:
    """The call site in another file that leads to an event, so that the path names both files."""
    sites = [site for site in at.calls if site.path != at.place.path] if isinstance(at, Event) else []
    return [(site, "it is called here") for site in sites[-1:]]


def _located(place: Place, sources: dict[str, Source]) -> tuple[Location, Location]:
    source = sources.get(place.path)
    if source is None:
        return Location(place.row, place.column), Location(place.end_row, place.end_column)
    start, end = source.locate(place.row, place.column), source.locate(place.end_row, place.end_column)
    return Location(start.row, start.column), Location(end.row, end.column)

"""From files to mistakes: which loops a file takes part in, and what the rules say of them.

A file's findings come from its own loops and from those of the files that call into it: whoever is linted alone is
judged as in the whole project.
"""

from __future__ import annotations

import ast
import dataclasses
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from looplint.callers import Import, ProjectFiles
from looplint.events import Event, Loop, Place, TooLarge
from looplint.finding import Finding, Location, Severity, TraceStep
from looplint.graph.roots import about_a_rival, entry_functions, loops_of
from looplint.prefilter import Need
from looplint.program import Module, Program
from looplint.rule import Mistake, Rule
from looplint.sources import Source

DEPENDENTS = 40
"""Files that are looked at for calls into one file; more of them are not followed."""


@dataclasses.dataclass(slots=True)
class Outcome:
    """What one file's own loops gave: mistakes (in whatever file they lie), functions laid open, loops seen."""

    mistakes: list[tuple[Rule, Mistake]] = dataclasses.field(default_factory=list)
    inlined: set[ast.AST] = dataclasses.field(default_factory=set)
    loops: int = 0
    errors: list[str] = dataclasses.field(default_factory=list)


class Analysis:
    """Asks the rules about the loops of a program, file by file; what was read once is kept.

    What is said of a file does not depend on which files were asked about before.
    """

    def __init__(self, program: Program, rules: Sequence[Rule], files: ProjectFiles | None = None) -> None:
        self.program = program
        self.rules = rules
        self.files = files or ProjectFiles()
        self._outcomes: dict[str, Outcome] = {}
        self._laid_open: dict[str, set[ast.AST]] = {}
        self._callers: dict[str, list[Module]] = {}

    def of(self, module: Module, need: Need = Need.ALL) -> tuple[list[tuple[Rule, Mistake]], Outcome]:
        """The mistakes that lie in a module, and the outcome of its own loops. `need`: what of it has to be read."""
        own = Outcome()
        found: list[tuple[Rule, Mistake]] = []
        if Need.LOOPS in need:
            own = self._outcome(module)
            found += own.mistakes
            for dependent in self._dependents(module):
                found += self._outcome(dependent).mistakes
        if Need.CLASSES in need:
            classes = Outcome()
            self._guarded(self._ask_classes, module, classes)
            found += classes.mistakes
            own = dataclasses.replace(own, errors=own.errors + classes.errors)
        return [(rule, mistake) for rule, mistake in found if _place(mistake.at).path == module.source.path], own

    def taking_part(self, module: Module) -> set[str]:
        """The paths of all files that may have had a say in what was found in a module, its own included."""
        waiting, seen = [module.path], {module.path}
        for _ in range(2):
            waiting += [caller.path for path in list(waiting) for caller in self._callers.get(path, ())]
        while waiting:
            path = waiting.pop()
            seen.add(path)
            waiting += [other for other in self.program.led_to.get(path, ()) if other not in seen]
        return seen

    def _outcome(self, module: Module) -> Outcome:
        key = module.path or module.source.path
        if key not in self._outcomes:
            outcome = self._outcomes[key] = Outcome()
            dependents = self._dependents(module)
            for dependent in dependents:
                outcome.inlined |= self._opened_by(dependent)
            named = self._named_elsewhere(module, dependents) if dependents else frozenset()
            self._guarded(self._ask_loops, module, outcome, named)
        return self._outcomes[key]

    def _opened_by(self, module: Module) -> set[ast.AST]:
        """The functions that a file's loops lay open, whoever may call into it in turn: files may call each other."""
        if not self._dependents(module):
            return self._outcome(module).inlined
        if module.path not in self._laid_open:
            opened = self._laid_open[module.path] = set()
            self._guarded(lambda module, _: list(loops_of(self.program, module, opened)), module, Outcome())
        return self._laid_open[module.path]

    def _guarded(self, read: Callable[..., object], module: Module, outcome: Outcome, *arguments: object) -> None:
        """Read, and note what went wrong: an error in one file must not cost the others their say."""
        try:
            read(module, outcome, *arguments)
        except RecursionError:
            raise
        except Exception as error:
            last = error.__traceback__
            while last is not None and last.tb_next is not None:
                last = last.tb_next
            where = (
                f"{os.path.basename(last.tb_frame.f_code.co_filename)}:{last.tb_lineno}" if last is not None else "?"
            )
            outcome.errors.append(f"the graph could not be built: {type(error).__name__}: {error} ({where})")

    def _ask_loops(self, module: Module, outcome: Outcome, named: frozenset[str]) -> None:
        for loop in loops_of(self.program, module, outcome.inlined, named):
            here = (i for i in loop.iterations if i.kind in ("for", "while") and i.place.path == module.source.path)
            outcome.loops += sum(1 for _ in here)
            for rule in self.rules:
                if rule.subject == "Loop":
                    self._collect(rule, loop, loop.name, outcome)

    def _ask_classes(self, module: Module, outcome: Outcome) -> None:
        if any(rule.subject == "ModuleClass" for rule in self.rules) and not about_a_rival(module):
            for cls in module.classes:
                for rule in self.rules:
                    if rule.subject == "ModuleClass":
                        self._collect(rule, cls, cls.name, outcome)

    def _collect(self, rule: Rule, subject: object, name: str, outcome: Outcome) -> None:
        """One rule's error must not cost the others their say."""
        if isinstance(subject, Loop):
            subject.renew()
        try:
            outcome.mistakes.extend((rule, mistake) for mistake in rule.ask(subject))
        except TooLarge:
            # What was found before has its evidence; of the rest nothing is known, and nothing is said.
            pass
        except Exception as error:
            outcome.errors.append(f"{rule.code} {rule.name} failed on `{name}`: {type(error).__name__}: {error}")

    def _dependents(self, module: Module) -> list[Module]:
        """Files of the project that may call functions of this one which nothing here calls."""
        if not module.path:
            return []
        if module.path not in self._callers:
            self._callers[module.path] = list(self._find_dependents(module))
        return self._callers[module.path]

    def _find_dependents(self, module: Module) -> Iterator[Module]:
        """Importers that name what the module offers, then their importers, breadth first."""
        names = {name.encode() for name in entry_functions(module)}
        if not names:
            return
        seen = {module.path}
        waiting: deque[tuple[Module, Collection[bytes]]] = deque([(module, names)])
        while waiting:
            imported, wanted = waiting.popleft()
            for importer in self._importers(imported, wanted):
                if importer.path not in seen and len(seen) <= DEPENDENTS:
                    seen.add(importer.path)
                    waiting.append((importer, frozenset()))
                    yield importer

    def _importers(self, module: Module, names: Collection[bytes]) -> Iterator[Module]:
        for path in self.files.importing(self.program.root(os.path.dirname(module.path)), homes(module.path)):
            data = self.files.read(path)
            if path != module.path and (not names or any(name in data for name in names)):
                # Most of those that name the module import another one of that name, and are never parsed.
                if self._imports(path, self.files.imports(path), module):
                    found = self.program.load(path)
                    if found is not None and self._imports(path, found.imports, module):
                        yield found

    def _imports(self, importer: str, imports: Iterable[Import], module: Module) -> bool:
        """Whether a file imports the module, or a package that it lies in."""
        packages = {module.path, os.path.join(os.path.dirname(module.path), "__init__.py")}
        for level, dotted, names in imports:
            base = dotted + "." if dotted else ""
            for meant in (dotted, *(base + name for name in names)):
                if self.program.locate(importer, meant, level) in packages:
                    return True
        return False

    def _named_elsewhere(self, module: Module, dependents: Iterable[Module]) -> frozenset[str]:
        """The module's functions that other files name: they are called by code that may not have been followed."""
        names = set(entry_functions(module))
        return frozenset(name for name in names if any(name in dependent.source.text for dependent in dependents))


def homes(path: str) -> frozenset[bytes]:
    """Words of which an import statement that leads to a file has at least one: its name, its folder's name."""
    stem = os.path.splitext(os.path.basename(path))[0]
    folder = os.path.basename(os.path.dirname(path))
    return frozenset({os.fsencode(folder), os.fsencode(stem)} - {b"__init__"})


def _place(at: Event | Place) -> Place:
    return at.place if isinstance(at, Event) else at


def findings(
    mistakes: Iterable[tuple[Rule, Mistake]], sources: dict[str, Source], severity: dict[str, Severity]
) -> list[Finding]:
    """Mistakes as their readers get them: in the coordinates of their files, each once, in order."""
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
    trace = []
    if mistake.path is not None:
        notes = mistake.path.notes or ("",) * len(mistake.path.events)
        for event, note in zip(mistake.path.events, notes, strict=False):
            if note:
                place = event.place
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
        mistake.fix,
        rule.url,
    )


def _located(place: Place, sources: dict[str, Source]) -> tuple[Location, Location]:
    source = sources.get(place.path)
    if source is None:
        return Location(place.row, place.column), Location(place.end_row, place.end_column)
    start, end = source.locate(place.row, place.column), source.locate(place.end_row, place.end_column)
    return Location(start.row, start.column), Location(end.row, end.column)

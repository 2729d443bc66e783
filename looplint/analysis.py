"""From files to mistakes: which loops a file takes part in, and what the rules say of them.

A file's findings come from its own loops and from those of the files that call into it: whoever is linted alone is
judged as in the whole project.
"""

from __future__ import annotations

import ast
import dataclasses
import os
from collections.abc import Iterable, Iterator, Sequence

from looplint.callers import ProjectFiles
from looplint.events import Event, Loop, Place
from looplint.finding import Finding, Location, Severity, TraceStep
from looplint.graph.roots import entry_functions, loops_of
from looplint.module_reader import module_classes
from looplint.program import Module, Program
from looplint.recognize.imports import Imports
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
    """Asks the rules about the loops of a program, file by file; what was read once is kept."""

    def __init__(self, program: Program, rules: Sequence[Rule], files: ProjectFiles | None = None) -> None:
        self.program = program
        self.rules = rules
        self.files = files or ProjectFiles()
        self._outcomes: dict[str, Outcome] = {}
        self._running: set[str] = set()

    def of(self, module: Module) -> tuple[list[tuple[Rule, Mistake]], Outcome]:
        """The mistakes that lie in a module, and the outcome of its own loops."""
        own = self._outcome(module)
        found = list(own.mistakes)
        for dependent in self._dependents(module):
            found.extend(self._outcome(dependent).mistakes)
        return [(rule, mistake) for rule, mistake in found if _place(mistake.at).path == module.source.path], own

    def _outcome(self, module: Module) -> Outcome:
        key = module.path or module.source.path
        if key not in self._outcomes:
            self._running.add(key)
            outcome = Outcome()
            dependents = self._dependents(module)
            for dependent in dependents:
                if dependent.path not in self._running:
                    outcome.inlined |= self._outcome(dependent).inlined
            named = self._named_elsewhere(module, dependents) if dependents else frozenset()
            self._ask(module, outcome, named)
            self._running.discard(key)
            self._outcomes[key] = outcome
        return self._outcomes[key]

    def _ask(self, module: Module, outcome: Outcome, named: frozenset[str]) -> None:
        try:
            self._ask_all(module, outcome, named)
        except RecursionError:
            raise
        except Exception as error:
            last = error.__traceback__
            while last is not None and last.tb_next is not None:
                last = last.tb_next
            where = f"{os.path.basename(last.tb_frame.f_code.co_filename)}:{last.tb_lineno}" if last is not None else "?"
            outcome.errors.append(f"the graph could not be built: {type(error).__name__}: {error} ({where})")

    def _ask_all(self, module: Module, outcome: Outcome, named: frozenset[str]) -> None:
        for loop in loops_of(self.program, module, outcome.inlined, named):
            outcome.loops += sum(1 for i in loop.iterations if i.kind in ("for", "while") and i.place.path == module.source.path)
            for rule in self.rules:
                if rule.subject == "Loop":
                    self._collect(rule, loop, loop.name, outcome)
        if any(rule.subject == "ModuleClass" for rule in self.rules):
            imports = Imports.of(module.tree)
            for cls in module_classes(module.tree, module.source.path, imports.dotted, module.source.text):
                for rule in self.rules:
                    if rule.subject == "ModuleClass":
                        self._collect(rule, cls, cls.name, outcome)

    def _collect(self, rule: Rule, subject: object, name: str, outcome: Outcome) -> None:
        """One rule's error must not cost the others their say."""
        try:
            outcome.mistakes.extend((rule, mistake) for mistake in rule.ask(subject))
        except Exception as error:
            outcome.errors.append(f"{rule.code} {rule.name} failed on `{name}`: {type(error).__name__}: {error}")

    def _dependents(self, module: Module) -> list[Module]:
        """Files of the project that may call functions of this one which nothing here calls."""
        if not module.path:
            return []
        if module.path not in self._known_dependents:
            self._known_dependents[module.path] = list(self._find_dependents(module))
        return self._known_dependents[module.path]

    @property
    def _known_dependents(self) -> dict[str, list[Module]]:
        return self.__dict__.setdefault("_dependents_by_path", {})

    def _find_dependents(self, module: Module) -> Iterator[Module]:
        names = {name.encode() for name in entry_functions(module)}
        if not names:
            return
        folder = os.path.dirname(module.path)
        root = self.program.root(folder)
        stem = os.path.splitext(os.path.basename(module.path))[0]
        homes = {stem.encode()} if stem != "__init__" else set()
        while folder != root and os.path.exists(os.path.join(folder, "__init__.py")):
            homes.add(os.path.basename(folder).encode())
            folder = os.path.dirname(folder)
        count = 0
        for path in self.files.under(root):
            data = self.files.read(path)
            if path == module.path or b"import" not in data:
                continue
            if any(home in data for home in homes) and any(name in data for name in names):
                found = self.program.load(path)
                if found is not None and self._imports(found, module):
                    count += 1
                    yield found
                    if count == DEPENDENTS:
                        return

    def _imports(self, importer: Module, module: Module) -> bool:
        """Whether a file imports the module, or a package that it lies in."""
        packages = {module.path, os.path.join(os.path.dirname(module.path), "__init__.py")}
        for node in ast.walk(importer.tree):
            if isinstance(node, ast.Import):
                found = [self.program.find(importer, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found = [self.program.find(importer, node.module or "", node.level)]
                base = node.module + "." if node.module else ""
                found += [self.program.find(importer, base + alias.name, node.level) for alias in node.names]
            else:
                continue
            if any(one is not None and one.path in packages for one in found):
                return True
        return False

    def _named_elsewhere(self, module: Module, dependents: Iterable[Module]) -> frozenset[str]:
        """The module's functions that other files name: they are called by code that may not have been followed."""
        names = set(entry_functions(module))
        return frozenset(
            name for name in names if any(name.encode() in self.files.read(dependent.path) for dependent in dependents)
        )


def _place(at: Event | Place) -> Place:
    return at.place if isinstance(at, Event) else at


def findings(mistakes: Iterable[tuple[Rule, Mistake]], sources: dict[str, Source], severity: dict[str, Severity]) -> list[Finding]:
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

"""The rules are asked about the event graphs of entry points and of module classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from looplint.events import Event, EventGraph, Kind, LoopScope, Place, TooLarge
from looplint.interpreter.budget import BUDGET, DEPTH, LEARNING
from looplint.interpreter.entries import Entry, read
from looplint.library.library import Library
from looplint.module_classes.class_graph import class_graph
from looplint.prefilter.rivals import about_a_rival
from looplint.profile import timed
from looplint.program.module import Module
from looplint.program.program import Program
from looplint.project.paths import display_path
from looplint.rule import Mistake, Rule
from looplint.run.outcome import Cut, Fault, Outcome, format_error


class AskRules:
    """Asks rules about graphs. `loops_of_others`, `classes_of_others`: whether there are rules that are not looplint's
    own, and so may ask about any code, or about any class."""

    def __init__(self, program: Program, rules: Sequence[Rule]) -> None:
        self.program = program
        self._about_loops = [rule for rule in rules if rule.about_loops]
        self._about_classes = [rule for rule in rules if rule.about_classes]
        self.loops_of_others = any(rule.url is None for rule in self._about_loops)
        self.classes_of_others = any(rule.url is None for rule in self._about_classes)

    def about_loops(self, module: Module, outcome: Outcome, entry: Entry, called: bool, trains: bool) -> None:
        """Build the event graph of an entry point, and ask the rules about it; adds to `outcome`."""
        with timed("event graphs"):
            reading = read(self.program, module, entry, Library, called, trains, self.loops_of_others)
        loop, outcome.inlined, outcome.left, outcome.work = reading.loop, reading.covered, reading.left, reading.work
        outcome.in_vain, outcome.events = reading.in_vain, reading.events
        outcome.loops = _training(loop)
        if loop.cut_at is not None and (
            outcome.loops or entry.function is None or module.outline.has_site(entry.function)
        ):
            deep = f"its calls are nested more than {DEPTH} deep"
            long = f"it takes more than {loop.cut_limit:,} expressions"
            first = "" if loop.cut_limit == BUDGET else " to reach the first step of a loop"
            why = f"{long}{first}" if loop.cut_limit else deep
            outcome.cuts.append(Cut(loop.name, loop.cut_at, why, bool(outcome.loops)))
        if loop.searched_up_to is not None and outcome.loops:
            why = f"the search ends after {LEARNING:,} expressions"
            outcome.cuts.append(Cut(loop.name, loop.searched_up_to, why, loop=True, bindings=True))
        for rule in self._about_loops if any(loop.nodes) else ():
            self._collect(rule, loop, outcome)
        found: dict[str, list[Event]] = {}
        for rule, mistake in outcome.mistakes:
            if isinstance(mistake.at, Event):
                found.setdefault(rule.name, []).append(mistake.at)
        outcome.mistakes = [one for one in outcome.mistakes if not _has_a_cause(loop, *one, found)]

    def about_classes(self, module: Module, outcome: Outcome) -> None:
        """Ask the rules about the definitions of module classes; adds to `outcome`."""
        if not self._about_classes or about_a_rival(module.source.kind, module.imports):
            return
        with timed("module classes"):
            graphs = [class_graph(cls, module) for cls in module.classes(everywhere=self.classes_of_others)]
        for graph in graphs:
            for rule in self._about_classes:
                self._collect(rule, graph, outcome)

    def _collect(self, rule: Rule, graph: EventGraph, outcome: Outcome) -> None:
        """Run one rule, if the graph holds what it needs: an error in it must not cost the findings of others."""
        if not rule.may_find(graph):
            return
        graph.renew()
        try:
            with timed(f"{rule.code} {rule.name}", rule=True):
                outcome.mistakes.extend((rule, mistake) for mistake in rule.ask(graph))
        except TooLarge:
            # Mistakes found so far have their evidence and stay; the rest is unknown.
            why = f"it takes more than the work of one question ({rule.code})"
            outcome.cuts.append(Cut(graph.name, graph.place, why, bool(outcome.loops)))
        except Exception as error:
            what = f"{rule.code} {rule.name} failed on `{graph.name}`"
            if rule.url is None and (at := _in_rule(rule, error)):
                outcome.errors.append(Fault(f"{what}: {type(error).__name__}: {error}", at))
            else:
                outcome.errors.append(Fault(f"{what}: {format_error(error)}"))


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


def _in_rule(rule: Rule, error: BaseException) -> str:
    """The innermost row of the rule's own file in the traceback, `lint/my_rule.py:12`."""
    import traceback

    file = rule.ask.__code__.co_filename
    rows = [row for frame, row in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    return f"{display_path(Path(file))}:{rows[-1]}" if rows else ""


def _training(loop: EventGraph) -> dict[Place, set[str]]:
    """The training loops of a program, the innermost around a backward call or, without one, around a step, also a
    framework's own loop; and the files of their events, and of the calls that lead to these."""
    found: dict[LoopScope, set[str]] = {}
    for event in loop.all(Kind.BACKWARD) or loop.all(Kind.STEP):
        around = [scope for scope in event.loops if scope.is_of_framework or not scope.is_call]
        innermost = event.written_loop or next(reversed(around), None)
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

"""The rules are asked about event graphs and module classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from looplint.events import Event, EventGraph, Kind, LoopScope, Place, TooLarge
from looplint.interpreter.budget import BUDGET, DEPTH, LEARNING
from looplint.interpreter.entries import Entry, read
from looplint.library.library import Library
from looplint.modules import ModuleClass
from looplint.prefilter.rivals import about_a_rival
from looplint.profile import timed
from looplint.program.module import Module
from looplint.program.program import Program
from looplint.project.paths import display_path
from looplint.rule import Mistake, Rule
from looplint.run.outcome import Cut, Fault, Outcome, format_error


class AskRules:
    """Asks rules, each about what it is for. `of_others`: what those rules are for that are not looplint's own, and may
    ask about any code."""

    def __init__(self, program: Program, rules: Sequence[Rule]) -> None:
        self.program = program
        self.rules = rules
        self.of_others = {rule.subject for rule in rules if rule.url is None}

    def about_loops(self, module: Module, outcome: Outcome, entry: Entry, called: bool, trains: bool) -> None:
        """Read the event graph of an entry point, and ask the rules about loops; adds to `outcome`."""
        with timed("event graphs"):
            whole = "EventGraph" in self.of_others
            reading = read(self.program, module, entry, Library, called, trains, whole)
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
        for rule in self.rules if any(loop.nodes) else ():
            if rule.subject == "EventGraph":
                self._collect(rule, loop, loop.name, outcome)
        found: dict[str, list[Event]] = {}
        for rule, mistake in outcome.mistakes:
            if isinstance(mistake.at, Event):
                found.setdefault(rule.name, []).append(mistake.at)
        outcome.mistakes = [one for one in outcome.mistakes if not _has_a_cause(loop, *one, found)]

    def about_classes(self, module: Module, outcome: Outcome) -> None:
        """Ask the rules about module classes; adds to `outcome`."""
        rival = about_a_rival(module.source.kind, module.imports)
        if any(rule.subject == "ModuleClass" for rule in self.rules) and not rival:
            with timed("module classes"):
                classes = list(module.classes(everywhere="ModuleClass" in self.of_others))
            for cls in classes:
                for rule in self.rules:
                    if rule.subject == "ModuleClass":
                        self._collect(rule, cls, cls.name, outcome)

    def _collect(self, rule: Rule, subject: EventGraph | ModuleClass, name: str, outcome: Outcome) -> None:
        """Run one rule, if the subject holds what it needs: an error in it must not cost the findings of others."""
        if not rule.may_find(subject):
            return
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

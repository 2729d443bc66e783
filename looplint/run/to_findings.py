"""Mistakes as findings: places of the program as places of files and cells."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from looplint.events import Event, Place
from looplint.finding import Finding, Fix, Location, Severity, TraceStep
from looplint.rule import Mistake, Rule
from looplint.sources import Source


def findings(
    mistakes: Iterable[tuple[Rule, Mistake]], sources: dict[str, Source], severity: dict[str, Severity]
) -> list[Finding]:
    """Mistakes as findings: in the coordinates of their files, without duplicates, sorted."""
    unique: dict[tuple[str, Place], Finding] = {}
    for rule, mistake in mistakes:
        at = place_of(mistake.at)
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


def place_of(at: Event | Place) -> Place:
    """Where a mistake is reported."""
    return at.place if isinstance(at, Event) else at

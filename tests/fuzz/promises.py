"""What has to hold whatever a file holds: for the fuzzer, and for its seeds among the tests."""

from __future__ import annotations

from looplint.finding import Finding, TraceStep
from looplint.findings.source_texts import Texts
from looplint.fix import fix_bytes
from looplint.project.config import Configuration, settings
from looplint.run.api import lint
from looplint.sources import Unreadable, from_text
from looplint.syntax.parse import parses

CONFIGURATION = Configuration.fixed(settings(preview=True, cache=False))


def findings(raw: bytes, name: str) -> list[Finding]:
    """What is found in the bytes of a file: without an error of looplint's own, and in places that it has."""
    result = lint(["-"], CONFIGURATION, stdin=raw, stdin_filename=name)
    assert not result.errors, result.errors
    texts = Texts({name: raw})
    for finding in result.findings:
        lines = texts.lines(name, finding.cell)
        assert lines is not None
        places: list[Finding | TraceStep] = [finding, *finding.trace]
        for place in places:
            for location in (place.location, place.end_location):
                rows = lines if place.cell == finding.cell else texts.lines(name, place.cell)
                assert rows is not None and 1 <= location.row <= len(rows), (finding, location)
                assert 1 <= location.column <= len(rows[location.row - 1]) + 1, (finding, location)
    return result.findings


def keeps_its_promises(raw: bytes, suffix: str) -> None:
    """Lint and fix the bytes of a file with that suffix. Raises AssertionError, or what went wrong."""
    name = f"a{suffix}"
    if not any(finding.fix for finding in findings(raw, name)):
        return
    try:
        before = from_text(raw, name)
    except Unreadable:
        return
    fixed = fix_bytes(raw, name, lambda text: findings(text, name), unsafe=True)
    after = from_text(fixed.new, name)
    assert [parses(source.text) for source in after] == [parses(source.text) for source in before]
    again = fix_bytes(fixed.new, name, lambda text: findings(text, name), unsafe=True)
    assert again.new == fixed.new, "fixing twice is not fixing once"
    assert fixed.notes or not any(finding.fix for finding in findings(fixed.new, name)), "something fixable is left"

"""What has to hold whatever a file holds: for the fuzzer, the mutated files, and the seeds among the tests."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Sequence

from looplint.finding import Finding, TraceStep
from looplint.findings.source_texts import Texts
from looplint.fix import Edit, fix_bytes
from looplint.prefilter.strip_comments import code
from looplint.project.config import Configuration, settings
from looplint.report import json as json_report
from looplint.report._context import Context
from looplint.run.api import lint
from looplint.run.result import Result
from looplint.sources import Unreadable, from_text
from looplint.sources.decode import decode, normalise
from looplint.syntax.parse import parses

CONFIGURATION = Configuration.fixed(settings(preview=True, cache=False))

TRAINS = re.compile(rb"\.backward\(\)|\.zero_grad\(\)")


def result_of(raw: bytes, name: str) -> Result:
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
    return result


def findings(raw: bytes, name: str) -> list[Finding]:
    """The findings alone."""
    return result_of(raw, name).findings


def keeps_its_promises(raw: bytes, suffix: str) -> None:
    """Lint, report and fix the bytes of a file with that suffix. Raises AssertionError, or what went wrong."""
    name = f"a{suffix}"
    result = result_of(raw, name)
    _reported(result, raw, name)
    _syntax_errors_are_said(result, raw, name)
    if not any(finding.fix for finding in result.findings):
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


def keeps_its_findings(raw: bytes, changed: bytes, suffix: str) -> None:
    """What is found in a Python file is also found in `changed`, which means the same. Raises AssertionError for what
    is lost without a word."""
    # Suppressions that are not used are found where they stand as comments of Python.
    aside = ("LOOP001", "LOOP002")
    before = Counter(finding.code for finding in findings(raw, "a.py") if finding.code not in aside)
    # A page that names another framework is taken to be about that one.
    if before and not (suffix == ".md" and b"tensorflow" in raw):
        result = result_of(changed, f"a{suffix}")
        lost = before - Counter(finding.code for finding in result.findings)
        assert not lost or result.notes, f"lost without a word: {', '.join(sorted(lost))}"


def _reported(result: Result, raw: bytes, name: str) -> None:
    """The JSON is valid, each fix in it is an edit within the file, and the file parses with it as it did before."""
    texts = Texts({name: raw})
    stream = io.StringIO()
    json_report.write(result.findings, stream, Context(edits=texts.edits, lines=texts.lines, notices=result.notes))
    found = json.loads(stream.getvalue())
    assert len(found) == len(result.findings) + sum(bool(note.path) for note in result.notes)
    for finding in result.findings if name.endswith(".py") else ():
        edits = texts.edits(finding)
        assert bool(edits) == texts.fixable(finding), "fixable is not what has edits"
        if edits:
            text = normalise(decode(raw, name))
            changed = _with(text, edits)
            assert changed != text, "an edit changes nothing"
            assert parses(changed) or not parses(text), "an edit breaks the file"


def _with(text: str, edits: Sequence[Edit]) -> str:
    """The text with the edits of one fix."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for edit in sorted(edits, key=lambda edit: (edit.location.row, edit.location.column), reverse=True):
        start = starts[edit.location.row - 1] + edit.location.column - 1
        end = starts[edit.end_location.row - 1] + edit.end_location.column - 1
        assert 0 <= start <= end <= len(text), "an edit lies outside of the file"
        text = text[:start] + edit.content + text[end:]
    return text


def _syntax_errors_are_said(result: Result, raw: bytes, name: str) -> None:
    """A file that trains and does not parse has a finding or a notice about that."""
    if not name.endswith(".py") or not TRAINS.search(code(raw)):
        return
    try:
        [source] = from_text(raw, name)
    except Unreadable:
        assert result.notes, "unreadable without a word"
        return
    said = result.notes or any(finding.code == "LOOP002" for finding in result.findings)
    assert said or parses(source.text), "a syntax error without a word"

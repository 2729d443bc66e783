"""Comments that silence findings, in the forms of ruff and flake8; codes or names, with or without a reason.

    loss.backward()  # looplint: ignore[LOOP201] cleared by the caller      this statement, on any of its lines
    # looplint: ignore[missing-zero-grad]                                   alone on a line: the statement below
    # looplint: file-ignore[LOOP201]                                        the whole file
    # looplint: disable[LOOP201] ... # looplint: enable[LOOP201]            between; at the latest to the block's end
    loss.backward()  # noqa: LOOP201                                        codes only, as flake8 reads them

A word is a code, a prefix of codes (`LOOP7`), a name or `ALL`. Without brackets, and in a bare `# noqa`, every rule is
meant. What silences nothing is reported, by `UNUSED`.
"""

from __future__ import annotations

import bisect
import dataclasses
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from looplint.finding import Action, Finding, Fix, Location, Severity, Span
from looplint.project.nearest_word import nearest, nearest_rule
from looplint.project.syntax_error import SYNTAX_ERROR
from looplint.project.unused_suppression import UNUSED, remove
from looplint.rule import Rule
from looplint.sources import Source, from_text
from looplint.sources.readable import readable

Verb = Literal["ignore", "file-ignore", "disable", "enable", "noqa"]
VERBS: tuple[Verb, ...] = ("ignore", "file-ignore", "disable", "enable", "noqa")

# A directive runs to the next comment on the same line; `(see #12)` is no comment, `# type: ignore` is one.
_DIRECTIVE = re.compile(
    r"#\s*(?:looplint:\s*(?P<verb>[\w-]+)\s*(?:\[(?P<words>[^\]#]*)\])?"
    r"|(?P<noqa>noqa)\b(?P<colon>\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*)?)?)"
    r"(?:(?!\s+\#\s).)*",
    re.IGNORECASE,
)
_MAY_HOLD = re.compile(r"#\s*(?:looplint:|noqa\b)", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class _Comment:
    """A directive, its place in `Source.text`, the words it names (None: every rule), and the rows it applies to.

    `listed`: the place of the words. `alone`: nothing else is on its row. `end`: the `enable` that ends a `disable`.
    """

    verb: Verb
    words: tuple[str, ...] | None
    span: Span
    listed: Span | None
    alone: bool
    rows: tuple[tuple[int, int], ...]
    end: _Comment | None = None

    def covers(self, row: int) -> bool:
        return any(first <= row <= last for first, last in self.rows)


def apply(
    findings: Iterable[Finding], source: Source, rules: Sequence[Rule], on: Mapping[str, Severity]
) -> list[Finding]:
    """The findings of one source that no comment suppresses, and one for each comment that suppresses none.

    `rules`: all rules, for looking up names. `on`: severity by code of the rules that ran here.
    """
    findings = list(findings)
    if not _MAY_HOLD.search(source.text):
        return findings
    codes = {word: rule.code for rule in (UNUSED, SYNTAX_ERROR, *rules) for word in (rule.code, rule.name)}
    words = (*codes, "LOOP")
    if not findings and "looplint:" not in source.text.lower() and not any(word in source.text for word in words):
        return findings  # The comments are for other linters.
    comments, faults = _comments(source.text)
    used: set[tuple[_Comment, str | None]] = set()
    kept = []
    for finding in findings:
        row = row_in_source(finding, source)
        silencers = {
            (comment, word)
            for comment in comments
            if comment.verb != "enable" and comment.covers(row)
            for word in (comment.words if comment.words is not None else (None,))
            if (finding.code != SYNTAX_ERROR.code if word is None else finding.code in _codes_of(word, codes))
        }
        used |= silencers
        if not silencers:
            kept.append(finding)
    if UNUSED.code not in on or source.faults:
        return kept  # The suppressed finding may be in code that was not read.
    for comment in comments:
        kept += _unused(comment, used, source, codes, on)
    kept += [_report(source, span, message, on) for span, message in faults]
    return sorted(kept, key=lambda finding: finding.sort_key)


def add_ignores(raw: bytes, path: str, findings: Sequence[Finding]) -> bytes:
    """The bytes of a file with a comment `# looplint: ignore[...]` at the end of each statement that contains a
    finding.

    Raises Unreadable, and Unwritable if the comments cannot be written back to the file.
    """
    from looplint.sources.writeback import editable_segments, write_back

    texts = dict(editable_segments(raw, path))
    for source in map(readable, from_text(raw, path)):
        here = [finding for finding in findings if row_in_source(finding, source)]
        rows_of = {index: texts[index].split("\n") for index in texts}
        for row, text in _with_ignores(source, here).items():
            segment = source.segment(row)
            index = source.segments.index(segment) if segment else 0
            rows_of[index][row - (segment.row if segment else 1)] = text
        texts = {index: "\n".join(rows) for index, rows in rows_of.items()}
    return write_back(raw, path, texts)


def _with_ignores(source: Source, findings: Iterable[Finding]) -> dict[int, str]:
    """New texts, by row of `Source.text`, of the last rows of the statements that contain the findings."""
    lines = source.text.split("\n")
    statements = _statements(_tokens(source.text))
    wanted: dict[int, list[str]] = defaultdict(list)
    for finding in findings:
        if finding.code not in (UNUSED.code, SYNTAX_ERROR.code):
            last = _statement_at(row_in_source(finding, source), statements)[1]
            if finding.code not in wanted[last]:
                wanted[last].append(finding.code)
    comments, _ = _comments(source.text)
    lists = {c.span.row: c.listed for c in comments if c.verb == "ignore" and c.listed and not c.alone}
    changed = {}
    for row, codes in wanted.items():
        line, listed = lines[row - 1].rstrip(), ", ".join(codes)
        if known := lists.get(row):
            start, end = known.column - 1, known.end_column - 1
            listed = ", ".join(filter(None, (line[start:end].strip(), listed)))
            changed[row] = f"{line[:start]}{listed}{line[end:]}"
        else:
            changed[row] = f"{line}  # looplint: ignore[{listed}]"
    return changed


def row_in_source(finding: Finding, source: Source) -> int:
    """The row of `Source.text` for a finding in the user's file; 0 if it is not in this source."""
    row = finding.location.row
    if not source.segments:
        return row
    for segment in source.segments:
        if segment.cell == finding.cell and segment.origin_row <= row < segment.origin_row + segment.rows:
            return segment.row + row - segment.origin_row
    return 0


def _unused(
    comment: _Comment,
    used: set[tuple[_Comment, str | None]],
    source: Source,
    codes: Mapping[str, str],
    on: Mapping[str, Severity],
) -> Iterator[Finding]:
    """The faults of a comment: words that are no rule, words that suppress nothing."""
    words = comment.words
    if words is None:
        every = _codes_of("ALL", codes).issubset(on)
        if comment.verb not in ("noqa", "enable") and (comment, None) not in used and every:
            message = "this comment suppresses nothing"
            # It may be meant for a future mistake of any kind: only its author knows.
            fix = dataclasses.replace(_without(comment), applicability="unsafe")
            yield _report(source, comment.span, message, on, fix)
        elif comment.verb == "enable" and not comment.rows:
            yield _nothing_to_end(comment, source, on)
        return
    meant = {word: _codes_of(word, codes) for word in words}
    if any(some == {UNUSED.code} for some in meant.values()):
        return
    ours = {code.rstrip("0123456789") for code in codes.values()}
    for word in words:
        if not meant[word] and (comment.verb != "noqa" or word.rstrip("0123456789") in ours):
            message = f"there is no rule `{word}` to suppress; {nearest_rule(word, codes)}"
            yield _report(source, comment.span, message, on)
    if comment.verb == "enable":
        if not comment.rows:
            yield _nothing_to_end(comment, source, on)
        return
    ran = {*on, UNUSED.code}
    idle = [word for word, some in meant.items() if some and some <= ran and (comment, word) not in used]
    if idle:
        fix = _without(comment, [word for word in words if word not in idle])
        yield _report(source, comment.span, f"{_and(idle)} is not found here: nothing to suppress", on, fix)


def _codes_of(word: str, codes: Mapping[str, str]) -> frozenset[str]:
    """The codes that a word in a comment selects, none if it is no rule."""
    if word in codes:
        return frozenset((codes[word],))
    every = frozenset(codes.values())
    if word != "ALL":
        every = frozenset(code for code in every if code.startswith(word)) if word[:1].isupper() else frozenset()
    return every - {SYNTAX_ERROR.code}


def _nothing_to_end(comment: _Comment, source: Source, on: Mapping[str, Severity]) -> Finding:
    return _report(source, comment.span, "there is no `disable` that this `enable` ends", on, _without(comment))


def _without(comment: _Comment, rest: Sequence[str] = ()) -> Fix:
    """The fix that reduces a comment to these words, and the `enable` that belongs to it."""
    pair = [comment] if comment.end is None else [comment, comment.end]
    if not rest:
        return remove("Remove the comment", *(Action("replace", each.span, "") for each in pair))
    spans = [each.listed for each in pair if each.listed is not None]
    return remove("Remove unused codes", *(Action("replace", span, ", ".join(rest)) for span in spans))


def _and(words: Sequence[str]) -> str:
    return " and ".join(f"`{word}`" for word in words)


def _report(source: Source, span: Span, message: str, on: Mapping[str, Severity], fix: Fix | None = None) -> Finding:
    start, end = source.locate(span.row, span.column), source.locate(span.end_row, span.end_column)
    return Finding(
        code=UNUSED.code,
        name=UNUSED.name,
        severity=on[UNUSED.code],
        message=message,
        filename=source.path,
        location=Location(start.row, start.column),
        end_location=Location(end.row, end.column),
        cell=start.cell,
        cell_id=start.cell_id,
        fix=fix,
        url=UNUSED.url,
    )


def _comments(text: str) -> tuple[list[_Comment], list[tuple[Span, str]]]:
    """The directives of a text, and malformed ones, each with its fault."""
    tokens = _tokens(text)
    statements = _statements(tokens)
    comments: list[_Comment] = []
    faults: list[tuple[Span, str]] = []
    for token in tokens:
        if token.type != tokenize.COMMENT:
            continue
        for found in _DIRECTIVE.finditer(token.string):
            verb = (found["noqa"] or found["verb"]).lower()
            span = _span(token, found.start(), found.start() + len(found[0].rstrip()))
            if verb not in VERBS or (verb == "noqa" and not found["noqa"]):
                if found["words"] is not None or nearest(verb, VERBS[:-1], ""):
                    faults.append((span, f"`looplint: {verb}` is not understood; {nearest(verb, VERBS[:-1])}"))
                continue
            if found["noqa"] and found["colon"] and not found["codes"]:
                continue
            group = "codes" if found["noqa"] else "words"
            words = None if found[group] is None else tuple(dict.fromkeys(re.findall(r"[^,\s]+", found[group])))
            listed = None if words is None else _span(token, found.start(group), found.end(group))
            row, alone = token.start[0], not token.line[: token.start[1]].strip()
            rows: tuple[tuple[int, int], ...] = ()
            if verb in ("ignore", "noqa"):
                rows = (_statement_at(row, statements),)
                if verb == "ignore" and alone and rows == ((row, row),):
                    rows += tuple(statements[bisect.bisect(statements, (row, row)) :][:1])
            elif verb == "file-ignore":
                rows = ((1, text.count("\n") + 1),)
            comments.append(_Comment(_VERB[verb], words, span, listed, alone, rows))
    return _with_ranges(comments, tokens, text.count("\n") + 1), faults


_VERB: Mapping[str, Verb] = {verb: verb for verb in VERBS}


def _with_ranges(comments: list[_Comment], tokens: Sequence[tokenize.TokenInfo], last_row: int) -> list[_Comment]:
    """`disable` comments with the rows up to their `enable` or the end of their block; an `enable` that ends one has
    rows, too."""
    starts = _indents(tokens)
    result = list(comments)
    enables = [index for index, comment in enumerate(comments) if comment.verb == "enable"]
    for index, comment in enumerate(comments):
        if comment.verb != "disable":
            continue
        row, column = comment.span.row, comment.span.column
        after = bisect.bisect_right(starts, row, key=lambda start: start[0])
        indent = column - 1 if comment.alone else starts[after - 1][1] if after else 0
        rest = range(after, len(starts)) if indent else ()
        last = next((starts[place][0] - 1 for place in rest if starts[place][1] < indent), last_row)
        for later in enables[bisect.bisect_right(enables, index) :]:
            other = result[later]
            if not other.rows and other.words == comment.words and other.span.row <= last:
                last = other.span.row
                result[later] = dataclasses.replace(other, rows=((row, last),))
                result[index] = dataclasses.replace(comment, end=other)
                break
        result[index] = dataclasses.replace(result[index], rows=((row, last),))
    return result


def _tokens(text: str) -> list[tokenize.TokenInfo]:
    tokens = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            tokens.append(token)
    except (tokenize.TokenError, SyntaxError):
        pass
    return tokens


_BLANK = frozenset((tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER))


def _statements(tokens: Iterable[tokenize.TokenInfo]) -> list[tuple[int, int]]:
    """First and last row of every logical line: a simple statement, or the head of a compound one."""
    statements = []
    first: int | None = None
    for token in tokens:
        if token.type == tokenize.NEWLINE:
            statements.append((first or token.start[0], token.start[0]))
            first = None
        elif first is None and token.type not in _BLANK:
            first = token.start[0]
    return statements


def _indents(tokens: Iterable[tokenize.TokenInfo]) -> list[tuple[int, int]]:
    """First row and indentation of every logical line."""
    result = []
    fresh = True
    for token in tokens:
        if token.type == tokenize.NEWLINE:
            fresh = True
        elif fresh and token.type not in _BLANK:
            result.append(token.start)
            fresh = False
    return result


def _statement_at(row: int, statements: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The logical line that contains a row; the row alone if there is none."""
    index = bisect.bisect_right(statements, row, key=lambda rows: rows[0]) - 1
    if index >= 0 and statements[index][0] <= row <= statements[index][1]:
        return statements[index]
    return (row, row)


def _span(token: tokenize.TokenInfo, start: int, end: int) -> Span:
    row, column = token.start
    return Span(row, column + start + 1, row, column + end + 1)

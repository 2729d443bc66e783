"""From changes of a file's code to the file's new bytes."""

from __future__ import annotations

from collections.abc import Sequence

from looplint.finding import Action
from looplint.fix.program_text import ProgramText
from looplint.fix.rewrite import changes
from looplint.fix.splice import Change, Refused, splice
from looplint.sources import Unreadable, from_text
from looplint.sources.readable import readable
from looplint.sources.writeback import write_back
from looplint.syntax.parse import parses


def with_actions(raw: bytes, path: str, actions: Sequence[Action]) -> bytes:
    """The bytes of a file after these actions. `path`: its suffix says what it is. Raises Refused and Unreadable."""
    [source] = from_text(raw, path)
    source = readable(source)
    try:
        code = ProgramText(source.text, source.segments)
    except SyntaxError:
        raise Refused(f"{path} cannot be parsed") from None
    return with_changes(raw, path, code, changes(code, actions))


def with_changes(raw: bytes, path: str, code: ProgramText, parts: Sequence[Change]) -> bytes:
    """The bytes of a file with the code `code`, after these changes. Raises Refused."""
    if not parses(splice(code.text, parts)):
        raise Refused("the result would not be valid Python")
    regions = [(code.start(s.row), code.end(s.row + s.rows - 1)) for s in code.segments] or [(0, len(code.text))]
    texts = {}
    for index, (start, end) in enumerate(regions):
        if inside := [p for p in parts if start <= p.start <= end]:
            moved = [Change(p.start - start, p.end - start, p.content) for p in inside]
            texts[index] = splice(code.text[start:end], moved)
    try:
        return write_back(raw, path, texts)
    except Unreadable as error:
        raise Refused(error.reason) from None

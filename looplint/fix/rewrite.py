"""From the actions of a fix to changes of text, and from these to the new text."""

from __future__ import annotations

import ast
import bisect
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from looplint.finding import Action
from looplint.fix.program_text import ProgramText
from looplint.fix.splice import Change, Refused, differences, splice, trimmed
from looplint.syntax.parse import parses

if TYPE_CHECKING:
    from looplint.fix.transform import Slot

_BLOCK = "if True:\n"
_INDENTS = (" ", "\t")
_BESIDE = ("prefix", "suffix")
_WITH_CODE = ("insert", "insert-after", "wrap", "wrap-rest")


def rewrite(text: str, actions: Iterable[Action]) -> str:
    """Apply the actions of one fix to Python text with `\\n` newlines.

    Raises Refused, and SyntaxError if the text is not Python.
    """
    return splice(text, changes(ProgramText(text), tuple(actions)))


def changes(code: ProgramText, actions: Sequence[Action]) -> list[Change]:
    """The changes that apply the actions of one fix. Raises Refused if one of them cannot be applied."""
    by_segment: dict[int, list[Action]] = defaultdict(list)
    for action in actions:
        code.offsets(action.span)
        top, bottom = code.bounds(action.span.row)
        if action.span.end_row > bottom:
            raise Refused("it reaches from one cell or block into another")
        by_segment[top].append(action)
    try:
        found = [part for top, listed in by_segment.items() for part in _in_segment(code, top, listed)]
    except RecursionError:
        raise Refused("the code is nested too deeply") from None
    return found


def _in_segment(code: ProgramText, top: int, actions: Sequence[Action]) -> list[Change]:
    comments = [action for action in actions if _in_comment(code, action)]
    found = [_comment(code, *code.offsets(action.span), action.code) for action in comments]
    if found:
        _check(code.text, found)
    rest = [action for action in actions if action not in comments]
    if not rest:
        return found
    regions = [code.offsets(action.span) for action in rest]
    start, end = code.start(top), code.end(code.bounds(top)[1])
    outer = ""
    if around := _smallest(code, rest, regions):
        start, end, outer = max(start, around[0]), min(end, around[1]), around[2]
    # libcst reads an indented part as the block of a statement, which is indented as the one in the file.
    head = _BLOCK if code.text[start : start + 1] in _INDENTS else ""
    head += f"{outer}{_BLOCK}" if head and outer else ""
    old, start = head + code.text[start:end], start - len(head)
    inside = [(first - start, last - start) for first, last in regions]
    pairs = list(zip(rest, inside, strict=True))
    others = [pair for pair in pairs if pair[0].kind not in _BESIDE]
    parts = _transformed(old, [action for action, _ in others], [region for _, region in others]) if others else []
    for action, region in pairs:
        if action.kind in _BESIDE:
            at = region[action.kind == "suffix"]
            parts.append(Change(at, at, action.code))
    _check(old, parts)
    return [*found, *(Change(start + part.start, start + part.end, part.content) for part in parts)]


def _check(text: str, parts: Sequence[Change]) -> None:
    """Raises Refused if the text would no longer parse. What surrounds whole statements need not be parsed again."""
    if not parses(splice(text, parts)):
        raise Refused("the result would not be valid Python")


def _in_comment(code: ProgramText, action: Action) -> bool:
    start, end = code.offsets(action.span)
    if action.kind != "replace" or "#" not in code.text[code.start(action.span.row) : max(end, start + 1)]:
        return False
    return any(first <= start and end <= last for first, last in code.comments)


def _comment(code: ProgramText, start: int, end: int, new: str) -> Change:
    """The change of a comment. A removed one takes the space before it along, or its row."""
    if new:
        return Change(start, end, new)
    row = code.row(start)
    while start > code.start(row) and code.text[start - 1] in " \t\f":
        start -= 1
    if (start, end) == (code.start(row), code.end(row)):
        return Change(*code.lines(row, row), "")
    return Change(start, end, "")


def _smallest(
    code: ProgramText, actions: Sequence[Action], regions: Sequence[tuple[int, int]]
) -> tuple[int, int, str] | None:
    """The rows of the smallest statement that contains all actions, so that libcst parses no others, and no
    indentation; or, if statements of its block are moved or removed, the rows of these and their neighbours, and the
    indentation of the statement. None if that is the whole text."""
    first, last = min(start for start, _ in regions), max(end for _, end in regions)
    own = all(action.kind in ("replace", *_BESIDE) for action in actions)
    to_the_end = any(action.kind == "wrap-rest" for action in actions)
    found = None
    block: Sequence[ast.stmt] = code.tree.body
    while (around := _around(code, block, first, last)) is not None:
        statement, start, end = around
        body = getattr(statement, "body", ())
        if not own and not (body and code.region(body[0])[0] <= first and body[0].lineno > statement.lineno):
            break
        found, block = (start, end), body
    if not own and (rows := _neighbours(code, block, first, last, to_the_end=to_the_end)):
        outer = code.text[found[0] : found[1]] if found else ""
        return (*rows, outer[: len(outer) - len(outer.lstrip(" \t"))])
    return (*found, "") if found else None


def _neighbours(
    code: ProgramText, block: Sequence[ast.stmt], first: int, last: int, *, to_the_end: bool
) -> tuple[int, int] | None:
    """The rows of the statements of a block in a region and of those beside them. None if these are all of them, or if
    they share a row with others."""
    low = _index(code, block, first) - 1
    high = len(block) if to_the_end else _index(code, block, max(first, last - 1)) + 2
    inside = block[max(0, low) : high]
    if low < -1 or len(inside) == len(block) or last > code.region(inside[-1])[1]:
        return None
    start, end = code.start(code.row(_begin(code, inside[0]))), code.end(code.row(code.region(inside[-1])[1]))
    before, after = block[: max(0, low)][-1:], block[high:][:1]
    return None if _shares_rows(code, before, after, start, end) or _is_behind(code, inside[0], start) else (start, end)


def _index(code: ProgramText, block: Sequence[ast.stmt], offset: int) -> int:
    """The last statement of a block that begins before an offset or there; -1 if none does."""
    # They are in the order of the text.
    return bisect.bisect_right(block, offset, key=lambda statement: _begin(code, statement)) - 1


def _around(code: ProgramText, block: Sequence[ast.stmt], first: int, last: int) -> tuple[ast.stmt, int, int] | None:
    """The statement of a block around a region, and the start and end of its rows if it shares them with no other."""
    index = _index(code, block, first)
    if index < 0 or last > code.region(block[index])[1]:
        return None
    begin, end = _begin(code, block[index]), code.region(block[index])[1]
    start, end = code.start(code.row(begin)), code.end(code.row(end))
    if _shares_rows(code, block[:index][-1:], block[index + 1 :][:1], start, end):
        return None
    return None if _is_behind(code, block[index], start) else (block[index], start, end)


def _shares_rows(
    code: ProgramText, before: Sequence[ast.stmt], after: Sequence[ast.stmt], start: int, end: int
) -> bool:
    return any(code.region(one)[1] > start for one in before) or any(_begin(code, one) < end for one in after)


def _is_behind(code: ProgramText, statement: ast.stmt, start: int) -> bool:
    """Whether a statement stands behind something else on its row: one on the row of `try:` cannot be read alone, nor
    can libcst indent by a form feed."""
    return bool(code.text[start : _begin(code, statement)].strip(" \t"))


def _begin(code: ProgramText, statement: ast.stmt) -> int:
    """The start of a statement, with its decorators."""
    decorators = getattr(statement, "decorator_list", ())
    return code.start(decorators[0].lineno) if decorators else code.region(statement)[0]


def _transformed(text: str, actions: Sequence[Action], regions: Sequence[tuple[int, int]]) -> list[Change]:
    """The changes of a segment that apply the actions."""
    # Imported here: libcst takes longer to load than most files to be linted.
    from looplint.fix.expression import code_in, comments_in, replacement
    from looplint.fix.transform import holder, is_all_of, slots, transformed
    from looplint.syntax.located import Located

    try:
        tree = Located(text)
    except SyntaxError as error:
        raise Refused(f"libcst cannot read the code: {error.msg}") from None
    found = slots(tree)
    replacements, new_code = [], list[Change]()
    for action, region in zip(actions, regions, strict=True):
        slot = holder(found, *region)
        if action.kind in _WITH_CODE and not action.code:
            raise Refused("it spans several rows")
        if action.kind == "replace":
            each = replacement(tree, *region, action.code)
            slot.take(each.comments)
            replacements.append(each)
            code = code_in(tree, each)
            if each.region == region:
                new_code.append(Change(*region, code))
            else:  # The action cuts a part out of an expression: show that part only.
                new_code += trimmed(text[slice(*each.region)], code, each.region[0])
        elif action.kind == "insert":
            slot.before.append(action.code)
        elif action.kind == "insert-after":
            slot.after.append(action.code)
        elif action.kind == "wrap":
            slot.wrapped = action.code
        elif action.kind == "wrap-rest":
            slot.around_rest = action.code
        elif not is_all_of(tree, slot, region):
            raise Refused("the code to remove is only a part of a statement")
        else:
            slot.gone = True
    for slot in found:
        if slot.gone:
            _take_along(_code(text, slot, new_code), text[slot.start : slot.end], slot, found)
        if slot.around_rest or (slot.gone and not slot.moved):
            kept = [*slot.above, *(action.code for action in actions if action.kind.startswith("insert"))]
            slot.take([comment for comment in comments_in(slot.node) if not any(comment in code for code in kept)])
    new = transformed(tree, found, replacements)
    # Independent changes are kept apart, as an editor shows them.
    apart = [*(differences(text, transformed(tree, found)) if any(slot.changes for slot in found) else ()), *new_code]
    try:
        return apart if splice(text, apart) == new else differences(text, new)
    except Refused:
        return differences(text, new)


def _code(text: str, slot: Slot, parts: Sequence[Change]) -> str:
    """The code of a statement after the replacements in it."""
    inside = [part for part in parts if slot.start <= part.start and part.end <= slot.end]
    moved = [Change(part.start - slot.start, part.end - slot.start, part.content) for part in inside]
    return splice(text[slot.start : slot.end], moved)


def _take_along(code: str, before: str, slot: Slot, found: Sequence[Slot]) -> None:
    """A moved statement takes its comments along, also the one behind it. `code`: the statement, with replaced parts;
    `before`: without."""
    from looplint.fix.transform import Moved

    for other in found:
        for put_in in (other.before, other.after):
            if code in put_in and other is not slot:
                slot.moved = True
                comment = slot.comment if other.alone else ""
                if code == before and slot.line is not None:
                    put_in[put_in.index(code)] = Moved(slot.node, comment)
                elif comment:
                    put_in[put_in.index(code)] = f"{code}  {comment}"
                return

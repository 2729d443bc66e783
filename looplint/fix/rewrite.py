"""From the actions of a fix to changes of text, and from these to the new text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from looplint.finding import Action
from looplint.fix.expression import replaced
from looplint.fix.program_text import ProgramText
from looplint.fix.splice import Change, Refused, differences, splice
from looplint.syntax.parse import parses

if TYPE_CHECKING:
    from looplint.fix.transform import Slot


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
    if not parses(splice(code.text, found)):
        raise Refused("the result would not be valid Python")
    return found


def _in_segment(code: ProgramText, top: int, actions: Sequence[Action]) -> list[Change]:
    replacing = [
        replaced(code, *code.offsets(action.span), action.code) for action in actions if action.kind == "replace"
    ]
    if len(replacing) == len(actions):
        return replacing
    start, end = code.start(top), code.end(code.bounds(top)[1])
    old = code.text[start:end]
    moved = [Change(part.start - start, part.end - start, part.content) for part in replacing]
    rest = [action for action in actions if action.kind != "replace"]
    regions = [(first - start, last - start) for first, last in (code.offsets(action.span) for action in rest)]
    found = [*differences(old, _transformed(old, [], rest, regions)), *moved]
    try:
        splice(old, found)
    except Refused:
        # The replaced expressions are part of a moved statement.
        found = differences(old, _transformed(old, moved, rest, regions))
    return [Change(start + part.start, start + part.end, part.content) for part in found]


def _transformed(
    text: str, replacing: Sequence[Change], actions: Sequence[Action], regions: Sequence[tuple[int, int]]
) -> str:
    """The text of a segment after the changes to its expressions and the actions on its statements."""
    # Imported here: libcst takes longer to load than most files to be linted.
    from looplint.fix.transform import holder, slots, transformed
    from looplint.syntax.located import Located

    try:
        tree = Located(text)
        found = slots(tree)
        held = [found.index(holder(found, *region)) for region in regions]
        for action, index, region in zip(actions, held, regions, strict=True):
            slot = found[index]
            if action.kind == "delete" and slot.line is None and (slot.start, slot.end) != region:
                raise Refused("the code to remove is only a part of a statement")
        if replacing:
            # Statements stay the same ones while expressions in them change.
            tree = Located(splice(text, replacing))
            found = slots(tree)
            if max(held) >= len(found):
                raise Refused("its changes overlap")
    except SyntaxError as error:
        raise Refused(f"libcst cannot read the code: {error.msg}") from None
    for action, index in zip(actions, held, strict=True):
        slot = found[index]
        if action.kind == "insert":
            slot.before.append(action.code)
        elif action.kind == "insert-after":
            slot.after.append(action.code)
        elif action.kind == "wrap":
            slot.wrapped = action.code
        elif action.kind == "wrap-rest":
            slot.around_rest = action.code
        else:
            slot.gone = True
    for slot in found:
        if slot.gone:
            _take_along(tree.text, slot, found)
    return transformed(tree, found)


def _take_along(text: str, slot: Slot, found: Sequence[Slot]) -> None:
    """A moved statement takes the comment behind it along."""
    code = text[slot.start : slot.end]
    for other in found:
        for put_in in (other.before, other.after):
            if code in put_in and other is not slot:
                slot.moved = True
                if slot.comment and other.alone:
                    put_in[put_in.index(code)] = f"{code}  {slot.comment}"
                return

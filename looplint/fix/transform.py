"""Inserts, removes, and wraps statements in `with` blocks, and replaces expressions, on the concrete tree of libcst.

Comments, blank lines, brackets, continued lines, indentation and newlines are part of that tree, so unchanged code
stays as it is. The comment behind a removed statement stays, on a line of its own; one for a tool (`# type: ignore`) is
removed with its statement.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import libcst as cst

from looplint.fix.expression import Replacement
from looplint.fix.splice import Refused
from looplint.syntax.located import Located, suites

_CROWDED = "several statements share a line there: put each on a line of its own"
_FOR_A_TOOL = re.compile(r"#\s*(?:(?:type|looplint|pyright|pylint|mypy|ruff|fmt|isort):|(?:noqa|nosec|pragma)\b)", re.I)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """A statement that is inserted elsewhere as it is, with the comment behind it. libcst indents its further rows."""

    node: Any
    comment: str

    @property
    def small(self) -> Any:
        """The statement without what follows it on its row."""
        return self.node.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)


@dataclasses.dataclass(slots=True, eq=False)
class Slot:
    """A statement and the actions on it.

    `block`: the concrete node whose body contains it; `line`: the line that it shares with others, None for a compound
    statement. `start`, `end`: offsets. `before`, `after`: statements to insert there. `wrapped`, `around_rest`: the
    context of a `with` block around it, or in its place around what follows. `moved`: it is inserted elsewhere and
    takes its comments along. `above`, `behind`: comments of replaced or removed code that move there.
    """

    node: Any
    block: Any
    line: Any
    start: int
    end: int
    before: list[str | Moved] = dataclasses.field(default_factory=list)
    after: list[str | Moved] = dataclasses.field(default_factory=list)
    gone: bool = False
    moved: bool = False
    wrapped: str = ""
    around_rest: str = ""
    above: list[str] = dataclasses.field(default_factory=list)
    behind: str = ""

    @property
    def alone(self) -> bool:
        """Whether nothing else is on its line."""
        return not isinstance(self.block, cst.SimpleStatementSuite) and (self.line is None or len(self.line.body) == 1)

    @property
    def comment(self) -> str:
        """The comment behind it, if nothing else is on its line."""
        comment = self.line.trailing_whitespace.comment if self.line is not None and self.alone else None
        return comment.value if comment is not None else ""

    @property
    def changes(self) -> bool:
        """Whether any action applies to it."""
        put = self.before or self.after or self.above or self.behind
        return bool(put or self.gone or self.wrapped or self.around_rest)

    def take(self, comments: Sequence[str]) -> None:
        """Keep the comments of a replaced expression, or of the statement itself if it is removed. Raises Refused if
        there is no place for one."""
        for comment in comments:
            if isinstance(self.block, cst.SimpleStatementSuite):
                raise Refused(f"the comment `{comment}` would be lost")
            if not _FOR_A_TOOL.match(comment):
                self.above.append(comment)
            elif self.gone:
                continue
            elif self.line is None or not self.alone or self.comment or self.behind:
                raise Refused(f"the comment `{comment}` would be lost")
            else:
                self.behind = comment


def slots(tree: Located) -> list[Slot]:
    """Every statement, in source order; an `elif` is part of its `if`."""
    return list(_slots(tree, tree.module))


def _slots(tree: Located, block: Any) -> Iterator[Slot]:
    for item in block.body:
        if isinstance(item, cst.SimpleStatementLine):
            for small in item.body:
                yield Slot(small, block, item, *tree.regions[small])
        elif isinstance(block, cst.SimpleStatementSuite):
            yield Slot(item, block, None, *tree.regions[item])
        else:
            yield Slot(item, block, None, *tree.regions[item])
            for suite in suites(item):
                yield from _slots(tree, suite)


def holder(found: Sequence[Slot], start: int, end: int) -> Slot:
    """The innermost statement around a region. Raises Refused if there is none."""
    around = [slot for slot in found if slot.start <= start and end <= slot.end]
    if not around:
        raise Refused("there is no statement at the place it names")
    return around[-1]


def is_all_of(tree: Located, slot: Slot, region: tuple[int, int]) -> bool:
    """Whether a region is all that a statement does: its only target, its value, or the statement itself."""
    node = slot.node
    inside = [node]
    if isinstance(node, cst.Assign) and len(node.targets) == 1:
        inside += [node.targets[0].target, node.value]
    elif isinstance(node, cst.AugAssign | cst.AnnAssign):
        inside += [node.target, node.value]
    elif isinstance(node, cst.Expr):
        inside += [node.value.expression if isinstance(node.value, cst.Await) else node.value]
    return region == (slot.start, slot.end) or any(tree.regions.get(each) == region for each in inside)


def transformed(tree: Located, found: Sequence[Slot], replacements: Sequence[Replacement] = ()) -> str:
    """The text after the actions on its statements and the replacements of expressions. Raises Refused."""
    by_node = {slot.node: slot for slot in found}
    touched = {slot.block for slot in found if slot.changes}
    regions = [each.region for each in replacements]
    if any(a[0] < b[1] and b[0] < a[1] for i, a in enumerate(regions) for b in regions[:i]):
        raise Refused("its changes overlap")
    places = [*regions, *((slot.start, slot.end) for slot in found if slot.changes)]
    rewriter = _Rewriter(tree, by_node, touched, {each.old: each.new for each in replacements}, places)
    module = tree.module.visit(rewriter)
    assert isinstance(module, cst.Module)
    return module.code if module.body or module.header or module.footer else ""


class _Rewriter(cst.CSTTransformer):
    """Rebuilds the blocks that contain a changed statement, and the expressions around replaced ones. `places`: the
    regions of both; other nodes are not visited."""

    def __init__(
        self,
        tree: Located,
        by_node: dict[Any, Slot],
        touched: set[Any],
        replaced: Mapping[Any, Any],
        places: Sequence[tuple[int, int]],
    ) -> None:
        super().__init__()
        self.module = tree.module
        self.text = tree.text
        self.slots = by_node
        self.touched = touched
        self.replaced = replaced
        self.regions = tree.regions
        self.places = places

    def on_visit(self, node: cst.CSTNode) -> bool:
        region = self.regions.get(node)
        return region is None or any(region[0] <= start and end <= region[1] for start, end in self.places)

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        if original_node in self.replaced:
            return self.replaced[original_node]
        return super().on_leave(original_node, updated_node)

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        return self._block(original_node, updated_node)  # type: ignore[no-any-return]

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.BaseSuite:
        return self._block(original_node, updated_node)  # type: ignore[no-any-return]

    def leave_SimpleStatementSuite(
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.BaseSuite:
        if original_node not in self.touched:
            return updated_node
        pairs = zip(original_node.body, updated_node.body, strict=True)
        body = self._on_one_line([(self.slots[old], new) for old, new in pairs], all_of_them=True)
        return updated_node.with_changes(body=body or [cst.Pass()])

    def _block(self, original: Any, updated: Any) -> Any:
        if original not in self.touched:
            return updated
        body: list[Any] = []
        carried: list[cst.EmptyLine] = []
        comment: cst.TrailingWhitespace | None = None
        items = list(zip(original.body, updated.body, strict=True))
        for index, (old, new) in enumerate(items):
            own = [self.slots[small] for small in old.body] if isinstance(old, cst.SimpleStatementLine) else []
            first = own[0] if own else self.slots[old]
            if first.around_rest:
                if index + 1 == len(items):
                    raise Refused("nothing follows it in its block")
                if not first.alone or not own:
                    raise Refused(_CROWDED)
                rest = self._rest(items[index + 1 :])
                new = new.with_changes(leading_lines=[*new.leading_lines, *_above(own)])
                body.append(self._with(first.around_rest, rest, original, new, header=new.trailing_whitespace))
                break
            lines = self._lines(own, first, new, original)
            if not lines:
                trailing = None if first.moved else _kept(new)
                carried += [*new.leading_lines, *_above(own or [first])]
                if trailing is not None:
                    carried.append(cst.EmptyLine(comment=trailing.comment))
                comment = comment or trailing
                continue
            body += [_led_by(lines[0], carried), *lines[1:]]
            carried = []
        if not body and isinstance(original, cst.IndentedBlock):
            empty = cst.SimpleStatementLine([cst.Pass()])
            if comment is not None:
                carried = [line for line in carried if line.comment is not comment.comment]
                empty = empty.with_changes(trailing_whitespace=comment)
            body, carried = [empty.with_changes(leading_lines=carried)], []
        return updated.with_changes(body=body, footer=[*carried, *updated.footer])

    def _rest(self, items: Sequence[tuple[Any, Any]]) -> list[Any]:
        if any(self._changed(old) for old, _ in items):
            raise Refused("its changes overlap")
        return [new for _, new in items]

    def _changed(self, old: Any) -> bool:
        own = old.body if isinstance(old, cst.SimpleStatementLine) else [old]
        return any(self.slots[each].changes for each in own)

    def _lines(self, own: Sequence[Slot], first: Slot, new: Any, block: Any) -> list[Any]:
        """The replacement of a line or a compound statement: lines and compound statements, none if it is removed."""
        if first.behind:
            new = new.with_changes(trailing_whitespace=_behind(first.behind, new.trailing_whitespace))
        if first.wrapped:
            if not first.alone:
                raise Refused(_CROWDED)
            new = self._with(first.wrapped, [new.with_changes(leading_lines=())], block, new)
        before, after = self._parsed(first.before, first), []
        last = own[-1] if own else first
        if len(own) < 2:
            after = self._parsed(last.after, last)
            kept = [] if first.gone else [new]
        else:
            small = self._on_one_line(list(zip(own, new.body, strict=True)), all_of_them=first.gone)
            if first.gone:
                before = []
            kept = [new.with_changes(body=small)] if small else []
        found = [*before, *kept, *after]
        if not found:
            return []
        if new not in found and not kept and own and isinstance(found[0], cst.SimpleStatementLine):
            # The replacement of a statement takes its comment, too.
            found[0] = found[0].with_changes(trailing_whitespace=new.trailing_whitespace)
        leading = [*new.leading_lines, *_above(own or [first])]
        if kept and found[0] is not kept[0]:
            at = found.index(kept[0])
            found[at] = kept[0].with_changes(leading_lines=())
        found[0] = found[0].with_changes(leading_lines=[*leading, *_own_leading(found[0], kept)])
        return found

    def _on_one_line(self, pairs: Sequence[tuple[Slot, Any]], *, all_of_them: bool) -> list[Any]:
        """The small statements of a line. `all_of_them`: including those inserted before the first one."""
        found: list[Any] = []
        for index, (slot, new) in enumerate(pairs):
            if slot.wrapped or slot.around_rest:
                raise Refused(_CROWDED)
            if index or all_of_them:
                found += map(_small, slot.before)
            if not slot.gone:
                found.append(new)
            found += map(_small, slot.after)
        # The last one keeps the end of the line as it was.
        semicolon = pairs[-1][1].semicolon
        joint = cst.Semicolon(whitespace_after=cst.SimpleWhitespace(" "))
        between = [
            part if isinstance(part.semicolon, cst.Semicolon) else part.with_changes(semicolon=joint) for part in found
        ]
        return [*between[:-1], found[-1].with_changes(semicolon=semicolon)] if found else []

    def _parsed(self, codes: Sequence[str | Moved], beside: Slot) -> list[Any]:
        start = self.text.rfind("\n", 0, beside.start) + 1
        indented = self.text[start : beside.start]
        found: list[Any] = []
        for code in codes:
            if isinstance(code, Moved):
                end = cst.TrailingWhitespace()
                end = _behind(code.comment, end) if code.comment else end
                found.append(cst.SimpleStatementLine([code.small], trailing_whitespace=end))
                continue
            try:
                parsed = cst.parse_module(code + "\n", config=self._config)
            except cst.ParserSyntaxError:
                raise Refused("the result would not be valid Python") from None
            # Further rows have the indentation of the file, which libcst adds to the one that they have.
            as_in_file = _Outdented(indented) if "\n" in code and indented.isspace() else None
            parsed = parsed.visit(as_in_file) if as_in_file else parsed
            # The first block of a part of a file may be indented by several levels, which libcst takes for one.
            level = self._level(start, indented) or parsed.default_indent
            found += (parsed.visit(_Indented(level)) if "\n" in code else parsed).body
        return found

    def _level(self, start: int, indented: str) -> str:
        """One level of indentation at a row that starts here; empty if it cannot be seen."""
        above = (row for row in reversed(self.text[:start].split("\n")) if row.strip())
        outer = (row[: len(row) - len(row.lstrip())] for row in above)
        level = indented.removeprefix(next((one for one in outer if len(one) < len(indented)), ""))
        return level if level == "\t" or level in "    " else ""

    @functools.cached_property
    def _config(self) -> cst.PartialParserConfig:
        try:
            return self.module.config_for_parsing
        except ValueError:  # libcst reads a block that is indented by a form feed, and writes none.
            raise Refused("a form feed is part of the indentation") from None

    def _with(self, context: str, body: Sequence[Any], block: Any, old: Any, header: Any = None) -> cst.With:
        """`with context:` around statements. `old`: the current statement, whose comments above stay above."""
        try:
            made = cst.parse_statement(f"with {context}:\n    pass\n", config=self._config)
        except cst.ParserSyntaxError:
            raise Refused("the result would not be valid Python") from None
        assert isinstance(made, cst.With)
        indent = block.indent if isinstance(block, cst.IndentedBlock) else None
        inside = cst.IndentedBlock(body=body, indent=indent, header=header or cst.TrailingWhitespace())
        return made.with_changes(body=inside, leading_lines=old.leading_lines)


class _Indented(cst.CSTTransformer):
    """Gives blocks an indentation of their own."""

    def __init__(self, indent: str) -> None:
        super().__init__()
        self._indent = indent

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.BaseSuite:
        return updated_node if updated_node.indent else updated_node.with_changes(indent=self._indent)


class _Outdented(cst.CSTTransformer):
    """Takes an indentation off the rows inside brackets."""

    def __init__(self, indent: str) -> None:
        super().__init__()
        self._indent = indent

    def leave_ParenthesizedWhitespace(
        self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        inside = updated_node.last_line.value.removeprefix(self._indent)
        return updated_node.with_changes(last_line=cst.SimpleWhitespace(inside))


def _behind(comment: str, end: cst.TrailingWhitespace) -> cst.TrailingWhitespace:
    return end.with_changes(whitespace=cst.SimpleWhitespace("  "), comment=cst.Comment(comment))


def _above(own: Sequence[Slot]) -> list[cst.EmptyLine]:
    """The lines of comments that move above these statements."""
    return [cst.EmptyLine(comment=cst.Comment(comment)) for slot in own for comment in slot.above]


def _small(code: str | Moved) -> Any:
    """A statement that can share a line with others. Raises Refused for any other."""
    if isinstance(code, Moved):
        return code.small
    try:
        parsed = cst.parse_module(code + "\n")
    except cst.ParserSyntaxError:
        raise Refused("the result would not be valid Python") from None
    line = parsed.body[0] if len(parsed.body) == 1 and "\n" not in code else None
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1 or line.trailing_whitespace.comment:
        raise Refused(_CROWDED)
    return line.body[0]


def _own_leading(statement: Any, kept: Sequence[Any]) -> Sequence[cst.EmptyLine]:
    """Comments above a new statement, from its own code."""
    return () if kept and statement is kept[0] else tuple(statement.leading_lines)


def _kept(line: Any) -> cst.TrailingWhitespace | None:
    """The comment behind a removed statement, if it is for people."""
    trailing = getattr(line, "trailing_whitespace", None)
    if trailing is None or trailing.comment is None or _FOR_A_TOOL.match(trailing.comment.value):
        return None
    return trailing  # type: ignore[no-any-return]


def _led_by(statement: Any, lines: Sequence[cst.EmptyLine]) -> Any:
    return statement.with_changes(leading_lines=[*lines, *statement.leading_lines]) if lines else statement

"""The code with the path that makes it wrong: the default for people."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import TextIO

from looplint.finding import Finding
from looplint.report._advice import advice
from looplint.report._colors import Paint, painter
from looplint.report._context import Context
from looplint.report._frame import frame
from looplint.report._headline import headline
from looplint.sources.printable import columns, printable


def write(findings: Iterable[Finding], stream: TextIO, context: Context) -> None:
    """The headline, the code with the places of the path numbered in order, the remedy, and once per rule its measured
    effect and where to read more. An empty line after each finding."""
    paint = painter(context.color)
    explained: set[str] = set()
    for finding in findings:
        lines = [*_headline(finding, context.width, paint), "", *frame(finding, context, paint)]
        for text in advice(finding):
            lines += _remark("help", text, context.width, paint)
        if finding.name not in explained:
            explained.add(finding.name)
            if effect := context.measured(finding.name):
                lines += _remark("measured", f"in looplint's own sample, {effect}", context.width, paint)
            lines += _remark("more", f"looplint rule {finding.name}", context.width, paint)
        stream.write("\n".join(lines) + "\n\n")


def _headline(finding: Finding, width: int | None, paint: Paint) -> list[str]:
    """The headline; a message that does not fit the first row continues in the second."""
    message = printable(finding.message)
    head = headline(finding, paint).removesuffix(message)
    plain = headline(finding, painter(False))
    if width is None or columns(plain) <= width:
        return [head + message]
    first, *rest = _wrapped(message, width, columns(plain.removesuffix(message)), 4)
    return [(head + first).rstrip(), *(" " * 4 + line for line in rest)]


def _remark(title: str, text: str, width: int | None, paint: Paint) -> list[str]:
    """`  help: text`, wrapped under its own start."""
    start = len(title) + 4
    first, *rest = _wrapped(printable(text), width, start, start)
    return [f"  {paint(title, title + ':')} {first}", *(" " * start + line for line in rest)]


def _wrapped(text: str, width: int | None, first: int, rest: int) -> list[str]:
    """The text in rows, of which `first` and `rest` columns are already used; code in backticks and the options at the
    end are not broken."""
    kept = re.sub(r"`[^`]*`|\([^()]*\)$", lambda piece: piece[0].replace(" ", "\xa0"), text)
    room = max(20, width - rest) if width else len(kept) + first + 1
    # The columns used in the first row beyond the others become a word of that length; a full row takes nothing more.
    taken = "\0" * max(0, first - rest)
    text = f"{taken} {kept}" if taken else kept
    rows = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    return [row.removeprefix(taken).removeprefix(" ").replace("\xa0", " ") for row in rows]

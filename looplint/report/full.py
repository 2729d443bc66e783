"""The code itself, with the way through it that makes it wrong: the default for people."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TextIO

from looplint.finding import Finding
from looplint.report._advice import advice
from looplint.report._colors import Paint, painter
from looplint.report._context import Context
from looplint.report._frame import frame
from looplint.report._headline import headline
from looplint.report._printable import printable


def write(findings: Sequence[Finding], stream: TextIO, context: Context) -> None:
    """The headline, the code with the places of the path numbered in order, how to mend it, and what was measured
    (once for each rule). An empty line after each finding."""
    paint = painter(context.color)
    measured: set[str] = set()
    for finding in findings:
        lines = [headline(finding, paint), "", *frame(finding, context, paint)]
        for text in advice(finding):
            lines += _remark("help", text, context.width, paint)
        effect = None if finding.name in measured else context.measured(finding.name)
        measured.add(finding.name)
        if effect:
            lines += _remark("measured", f"{effect} (looplint prove {finding.name})", context.width, paint)
        stream.write("\n".join(lines) + "\n\n")


def _remark(title: str, text: str, width: int | None, paint: Paint) -> list[str]:
    """`  help: text`, wrapped under its own beginning; a piece of code and the options at the end are not broken."""
    start = len(title) + 4
    text = re.sub(r"`[^`]*`|\([^()]*\)$", lambda piece: piece[0].replace(" ", "\xa0"), printable(text))
    room = max(20, width - start) if width else len(text) + 1
    first, *rest = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    lines = [f"  {paint(title, title + ':')} {first}", *(" " * start + line for line in rest)]
    return [line.replace("\xa0", " ") for line in lines]

"""How often each rule found something: the table of `--statistics`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from looplint.finding import Finding


def statistics(findings: Sequence[Finding], stream: TextIO) -> None:
    """Write count, code, `[*]` where every finding has a safe fix (`[-]` some fix or other), and name, most frequent
    first; nothing for no findings."""
    counts = Counter((finding.code, finding.name) for finding in findings)
    if not counts:
        return
    digits = len(str(max(counts.values())))
    letters = max(len(code) for code, _ in counts)
    for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        fixes = [finding.fix for finding in findings if finding.code == code and finding.name == name]
        safe = all(fix is not None and fix.applicability == "safe" for fix in fixes)
        mark = "[*]" if safe else "[-]" if any(fixes) else "[ ]"
        stream.write(f"{count:>{digits}}  {code:<{letters}}  {mark}  {name}\n")

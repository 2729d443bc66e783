"""The rule about comments that suppress nothing; it does not query the event graph."""

from __future__ import annotations

from collections.abc import Iterator

from looplint.finding import Action, Fix, Severity
from looplint.rule import Mistake, Rule, page_url, safe


def _never(_: object) -> Iterator[Mistake]:
    return iter(())


UNUSED = Rule(
    code="LOOP001",
    name="unused-suppression",
    severity=Severity.NOTE,
    ask=_never,
    url=page_url("unused-suppression"),
    doc="""\
A suppression comment without a finding to suppress.

What it does
------------
Reports `# looplint: ...` comments, and looplint's codes in `# noqa: ...`, that suppress nothing, and words in them that
are no rule. Only rules that are on are checked: a comment for a rule that is off here may be needed elsewhere. So a
prefix is checked where all of its rules are on, and a comment without brackets where every rule is.

Why is this bad?
----------------
The comment outlives its finding, and will suppress the next one at that place. A misspelt one suppresses nothing,
although its author believes it does.

Example
-------
```python
optimizer.zero_grad()
loss.backward()  # looplint: ignore[missing-zero-grad]
```

Use instead
-----------
```python
optimizer.zero_grad()
loss.backward()
```

Known limits
------------
A bare `# noqa` is never reported: it may be for another tool.

References
----------
- ruff's rule of the same kind: https://docs.astral.sh/ruff/rules/unused-noqa/
""",
)


def remove(message: str, *actions: Action) -> Fix:
    """The fix for a comment that suppresses nothing."""
    return safe(message, *actions)

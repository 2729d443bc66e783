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
    subject="Comment",
    url=page_url("unused-suppression"),
    doc="""\
A comment silences a finding that is not there.

What it does
------------
Reports `# looplint: ...` comments, and looplint's codes in `# noqa: ...`, that silence nothing, and words in them that
are no rule. Only rules that are on are judged: a comment for a rule that is off here may be needed elsewhere. So a
prefix is judged where all of its rules are on, and a comment without brackets where every rule is.

Why is this bad?
----------------
The comment outlives the mistake it excused, and will silence the next one at that place. A misspelt one silences
nothing while its author believes it does.

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
A bare `# noqa` is never reported: it may be meant for another tool.

References
----------
- ruff's rule of the same kind: https://docs.astral.sh/ruff/rules/unused-noqa/
""",
)


def remove(message: str, *actions: Action) -> Fix:
    """The fix for a comment that suppresses nothing."""
    return safe(message, *actions)

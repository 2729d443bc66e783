"""The rule about syntax errors; it does not query the event graph."""

from __future__ import annotations

from collections.abc import Iterator

from looplint.finding import Severity
from looplint.rule import Mistake, Rule, page_url


def _never(_: object) -> Iterator[Mistake]:
    return iter(())


SYNTAX_ERROR = Rule(
    code="LOOP002",
    name="syntax-error",
    url=page_url("syntax-error"),
    severity=Severity.ERROR,
    ask=_never,
    doc="""\
A part of the file is not Python, so it was not checked.

What it does
------------
Reports where a file or a cell of a notebook cannot be parsed. The code before and after the fault is still checked:
the other definitions of a file, the other methods of a class, the other cells of a notebook, one side of a merge
conflict.

Syntax that is newer than the Python that runs looplint is not a fault: type parameters, `type` statements, f-strings as
of Python 3.12, template strings, `except` without brackets and lazy imports are parsed on every version.

Why is this bad?
----------------
The file cannot be imported, and a mistake in the part that was not parsed is missed.

Example
-------
```python
for inputs, targets in loader:
    loss = loss_fn(model(inputs), targets
    loss.backward()
```

Use instead
-----------
```python
for inputs, targets in loader:
    loss = loss_fn(model(inputs), targets)
    loss.backward()
```

Known limits
------------
Only its own code or name turns this rule off: `ignore = ["LOOP002"]`, `# looplint: file-ignore[syntax-error]`. No
prefix, and no comment without a code, does. Files without words about training are not parsed.

References
----------
- The grammar of Python: https://docs.python.org/3/reference/grammar.html
""",
)

"""Comments that silence findings: where they count, what they leave, and what is said of those that silence nothing."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

import pytest

from looplint.finding import Finding, Location, Severity
from looplint.findings.suppress import add_ignores, apply
from looplint.fix import fix_bytes
from looplint.project.unused_suppression import UNUSED
from looplint.rule import Mistake, Rule
from looplint.sources import Source, from_text


def _no_mistake(_: object) -> Iterator[Mistake]:
    return iter(())


RULES = tuple(
    Rule(code, name, Severity.ERROR, _no_mistake, "Summary.")
    for code, name in (
        ("LOOP201", "missing-zero-grad"),
        ("LOOP301", "direct-forward-call"),
        ("LOOP601", "missing-step"),
    )
)
ON = {"LOOP001": Severity.NOTE, "LOOP201": Severity.ERROR, "LOOP301": Severity.ERROR}
MARKS = {"A": RULES[0], "B": RULES[1]}


def found(source: Source) -> list[Finding]:
    """A finding of rule A (LOOP201) at every call `A()`, of rule B (LOOP301) at every `B()`."""
    findings = []
    for row, line in enumerate(source.text.split("\n"), 1):
        for mark, rule in MARKS.items():
            for column in (i + 1 for i in range(len(line)) if line.startswith(f"{mark}()", i)):
                place, end = source.locate(row, column), source.locate(row, column + 3)
                start, stop = Location(place.row, place.column), Location(end.row, end.column)
                findings.append(
                    Finding(rule.code, rule.name, rule.severity, "wrong", source.path, start, stop, place.cell)
                )
    return findings


def left(text: str, path: str = "t.py", on: dict[str, Severity] | None = None) -> list[str]:
    """What is left, as `row code`, of findings that are not silenced; messages of unused suppressions."""
    [source] = from_text(textwrap.dedent(text), path)
    findings = apply(found(source), source, RULES, ON if on is None else on)
    return [f.message if f.code == UNUSED.code else f"{f.location.row} {f.code}" for f in findings]


SILENT = [
    "A()  # looplint: ignore[LOOP201]",
    "A()  # looplint: ignore[missing-zero-grad] the caller clears (see #12)",
    "A(); B()  # looplint: ignore[LOOP201, direct-forward-call]",
    "A(); B()  # looplint: ignore",
    "A()  # noqa: LOOP201",
    "A()  # NOQA : E501, LOOP201",
    "A()  # noqa",
    "A()  # type: ignore  # noqa: LOOP201",
    "A()  # looplint: ignore[LOOP201]  # type: ignore",
    "A()  # looplint: ignore[LOOP2]",
    "A(); B()  # looplint: ignore[ALL]",
    "A()  # noqa: E7, LOOP2",
    "# looplint: disable[LOOP2, LOOP3]\nA()\nB()\n# looplint: enable[LOOP2, LOOP3]",
    "x = f(\n    A(),\n    1,\n)  # looplint: ignore[LOOP201]",
    "x = f(  # looplint: ignore[LOOP201]\n    1,\n    A(),\n)",
    "x = f(\n    # looplint: ignore[LOOP201]\n    1,\n    A(),\n)",
    "x = '''\n''' + \\\n  str(A())  # noqa: LOOP201",
    "for x in f(\n    A()\n):  # looplint: ignore[LOOP201]\n    pass",
    "# looplint: ignore[LOOP201]\nA()",
    "# looplint: ignore[LOOP201]\n\n# more\nx = f(\n    A())",
    "B(); A()\n# looplint: file-ignore[LOOP201,LOOP301]",
    "# looplint: file-ignore\nA()\nB()",
    "# looplint: disable[LOOP201]\nA()\nx = A()\n# looplint: enable[LOOP201]",
    "def f():\n    # looplint: disable\n    A()\n    if x:\n        B()",
]


@pytest.mark.parametrize("text", SILENT, ids=repr)
def test_silenced(text: str) -> None:
    assert left(text) == []


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("A()\nx = 1  # noqa", ["1 LOOP201"]),
        ("A(); B()  # looplint: ignore[LOOP201]", ["1 LOOP301"]),
        ("for x in y:  # noqa\n    A()", ["2 LOOP201"]),
        ("A()  # noqa: E501", ["1 LOOP201"]),
        ("A()  # noqa: because", ["1 LOOP201"]),
        ("x = '# looplint: ignore'; A()", ["1 LOOP201"]),
        ("'''\n# looplint: file-ignore\n'''; A()", ["3 LOOP201"]),
        ("# looplint: disable[LOOP201]\nA(); B()\n# looplint: enable[LOOP201]\nA()", ["2 LOOP301", "4 LOOP201"]),
        ("def f():\n    # looplint: disable[LOOP201]\n    A()\nA()", ["4 LOOP201"]),
        ("A()  # looplint is ignored here", ["1 LOOP201"]),
    ],
    ids=repr,
)
def test_not_silenced(text: str, rest: list[str]) -> None:
    assert left(text) == rest


@pytest.mark.parametrize(
    ("text", "said", "fixed"),
    [
        ("x = 1  # looplint: ignore[LOOP201]", "`LOOP201` is not found here", "x = 1"),
        ("x = 1  # looplint: ignore[LOOP2]", "`LOOP2` is not found here", "x = 1"),
        ("x = 1  # looplint: ignore[LOOP9]", "there is no rule `LOOP9` to suppress", None),
        (
            "A()  # looplint: ignore[LOOP301, LOOP201] why",
            "`LOOP301` is not found",
            "A()  # looplint: ignore[LOOP201] why",
        ),
        ("x = 1  # noqa: E501, LOOP201", "`LOOP201` is not found", "x = 1  # noqa: E501"),
        ("x = 1  # looplint: ignore[LOOP201] why  # type: int", "`LOOP201` is not found", "x = 1  # type: int"),
        ("# looplint: file-ignore[LOOP301]\nA()  # noqa", "`LOOP301` is not found here", "A()  # noqa"),
        ("# looplint: disable[LOOP301]\nx = 1\n# looplint: enable[LOOP301]\ny = 2", "`LOOP301` is", "x = 1\ny = 2"),
        (
            "# looplint: disable[LOOP201,LOOP301]\nA()\n# looplint: enable[LOOP201,LOOP301]",
            "`LOOP301` is",
            "# looplint: disable[LOOP201]\nA()\n# looplint: enable[LOOP201]",
        ),
        ("x = 1\n# looplint: enable[LOOP201]\ny = 2", "there is no `disable` that this `enable` ends", "x = 1\ny = 2"),
        ("x = 1  # looplint: ignore[LOOP2O1]", "no rule `LOOP2O1` to suppress; did you mean `LOOP201`?", None),
        ("x = 1  # noqa: LOOP999", "there is no rule `LOOP999` to suppress", None),
        (
            "A()  # looplint: ingore[LOOP201]  # noqa",
            "`looplint: ingore` is not understood; did you mean `ignore`?",
            None,
        ),
    ],
    ids=repr,
)
def test_unused_suppressions_are_reported_and_removed(text: str, said: str, fixed: str | None) -> None:
    [message] = [line for line in left(text) if not line[0].isdigit()]
    assert said in message

    def lint(raw: bytes) -> list[Finding]:
        [source] = from_text(raw, "t.py")
        return apply(found(source), source, RULES, ON)

    result = fix_bytes(text.encode(), "t.py", lint, unsafe=False)
    assert result.new.decode() == (text if fixed is None else fixed)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # noqa",
        "x = 1  # noqa: E501",
        "x = 1  # looplint: ignore a rule that is off here may need it",
        "x = 1  # looplint: ignore[LOOP6] so may this",
        "x = 1  # looplint: ignore[ALL]",
        "x = 1  # looplint: ignore[LOOP601] that rule is off here",
        "x = 1  # looplint: ignore[LOOP201, LOOP001] kept on purpose",
        "# looplint: a linter for training loops",
    ],
)
def test_what_may_be_needed_elsewhere_is_not_called_unused(text: str) -> None:
    assert left(text) == []


def test_a_bare_comment_is_judged_where_every_rule_is_on_and_removed_by_who_asks_for_it() -> None:
    every = dict.fromkeys((UNUSED.code, *(rule.code for rule in RULES)), Severity.ERROR)
    assert left("x = 1  # looplint: ignore", on=every) == ["this comment suppresses nothing"]

    def lint(raw: bytes) -> list[Finding]:
        [source] = from_text(raw, "t.py")
        return apply(found(source), source, RULES, every)

    text = b"x = 1  # looplint: ignore"
    assert fix_bytes(text, "t.py", lint, unsafe=False).new == text
    assert fix_bytes(text, "t.py", lint, unsafe=True).new == b"x = 1"


def test_nothing_is_reported_when_the_rule_is_off() -> None:
    on = {code: level for code, level in ON.items() if code != UNUSED.code}
    assert left("x = 1  # looplint: ignore[LOOP201]", on=on) == []


def notebook(*cells: str) -> bytes:
    cell: dict[str, object] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    document: dict[str, object] = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"language_info": {"name": "python"}},
    }
    document["cells"] = [
        {**cell, "id": f"c{i}", "source": text.splitlines(keepends=True)} for i, text in enumerate(cells)
    ]
    return json.dumps(document, indent=1).encode()


def test_in_a_notebook_a_comment_counts_for_its_cell_and_a_file_ignore_for_all() -> None:
    [source] = from_text(
        notebook("x = 1\nA()  # looplint: ignore", "A()\nB()", "# looplint: file-ignore[B]"), "n.ipynb"
    )
    findings = [f for f in apply(found(source), source, RULES, ON) if f.code != UNUSED.code]
    assert [(f.cell, f.location.row, f.code) for f in findings] == [(1, 1, "LOOP201"), (1, 2, "LOOP301")]
    [source] = from_text(notebook("A()", "B()", "# looplint: file-ignore"), "n.ipynb")
    assert apply(found(source), source, RULES, ON) == []


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("t.py", b"A()\r\n", b"A()  # looplint: ignore[LOOP201]\r\n"),
        ("t.py", b"if x: A(); B()  # why", b"if x: A(); B()  # why  # looplint: ignore[LOOP201, LOOP301]"),
        ("t.py", b"x = f(A(),\n  '''\n''')\n", b"x = f(A(),\n  '''\n''')  # looplint: ignore[LOOP201]\n"),
        (
            "t.py",
            b"A(); B()  # looplint: ignore[direct-forward-call] slow\n",
            b"A(); B()  # looplint: ignore[direct-forward-call, LOOP201] slow\n",
        ),
        (
            "t.md",
            b"Train:\n\n- so\n  ```python\n  import torch\n  A()\n  ```\n",
            b"Train:\n\n- so\n  ```python\n  import torch\n  A()  # looplint: ignore[LOOP201]\n  ```\n",
        ),
        ("n.ipynb", notebook("x = 1\nA()", "B()"), None),
    ],
)
def test_add_ignore_silences_and_changes_nothing_else(path: str, text: bytes, wanted: bytes | None) -> None:
    [source] = from_text(text, path)
    findings = apply(found(source), source, RULES, ON)
    assert findings
    new = add_ignores(text, path, findings)
    assert wanted is None or new == wanted
    [source] = from_text(new, path)
    assert apply(found(source), source, RULES, ON) == []

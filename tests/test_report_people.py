"""The formats for people: the picture of the code is right, whatever the code holds, and safe to show."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import unicodedata

import pytest
import wcwidth
from counted_work import counted
from diff_cover.violationsreporters.violations_reporter import flake8_driver  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from report_samples import FINDINGS, FORWARD, MISSING, NOTEBOOK, TRAIN, Texts, context, report, step

from looplint.finding import Finding, Fix, Location, Severity
from looplint.report import formats, statistics

FRAME = """\
train.py:11:9: LOOP201 missing-zero-grad: `optimizer` steps again before its gradients are cleared

   9 |     for inputs, targets in loader:
  10 |         loss = criterion(model(inputs), targets)
  11 |         loss.backward()
     |         ^^^^^^^^^^^^^^^ 2. the next batch adds its gradients to the old ones
  12 |         optimizer.step()
     |         ^^^^^^^^^^^^^^^^ 1. the step uses them; 3. the next step uses both
  help: call `optimizer.zero_grad()` before `loss.backward()` (--fix --unsafe-fixes)
  measured: in looplint's own sample, gradient norm 0.31, 0.62, 0.93 over three equal batches
  more: looplint rule missing-zero-grad

"""


def found(text: str, start: int, end: int, row: int = 1, message: str = "wrong") -> tuple[str, list[str]]:
    """The row of code and the lines below it in the picture of a finding without a path, at 80 columns."""
    finding = Finding("LOOP1", "some-rule", Severity.ERROR, message, "a.py", Location(row, start), Location(row, end))
    shown = report("full", [finding], context({("a.py", None): text}, width=80)).split("\n")
    at = next(i for i, line in enumerate(shown) if line.startswith(f"  {row} |"))
    return shown[at], shown[at + 1 :]


def pointed_at(text: str, start: int, end: int) -> str:
    """What stands above the carets, by columns of a terminal."""
    code, (carets, *_) = found(text, start, end)
    first, last = carets.index("^"), carets.rindex("^") + 1
    column, picked = 0, ""
    for char in code:
        if first <= column < last:
            picked += char
        column += wcwidth.wcwidth(char)
    return picked


def test_the_picture() -> None:
    assert report("full", [MISSING]) == FRAME


def test_measured_and_where_to_read_more_once_for_each_rule() -> None:
    twice = report("full", [MISSING, MISSING, FORWARD])
    assert (twice.count("measured:"), twice.count("more: looplint rule")) == (1, 2)


def test_each_step_of_a_place_has_a_row_of_its_own_where_they_do_not_fit_into_one() -> None:
    shown = [line.partition("|")[2].strip("^ ") for line in report("full", [MISSING], context(width=60)).split("\n")]
    assert [line for line in shown if line.startswith(("1.", "3."))] == [
        "1. the step uses them",
        "3. the next step uses both",
    ]


def test_without_colour_a_warning_is_distinguished_from_an_error() -> None:
    for name in ("full", "concise", "grouped"):
        error, warning, note = (report(name, [finding]) for finding in (MISSING, FORWARD, NOTEBOOK))
        assert "missing-zero-grad: " in error
        assert "direct-forward-call (warning): " in warning and "loss-accumulated-with-graph (note): " in note


def test_advice_is_not_given_twice() -> None:
    twice = dataclasses.replace(FORWARD, help="what is meant is `model(inputs)`")
    assert report("full", [twice]).count("help:") == 1
    assert report("full", [FORWARD]).count("help:") == 1
    assert f"help: {FORWARD.help}" in report("full", [dataclasses.replace(FORWARD, fix=None)])


def test_narrow_terminal() -> None:
    shown = report("full", [MISSING], context(width=60)).split("\n")
    assert shown[:2] == [
        "train.py:11:9: LOOP201 missing-zero-grad: `optimizer` steps",
        "    again before its gradients are cleared",
    ]
    assert max(map(len, shown)) <= 60
    assert re.sub(r"\s*\|?\s+", " ", " ".join(shown)).count("the next batch adds its gradients to the old ones") == 1
    assert any(line.endswith(" (--fix --unsafe-fixes)") for line in shown)


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("\tmodel.forward(x)", "model.forward(x)", None),
        ("if a:\tmodel.forward(x)", "model.forward(x)", None),
        ("x = '日本語'; model.forward(x)", "model.forward(x)", None),
        ("e\u0301 = model.forward(x)", "model.forward(x)", None),
        ("print('\x1b[31m', model.forward(x))", "model.forward(x)", None),
        ("f('日本', x)", "'日本'", None),
        ("a" * 200 + " + model.forward(x)", "model.forward(x)", None),
        ("b" * 30 + " + " + "c" * 200, "c" * 200, "c" * 40 + "…"),
        ("model.forward(  # all of it\r", "model.forward(  # all of it", None),
    ],
)
def test_carets_stand_below_their_code(text: str, mark: str, expected: str | None) -> None:
    start = text.index(mark) + 1
    picked = pointed_at(text, start, start + len(mark))
    assert picked == mark if expected is None else (picked in mark + "…" and len(picked) > 30)


def test_a_place_over_several_rows_ends_with_its_first() -> None:
    finding = dataclasses.replace(MISSING, trace=(), location=Location(1, 1), end_location=Location(2, 9), fix=None)
    shown = report("full", [finding], context({("train.py", None): "loss = f(  \n    x, y)\n"}))
    assert "  1 | loss = f(\n    | ^^^^^^^^^\n  measured" in shown


def test_what_is_reported_is_marked_inside_of_a_place_of_its_path() -> None:
    trace, start, end = (step(1, 1, 14, "given here"),), Location(1, 6), Location(1, 13)
    finding = dataclasses.replace(MISSING, trace=trace, location=start, end_location=end)
    shown = report("full", [finding], context({("train.py", None): "loss(soft(x))\n"}))
    assert "  1 | loss(soft(x))\n    | ^^^^^^^^^^^^^ given here\n    |      ^^^^^^^\n" in shown


def test_gaps_other_files_and_cells_are_named() -> None:
    trace = (
        step(4, 5, 18, "made"),
        step(12, 9, 25, "used"),
        step(1, 1, 4, "seen", "lib/other.py"),
        step(9, 1, 4, "", "gone.py"),
    )
    finding = dataclasses.replace(MISSING, trace=trace)
    texts: Texts = {("train.py", None): TRAIN, ("lib/other.py", None): "abc = 1\n"}
    shown = report("full", [finding], context(texts)).split("\n")
    order = [
        "   4 |     model.train()",
        "  ...",
        "  11 |         loss.backward()",
        "    --> lib/other.py",
        "    --> gone.py:9:1 4.",
    ]
    assert [line for line in shown if line in order] == order
    assert "     | ^^^ 3. seen" in shown
    cells = report("full", [NOTEBOOK]).split("\n")
    assert cells[0].startswith("book.ipynb:cell 4:2:5: LOOP701 ")
    assert [line.strip() for line in cells if "-->" in line] == ["--> book.ipynb:cell 2", "--> book.ipynb:cell 4"]


def test_colour_changes_nothing_but_colour() -> None:
    for name in ("full", "concise", "grouped"):
        coloured = report(name, FINDINGS, context(color=True, width=80))
        assert "\x1b[" in coloured
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == report(name, FINDINGS, context(width=80))


def test_concise_and_grouped() -> None:
    lines = report("concise").splitlines()
    parsed = [
        re.fullmatch(r"(.+?):(?:cell (\d+):)?(\d+):(\d+): (LOOP\d+) ([a-z-]+)(?: \([a-z]+\))?: (.+?)( \[\*\])?", line)
        for line in lines
    ]
    assert [match and match.group(1, 2, 3, 4, 5, 8) for match in parsed] == [
        ("train.py", None, "11", "9", "LOOP201", None),
        ("src/eval café.py", None, "1", "11", "LOOP301", " [*]"),
        ("book.ipynb", "4", "2", "5", "LOOP701", None),
    ]
    grouped = report("grouped", [MISSING, dataclasses.replace(MISSING, location=Location(7, 5)), NOTEBOOK])
    assert [line for line in grouped.splitlines() if line and not line.startswith(" ")] == ["train.py:", "book.ipynb:"]
    assert "\n  7:5   LOOP201" in grouped


def test_concise_is_read_as_lists_of_errors_are() -> None:
    violations = flake8_driver.parse_reports([report("concise", [MISSING, FORWARD])])
    assert {path: [violation.line for violation in rows] for path, rows in violations.items()} == {
        "train.py": [11],
        "src/eval café.py": [1],
    }


def test_statistics() -> None:
    stream = io.StringIO()
    half = [FORWARD, dataclasses.replace(FORWARD, fix=Fix("do", "unsafe", ()))]
    statistics([MISSING] * 10 + half + [dataclasses.replace(FORWARD, code="LOOP5", name="b")] + [NOTEBOOK], stream)
    assert [line.split() for line in stream.getvalue().splitlines()] == [
        ["10", "LOOP201", "[-]", "missing-zero-grad"],
        ["2", "LOOP301", "[-]", "direct-forward-call"],
        ["1", "LOOP5", "[*]", "b"],
        ["1", "LOOP701", "[", "]", "loss-accumulated-with-graph"],
    ]


def test_statistics_as_json() -> None:
    half = [FORWARD, dataclasses.replace(FORWARD, fix=Fix("do", "unsafe", ()))]
    expected = [
        {"code": "LOOP301", "name": "direct-forward-call", "count": 2, "safe_fixes": 1, "unsafe_fixes": 1},
        {"code": "LOOP701", "name": NOTEBOOK.name, "count": 1, "safe_fixes": 0, "unsafe_fixes": 0},
    ]
    for name, read in (("json", json.loads), ("json-lines", lambda text: list(map(json.loads, text.splitlines())))):
        for findings, counts in (([NOTEBOOK, *half], expected), ([], [])):
            stream = io.StringIO()
            statistics(findings, stream, name)
            assert read(stream.getvalue()) == counts


ANYTHING = st.text(st.characters(), max_size=60)


@given(
    path=ANYTHING,
    message=ANYTHING,
    code=ANYTHING,
    start=st.integers(1, 70),
    length=st.integers(0, 70),
    width=st.sampled_from([None, 40, 80]),
)
def test_nothing_reaches_the_terminal_raw(
    path: str, message: str, code: str, start: int, length: int, width: int | None
) -> None:
    at, end = Location(1, start), Location(1, start + length)
    finding = Finding(
        "X1",
        "x",
        Severity.NOTE,
        message,
        path,
        at,
        end,
        help=message,
        trace=(step(1, start, start + length, message, path),),
    )
    for name in ("full", "concise", "grouped", "pylint", "azure"):
        shown = report(name, [finding], context({(path, None): code}, width=width))
        bad = {char for char in shown if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char != "\n"}
        assert not bad and not set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068") & set(shown)
        assert name == "full" or shown.count("\n") == {"grouped": 3}.get(name, 1)


def test_undecodable_paths_can_be_written_in_every_format() -> None:
    finding = dataclasses.replace(MISSING, filename="caf\udce9.py")
    for name in formats():
        report(name, [finding]).encode("utf-8")
    assert report("concise", [finding]).startswith("caf\\xe9.py:11:9: ")


def test_a_row_without_end_is_cut_with_little_work() -> None:
    text = "x = [" + "1, " * 3_000_000 + "]; model.forward(x)"
    finding = dataclasses.replace(
        FORWARD, filename="a.py", location=Location(1, len(text) - 17), end_location=Location(1, len(text) + 1)
    )
    shown, calls = counted(lambda: report("full", [finding] * 10, context({("a.py", None): text})))
    assert calls < 100_000, "the work follows the width of the terminal, not of the row"
    assert max(map(len, shown.split("\n"))) < 500 and shown.count("; model.forward(x)\n") == 10


def test_the_formats_promised_are_there() -> None:
    promised = "concise full html json json-lines grouped github gitlab junit sarif rdjson pylint azure"
    assert set(formats()) == set(promised.split())
    with pytest.raises(ValueError, match="no output format `csv`; choose one of: azure"):
        report("csv")

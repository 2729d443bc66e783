"""The baseline: what is known again after the code has changed around it, and what leaves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from looplint.finding import Finding, Location, Severity
from looplint.findings import baseline
from looplint.sources import from_text

BEFORE = """\
def train(loader):
    for x in loader:
        loss.backward()
        optimizer.step()

def validate(loader):
    for x in loader:
        loss.backward()
"""


def found(text: str, path: str = "train.py", code: str = "LOOP201") -> list[Finding]:
    """A finding at every `loss.backward(...)`, also where it is spread over lines."""
    findings = []
    for row, line in enumerate(text.split("\n"), 1):
        if (column := line.find("loss.backward(") + 1) > 0:
            end = row if ")" in line else row + 2
            width = len(text.split("\n")[end - 1].rstrip())
            severity = Severity.ERROR
            findings.append(
                Finding(code, "some-rule", severity, "wrong", path, Location(row, column), Location(end, width + 1))
            )
    return findings


def entries(text: str, path: str = "train.py", code: str = "LOOP201") -> tuple[list[Finding], list[baseline.Entry]]:
    findings = found(text, path, code)
    return findings, baseline.describe(findings, Path.cwd(), lambda name: from_text(text, name))


def compare(
    known: str, text: str, path: str = "train.py", *, code: str = "LOOP201", seen: str = "train.py", on: str = "LOOP201"
) -> tuple[list[int], int, int]:
    """Rows of the new findings, how many were mended, how many entries remain."""
    findings, here = entries(text, path, code)
    result = baseline.compare(
        baseline.collect(entries(known)[1]),
        findings,
        here,
        linted={seen},
        codes={on},
        gone=lambda name: name == "train.py" and path != "train.py",
    )
    return [finding.location.row for finding in result.new], result.mended, sum(result.remaining.values())


MOVED = "import os\n\n\n" + BEFORE.replace("    for", "    model.train()\n    for")
RENAMED = BEFORE.replace("def train", "def fit")
LAID_OUT = BEFORE.replace("loss.backward()", "loss.backward(\n            inputs=[a],\n        )")
ONCE_MORE = BEFORE + "\n\ndef third():\n    loss.backward()\n"
TWICE_HERE = BEFORE.replace("        optimizer.step()", "        loss.backward()")


@pytest.mark.parametrize(
    ("known", "text", "path", "expected"),
    [
        (BEFORE, BEFORE, "train.py", ([], 0, 2)),
        (BEFORE, MOVED, "train.py", ([], 0, 2)),
        (BEFORE, RENAMED, "train.py", ([], 0, 2)),
        (LAID_OUT, BEFORE.replace("backward()", "backward(inputs=[a])"), "train.py", ([], 0, 2)),
        (BEFORE, BEFORE, "engine/loop.py", ([], 0, 2)),
        (BEFORE, ONCE_MORE, "train.py", ([12], 0, 2)),
        (BEFORE, TWICE_HERE, "train.py", ([4], 0, 2)),
        (BEFORE, BEFORE.replace("loss.backward()", "pass", 1), "train.py", ([], 1, 1)),
        (BEFORE, BEFORE.replace("loss.backward()", "loss.backward(g)", 1), "train.py", ([3], 1, 1)),
        (BEFORE, "", "train.py", ([], 2, 0)),
    ],
)
def test_known_by_content(known: str, text: str, path: str, expected: tuple[list[int], int, int]) -> None:
    assert compare(known, text, path) == expected


def test_the_same_code_in_another_file_is_new_while_the_first_file_is_there() -> None:
    findings, here = entries(BEFORE, "copy.py")
    result = baseline.compare(
        baseline.collect(entries(BEFORE)[1]), findings, here, linted={"copy.py"}, codes={"LOOP201"}
    )
    assert (len(result.new), result.mended, sum(result.remaining.values())) == (2, 0, 2)


def test_another_rule_at_the_same_place_is_new() -> None:
    assert compare(BEFORE, BEFORE, code="LOOP301") == ([3, 8], 2, 0)


@pytest.mark.parametrize(("seen", "on"), [("other.py", "LOOP201"), ("train.py", "LOOP701")])
def test_only_what_was_looked_at_leaves_the_baseline(seen: str, on: str) -> None:
    assert compare(BEFORE, "", seen=seen, on=on) == ([], 0, 2)


def test_a_file_keeps_the_baseline_in_a_form_made_to_be_merged(tmp_path: Path) -> None:
    known = baseline.collect([*entries(BEFORE)[1], *entries(BEFORE)[1], *entries(ONCE_MORE, "ü.py")[1]])
    file = tmp_path / "deep" / "known.json"
    baseline.write(file, known)
    assert baseline.read(file) == known
    text = file.read_text(encoding="utf-8")
    assert sum("loss.backward()" in line for line in text.splitlines()) == len(known) == 5
    baseline.write(file, dict(sorted(known.items(), reverse=True)))
    assert file.read_text(encoding="utf-8") == text
    baseline.write(file, {})
    assert baseline.read(file) == {}
    assert [path.name for path in file.parent.iterdir()] == ["known.json"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no such baseline; make one with `--write-baseline`"),
        ("{", "is not a baseline"),
        ("[]", "is not a baseline"),
        ('{"format": 1, "findings": {"a.py": [{"code": "LOOP201"}]}}', "is not a baseline"),
        ('{"format": 9, "findings": {}}', "has format 9"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "known.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(baseline.BaselineError, match=said) as error:
        baseline.read(file)
    assert str(file) in str(error.value)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "1", '{"format": 1}', '{"format": 1, "findings": []}', "[" * 100_000]
    + [
        f'{{"format": 1, "findings": {{"a.py": [{item}]}}}}'
        for item in (
            "1",
            '{"code": "LOOP201"}',
            '{"code": [], "name": "", "function": "", "text": ""}',
            '{"code": "", "name": "", "function": "", "text": {}}',
            '{"code": "", "name": "", "function": "", "text": "", "count": 1e999}',
        )
    ],
)
def test_a_file_that_is_no_baseline_is_a_usage_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text(text)
    with pytest.raises(baseline.BaselineError, match=r"kept\.json"):
        baseline.read(tmp_path / "kept.json")


@pytest.mark.parametrize("count", [10**12, -(10**12)])
def test_counts_beyond_reason_cost_nothing(count: int) -> None:
    findings, here = entries(BEFORE)
    known = dict.fromkeys(here, count)
    result = baseline.compare(known, findings, here, linted={"train.py"}, codes={"LOOP201"})
    assert [finding.location.row for finding in result.new] == ([] if count > 0 else [3, 8])


def test_names_that_are_no_text_are_kept(tmp_path: Path) -> None:
    entry = baseline.Entry("tr\udcffain.py", "LOOP201", "some-rule", "train", "loss\ud800")
    baseline.write(tmp_path / "kept.json", {entry: 1})
    assert baseline.read(tmp_path / "kept.json") == {entry: 1}
    assert [path.name for path in tmp_path.iterdir()] == ["kept.json"]


@pytest.mark.parametrize("place", ["/proc/kept.json", "/dev/null/kept.json", "x" * 300])
def test_what_cannot_be_written_is_reported(place: str) -> None:
    with pytest.raises(baseline.BaselineError, match="cannot be written"):
        baseline.write(Path(place), {})

"""The formats of CI servers, each read back by a program that reads it or by the rules that its server publishes."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import jsonschema
import pytest
from diff_cover.violationsreporters.violations_reporter import PylintDriver  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from junitparser import JUnitXml
from markdown_it import MarkdownIt
from report_samples import FINDINGS, FORWARD, MISSING, NOTEBOOK, Change, context, report

from looplint.finding import Finding, Location, Severity

TEXT = st.text(st.characters(), max_size=40)
SUMMARY_LIMIT = 1024 * 1024


@pytest.fixture(autouse=True)
def outside_of_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STEP_SUMMARY", "WORKSPACE", "SERVER_URL", "REPOSITORY", "SHA"):
        monkeypatch.delenv(f"GITHUB_{name}", raising=False)


def finding(message: str, name: str = "rule", filename: str = "a.py") -> Finding:
    return Finding("LOOP1", name, Severity.ERROR, message, filename, Location(1, 1), Location(1, 2))


# The runner's own way back: split at `::`, then at `,` and `=`; the escapes are undone last, `%25` at the very end.
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
def github_command(line: str) -> tuple[str, dict[str, str], str]:
    head, _, data = line.removeprefix("::").partition("::")
    level, _, listed = head.partition(" ")
    pairs = (pair.split("=", 1) for pair in listed.split(","))
    return level, {key: unescaped(value, ":,") for key, value in pairs}, unescaped(data)


def unescaped(text: str, more: str = "") -> str:
    for char in "\r\n" + more + "%":
        text = text.replace(f"%{ord(char):02X}", char)
    return text


def test_github_annotations() -> None:
    commands = [github_command(line) for line in report("github").splitlines()]
    assert [level for level, _, _ in commands] == ["error", "warning", "notice"]
    assert commands[0][1] == {
        "title": "LOOP201 missing-zero-grad",
        "file": "train.py",
        "line": "11",
        "col": "9",
        "endLine": "11",
        "endColumn": "24",
    }
    long = dataclasses.replace(MISSING, end_location=Location(12, 3))
    assert "endColumn" not in report("github", [long]) and ",endLine=12:" in report("github", [long])
    assert commands[0][2].splitlines()[:2] == [MISSING.message, "1. train.py:12:9: the step uses them"]
    assert commands[2][1]["line"] == "1" and commands[2][2].startswith("cell 4:2:5: ")


@given(TEXT, TEXT, st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cf", "Cn"]), max_size=40))
def test_github_escapes_undo(message: str, name: str, filename: str) -> None:
    [line] = report("github", [finding(message, name, f"d/{filename}x")]).split("\n")[:-1]
    _, properties, data = github_command(line)
    assert set(properties) == {"title", "file", "line", "col", "endLine", "endColumn"}
    assert properties["file"] == context().relative(f"d/{filename}x")
    assert "\n" not in data and (data == message or not message.isprintable())


def test_github_shows_the_worst_and_the_changed_first() -> None:
    rows = [dataclasses.replace(f, location=Location(n, 1)) for n in range(1, 13) for f in (FORWARD, MISSING)]
    where = context(changed=lambda filename: {11, 12} if filename == "train.py" else None)
    first = [github_command(line) for line in report("github", rows, where).splitlines()]
    assert [level for level, _, _ in first] == ["error"] * 12 + ["warning"] * 12
    assert [properties["line"] for _, properties, _ in first[:4]] == ["11", "12", "1", "2"]


def test_github_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "summary.md"
    for name, value in [
        ("STEP_SUMMARY", str(file)),
        ("SERVER_URL", "https://github.com"),
        ("REPOSITORY", "a/b"),
        ("SHA", "f00"),
    ]:
        monkeypatch.setenv(f"GITHUB_{name}", value)
    file.write_text("before\n\n", encoding="utf-8")
    report("github", [*FINDINGS, finding("a | b `x | y` <img src=x> [c](d)")])
    html = MarkdownIt("commonmark").enable("table").render(file.read_text(encoding="utf-8"))
    assert html.startswith("<p>before</p>") and "looplint: 4 findings" in html
    assert html.count("<tr>") == 5 and html.count("<td>") == 16 and html.count("<a ") == 4
    assert 'href="https://github.com/a/b/blob/f00/src/eval%20caf%C3%A9.py#L1"' in html
    assert "a | b <code>x | y</code> &lt;img src=x&gt; [c](d)" in html and "<code>optimizer</code> steps" in html
    file.write_text("")
    report("github", [])
    assert "looplint: no findings" in file.read_text(encoding="utf-8")


def test_github_summary_is_cut_below_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    file.write_text("x" * 500_000)
    report("github", [finding("é" * 500)] * 2000)
    text = file.read_text(encoding="utf-8")
    assert 1_000_000 < len(text.encode()) < SUMMARY_LIMIT
    more = re.search(r"\n(\d+) more are in the log", text)
    assert more and int(more[1]) + text.count("LOOP1 rule") == 2000


# docs.gitlab.com/ci/testing/code_quality: "Code Quality report format".
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "location", "severity"],
        "properties": {
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "fingerprint": {"type": "string", "minLength": 1},
            "location": {
                "type": "object",
                "required": ["path", "positions"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./|/)"},
                    "positions": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": {
                            "type": "object",
                            "required": ["line"],
                            "properties": {"line": {"type": "integer", "minimum": 1}},
                        },
                    },
                },
            },
        },
    },
}


def test_gitlab() -> None:
    issues = json.loads(report("gitlab", [*FINDINGS, MISSING]))
    jsonschema.validate(issues, GITLAB)
    assert [issue["severity"] for issue in issues] == ["major", "minor", "info", "major"]
    assert len({issue["fingerprint"] for issue in issues}) == 4
    assert issues[0]["location"]["positions"]["begin"] == {"line": 11, "column": 9}


def test_junit() -> None:
    suites = JUnitXml.fromstring(report("junit", [MISSING, MISSING, FORWARD]).encode("ascii"))
    assert (suites.tests, suites.failures, suites.errors) == (3, 3, 0)
    assert [(suite.name, len(suite)) for suite in suites] == [("train.py", 2), ("src/eval café.py", 1)]
    case = next(iter(next(iter(suites))))
    assert (case.name, case.classname) == ("LOOP201 missing-zero-grad", "train.py")
    [failure] = case.result
    assert failure.message == MISSING.message and "2. train.py:11:9: the next batch adds" in failure.text
    clean = JUnitXml.fromstring(report("junit", []).encode("ascii"))
    assert (clean.tests, clean.failures) == (1, 0) and all(case.is_passed for suite in clean for case in suite)


@given(TEXT)
def test_junit_is_xml_whatever_the_message(message: str) -> None:
    [suite] = JUnitXml.fromstring(
        report("junit", [finding(message, filename=f"x{message}".replace("\0", ""))]).encode("ascii")
    )
    [case] = suite
    assert case.result[0].message == message or not message.isprintable()


def test_pylint_is_read_by_diff_quality() -> None:
    violations = PylintDriver().parse_reports([report("pylint")])
    assert {path: [v.line for v in rows] for path, rows in violations.items()} == {
        "train.py": [11],
        "src/eval café.py": [1],
        "book.ipynb": [1],
    }
    assert (
        violations["train.py"][0].message.startswith("LOOP201: ")
        and MISSING.message in violations["train.py"][0].message
    )


# The agent's way back: properties end at `;`, the head at `]`.
# https://github.com/microsoft/azure-pipelines-agent/blob/master/src/Microsoft.VisualStudio.Services.Agent/Command.cs
def azure_command(line: str) -> tuple[dict[str, str], str]:
    match = re.fullmatch(r"##vso\[task\.logissue ([^\]]*)\](.*)", line)
    assert match
    escapes = [("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")]

    def plain(text: str) -> str:
        for escape, char in escapes:
            text = text.replace(escape, char)
        return text

    return {key: plain(value) for key, value in (p.split("=", 1) for p in match[1].split(";") if p)}, plain(match[2])


def test_azure() -> None:
    commands = [azure_command(line) for line in report("azure").splitlines()]
    assert [properties["type"] for properties, _ in commands] == ["error", "warning", "warning"]
    assert commands[0] == (
        {"type": "error", "sourcepath": "train.py", "linenumber": "11", "columnnumber": "9", "code": "LOOP201"},
        f"missing-zero-grad: {MISSING.message}",
    )
    [(properties, message)] = map(
        azure_command, report("azure", [finding("100%; a]b\nc", filename="x;]%3B.py")]).splitlines()
    )
    assert (properties["sourcepath"], message) == ("x;]%3B.py", "rule: 100%; a]b\\nc")


POSITION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["line", "column"],
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
}
RANGE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["start"],
    "properties": {"start": POSITION, "end": POSITION},
}
STRING = {"type": "string"}
SEVERITY = {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]}
# The messages of reviewdog's proto/rdf/reviewdog.proto; protobuf's JSON refuses fields that it does not know.
RDJSON = {
    "type": "object",
    "additionalProperties": False,
    "required": ["diagnostics"],
    "properties": {
        "severity": SEVERITY,
        "source": {"type": "object", "additionalProperties": False, "properties": {"name": STRING, "url": STRING}},
        "diagnostics": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["message", "location", "severity", "code"],
                "properties": {
                    "message": STRING,
                    "severity": SEVERITY,
                    "location": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["path"],
                        "properties": {"path": STRING, "range": RANGE},
                    },
                    "code": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"value": STRING, "url": STRING},
                    },
                    "suggestions": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["range", "text"],
                            "properties": {"range": RANGE, "text": STRING},
                        },
                    },
                },
            },
        },
    },
}


def test_rdjson() -> None:
    result = json.loads(report("rdjson"))
    jsonschema.validate(result, RDJSON)
    missing, forward, notebook = result["diagnostics"]
    assert missing["severity"] == "ERROR" and missing["code"] == {"value": "LOOP201", "url": MISSING.url}
    line = "é = print(model.forward(inputs))".encode()
    spot = forward["location"]["range"]
    assert line[spot["start"]["column"] - 1 : spot["end"]["column"] - 1] == b"model.forward(inputs)"
    [suggestion] = forward["suggestions"]
    start, end = suggestion["range"]["start"]["column"] - 1, suggestion["range"]["end"]["column"] - 1
    assert (line[:start] + suggestion["text"].encode() + line[end:]).decode() == "é = print(model(inputs))"
    assert "suggestions" not in notebook and notebook["message"].startswith("loss-accumulated-with-graph: cell 4:2:5: ")
    halves = [Change(Location(1, 1), Location(1, 1), "("), Change(Location(1, 3), Location(1, 3), ")")]
    [whole] = json.loads(report("rdjson", [FORWARD], context(edits=lambda finding: halves)))["diagnostics"]
    assert "suggestions" not in whole


def test_a_place_in_a_notebook_is_the_row_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "book.ipynb"
    text = {"cell_type": "markdown", "metadata": {}, "source": ["a\n", "b"]}
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["x\n", "y = 'é'\n", "z"]}
    book = {"cells": [text, code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    file.write_text(json.dumps(book, indent=1, ensure_ascii=False), encoding="utf-8")
    place = dataclasses.replace(
        NOTEBOOK, filename=str(file), cell=1, location=Location(2, 1), end_location=Location(3, 1)
    )
    [issue] = json.loads(report("gitlab", [place]))
    rows = file.read_text(encoding="utf-8").split("\n")
    positions = issue["location"]["positions"]
    assert [rows[positions[end]["line"] - 1].strip() for end in ("begin", "end")] == ["\"y = 'é'\\n\",", '"z"']
    file.write_text("{", encoding="utf-8")
    [issue] = json.loads(report("gitlab", [place]))
    assert issue["location"]["positions"]["begin"]["line"] == 1


def test_paths_below_the_base_are_relative_others_are_not(tmp_path: Path) -> None:
    inside = dataclasses.replace(NOTEBOOK, filename=str(tmp_path / "a" / "b.py"))
    outside = dataclasses.replace(NOTEBOOK, filename=str(tmp_path.parent / "c.py"))
    issues = json.loads(report("gitlab", [inside, outside], context(base=tmp_path)))
    assert [issue["location"]["path"] for issue in issues] == ["a/b.py", (tmp_path.parent / "c.py").as_posix()]

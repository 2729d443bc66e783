"""SARIF: valid by the schema that OASIS publishes, read by `sarif-tools`, and right about place, path and fix."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlparse

import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from published_schemas import published
from report_samples import FINDINGS, FORWARD, MISSING, NOTEBOOK, TRAIN, context, report
from sarif.loader import load_sarif_file  # type: ignore[import-untyped]

from looplint.finding import Finding, Location, Severity

SCHEMA = published("https://json.schemastore.org/sarif-2.1.0.json")
VALIDATOR = jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


# Any bytes can be a name, whether they are text or not.
PATHS = st.binary(min_size=1).filter(lambda name: 0 not in name).map(os.fsdecode)


def run(findings: Any = FINDINGS, **more: Any) -> dict[str, Any]:
    document = json.loads(report("sarif", findings, context(**more)))
    VALIDATOR.validate(document)
    [only] = document["runs"]
    assert isinstance(only, dict)
    return only


def hashes(findings: list[Finding], **more: Any) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run(findings, **more)["results"]]


def test_the_schema_tells_right_from_wrong() -> None:
    document = json.loads(report("sarif"))
    document["runs"][0]["results"][0]["level"] = "fatal"
    assert not VALIDATOR.is_valid(document)


def test_results_lead_to_files_rules_and_pages(tmp_path: Path) -> None:
    done = run(base=tmp_path, findings=[dataclasses.replace(FORWARD, filename=str(tmp_path / "src/eval café %.py"))])
    [result] = done["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    uri = urljoin(done["originalUriBaseIds"][artifact["uriBaseId"]]["uri"], artifact["uri"])
    assert not urlparse(artifact["uri"]).scheme and Path(unquote(urlparse(uri).path)) == tmp_path / "src/eval café %.py"
    rules = done["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "LOOP301"
    assert [rule["id"] for rule in rules] == ["LOOP301"], "pages of rules that found nothing are left out"
    rules = run()["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["LOOP201", "LOOP301", "LOOP701"]
    assert "What it does" in rules[0]["help"]["markdown"] and rules[0]["shortDescription"]["text"]
    assert run()["tool"]["driver"]["rules"][0]["helpUri"] == MISSING.url


def test_path_and_fix() -> None:
    missing, forward, notebook = run()["results"]
    steps = missing["codeFlows"][0]["threadFlows"][0]["locations"]
    places = [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps]
    assert places == [12, 11, 12]
    assert [place["message"]["text"] for place in missing["relatedLocations"]] == [
        step.message for step in MISSING.trace
    ]
    [change] = forward["fixes"][0]["artifactChanges"]
    [replacement] = change["replacements"]
    region = replacement["deletedRegion"]
    line = "é = print(model.forward(inputs))"
    fixed = line[: region["startColumn"] - 1] + replacement["insertedContent"]["text"] + line[region["endColumn"] - 1 :]
    assert fixed == "é = print(model(inputs))"
    assert notebook["message"]["text"].startswith("cell 4:2:5: ") and "fixes" not in notebook
    [place] = run([NOTEBOOK], file_row=lambda filename, cell, row: 40 + row)["results"][0]["locations"]
    assert place["physicalLocation"]["region"]["startLine"] == 42


def test_fingerprints_hold_while_lines_move() -> None:
    moved = dataclasses.replace(MISSING, location=Location(13, 5), end_location=Location(13, 20))
    text = "\n\n" + TRAIN.replace("        loss.b", "    loss.b")
    before = hashes([MISSING, MISSING, FORWARD])
    assert len(set(before)) == 3
    assert hashes([moved, moved], texts={("train.py", None): text}) == before[:2]
    other = TRAIN.replace("loss.backward()", "other.backward()")
    assert hashes([MISSING], texts={("train.py", None): other}) != before[:1]
    assert hashes([dataclasses.replace(MISSING, filename="b.py")], texts={("b.py", None): TRAIN}) != before[:1]


def test_sarif_tools_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "looplint.sarif"
    file.write_text(report("sarif"), encoding="utf-8")
    records = load_sarif_file(str(file)).get_records()
    assert {(row["Severity"], row["Code"], row["Location"], row["Line"]) for row in records} == {
        ("error", "LOOP201", "train.py", 11),
        ("warning", "LOOP301", "src/eval%20caf%C3%A9.py", 1),
        ("note", "LOOP701", "book.ipynb", 1),
    }
    command = [sys.executable, "-m", "sarif", "--check", "error", "summary", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 1 and "LOOP201" in done.stdout, done.stderr


@given(st.text(st.characters(exclude_categories=["Cs"])), PATHS)
def test_any_words_and_any_path_stay_valid(message: str, filename: str) -> None:
    finding = Finding("LOOP999", "unknown", Severity.WARNING, message, filename, Location(1, 1), Location(1, 2))
    [result] = run([finding])["results"]
    assert result["message"]["text"] == message

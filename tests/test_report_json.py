"""`json` and `json-lines`: what other programs build on."""

from __future__ import annotations

import json
from typing import Any

from report_samples import FINDINGS, context, report

from looplint.finding import Finding
from looplint.notice import Notice


def test_json_holds_the_promised_keys() -> None:
    rows = json.loads(report("json"))
    assert [(row["code"], row["name"], row["severity"]) for row in rows] == [
        ("LOOP201", "missing-zero-grad", "error"),
        ("LOOP301", "direct-forward-call", "warning"),
        ("LOOP701", "loss-accumulated-with-graph", "note"),
    ]
    missing, forward, notebook = rows
    assert missing["filename"] == "train.py" and missing["cell"] is None
    assert missing["location"] == {"row": 11, "column": 9} and missing["end_location"] == {"row": 11, "column": 24}
    assert (
        missing["trace"][0].items()
        >= {"filename": "train.py", "row": 12, "column": 9, "message": "the step uses them"}.items()
    )
    assert missing["url"] == "https://example.org/rules/missing-zero-grad" and forward["url"] is None
    assert missing["fix"] == {
        "applicability": "unsafe",
        "message": "call `optimizer.zero_grad()` before `loss.backward()`",
        "edits": [
            {
                "filename": "train.py",
                "content": "        optimizer.zero_grad()\n",
                "cell": None,
                "location": {"row": 11, "column": 1},
                "end_location": {"row": 11, "column": 1},
            }
        ],
    }
    assert (notebook["cell"], notebook["cell_id"], notebook["fix"]) == (4, "a1b2", None)
    assert [place["cell"] for place in notebook["trace"]] == [2, 4]


def test_a_notice_counts_cells_as_findings_do() -> None:
    notice = Notice("book.ipynb:cell 4:2: was not analysed completely", "book.ipynb", "cut", 2, 3)
    rows = json.loads(report("json", where=context(notices=[notice])))
    assert (rows[-1]["name"], rows[-1]["cell"], rows[-1]["location"]["row"]) == ("cut", rows[-2]["cell"], 2)


def test_a_fix_whose_edits_cannot_be_had_is_none() -> None:
    rows = json.loads(report("json", where=context(edits=lambda finding: None)))
    assert rows[0]["fix"] is None


def test_json_lines_are_the_rows_of_json() -> None:
    rows: list[dict[str, Any]] = [json.loads(line) for line in report("json-lines").splitlines()]
    assert rows == json.loads(report("json"))
    assert (report("json", []), report("json-lines", [])) == ("[]\n", "")


def test_a_finding_survives_its_own_json() -> None:
    assert [Finding.from_json(json.loads(json.dumps(finding.to_json()))) for finding in FINDINGS] == list(FINDINGS)

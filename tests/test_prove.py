"""`looplint prove`: every rule's proof holds, a false one is found out, and the records and pictures are up to date."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs looplint[reference]")

from devices import CUDA, DEVICES
from looplint.reference import proof as proofs
from looplint.reference import prove

from looplint.findings import measured

PROOFS = proofs.proofs()
PICTURES = Path(prove.__file__).parent / "pictures"


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("rule", PROOFS)
def test_the_proof_holds_and_gives_what_was_recorded(rule: str, device: str) -> None:
    outcome = proofs.carry_out(PROOFS[rule], device)
    assert outcome.problems == []
    assert "{" not in outcome.effect
    if device == "cpu":
        record = measured.records()["cpu"]["rules"][rule]
        for name, run in (("mistaken", outcome.mistaken), ("fixed", outcome.fixed), ("reference", outcome.reference)):
            assert record[name]["number"] == pytest.approx(run.number, rel=0.02, abs=1e-5), "the record is out of date"
            assert record[name]["series"] == pytest.approx(run.values, rel=0.02, abs=1e-5), "the record is out of date"


def test_every_rule_has_a_proof_a_record_and_a_picture() -> None:
    from looplint.project.catalog import rules

    names = {rule.name for rule in rules()}
    assert set(PROOFS) == names
    assert set(measured.records()["cpu"]["rules"]) == names
    assert {file.stem for file in PICTURES.glob("*.svg")} == names


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"mistaken": "cleared_before_backward"},
            "`cleared_before_backward` gives 1.058, less than 0.5 away from 1.058",
        ),
        ({"fixed": "never_cleared"}, "`never_cleared` gives 2.291, more than 0.0001 away from 1.058"),
        ({"of": lambda series: float("nan")}, "`never_cleared` gives nan, less than 0.5 away from nan"),
        ({"mistaken": "no_such_function"}, "has no function `no_such_function`"),
        ({"mistaken": "never_cleared_with_fabric"}, "`never_cleared_with_fabric` asks for fabric"),
    ],
)
def test_a_proof_that_does_not_hold_is_found_out(
    change: dict[str, object], problem: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    false, right = dataclasses.replace(PROOFS["missing-zero-grad"], **change), PROOFS["direct-forward-call"]
    monkeypatch.setattr(proofs, "proofs", lambda: {false.rule: false, right.rule: right})
    assert prove.run(["missing-zero-grad", "direct-forward-call"], "cpu", "json") == 1
    first, second = json.loads(capsys.readouterr().out)
    assert not first["holds"] and any(problem in sentence for sentence in first["problems"])
    assert second["holds"] and second["problems"] == []


def test_what_the_fix_makes_of_the_mistake_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = "missing-zero-grad"
    source = proofs.fixture.path(rule).read_text(encoding="utf-8")
    never, _, rest = source.partition("        loss.backward()  # expect: missing-zero-grad\n")
    cured = f"{never}        optimizer.zero_grad()\n        loss.backward()\n{rest}"
    useless = f"{never}        loss = 1.0 * loss\n        loss.backward()\n{rest}"
    monkeypatch.setattr(proofs.fixture, "folder", lambda: tmp_path)
    (tmp_path / "missing_zero_grad.py").write_text(source, encoding="utf-8")
    golden = tmp_path / "missing_zero_grad.fixed.py"

    golden.write_text(source, encoding="utf-8")
    assert proofs.carry_out(PROOFS[rule]).rewritten is None
    golden.write_text(cured, encoding="utf-8")
    outcome = proofs.carry_out(PROOFS[rule])
    assert outcome.holds and outcome.rewritten is not None
    golden.write_text(useless, encoding="utf-8")
    (problem,) = proofs.carry_out(PROOFS[rule]).problems
    assert problem.startswith("`never_cleared after --fix` gives 2.291")


def test_the_table_names_rules_by_code_or_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert prove.run(["loop201", "Zero-Grad-Before-Step"], "cpu") == 0
    header, *rows, _, verdict = capsys.readouterr().out.splitlines()
    assert header.split() == ["rule", "device", "mistaken", "right", "fixed", "--fix", "holds", "measured"]
    assert [row.split()[0] for row in rows] == ["missing-zero-grad", "zero-grad-before-step"]
    assert verdict.startswith("2 of 2 proofs hold on CPU")


def test_a_prefix_names_several_rules_and_a_narrow_table_explains_its_columns() -> None:
    assert {proof.rule for proof in prove._chosen(["loop9"])} == CHECKPOINT
    trials = [prove.Trial(PROOFS["missing-zero-grad"], "cpu", error="a long reason, " * 8)]
    wide, narrow = prove._table(trials), prove._table(trials, 80)
    assert len(wide.splitlines()) == 2 and "mistaken, right" not in wide
    assert max(map(len, narrow.splitlines())) <= 80
    header, row, *reason = narrow.partition("\n\n")[0].splitlines()
    assert header.split()[-1] == "holds" and row.split()[-1] == "NO"
    assert len(reason) > 1 and all(line.startswith("    ") for line in reason)
    assert "mistaken, right, fixed: measurements" in narrow


CHECKPOINT = {"best-state-aliased", "state-dict-not-called", "model-replaced-by-load-result"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rules": ["LOOP0"]}, "no proof for LOOP0: the rule is not about code that can be run"),
        ({"rules": ["missing-zero-grd"]}, "did you mean `missing-zero-grad`?"),
        ({"plot": "all.svg"}, "name a folder, or one rule"),
        *([] if CUDA else [({"device": "cuda"}, "no CUDA device")]),
    ],
)
def test_wrong_use(arguments: dict[str, object], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove.run(**arguments) == 2
    assert message in capsys.readouterr().err


def test_without_torch_it_says_how_to_get_it() -> None:
    script = (
        "import importlib.util as u, sys; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'torch' else find(name, *rest)\n"
        "from looplint.reference import prove; status = prove.run()\n"
        "assert 'torch' not in sys.modules; sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'looplint[reference]'" in done.stderr


def test_a_record_is_what_the_linter_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "reference" / "records").mkdir(parents=True)
    monkeypatch.setattr(measured, "PACKAGE", tmp_path)
    measured.records.cache_clear()
    try:
        trials = [prove._try(PROOFS["direct-forward-call"], "cpu")]
        (file,) = prove.write_records(trials, tmp_path / "reference" / "records")
        assert file.name == "cpu.json"
        assert measured.measured("direct-forward-call") == "a forward hook runs 0 times in 4 predictions"
        assert measured.measured("missing-zero-grad") is None
    finally:
        measured.records.cache_clear()


def test_the_record_of_one_rule_leaves_those_of_others_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "cpu.json"
    trials = [prove._try(PROOFS["direct-forward-call"], "cpu")]
    assert prove.write_records(trials, tmp_path, every=False) == [], "there is no record that it could be part of"
    prove.write_records(trials, tmp_path)
    new = json.loads(file.read_text())
    first = {"effect": "none", "observable": "nothing"}
    old = {"device": "another", "torch": new["torch"], "date": "2020-02-02", "rules": {"zero": first, "clip": first}}
    file.write_text(json.dumps(old))
    assert prove.write_records(trials, tmp_path, every=False) == [file]
    known = json.loads(file.read_text())
    assert list(known.pop("rules").items()) == [
        ("clip", first),
        ("direct-forward-call", {"device": new["device"], **new["rules"]["direct-forward-call"]}),
        ("zero", first),
    ]
    assert known == {key: value for key, value in old.items() if key != "rules"}


def test_a_picture_can_be_drawn_again(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs looplint[reference]")
    files = [tmp_path / "once.svg", tmp_path / "twice.svg"]
    for file in files:
        assert prove.run(["missing-zero-grad"], "cpu", plot=file) == 0
    once, twice = (file.read_text(encoding="utf-8") for file in files)
    assert once == twice
    committed = (PICTURES / "missing-zero-grad.svg").read_text(encoding="utf-8")
    for name in ("mistaken", "fixed"):
        assert line(once, name) == pytest.approx(line(committed, name), abs=0.5)
    assert len(set(line(once, "mistaken"))) > 4


def line(svg: str, name: str) -> list[float]:
    """The coordinates of one line of a picture, in points."""
    found = re.search(rf'<g id="{name}">\s*<path d="([^"]*)"', svg)
    assert found, f"no line {name}"
    return [float(number) for number in re.findall(r"-?[\d.]+", found[1])]

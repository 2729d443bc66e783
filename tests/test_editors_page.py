"""What the page for editors shows is what looplint understands."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from readme_parts import ROOT
from test_server import SAFE

PAGE = (ROOT / "reference" / "pages" / "editors.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


def test_settings_to_paste_are_well_formed() -> None:
    read = [json.loads(block) for block in blocks("json")], [tomllib.loads(block) for block in blocks("toml")]
    assert list(map(len, read)) == [4, 1]


def test_a_text_on_stdin_is_linted_as_the_file_it_stands_for(tmp_path: Path) -> None:
    [command] = [block for block in blocks("sh") if "--stdin-filename" in block]
    options = command.partition(" <")[0].split()[1:]
    (tmp_path / "src").mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.looplint]\nseverity = { LOOP3 = "note" }\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "looplint", *options], input=SAFE, cwd=tmp_path, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    assert done.returncode == 1 and len(found) == 2
    assert set(found[0]) >= {"filename", "location", "end_location", "code", "message", "url", "trace", "fix"}
    assert (found[0]["filename"], found[0]["severity"]) == ("src/train.py", "note")


def test_a_task_of_vs_code_reads_what_watching_prints(tmp_path: Path) -> None:
    [task] = [block for block in map(json.loads, blocks("json")) if isinstance(block, dict) and "tasks" in block]
    matcher = task["tasks"][0]["problemMatcher"]
    (tmp_path / "evaluate.py").write_text(SAFE, encoding="utf-8")
    options = task["tasks"][0]["command"].replace("--watch", "").split()[1:]
    done = subprocess.run(
        [sys.executable, "-m", "looplint", "--no-cache", *options], cwd=tmp_path, capture_output=True, text=True
    )
    rows = [re.match(matcher["pattern"]["regexp"], row) for row in done.stdout.splitlines()]
    named = {key: group for key, group in matcher["pattern"].items() if key != "regexp"}
    found = [{key: row[group] for key, group in named.items()} for row in rows if row]
    assert [(row["file"], row["line"], row["column"], row["code"], row["severity"]) for row in found] == [
        ("evaluate.py", "6", "15", "LOOP301", "warning"),
        ("evaluate.py", "7", "15", "LOOP301", "warning"),
    ]
    assert all(row["message"].startswith("direct-forward-call (warning): ") for row in found)
    source = (ROOT / "looplint" / "cli" / "watch.py").read_text(encoding="utf-8")
    for pattern in (matcher["background"]["beginsPattern"], matcher["background"]["endsPattern"]):
        assert pattern.removeprefix("^.*") in source


@pytest.mark.parametrize(
    ("arguments", "extra", "package"), [(["server"], "server", "pygls"), (["--watch"], "watch", "watchfiles")]
)
def test_without_its_extra_a_sentence_says_what_to_install(
    arguments: list[str],
    extra: str,
    package: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    from looplint.cli.commands import main

    find = importlib.util.find_spec
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == package else find(name, *rest))
    assert main(arguments) == 2
    [sentence] = capsys.readouterr().err.splitlines()
    assert sentence.endswith(f"needs {package}, which is not installed here: pip install 'looplint[{extra}]'")

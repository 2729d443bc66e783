"""The scripts in `findings/` are run by hand; here: each says what it shows, stops at errors and pins its packages."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from project_copy import ROOT

SCRIPTS = sorted((ROOT / "findings").glob("[!_]*.sh"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_finding_says_what_it_shows_and_pins_what_it_installs(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert re.match(r"#!/usr/bin/env bash\n# \S.{40,}\n", text)
    assert "\nset -euo pipefail\n" in text
    assert re.search(r"\w==\d", text)
    assert "import looplint" not in text and "-m looplint" not in text


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_bash_can_parse_it(script: Path) -> None:
    assert subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True).stderr == ""

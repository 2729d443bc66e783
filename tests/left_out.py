"""What the prefilter leaves out holds no mistake: `python tests/left_out.py FOLDER...` analyses each Python file about
torch that a run would leave out, in whole, with every rule, and prints what is found there. Nothing is expected.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from unittest import mock

from marked import ALL_RULES

from looplint import check_source
from looplint.finding import Finding
from looplint.prefilter import Need, about_torch, need
from looplint.program.outline import Outline


def left_out(files: Iterable[Path]) -> Iterator[Path]:
    """The files about torch that no rule is asked about."""
    for file in files:
        data = file.read_bytes()
        if about_torch(data) and need(data) is Need.NOTHING:
            yield file


def mistakes(file: Path) -> list[Finding]:
    """The mistakes in a file when each of its functions and classes is taken to hold one."""
    with (
        mock.patch.object(Outline, "has_site", return_value=True),
        mock.patch.object(Outline, "has_class_site", return_value=True),
    ):
        found = check_source(file.read_text(encoding="utf-8", errors="replace"), str(file), ALL_RULES)
    # What cannot be read is found, whatever it holds.
    return [finding for finding in found if finding.code != "LOOP002"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    number = 0
    found = []
    for file in left_out(file for folder in parser.parse_args().folders for file in sorted(folder.rglob("*.py"))):
        number += 1
        found += mistakes(file)
    for finding in found:
        print(finding)
    print(f"{len(found)} mistakes in {number} files that are left out")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())

"""The root folder of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from looplint.program.folders import Folders
from looplint.program.importers import ProjectFiles
from looplint.program.project_root import ProjectRoots


@pytest.mark.parametrize(
    ("files", "root"),
    [
        ((".git/HEAD", "lib/deep/a.py"), ""),
        (("top/README.md", "top/pkg/__init__.py", "top/pkg/deep/a.py"), "top"),
        (("top/one/README.md", "top/one/deep/a.py", "top/two/b.py"), "top/one"),
        (("top/run.py", "top/lib/deep/a.py"), "top"),
    ],
)
def test_the_root_of_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...], root: str
) -> None:
    monkeypatch.setattr("looplint.program.project_root._SHARED", {str(tmp_path)})
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    inner = next(tmp_path.rglob("a.py")).parent
    assert ProjectRoots(Folders(), ProjectFiles()).of(str(inner)) == str(tmp_path / root).rstrip("/")

"""Which file an import means."""

from __future__ import annotations

from pathlib import Path

import pytest

from looplint.program.import_paths import extends_path
from looplint.program.program import Program


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("pyproject.toml", "pkg/__init__.py", "pkg/a.py", "pkg/sub/__init__.py", "pkg/sub/b.py", "c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("importer", "dotted", "level", "expected"),
    [
        ("c.py", "pkg.a", 0, "pkg/a.py"),
        ("c.py", "pkg", 0, "pkg/__init__.py"),
        ("pkg/a.py", "sub.b", 1, "pkg/sub/b.py"),
        ("pkg/sub/b.py", "a", 2, "pkg/a.py"),
        ("pkg/sub/b.py", "c", 0, "c.py"),
        ("c.py", "torch.nn", 0, None),
    ],
)
def test_the_file_that_an_import_means(
    project: Path, importer: str, dotted: str, level: int, expected: str | None
) -> None:
    found = Program().locate(str(project / importer), dotted, level)
    assert found == (None if expected is None else str(project / expected))


@pytest.mark.parametrize("code", ["sys.path.append('..')", "sys.path += ['src']", "sys.path[0:0] = [here]"])
def test_code_that_extends_the_search_path(code: str) -> None:
    assert extends_path(code.encode()) and not extends_path(code.replace("sys", "os").encode())

"""Who imports a file: what looks like an import in the bytes of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from looplint.program.importers import ProjectFiles, imports_in, modules_meant, python_files


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"import a.b, c as d\n", [(0, "a.b", ()), (0, "c", ()), (0, "as", ()), (0, "d", ())]),
        (b"from a import b, c\n", [(0, "a", ("b", "c"))]),
        (b"from ..a import (\n    b,\n    c,\n)\n", [(2, "a", ("b", "c"))]),
        (b"from . import b \\\n    , c\n", [(1, "", ("b", "c"))]),
        (b"if x: import a\n", [(0, "a", ())]),
        (b"x = 'import y'\n", []),
    ],
)
def test_import_statements_are_found_without_parsing(text: bytes, found: list[object]) -> None:
    assert list(imports_in(text)) == found


def test_what_an_import_may_mean() -> None:
    assert list(modules_meant((0, "a", ("b", "c")))) == ["a", "a.b", "a.c"]
    assert list(modules_meant((1, "", ("b",)))) == ["", "b"]


def lay_out(folder: Path) -> ProjectFiles:
    for name, text in {
        "a.py": "from pkg.tools import f\n",
        "pkg/tools.py": "x = 1\n",
        "pkg/b.py": "from . import tools\n",
        "build/c.py": "import tools\n",
        ".hidden/d.py": "import tools\n",
        "other/.git/HEAD": "",
        "other/e.py": "import tools\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return ProjectFiles()


def names(folder: Path, paths: list[str]) -> list[str]:
    return [Path(path).relative_to(folder).as_posix() for path in paths]


def test_files_of_a_project_without_builds_and_other_repositories(tmp_path: Path) -> None:
    lay_out(tmp_path)
    assert names(tmp_path, list(python_files(str(tmp_path)))) == ["a.py", "pkg/b.py", "pkg/tools.py"]


def test_the_importers_of_a_module_and_of_a_folder(tmp_path: Path) -> None:
    files = lay_out(tmp_path)
    assert names(tmp_path, files.importing(str(tmp_path), [b"tools"])) == ["a.py", "pkg/b.py"]
    assert names(tmp_path, files.importing(str(tmp_path), [b"nothing"])) == []
    assert names(tmp_path, files.named(str(tmp_path), "tools")) == ["pkg/tools.py"]


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    files = lay_out(tmp_path)
    files.importing(str(tmp_path), [b"tools"])
    (tmp_path / "a.py").write_text("import os\n")
    files.drop(str(tmp_path / "a.py"))
    assert names(tmp_path, files.importing(str(tmp_path), [b"tools"])) == ["pkg/b.py"]
    assert names(tmp_path, files.importing(str(tmp_path), [b"os"])) == ["a.py"]

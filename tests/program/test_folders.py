"""What folders contain, and which file a dotted name means."""

from __future__ import annotations

from pathlib import Path

from looplint.program.folders import Folders


def test_a_module_a_package_and_neither(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    for name in ("a.py", "pkg/__init__.py", "pkg/b.py"):
        (tmp_path / name).write_text("")
    folders, base = Folders(), str(tmp_path)
    found = [folders.module_at(base, parts) for parts in (["a"], ["pkg"], ["pkg", "b"], ["pkg", "c"], [])]
    assert found == [*(str(tmp_path / name) for name in ("a.py", "pkg/__init__.py", "pkg/b.py")), None, None]


def test_names_are_listed_once_until_the_folder_is_dropped(tmp_path: Path) -> None:
    folders, base = Folders(), str(tmp_path)
    assert folders.names(base) == frozenset() and base in folders
    (tmp_path / "a.py").write_text("")
    folders.add(base, "b.py")
    assert folders.names(base) == {"b.py"}
    folders.drop(base)
    assert base not in folders and folders.names(base) == {"a.py"}

"""Which files are read: measured against git's own answer where git has one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from looplint.sources import DEFAULT_EXCLUDE, Unreadable, discover, read


def lay(root: Path, files: Iterable[str]) -> None:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")


def found(folder: Path, *paths: str | Path, **options: Any) -> list[str]:
    return [os.path.relpath(path, folder) for path in discover(paths or [folder], **options)]


def test_current_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, ["b.py", "a/c.ipynb", "a.txt", "README.md", "a/B.PY", "with space/ü\n.py"])
    monkeypatch.chdir(tmp_path)
    assert list(map(str, discover())) == ["README.md", "a/B.PY", "a/c.ipynb", "b.py", "with space/ü\n.py"]
    assert list(map(str, discover(["./a"], extensions=[".ipynb"]))) == ["a/c.ipynb"]


def test_force_exclude_holds_for_named_paths(tmp_path: Path) -> None:
    project = tmp_path / "build" / "project"
    lay(project, ["a.py", "dist/deep/b.py", "gen/c.py"])
    named = [project / "a.py", project / "dist/deep/b.py", project / "dist/deep", project / "gen/c.py"]
    options = {"exclude": [*DEFAULT_EXCLUDE, "/gen/"], "root": project}
    assert found(project, *named, **options) == ["a.py", "dist/deep/b.py", "gen/c.py"]
    assert found(project, *named, **options, force_exclude=True) == ["a.py"]


def test_usual_folders_are_skipped_unless_named(tmp_path: Path) -> None:
    usual = [".venv", ".git", "node_modules", "__pycache__", "build", "dist", ".tox", "site-packages", "venv"]
    lay(tmp_path, [f"{folder}/x.py" for folder in usual])
    lay(tmp_path, ["env/pendulum.py", "buildings/x.py", "src/build/x.py", "my/pyvenv.cfg", "my/lib/x.py"])
    lay(tmp_path, ["conda/conda-meta/history", "conda/x.py"])
    assert found(tmp_path) == ["buildings/x.py", "env/pendulum.py"]
    assert found(tmp_path, tmp_path / "build", tmp_path / "my", tmp_path / "node_modules" / "x.py") == [
        "build/x.py",
        "my/lib/x.py",
        "node_modules/x.py",
    ]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("gen", ["src/a.py", "src/b_test.py", "src/deep/gen.py"]),
        ("gen/", ["src/a.py", "src/b_test.py", "src/deep/gen.py"]),
        ("*_test.py", ["gen/x.py", "src/a.py", "src/deep/gen/x.py", "src/deep/gen.py"]),
        ("src/*.py", ["gen/x.py", "src/deep/gen/x.py", "src/deep/gen.py"]),
        ("./src/deep", ["gen/x.py", "src/a.py", "src/b_test.py"]),
        ("src/**/gen", ["gen/x.py", "src/a.py", "src/b_test.py", "src/deep/gen.py"]),
        ("{root}/src", ["gen/x.py"]),
    ],
)
def test_exclude(tmp_path: Path, pattern: str, left: list[str]) -> None:
    lay(tmp_path, ["gen/x.py", "src/a.py", "src/b_test.py", "src/deep/gen.py", "src/deep/gen/x.py"])
    pattern = pattern.format(root=tmp_path)
    assert found(tmp_path, exclude=[*DEFAULT_EXCLUDE, pattern], root=tmp_path) == left


TREE = [
    "a.py",
    "b.py",
    "out/x.py",
    "out/keep.py",
    "src/a.py",
    "src/gen/x.py",
    "src/gen/sub/y.py",
    "src/keep/a.py",
    "src/data/a.py",
    "src/ü.py",
    "src/with space.py",
    "local/x.py",
    "deep/er/x.py",
    "deep/er/y.py",
    "deep/z.py",
]


@pytest.mark.parametrize(
    "ignores",
    [
        {".gitignore": "out/*\n!out/keep.py\n"},
        {".gitignore": "out\n!out/keep.py\n"},
        {".gitignore": "a.py\n", "src/.gitignore": "!a.py\ngen/\n", "src/keep/.gitignore": "*\n"},
        {".gitignore": "/a.py\n**/er/x.py\n# comment\n\n\\#x\n", "deep/.gitignore": "/er/*\n!/er/x.py\n"},
        {".gitignore": "data/\nsrc/gen\n*.pyc\n", ".git/info/exclude": "local\nb.py\n"},
        {".gitignore": "!b.py\n", ".git/info/exclude": "b.py\n"},
        {".gitignore": "ü.py\nwith\\ space.py\nde*/**/y.py\n"},
        {".gitignore": "*\n!*/\n!a.py\n"},
        {".gitignore": "*t*s*e.py\n*e*e*.py\n*/*.*y\n!*x*.p*\n"},
        {".gitignore": "deep/\n!deep/\n!\n[z-\n", "deep/.gitignore": "z.py"},
    ],
)
@pytest.mark.parametrize("start", [".", "src", "deep/er"])
def test_gitignore_as_git_reads_it(tmp_path: Path, ignores: dict[str, str], start: str) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    lay(tmp_path, TREE)
    for name, text in ignores.items():
        (tmp_path / name).write_text(text)
    exclude = tmp_path / ".git/info/exclude"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-per-directory=.gitignore", f"--exclude-from={exclude}"],
        cwd=tmp_path / start,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    expected = sorted(Path(start, name) for name in listed.split("\0") if name.endswith(".py"))
    assert list(map(Path, found(tmp_path, tmp_path / start))) == expected
    assert len(found(tmp_path, respect_gitignore=False)) == len(TREE)


def test_named_paths_are_read_though_ignored(tmp_path: Path) -> None:
    lay(tmp_path, ["out/x.py", "out/y.py", "sub/out/x.py", "plain.txt"])
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("out/\n")
    assert found(tmp_path) == []
    assert found(tmp_path, tmp_path / "out") == ["out/x.py", "out/y.py"]
    assert found(tmp_path, tmp_path / "out/x.py", tmp_path / "plain.txt") == ["out/x.py", "plain.txt"]
    assert found(tmp_path, tmp_path / "sub") == []


def test_a_gitignore_that_is_no_file_is_not_opened(tmp_path: Path) -> None:
    lay(tmp_path, ["a/x.py", "b/x.py", "elsewhere.txt"])
    (tmp_path / "elsewhere.txt").write_text("*\n")
    os.mkfifo(tmp_path / "a/.gitignore")
    (tmp_path / "b/.gitignore").symlink_to(tmp_path / "elsewhere.txt")
    assert found(tmp_path) == ["a/x.py", "b/x.py"]


def test_another_repository_inside_has_its_own_rules(tmp_path: Path) -> None:
    lay(tmp_path, ["inner/a.py", "inner/b.py", "a.py", "b.py"])
    (tmp_path / ".git").mkdir()
    (tmp_path / "inner/.git").mkdir()
    (tmp_path / ".gitignore").write_text("a.py\n")
    (tmp_path / "inner/.gitignore").write_text("b.py\n")
    assert found(tmp_path) == ["b.py", "inner/a.py"]
    assert found(tmp_path, tmp_path / "inner") == ["inner/a.py"]


def test_each_file_once(tmp_path: Path) -> None:
    lay(tmp_path, ["pkg/train.py", "elsewhere/lib.py", "elsewhere/deep/x.py"])
    package = tmp_path / "pkg"
    (package / "again.py").symlink_to(package / "train.py")
    (package / "lib.py").symlink_to(tmp_path / "elsewhere/lib.py")
    (package / "round").symlink_to(package)
    (package / "deep").symlink_to(tmp_path / "elsewhere/deep")
    (package / "self.py").symlink_to(package / "self.py")
    (package / "gone.py").symlink_to(tmp_path / "nowhere.py")
    (package / ".#train.py").symlink_to("user@host.1")
    os.mkfifo(package / "pipe.py")
    (package / "link.py").symlink_to(package / "pipe.py")
    # What cannot be read is reported when it is.
    expected = ["pkg/gone.py", "pkg/lib.py", "pkg/pipe.py", "pkg/self.py", "pkg/train.py"]
    assert found(tmp_path, package) == expected
    assert found(tmp_path, package, package, package / "train.py", package / "again.py", package / "round") == expected
    assert found(tmp_path, package / "deep") == ["pkg/deep/x.py"]
    assert found(tmp_path, package / "again.py") == ["pkg/again.py"]


def test_unreadable_files_are_returned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path, ["ok.py", "locked/x.py"])
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("locked"):
            raise PermissionError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert found(tmp_path, tmp_path, tmp_path / "missing.py") == ["locked", "missing.py", "ok.py"]
    for name in ("locked", "missing.py"):
        with pytest.raises(Unreadable, match=name):
            read(tmp_path / name)


def test_names_that_are_not_unicode_and_deep_folders(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    deep = "/".join(["d"] * 600)
    lay(tmp_path, [name, f"{deep}/x.py"])
    assert found(tmp_path) == [name, f"{deep}/x.py"]


def test_a_pattern_of_many_stars_is_no_trap(tmp_path: Path) -> None:
    lay(tmp_path, ["a" * 60 + ".py", "one-two-cat.py", "one-two.py"])
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*a" * 20 + "*b\n*-*-c*.py\n")
    assert found(tmp_path) == ["a" * 60 + ".py", "one-two.py"]

"""One project in many layouts: what is found does not depend on where it lies or on what marks its root."""

from __future__ import annotations

from pathlib import Path

import pytest

from looplint.program import project_root
from looplint.program.importers import python_files
from looplint.program.program import Program
from looplint.project.config import Configuration
from looplint.project.files_to_lint import files
from looplint.run.api import lint

LEARNER = """\
import torch
from torch import nn


class Learner(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(3, 1)
        self.optimizer = torch.optim.SGD(self.body.parameters(), lr=0.1)

    def learn(self, x):
        self.body(x).mean().backward()
        self.optimizer.step()

    def refine(self, x):
        self.body(x).mean().backward()
        self.optimizer.step()
"""
RUN = """\
from {learner} import Learner


def main(batches):
    learner = Learner()
    for x in batches:
        learner.optimizer.zero_grad()
        learner.learn(x)
    for x in batches:
        learner.refine(x)


if __name__ == "__main__":
    main([])
"""
FOUND = {("learner.py", 16, "LOOP201")}
"""`refine` is called without a clear; `learn` with one, which only its caller tells."""

# Where the learner lies, where the script that runs it, how that imports it, and what comes before.
LAYOUTS = {
    "beside each other": ("learner.py", "run.py", "learner", ""),
    "a package": ("model/learner.py", "run.py", "model.learner", ""),
    "a script in a folder, run with the top on the path": ("model/learner.py", "tools/run.py", "model.learner", ""),
    "a module that is run by its name": ("app/model/learner.py", "app/model/run.py", "app.model.learner", ""),
    "a folder src that is on the path": ("src/model/learner.py", "tools/run.py", "model.learner", ""),
    "a folder of packages that is on the path": ("lib/model/learner.py", "tools/run.py", "model.learner", ""),
    "the script adds a folder to the path": (
        "lib/learner.py",
        "tools/run.py",
        "learner",
        "import os\nimport sys\n\nsys.path.append(os.path.join(os.path.dirname(__file__), '..', 'lib'))\n",
    ),
    "the script extends the path by a list": (
        "lib/learner.py",
        "tools/run.py",
        "learner",
        'import sys\n\nsys.path += ["../lib"]\n',
    ),
    "the script adds the folder above": (
        "app/nets/learner.py",
        "app/nets/run.py",
        "nets.learner",
        'import sys\n\nsys.path.insert(0, "../")\n',
    ),
}
MARKS = {
    "nothing": "",
    "a repository": ".git/HEAD",
    "a project file": "pyproject.toml",
    "a page": "README.md",
    "a project file in the folder of the script": "{script}/pyproject.toml",
    "a project file in the folder of the module": "{learner}/pyproject.toml",
    "a project file in the first folder of the module": "{first}/pyproject.toml",
}


def lay_out(top: Path, layout: str, mark: str) -> tuple[Path, Path]:
    """The project below a folder: its learner and its script."""
    learner, script, imported, before = LAYOUTS[layout]
    texts = {learner: LEARNER, script: before + RUN.format(learner=imported)}
    if mark := MARKS[mark]:
        first = learner.rpartition("/")[0].partition("/")[0]
        texts[mark.format(script=Path(script).parent, learner=Path(learner).parent, first=first or ".")] = ""
    for name, text in texts.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    return top / learner, top / script


def found(*paths: Path | str) -> set[tuple[str, int, str]]:
    configuration = Configuration(isolated=True)
    result = lint([*files([str(path) for path in paths], configuration)], configuration)
    assert not result.errors
    return {(Path(f.filename).name, f.location.row, f.code) for f in result.findings}


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_and_the_mark_of_the_root_change_nothing(
    layout: str, mark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two folders that hold nothing but a folder, so that nothing around the project is met.
    learner, script = lay_out(tmp_path / "a" / "b" / "project", layout, mark)
    for folder in (tmp_path, tmp_path / "a/b/project", script.parent):
        monkeypatch.chdir(folder)
        assert found(learner) == FOUND, f"from {folder}"
        assert found(tmp_path / "a/b/project") == FOUND, f"the whole, from {folder}"
    monkeypatch.chdir(learner.parent)
    assert found(learner.name) == FOUND


@pytest.mark.parametrize("mark", [".git/HEAD", "pyproject.toml", "packages/model/pyproject.toml", "README.md"])
def test_distributions_beside_each_other_are_one_project(mark: str, tmp_path: Path) -> None:
    """Each has its packages in a folder `src`, and all of them are installed."""
    top = tmp_path / "a" / "b" / "project"
    layout = ("packages/model/src/model/learner.py", "packages/app/src/app/run.py", "model.learner", "")
    for name, text in zip(layout, (LEARNER, RUN.format(learner=layout[2])), strict=False):
        (top / name).parent.mkdir(parents=True)
        (top / name).write_text(text)
    (top / mark).parent.mkdir(exist_ok=True)
    (top / mark).write_text("")
    assert found(top / layout[0]) == found(top) == FOUND


@pytest.mark.parametrize("mark", [".git/HEAD", "core/pyproject.toml", "core/setup.py"])
@pytest.mark.parametrize("script", ["run.py", "tools/run.py"])
@pytest.mark.parametrize("package", ["core/model", "core/src/model"])
def test_a_distribution_below_its_caller_is_of_its_project(
    package: str, script: str, mark: str, tmp_path: Path
) -> None:
    """It is built by itself and installed, so that code above it imports its package."""
    top = tmp_path / "a" / "b" / "project"
    texts = {f"{package}/learner.py": LEARNER, script: RUN.format(learner="model.learner"), mark: ""}
    for name, text in texts.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    assert found(top / package / "learner.py") == found(top) == FOUND


@pytest.mark.parametrize("built", [("one",), ("one", "two")])
def test_projects_with_packages_of_one_name_are_not_joined(built: tuple[str, ...], tmp_path: Path) -> None:
    """None of them is a repository, and each is run with its own package, whether it is built or not."""
    for name in ("one", "two"):
        top = tmp_path / "all" / name
        for file in ("setup.py" if name in built else "README.md", "model/learner.py", "tools/run.py"):
            (top / file).parent.mkdir(parents=True, exist_ok=True)
            (top / file).write_text(RUN.format(learner="model.learner") if file.endswith("run.py") else "")
    (tmp_path / "all" / "stray.py").write_text("x = 1\n")
    assert Program().root(str(tmp_path / "all/one/model")) == str(tmp_path / "all/one")


def test_projects_beside_it_are_no_part_of_a_project(tmp_path: Path) -> None:
    """A folder of projects, none of them a repository, in which a stray script lies: the others are never read."""
    learner, _ = lay_out(tmp_path / "all" / "one", "a script in a folder, run with the top on the path", "a page")
    lay_out(tmp_path / "all" / "two", "beside each other", "a page")
    (tmp_path / "all" / "stray.py").write_text("x = 1\n")
    assert Program().root(str(learner.parent)) == str(tmp_path / "all" / "one")


def test_repositories_below_a_project_without_one_are_not_searched(tmp_path: Path) -> None:
    lay_out(tmp_path / "vendored", "beside each other", "a repository")
    (tmp_path / "own.py").write_text("x = 1\n")
    assert [Path(path).name for path in python_files(str(tmp_path))] == ["own.py"]
    (tmp_path / ".git").mkdir()
    assert len(list(python_files(str(tmp_path)))) == 3


def test_code_beside_a_large_folder_is_no_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_root, "_LARGE", 20)
    learner, _ = lay_out(tmp_path / "a" / "b" / "one", "beside each other", "nothing")
    (tmp_path / "a" / "b" / "stray.py").write_text("x = 1\n")
    assert Program().root(str(learner.parent)) == str(tmp_path / "a" / "b")
    (tmp_path / "a" / "b" / "many").mkdir()
    for number in range(30):
        (tmp_path / "a" / "b" / "many" / f"part{number}.py").write_text("x = 1\n")
    assert Program().root(str(learner.parent)) == str(learner.parent)


def test_a_module_above_a_folder_with_a_page_is_found(tmp_path: Path) -> None:
    top = tmp_path / "a" / "b" / "project"
    learner, script = lay_out(top, "beside each other", "nothing")
    (top / "tools").mkdir()
    (top / "tools" / "README.md").write_text("")
    script.rename(top / "tools" / "run.py")
    assert Program().root(str(top / "tools")) == str(top)
    assert found(learner) == found(top) == FOUND


def test_a_module_that_several_folders_have_is_not_guessed(tmp_path: Path) -> None:
    lay_out(tmp_path, "the script adds a folder to the path", "a repository")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/learner.py").write_text("class Learner:\n    pass\n")
    # Neither of the two may be the one that is meant, so nothing is known of who calls `learn`.
    assert found(tmp_path / "lib/learner.py") == {("learner.py", 12, "LOOP201"), *FOUND}


def test_what_lies_around_a_project_is_no_part_of_it(tmp_path: Path) -> None:
    learner, _ = lay_out(tmp_path / "one", "beside each other", "a repository")
    (tmp_path / "run.py").write_text(
        "import learner\n\n\ndef main(l, x):\n    l.optimizer.zero_grad()\n    l.refine(x)\n"
    )
    assert found(learner) == FOUND

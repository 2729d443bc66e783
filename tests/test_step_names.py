"""The names through which importers reach code that clears, steps or back-propagates."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import pytest

from looplint.api import lint
from looplint.cli.commands import main
from looplint.program.program import Program
from looplint.program.step_names import HOPS

STEPS = """\
class Trainer:
    def __init__(self, optimizer):
        self.optimizer = optimizer

    def fit(self, loader):
        for loss in loader:
            self._update(loss)

    def _update(self, loss):
        loss.backward()
        self.optimizer.step()

    def describe(self):
        return "a trainer"


def train_all(trainer, loader):
    \"\"\"Trains; unlike `count`.\"\"\"
    trainer.fit(loader)


def count(loader):
    return len(loader)


RUN = train_all
"""


def imported(folder: Path, text: str, **files: str) -> set[str]:
    for name, content in {"steps": STEPS, "main": text, **files}.items():
        (folder / f"{name}.py").write_text(content)
    main = str(folder / "main.py")
    return {name.decode() for name in Program().step_names.imported(main, text.encode())}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from steps import train_all\n", {"train_all"}),
        ("from steps import count\n", set()),
        ("from steps import RUN\n", {"RUN"}),
        ("from steps import train_all as go, count\n", {"train_all", "go"}),
        ("import steps\n\nsteps.train_all(a, b)\n", {"train_all"}),
        ("import steps\n\nsteps.count(b)\n", set()),
        ("from steps import *\n\ntrain_all(a, b)\n", {"train_all"}),
        ("from steps import Trainer\n", {"Trainer", "fit", "_update"}),
        ("def late():\n    from steps import train_all\n", {"train_all"}),
        ("from main import train_all\n", set()),
    ],
    ids=["function", "other", "variable", "renamed", "module", "module-other", "star", "class", "inner", "itself"],
)
def test_only_names_that_lead_to_a_step_count(tmp_path: Path, text: str, expected: set[str]) -> None:
    assert imported(tmp_path, text) == expected


def test_a_class_brings_the_methods_of_its_base(tmp_path: Path) -> None:
    mine = "from steps import Trainer\n\n\nclass Mine(Trainer):\n    def run(self, loader):\n        self.fit(loader)\n"
    found = imported(tmp_path, "from mine import Mine\n", mine=mine)
    assert {"Mine", "fit"} <= found and "describe" not in found


def test_a_method_name_that_many_classes_share_says_nothing(tmp_path: Path) -> None:
    classes = "".join(f"class Part{i}:\n    def forward(self, x):\n        return x\n\n\n" for i in range(6))
    stepping = "class Last:\n    def forward(self, loss):\n        loss.backward()\n\n\n"
    users = "def one(part):\n    return part.forward(0)\n\n\ndef two():\n    return Last()\n"
    text = "from parts import one, two\n"
    assert imported(tmp_path, text, parts=classes + stepping + users) == {"two"}


def test_imports_are_followed_a_number_of_files_in_any_order(tmp_path: Path) -> None:
    chain = ["steps", *(f"link{i}" for i in range(HOPS + 1))]
    for before, name in itertools.pairwise(chain):
        (tmp_path / f"{name}.py").write_text(f"from {before} import train_all\n\n\nagain = train_all\n")
    (tmp_path / "steps.py").write_text(STEPS)
    paths = [tmp_path / f"{name}.py" for name in chain[1:]]
    for order in (paths, paths[::-1]):
        step_names = Program().step_names
        reached = {path.stem for path in order if step_names.imported(str(path), path.read_bytes())}
        assert reached == set(chain[1 : HOPS + 1])


def test_a_circle_of_imports_ends(tmp_path: Path) -> None:
    there = "import main\nfrom steps import train_all\n\n\ndef there():\n    train_all(1, 2)\n"
    assert imported(tmp_path, "from there import there\n", there=there) == {"there"}


DRIVER = "from inner import update\n\n\ndef main(*parts):\n    for _ in range(3):\n        update(*parts)\n"
INNER = (
    "def update(model, loader, optimizer):\n    for x in loader:\n        model(x).mean().backward()\n"
    "        optimizer.step()\n"
)


def test_a_text_on_stdin_is_analysed_for_what_it_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inner.py").write_text(INNER)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(DRIVER.encode())))
    assert main(["-", "--stdin-filename", "main.py", "--isolated", "--output-format", "concise"]) == 1
    assert "inner.py:3:9: LOOP201" in capsys.readouterr().out


def test_the_graph_of_a_file_that_drives_a_loop_elsewhere_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inner.py").write_text(INNER)
    (tmp_path / "main.py").write_text(DRIVER)
    assert main(["graph", "main.py"]) == 0
    assert "STEP" in capsys.readouterr().out


def test_a_mistake_three_imports_away_is_found_from_the_first_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "inner.py").write_text(
        "def update(model, loader, optimizer):\n    for x in loader:\n        model(x).mean().backward()\n"
        "        optimizer.step()\n"
    )
    (tmp_path / "middle.py").write_text("from inner import update\n\n\ndef epoch(*parts):\n    update(*parts)\n")
    (tmp_path / "outer.py").write_text("from middle import epoch\n\n\ndef train(*parts):\n    epoch(*parts)\n")
    (tmp_path / "main.py").write_text(
        "from outer import train\n\n\ndef main(model, loader, optimizer):\n    for _ in range(3):\n"
        "        train(model, loader, optimizer)\n"
    )
    found = lint([str(tmp_path / "main.py")]).findings
    assert [(Path(finding.filename).name, finding.code) for finding in found] == [("inner.py", "LOOP201")]

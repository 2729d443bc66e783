"""Programs over several files: what an import means, who calls what, and what it costs to follow."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import dedent

import pytest
from counted_work import counted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from looplint import check_paths, check_source
from looplint.events import EventGraph, Kind
from looplint.finding import Finding, Severity
from looplint.fix import fix_bytes
from looplint.interpreter.budget import BUDGET
from looplint.interpreter.entries import loops_of
from looplint.library.library import Library
from looplint.program.program import Program
from looplint.project.config import Configuration
from looplint.project.settings import Selection, Settings
from looplint.rule import Mistake, Rule
from looplint.run import analysis
from looplint.run.analysis import Analysis
from looplint.run.api import lint
from looplint.sources import from_text

Files = dict[str, str]
SETTINGS = Settings(selections=(Selection(select=("LOOP201", "LOOP202", "LOOP301", "LOOP701")),))


def lay_out(folder: Path, files: Files) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
    return folder


def found(*paths: Path) -> list[tuple[str, int, str]]:
    """(file, row, rule) of each finding."""
    return [(Path(f.filename).name, f.location.row, f.name) for f in check_paths(paths, SETTINGS)]


def same_alone_and_together(folder: Path) -> list[Finding]:
    """The findings of a folder, each once; those of each file alone, in it or in a file it calls, must be the same."""
    together = list(check_paths([folder], SETTINGS))
    alone = [finding for file in sorted(folder.rglob("*.py")) for finding in check_paths([file], SETTINGS)]

    def key(findings: Sequence[Finding]) -> list[tuple[str, int, str]]:
        return sorted((f.filename, f.location.row, f.name) for f in findings)

    assert len(set(key(together))) == len(together)
    assert set(key(alone)) == set(key(together))
    return together


LOOP = """\
import torch
{imports}

def main(model, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x in loader:
        {clear}
        model(x).sum().backward()
        optimizer.step()

main(torch.nn.Linear(1, 1), [])
"""
HELPER = "def reset(optimizer):\n    {body}\n"

# Ways to come by `reset` from another file: where it lies, where the script lies, how it is imported and called.
LAYOUTS: dict[str, tuple[str, str, str, str, Files]] = {
    "beside the script": ("tools.py", "train.py", "from tools import reset", "reset(optimizer)", {}),
    "by its module": ("tools.py", "train.py", "import tools", "tools.reset(optimizer)", {}),
    "by another name": ("tools.py", "train.py", "import tools as t", "t.reset(optimizer)", {}),
    "star": ("tools.py", "train.py", "from tools import *", "reset(optimizer)", {}),
    "in a function": ("tools.py", "train.py", "", "from tools import reset; reset(optimizer)", {}),
    "relative": (
        "pkg/tools.py",
        "pkg/train.py",
        "from .tools import reset",
        "reset(optimizer)",
        {"pkg/__init__.py": ""},
    ),
    "relative module": (
        "pkg/tools.py",
        "pkg/train.py",
        "from . import tools",
        "tools.reset(optimizer)",
        {"pkg/__init__.py": ""},
    ),
    "two levels up": (
        "pkg/tools.py",
        "pkg/engine/train.py",
        "from ..tools import reset",
        "reset(optimizer)",
        {"pkg/__init__.py": "", "pkg/engine/__init__.py": ""},
    ),
    "package by its full name": (
        "pkg/sub/tools.py",
        "scripts/train.py",
        "from pkg.sub.tools import reset",
        "reset(optimizer)",
        {"pkg/__init__.py": "", "pkg/sub/__init__.py": "", "pyproject.toml": ""},
    ),
    "dotted": (
        "pkg/tools.py",
        "train.py",
        "import pkg.tools",
        "pkg.tools.reset(optimizer)",
        {"pkg/__init__.py": "", "pyproject.toml": ""},
    ),
    "src layout": (
        "src/pkg/tools.py",
        "scripts/train.py",
        "from pkg.tools import reset",
        "reset(optimizer)",
        {"src/pkg/__init__.py": "", "pyproject.toml": ""},
    ),
    "handed on by the package": (
        "pkg/tools.py",
        "train.py",
        "from pkg import reset",
        "reset(optimizer)",
        {"pkg/__init__.py": "from .tools import reset\n"},
    ),
    "handed on by a star": (
        "pkg/tools.py",
        "train.py",
        "from pkg import reset",
        "reset(optimizer)",
        {"pkg/__init__.py": "from .tools import *\n"},
    ),
    "handed on by two stars to a third": (
        "pkg/sub/tools.py",
        "train.py",
        "from pkg import *",
        "reset(optimizer)",
        {"pkg/__init__.py": "from .sub import *\n", "pkg/sub/__init__.py": "from .tools import *\n"},
    ),
    "handed on under another name": (
        "pkg/tools.py",
        "train.py",
        "from pkg import clear_all",
        "clear_all(optimizer)",
        {"pkg/__init__.py": "from .tools import reset as clear_all\n"},
    ),
    "a package without __init__": ("pkg/tools.py", "train.py", "from pkg.tools import reset", "reset(optimizer)", {}),
    "where an import may fail": (
        "tools.py",
        "train.py",
        "try:\n    from missing import reset\nexcept ImportError:\n    from tools import reset",
        "reset(optimizer)",
        {},
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("clears", [True, False])
def test_a_helper_of_another_file_is_inlined(name: str, clears: bool, tmp_path: Path) -> None:
    helper, script, imports, call, more = LAYOUTS[name]
    body = "optimizer.zero_grad()" if clears else "print(1)"
    files = {**more, helper: HELPER.format(body=body), script: LOOP.format(imports=imports, clear=call)}
    lay_out(tmp_path, files)
    row = next(i for i, line in enumerate(files[script].splitlines(), 1) if "backward" in line)
    silent = clears or "may fail" in name  # One of the two functions is not seen: it may clear.
    expected = [] if silent else [("train.py", row, "missing-zero-grad")]
    assert found(tmp_path / script) == expected
    same_alone_and_together(tmp_path)


def test_files_that_import_each_other(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {
            "a.py": """
                from b import update
                import torch
                def clear(optimizer):
                    optimizer.zero_grad()
                def main(model, loader):
                    optimizer = torch.optim.SGD(model.parameters())
                    for x in loader:
                        update(model(x).sum(), optimizer)
                """,
            "b.py": """
                import a
                def update(loss, optimizer):
                    a.clear(optimizer)
                    loss.backward()
                    optimizer.step()
                """,
            "c.py": "from d import *\n",
            "d.py": "from c import *\n",
        },
    )
    assert same_alone_and_together(tmp_path) == []


CALLERS = {
    "the caller clears": ("optimizer.zero_grad()\n", []),
    "the caller does not": ("", [("step.py", 2, "missing-zero-grad")]),
}


@pytest.mark.parametrize("name", CALLERS)
def test_callers_in_other_files_are_asked(name: str, tmp_path: Path) -> None:
    clear, expected = CALLERS[name]
    lay_out(
        tmp_path,
        {
            "step.py": "def train_step(model, x, optimizer):\n    model(x).sum().backward()\n    optimizer.step()\n",
            "main.py": "import torch\nfrom step import train_step\n\n"
            "def main(model, loader):\n"
            "    optimizer = torch.optim.SGD(model.parameters())\n"
            "    for x in loader:\n"
            f"        {clear.strip() or 'pass'}\n"
            "        train_step(model, x, optimizer)\n",
        },
    )
    findings = same_alone_and_together(tmp_path)
    assert [(Path(f.filename).name, f.location.row, f.name) for f in findings] == expected
    assert found(tmp_path / "step.py") == expected


def test_what_only_callers_that_were_not_read_switch_on_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first caller leaves `bound` at its default, and its reading takes the budget of all of them."""
    monkeypatch.setattr(analysis, "CALLERS_WORK", 10)
    caller = """
        import torch
        from fit import fit

        def main(loader):
            model = torch.nn.Linear(2, 1)
            fit(model, loader, torch.optim.SGD(model.parameters(), lr=0.1){})
    """
    lay_out(
        tmp_path,
        {
            "fit.py": """
                from torch.nn.utils import clip_grad_norm_

                def fit(model, loader, optimizer, bound=None):
                    for x in loader:
                        optimizer.zero_grad()
                        model(x).sum().backward()
                        optimizer.step()
                        if bound is not None:
                            clip_grad_norm_(model.parameters(), bound)
            """,
            "a_plain.py": caller.format(""),
            "b_bounded.py": caller.format(", bound=1.0"),
        },
    )
    names = [finding.name for finding in check_paths([tmp_path / "fit.py"], Settings())]
    assert names == ["clip-after-step"]


DERIVED = {
    "a class derived of it": ("class Child(Base):\n    def rate(self):\n        return 0.2\n", True),
    "a class that begins like it": ("class Child(Base):\n    def __init__(self):\n        Base.__init__(self)\n", True),
    "a class that clears": ("class Child(Base):\n    def new(self):\n        self.optimizer.zero_grad()\n", False),
    "a class with a mixin": ("from mixins import Logs\nclass Child(Logs, Base):\n    pass\n", True),
    "a class with a mixin that clears": ("from mixins import Clears\nclass Child(Clears, Base):\n    pass\n", False),
    "a class with a mixin that is derived of one": (
        "from mixins import Both as B\nclass Child(Base, B):\n    pass\n",
        False,
    ),
    "a class with another base": ("from other import Other\nclass Child(Base, Other):\n    pass\n", False),
    "a class that is used": ("class Child(Base):\n    pass\n\nCHILDREN = [Child]\n", False),
    "code that names it": ("BASES = [Base]\n", False),
}


@pytest.mark.parametrize("name", DERIVED)
def test_classes_that_are_derived_of_one_do_not_speak_for_it(name: str, tmp_path: Path) -> None:
    text, reported = DERIVED[name]
    lay_out(
        tmp_path,
        {
            "base.py": """
                import torch
                class Base:
                    def __init__(self):
                        self.model = torch.nn.Linear(1, 1)
                        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=self.rate())
                    def step(self, x):
                        self.model(x).sum().backward()
                        self.optimizer.step()
                """,
            "child.py": "from base import Base\n\n" + text,
            "mixins.py": """
                class Logs:
                    def log(self, value):
                        print(value)
                class Clears:
                    def rate(self):
                        self.optimizer.zero_grad()
                        return 0.1
                class Both(Logs, Clears):
                    pass
                """,
        },
    )
    assert found(tmp_path / "base.py") == ([("base.py", 8, "missing-zero-grad")] if reported else [])
    same_alone_and_together(tmp_path)


def trainer(clear_in: str) -> Files:
    """A trainer class over five files; `clear_in`: which of them clears."""
    clear = {name: "self.optimizer.zero_grad()" if name == clear_in else "pass" for name in ("base", "steps", "hooks")}
    return {
        "pyproject.toml": "",
        "lib/__init__.py": "from .trainer import Trainer\n",
        "lib/base.py": f"""
            import torch
            class Base:
                def __init__(self, model):
                    self.model = model
                    self.optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
                def before_step(self):
                    {clear["base"]}
                def fit(self, loader):
                    for x in loader:
                        self.before_step()
                        self.step(x)
                        self.after_step()
            """,
        "lib/steps.py": f"""
            class Steps:
                def step(self, x):
                    {clear["steps"]}
                    loss = self.model(x).sum()
                    loss.backward()
                    self.optimizer.step()
            """,
        "lib/hooks.py": f"""
            class Hooks:
                def after_step(self):
                    {clear["hooks"]}
            """,
        "lib/trainer.py": """
            from .base import Base
            from .hooks import Hooks
            from .steps import Steps
            class Trainer(Steps, Hooks, Base):
                pass
            """,
        "main.py": """
            import torch
            from lib import Trainer
            Trainer(torch.nn.Linear(1, 1)).fit([])
            """,
    }


@pytest.mark.parametrize("clear_in", ["base", "steps", "hooks", "none"])
def test_a_trainer_over_five_files(clear_in: str, tmp_path: Path) -> None:
    lay_out(tmp_path, trainer(clear_in))
    findings = same_alone_and_together(tmp_path)
    if clear_in != "none":
        assert findings == []
        return
    (finding,) = findings
    assert (Path(finding.filename).name, finding.location.row, finding.name) == ("steps.py", 6, "missing-zero-grad")
    assert {Path(step.filename).name for step in finding.trace} == {"base.py", "steps.py"}


HANDED = {
    "a loss": ("loss, optimizer", "loss", False),
    "a loss, by keyword": ("optimizer, *, total_loss", "total_loss", False),
    "a criterion": ("model, inputs, loss, optimizer", "loss(model(inputs), inputs)", True),
    "what to predict from": ("model, inputs, optimizer", "model(inputs).mean()", True),
}


@pytest.mark.parametrize("name", HANDED)
def test_what_gets_a_loss_is_part_of_a_loop_in_unknown_code(name: str) -> None:
    parameters, loss, judged = HANDED[name]
    code = f"""\
        class Scaler:
            def __call__(self, {parameters}):
                ({loss}).backward()
                optimizer.step()
        """
    assert [f.name for f in check_source(dedent(code), settings=SETTINGS)] == ["missing-zero-grad"] * judged


LEFT_OUT = {
    "an excerpt": ("...", []),
    "an excerpt with a sentence": ('"""Clears, or not."""\n            ...', []),
    "nothing to do": ("pass", ["missing-zero-grad"]),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_a_function_does_that_is_not_written_out_is_not_known(name: str) -> None:
    body, expected = LEFT_OUT[name]
    code = f"""\
        import torch
        def prepare(optimizer):
            {body}
        model = torch.nn.Linear(1, 1)
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        for x in loader:
            prepare(optimizer)
            model(x).sum().backward()
            optimizer.step()
        """
    assert [f.name for f in check_source(dedent(code), settings=SETTINGS)] == expected


def test_callbacks_by_name_leave_room_for_doubt(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {
            "registry.py": "HOOKS = {}\ndef register(f):\n    HOOKS[f.__name__] = f\n    return f\n",
            "hooks.py": "from registry import register\n@register\ndef reset(optimizer):\n    optimizer.zero_grad()\n",
            "train.py": LOOP.format(imports="from registry import HOOKS", clear="HOOKS['reset'](optimizer)"),
        },
    )
    assert same_alone_and_together(tmp_path) == []


STEP = "def step(score, optimizer):\n    score.backward()\n    optimizer.step()\n"
BATCHES = "for x in loader:\n    {}step(model(x).sum(), optimizer)\n"
WRITTEN: dict[str, tuple[list[str], list[tuple[int | None, int]]]] = {
    "called by nothing": (["%%writefile step.py\n" + STEP], [(0, 3)]),
    "the notebook clears": (
        ["%%writefile step.py\n" + STEP, "from step import step\n" + BATCHES.format("optimizer.zero_grad(); ")],
        [],
    ),
    "the notebook does not clear": (
        ["%%writefile step.py\n" + STEP, "from step import step\n" + BATCHES.format("")],
        [(0, 3)],
    ),
    "another written file clears": (
        [
            "%%writefile lib/step.py\n" + STEP,
            "%%writefile lib/train.py\nimport step\n" + BATCHES.format("optimizer.zero_grad(); step."),
        ],
        [],
    ),
    "it has names of its own": (
        [
            "%%writefile a.py\ndef clear(o):\n    o.zero_grad()\n"
            + STEP.replace("score.b", "clear(optimizer)\n    score.b"),
            "def clear(o):\n    pass\n",
        ],
        [],
    ),
    "a file in two cells": (
        [
            "%%writefile step.py\n" + STEP.replace("    score.b", "    clear(optimizer)\n    score.b"),
            "%%writefile -a step.py\ndef clear(optimizer):\n    optimizer.zero_grad()\n",
        ],
        [],
    ),
    "a file written twice": (
        [
            "%%writefile step.py\n" + STEP,
            "\n%%writefile step.py\n" + STEP.replace("    score.b", "    optimizer.zero_grad()\n    score.b"),
            "from step import step\n" + BATCHES.format(""),
        ],
        [(0, 3)],
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_files_that_a_notebook_writes_are_files_of_their_own(name: str, tmp_path: Path) -> None:
    cells, expected = WRITTEN[name]
    notebook = {"cells": [{"cell_type": "code", "source": cell} for cell in cells], "metadata": {}, "nbformat": 4}
    # A file of that name beside the notebook is another one.
    lay_out(tmp_path, {"a.ipynb": json.dumps(notebook), "step.py": "def step(loss, optimizer): ...\n"})
    assert [(f.cell, f.location.row) for f in check_paths([tmp_path / "a.ipynb"], SETTINGS)] == expected
    assert list(check_paths([tmp_path / "step.py"], SETTINGS)) == []


def test_a_module_by_a_base_in_a_third_file_is_one(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {
            "base.py": "import torch\nclass Operator(torch.nn.Module):\n    pass\n",
            "sums.py": """
                from base import Operator
                class Sum(Operator):
                    def forward(self, x):
                        return x.sum()
                """,
            "apply.py": """
                import torch
                from sums import Sum
                def apply(x):
                    total = Sum()
                    return total.forward(x)
                """,
        },
    )
    assert [f.name for f in same_alone_and_together(tmp_path)] == ["direct-forward-call"]


def test_the_evidence_names_the_file_of_each_place(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {
            "update.py": "def update(optimizer):\n    optimizer.step()\n",
            "train.py": """
                import torch
                from update import update
                def main(model, loader):
                    optimizer = torch.optim.SGD(model.parameters())
                    for x in loader:
                        model(x).sum().backward()
                        update(optimizer)
                """,
        },
    )
    (finding,) = same_alone_and_together(tmp_path)
    assert Path(finding.filename).name == "train.py"
    assert [Path(step.filename).name for step in finding.trace] == ["update.py", "train.py", "update.py"]


def test_evaluation_without_no_grad_begins_with_the_last_switch_before_it() -> None:
    program = """
        import torch
        from torch import nn
        def look(model: nn.Module, batch):
            model.eval()
            with torch.no_grad():
                return model(batch)
        def grade(model: nn.Module, loader, loss_fn):
            model.eval()
            for x, y in loader:
                print(loss_fn(model(x), y).item())
        def train(model: nn.Module, optimizer, loader, loss_fn):
            for x, y in loader:
                optimizer.zero_grad()
                loss_fn(model(x), y).backward()
                optimizer.step()
                look(model, x)
                grade(model, loader, loss_fn)
                model.train()
        """
    (finding,) = check_source(dedent(program))
    assert [step.location.row for step in finding.trace] == [9, 11]


FUNCTIONS = ("clear", "grade", "update")


@settings(max_examples=settings().max_examples // 8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    homes=st.lists(st.sampled_from(["a", "b", "c"]), min_size=3, max_size=3),
    cleared=st.booleans(),
    packaged=st.booleans(),
    style=st.sampled_from(["names", "modules"]),
)
def test_one_file_is_judged_as_in_the_whole_project(
    homes: list[str], cleared: bool, packaged: bool, style: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The parts of one loop lie in any of three files and are called from a fourth: the verdict is the same."""
    folder = tmp_path_factory.mktemp("project")
    body = {
        "clear": "def clear(model, optimizer, x):\n    optimizer.zero_grad()\n",
        "grade": "def grade(model, optimizer, x):\n    model(x).sum().backward()\n",
        "update": "def update(model, optimizer, x):\n    optimizer.step()\n",
    }
    dot = "." if packaged else ""
    calls, imports = [], []
    files = {f"lib/{name}.py" if packaged else f"{name}.py": "x = 1\n" for name in "abc"}
    for function, home in zip(FUNCTIONS, homes, strict=True):
        files[f"lib/{home}.py" if packaged else f"{home}.py"] += body[function]
        if style == "names":
            imports.append(f"from {dot}{home} import {function}")
        else:
            imports.append(f"from . import {home}" if packaged else f"import {home}")
        prefix = "" if style == "names" else f"{home}."
        if cleared or function != "clear":
            calls.append(f"        {prefix}{function}(model, optimizer, x)")
    head = "import torch\n" + "\n".join(imports)
    main = (
        f"{head}\ndef main(model, loader):\n    optimizer = torch.optim.SGD(model.parameters())\n    for x in loader:\n"
    )
    files["lib/main.py" if packaged else "main.py"] = main + "\n".join(calls) + "\n"
    if packaged:
        files["lib/__init__.py"] = ""
    findings = same_alone_and_together(lay_out(folder, files))
    assert [f.name for f in findings] == ([] if cleared else ["missing-zero-grad"])


# What it costs: bounded by counts, never by a clock.


def calling(functions: int) -> str:
    """Functions that call two of each other."""
    parts = [
        f"def f{i}(optimizer):\n"
        "    optimizer.zero_grad()\n"
        f"    f{(i + 1) % functions}(optimizer)\n    f{(i * 7 + 3) % functions}(optimizer)\n"
        "    loss.backward()\n    optimizer.step()\n"
        for i in range(functions)
    ]
    return "".join(parts)


WORST = {
    "100 functions that call each other": calling(100),
    "15 functions that call each other": calling(15),
    "recursion": "def f(optimizer, n):\n    optimizer.step()\n" + "    f(optimizer, n - 1)\n" * 200,
    "1,200 lines": "def f(optimizer, x):\n"
    + "".join(
        f"    if x.a{i}:\n        optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()\n"
        for i in range(300)
    ),
    "90 nested ifs": "def f(optimizer, x):\n"
    + "".join(" " * (i + 1) + f"if x.a{i}:\n" for i in range(90))
    + " " * 91
    + "optimizer.step()\n",
    "100 branches of one if": "def f(optimizer, x):\n    if x:\n        pass\n"
    + "".join(f"    elif x.a{i}:\n        optimizer.step()\n" for i in range(100)),
    "300 ifs in a loop": "for x in y:\n" + "".join(f"    if x.a{i}:\n        optimizer.step()\n" for i in range(300)),
    "200 ifs whose arms both act": "for x in y:\n"
    + "".join(f"    if a{i}:\n        optimizer.zero_grad()\n    else:\n        loss.backward()\n" for i in range(200))
    + "    optimizer.step()\n",
    "18 nested loops": "".join(" " * i + f"for x{i} in y:\n" for i in range(18)) + " " * 18 + "optimizer.step()\n",
    "300 terms": "for x in y:\n    loss = "
    + " + ".join(["model(x)"] * 300)
    + "\n    loss.backward()\n    optimizer.step()\n",
}


@pytest.mark.parametrize("name", list(WORST))
def test_the_size_of_a_graph_is_bounded(name: str) -> None:
    """No graph holds more nodes than expressions may be evaluated for it, and one that would is marked as cut."""
    program = Program()
    (source,) = from_text(WORST[name], "train.py")
    for loop in itertools.islice(loops_of(program, program.add(source, ""), Library), 4):
        assert len(loop.nodes) <= BUDGET


@pytest.mark.parametrize("name", list(WORST))
def test_findings_come_with_bounded_work(name: str) -> None:
    """The costliest case, 100 functions that call each other, takes 4.2 million calls: 97 mistakes are found, and where
    each of them is mended depends on all the passes around it."""
    _, calls = counted(lambda: check_source(WORST[name], "train.py", SETTINGS))
    assert calls < 4_500_000


def test_no_rule_does_much_work_over_many_loops_in_one_program() -> None:
    """Each with a model and an optimizer of its own: what one has to do with another is asked of all pairs.

    Work grows with the square of the loops: 1.3 million calls for 50, 5 million for 100.
    """
    text = "from torch.nn import Linear\nfrom torch.optim import SGD\n" + "".join(
        f"m{i} = Linear(3, 2)\no{i} = SGD(m{i}.parameters())\nfor x, y in loader:\n"
        f"    o{i}.zero_grad()\n    loss = (m{i}(x) - y).sum()\n    loss.backward()\n    o{i}.step()\n"
        for i in range(100)
    )
    every_rule = Settings(selections=(Selection(select=("ALL",)),), preview=True)
    findings, calls = counted(lambda: check_source(text, "train.py", every_rule))
    assert findings == []
    assert calls < 12_000_000


def test_a_graph_that_is_cut_says_so() -> None:
    program = Program()
    (source,) = from_text(calling(2_000), "train.py")
    first = next(loops_of(program, program.add(source, ""), Library))
    assert first.cut
    assert first.all(Kind.ESCAPE), "what is handed to a call that is not followed escapes"


def test_what_a_graph_has_no_more_room_for_is_judged_by_itself() -> None:
    busy = "print(a + b)\n" * BUDGET
    text = LOOP.format(imports="", clear="pass").replace("main(torch", f"{busy}main(torch")
    assert [finding.name for finding in check_source(text, "train.py", SETTINGS)] == ["missing-zero-grad"]


@pytest.mark.parametrize(
    "deep",
    [
        "x = " + "(" * 150 + "1" + ")" * 150,
        "x = " + " + ".join(["model(x)"] * 3_000),
        "def f(optimizer, x):\n    if x:\n        pass\n" + "    elif x.a:\n        optimizer.step()\n" * 3_000,
    ],
    ids=["parentheses", "terms", "branches"],
)
def test_a_file_that_is_nested_too_deeply_costs_only_itself(deep: str, tmp_path: Path) -> None:
    lay_out(tmp_path, {"train.py": LOOP.format(imports="", clear="pass"), "deep.py": deep + "\noptimizer.step()\n"})
    files = [str(file) for file in sorted(tmp_path.iterdir())]
    result = lint(files, Configuration.fixed(SETTINGS))
    assert [Path(finding.filename).name for finding in result.findings] == ["train.py"]
    assert all("deep.py" in str(note) for note in result.notes)
    assert result.errors == []


def test_files_are_read_once_and_only_where_an_import_leads(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {
            "train.py": LOOP.format(imports="from tools import reset", clear="reset(optimizer)"),
            "tools.py": HELPER.format(body="optimizer.zero_grad()"),
            "other.py": HELPER.format(body="optimizer.zero_grad()"),
        },
    )
    program = Program()
    path = tmp_path / "train.py"
    (source,) = from_text(path.read_text(), "train.py")
    Analysis(program, []).of(program.add(source, str(path)))
    assert {Path(module.path).name for module in program.modules()} == {"train.py", "tools.py"}


def test_a_machine_that_is_busy_otherwise_is_no_reason_to_give_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path, trainer("none"))
    hours = itertools.count(0, 3600)
    monkeypatch.setattr(time, "monotonic", lambda: float(next(hours)))
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(hours)))
    result = lint([str(tmp_path / "lib" / "steps.py")], Configuration.fixed(Settings()))
    assert result.findings and not result.notes


def test_a_file_that_takes_too_long_is_given_up_and_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, trainer("none"))
    monkeypatch.setattr(analysis, "SECONDS", -1.0)
    result = lint([str(tmp_path / "lib" / "steps.py")], Configuration.fixed(Settings()))
    assert result.findings == []
    assert [note.message.partition(";")[0] for note in result.notes] == ["took too long"]


def unreadable(file: Path, how: str) -> None:
    if how == "a pipe":
        os.mkfifo(file)
    else:
        file.write_bytes(
            {"latin-1": b"# \xe9\n", "NUL": b"\0", "broken": b"def (", "UTF-16": "x = 1".encode("utf-16")}[how]
        )


@pytest.mark.parametrize("how", ["a pipe", "latin-1", "NUL", "broken", "UTF-16"])
def test_an_import_that_cannot_be_read_costs_nothing_else(how: str, tmp_path: Path) -> None:
    train = LOOP.format(imports="from helper import reset", clear="reset(optimizer)")
    lay_out(tmp_path, {"pyproject.toml": "", "train.py": train, "other.py": LOOP.format(imports="", clear="")})
    unreadable(tmp_path / "helper.py", how)
    files = [str(tmp_path / name) for name in ("helper.py", "other.py", "train.py")]
    result = lint(files, Configuration.fixed(SETTINGS))
    assert not result.errors
    broken = [("helper.py", "LOOP002")] if how == "broken" else []
    assert [(Path(f.filename).name, f.code) for f in result.findings] == [*broken, ("other.py", "LOOP201")]


@pytest.mark.parametrize("handed", ["lambda ps: torch.optim.SGD(ps, lr=0.1)", "made"])
def test_code_that_is_handed_to_another_file_has_its_own_places(handed: str, tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {
            "main.py": f"""\
                import torch, lib

                def made(ps, sgd=lambda ps: torch.optim.SGD(ps, lr=0.1)):
                    return sgd(ps)

                def main(model, loader):
                    optimizer = lib.make({handed}, model)
                    for x in loader:
                        model(x).sum().backward()
                        optimizer.step()
                """,
            "lib.py": "\n" * 50
            + "def make(how, model):\n    optimizer = how(model.parameters())\n    return optimizer\n",
        },
    )
    result = lint([str(tmp_path / "main.py")], Configuration.fixed(SETTINGS))
    assert not result.errors
    assert [Path(finding.filename).name for finding in result.findings] == ["main.py"]


def test_a_fix_that_belongs_into_another_file_changes_nothing_here(tmp_path: Path) -> None:
    """The step stands in the caller, the backward in the helper, which has another statement on the row of the step."""
    lay_out(
        tmp_path,
        {
            "train.py": (
                "import torch\nfrom helpers import one_batch\n\n\ndef fit(model: torch.nn.Module, loader, loss_fn):\n"
                "    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n    for x, y in loader:\n"
                "        one_batch(model, x, y, loss_fn)\n        optimizer.step()\n"
            ),
            "helpers.py": (
                "def one_batch(model, x, y, loss_fn):\n    loss = loss_fn(model(x), y)\n    loss.backward()\n\n\n"
                "def tell(loss):\n    if loss > 1:\n        loss = loss.item()\n        print('too large:', loss)\n"
            ),
        },
    )
    [finding] = [f for f in check_paths([tmp_path]) if f.name == "missing-zero-grad"]
    assert Path(finding.filename).name == "helpers.py"
    assert finding.fix is not None and [Path(action.path).name for action in finding.fix.actions] == ["train.py"]
    helpers = (tmp_path / "helpers.py").read_bytes()
    assert fix_bytes(helpers, finding.filename, lambda raw: [finding], unsafe=True).new == helpers
    assert finding.fix.message == "Clear the gradients after `optimizer.step()`"


SHOWN = {
    "x.to(device)": [],
    "x.to(device)\n\n# on the GPU now": [],
    "x.to(device)\nprint(x)": [1],
    "if device:\n    x.to(device)": [1],
}


@pytest.mark.parametrize("cell", SHOWN)
def test_the_last_value_of_a_cell_is_shown(cell: str) -> None:
    """What a notebook shows is not dropped."""
    sources = ["import torch\nx = torch.rand(2)\ndevice = torch.device('cpu')", cell, "print(x.sum())"]
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": text}
        for text in sources
    ]
    book = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    settings = Settings(selections=(Selection(select=("LOOP103",)),))
    assert [f.cell for f in check_source(book, "book.ipynb", settings)] == SHOWN[cell]


def test_an_annotation_is_resolved_in_the_file_of_its_function(tmp_path: Path) -> None:
    steps = "\n" * 40 + (
        "import torch as th\n\n\ndef step(loss, optimizer: th.optim.Optimizer, device: th.device = None):\n"
        "    loss.to(device).backward()\n    optimizer.step()\n"
    )
    (tmp_path / "steps.py").write_text(steps)
    (tmp_path / "main.py").write_text(
        "from steps import step\n\n\ndef train(model, loader, optimizer, options):\n"
        "    for x in loader:\n        step(model(x).mean(), optimizer, **options)\n"
    )
    result = lint([str(tmp_path / "main.py")], Configuration.fixed(Settings()))
    assert result.errors == []
    assert [(Path(f.filename).name, f.code) for f in result.findings] == [("steps.py", "LOOP201")]


def test_a_function_that_only_calls_one_that_was_inlined_needs_no_graph_of_its_own(tmp_path: Path) -> None:
    text = (
        "def main():\n    for x in loader:\n        model(x).mean().backward()\n        optimizer.step()\n\n\n"
        "def worker(index):\n    main()\n\n\ndef again(index):\n    print(index)\n    main()\n\n\n"
        'if __name__ == "__main__":\n    main()\n'
    )
    path = tmp_path / "train.py"
    path.write_text(text)
    graphs: list[str] = []

    def ask(loop: EventGraph) -> Iterator[Mistake]:
        graphs.append(loop.name)
        return iter(())

    program = Program()
    source = from_text(text.encode(), str(path))[0]
    Analysis(program, [Rule("LOOP000", "names", Severity.NOTE, ask, "")]).of(program.add(source, ""))
    assert graphs == ["<module>", "again"]

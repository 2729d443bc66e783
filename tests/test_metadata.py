"""libcst's own tools over looplint's events: matchers in house rules, metadata in codemods and in Fixit."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import venv
from pathlib import Path

import libcst as cst
import libcst.matchers as m
import pytest
from libcst.codemod import CodemodContext, VisitorBasedCodemodCommand
from libcst.metadata import MetadataWrapper
from readme_parts import ROOT

from looplint import check_source
from looplint.events import Event, Kind
from looplint.metadata import LoopEvents
from looplint.project.config import settings
from looplint.run.events_of import event_graphs
from looplint.sources import Source

LOOP = textwrap.dedent("""\
    import torch
    from torch import nn


    def train(model: nn.Module, loader, optimizer: torch.optim.Optimizer):
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(inputs), targets)
            loss.backward()  # é
            if inputs.shape[0] == 1:
                optimizer.step()
            optimizer.step()
    """)


def events(text: str) -> list[Event]:
    return [event for graph in event_graphs(Source("train.py", text)) for event in graph.nodes if event is not None]


def test_an_event_gives_its_concrete_node_and_what_it_is_part_of() -> None:
    steps = [event for event in events(LOOP) if event.kind is Kind.STEP]
    trees = [event.tree for event in steps]
    assert [tree is not None and m.matches(tree.node, m.Call(m.Attribute(attr=m.Name("step")))) for tree in trees] == [
        *(True, True)
    ]
    inside = [any(m.matches(each, m.If()) for each in tree.ancestors) for tree in trees if tree is not None]
    assert sorted(inside) == [False, True]
    assert all(isinstance(tree.ancestors[-1], cst.Module) for tree in trees if tree is not None)


def test_an_event_of_a_class_has_its_node_too() -> None:
    made = "        self.all = [nn.Linear(1, 1)] * 2\n"
    text = f"from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n{made}"
    trees = {event.kind: event.tree for event in events(text)}
    define, share = trees[Kind.DEFINE], trees[Kind.SHARE]
    assert define is not None and isinstance(define.node, cst.ClassDef)
    assert share is not None and m.matches(share.node, m.BinaryOperation(operator=m.Multiply()))


def test_a_house_rule_may_ask_about_syntax(tmp_path: Path) -> None:
    (tmp_path / "guarded_step.py").write_text(
        textwrap.dedent('''\
            """A step that only some batches reach."""
            from collections.abc import Iterator

            import libcst.matchers as m

            from looplint.events import EventGraph, Kind
            from looplint.rule import WARNING, Mistake, rule


            @rule("HOUSE01", severity=WARNING)
            def guarded_step(loop: EventGraph) -> Iterator[Mistake]:
                """A step stands in an `if`."""
                for step in loop.all(Kind.STEP):
                    if step.tree and any(m.matches(each, m.If()) for each in step.tree.ancestors):
                        yield Mistake(step, f"`{step.name}` steps for some batches only")
            ''')
    )
    house = settings(rule_packs=[str(tmp_path)], select=["HOUSE01"])
    assert [(f.code, f.location.row) for f in check_source(LOOP, "train.py", house)] == [("HOUSE01", 11)]


class _StepsToUpdates(VisitorBasedCodemodCommand):
    """A codemod of somebody's own: `optimizer.step()` becomes `update(optimizer)`, by what it is, not by its name."""

    METADATA_DEPENDENCIES = (LoopEvents,)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        for event in self.get_metadata(LoopEvents, original_node, ()):
            if event.kind is Kind.STEP and isinstance(updated_node.func, cst.Attribute):
                return cst.Call(cst.Name("update"), [cst.Arg(updated_node.func.value)])
        return updated_node


def test_a_codemod_is_given_the_events_at_a_node() -> None:
    text = LOOP + "\n\ndef walk(stairs):\n    stairs.step()\n"
    changed = _StepsToUpdates(CodemodContext()).transform_module(cst.parse_module(text))
    assert changed.code == text.replace("optimizer.step()", "update(optimizer)")


def test_nodes_without_an_event_have_none() -> None:
    found = MetadataWrapper(cst.parse_module(LOOP)).resolve(LoopEvents)
    kinds = {event.kind for each in found.values() for event in each}
    assert {Kind.CLEAR, Kind.BACKWARD, Kind.STEP} <= kinds
    assert not any(isinstance(node, cst.Import) for node in found)


FIXIT_RULE = """
import libcst as cst
from fixit import LintRule

from looplint.events import Kind
from looplint.metadata import LoopEvents


class NoStep(LintRule):
    METADATA_DEPENDENCIES = (LoopEvents,)

    def visit_Call(self, node: cst.Call) -> None:
        if any(event.kind is Kind.STEP for event in self.get_metadata(LoopEvents, node, ())):
            self.report(node, "an optimizer steps here")
"""


def test_a_fixit_rule_is_given_the_events_at_a_node(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "fixit>=2.1", "pathspec>=1.0", "click>=8.1"]
    installed = subprocess.run(install, capture_output=True, text=True, check=False)
    if installed.returncode:
        pytest.skip(f"Fixit cannot be installed: {installed.stderr.strip().splitlines()[-1:]}")
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "__init__.py").touch()
    (tmp_path / "house" / "no_step.py").write_text(FIXIT_RULE)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.fixit]\nroot = true\nenable = [".house.no_step"]\ndisable = ["fixit.rules"]\n'
    )
    (tmp_path / "train.py").write_text(LOOP)
    script = "import sys; sys.path[:0] = sys.argv[1:2]; sys.argv[1:2] = []; from fixit.cli import main; main()"
    run = subprocess.run(
        [python, "-c", script, str(ROOT), "lint", "train.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    rows = [line for line in run.stdout.splitlines() if "an optimizer steps here" in line]
    assert [line.split(":")[0].removeprefix("train.py@") for line in rows] == ["11", "12"], run.stdout + run.stderr
    assert sys.version_info >= (3, 11)

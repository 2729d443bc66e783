"""What the prefilter leaves out holds no mistake: what its rows show is what rules need, and each piece of each fixture
is judged by its bytes and in whole.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest
import torch
from left_out import left_out, mistakes
from marked import ALL_RULES, MARK
from test_fixtures import FILES

from looplint import check_source
from looplint.events import Kind
from looplint.knowledge import libraries
from looplint.knowledge.effect import Effect
from looplint.knowledge.torch_calls import FUNCTIONS, METHODS
from looplint.prefilter import Need, classes, code, loops, need
from looplint.project.catalog import find, folder, rules
from looplint.rule import Rule

ROWS = (*loops.ROWS, *loops.SITES)
FORMS = {**classes.IN_FORWARD, **classes.ANYWHERE}
SHOWN = {kind for row in ROWS for kind in row.shows} | FORMS.keys()
OWN = [rule for rule in rules() if rule.url is not None]
NEEDED = {kind for rule in OWN for group in rule.needs for kind in group}


def shown(text: str) -> set[str]:
    """The kinds of events that a file shows."""
    data = code(text.encode())
    found = {kind for row in loops.ROWS if row.stands_in(data) for kind in row.shows}
    found |= {kind for site in loops.SITES if site.stands_in(data, data) for kind in site.shows}
    return found | {kind for kind, form in FORMS.items() if form(data, data)}


@pytest.mark.parametrize("rule", OWN, ids=lambda rule: rule.name)
def test_each_rule_needs_something_that_a_row_shows(rule: Rule) -> None:
    assert rule.needs, "it would be asked about no file that another rule does not need"
    assert any(SHOWN.issuperset(group) for group in rule.needs)


def test_each_row_shows_what_a_rule_needs() -> None:
    assert set(Kind) >= SHOWN
    assert [row for row in ROWS if NEEDED.isdisjoint(row.shows)] == []
    assert SHOWN <= NEEDED


def called(effects: Iterable[tuple[str, Effect]]) -> dict[str, set[str]]:
    """The names of the calls that are known to be events of each kind."""
    found = defaultdict(set)
    for name, effect in effects:
        for kind in (effect.kind, effect.then, effect.flag and effect.flag[1]):
            if kind is not None:
                found[kind.value].add(name.rpartition(".")[2])
    return found


def known_calls() -> dict[str, set[str]]:
    of_libraries = (
        importlib.import_module(f"{libraries.__name__}.{file.name}").ROWS.effects.items()
        for file in pkgutil.iter_modules(libraries.__path__)
    )
    rows = [(name, effect) for effects in of_libraries for name, several in effects for effect in several]
    rows += [row for methods in METHODS.values() for row in methods.items()]
    return called([*FUNCTIONS.items(), *rows])


SHOWN_OTHERWISE = {
    "BACKWARD": {"__call__"},  # timm's scaler, by its class
    "STEP": {"__call__", "apply"},  # timm's scaler; optimizers of pyro and keras follow a `backward`
    "CLEAR": {"_foreach_zero_", "step", "first_step", "second_step"},  # steps themselves, or beside one
    "UNSCALE": set(),
    "SCHEDULE": set(),
    "FORWARD": set(),
    "COLLECTIVE": set(),
}
"""For the kinds that rules need wherever they occur: calls that no word of their own shows."""


@pytest.mark.parametrize("kind", SHOWN_OTHERWISE)
def test_each_call_that_is_known_to_be_an_event_is_shown_by_its_name(kind: str) -> None:
    lines = {name: f"if rank == 0: optimizer.{name}(x)\n" for name in known_calls()[kind]}
    assert lines, "no row of `knowledge` is about it"
    assert {name for name, line in lines.items() if kind not in shown(line)} == SHOWN_OTHERWISE[kind]


def pieces(text: str) -> list[tuple[str, str]]:
    """Each function and class of a file as a file of its own, with the imports and names above it, without marks."""
    tree, rows = ast.parse(text), [MARK.sub("", row).rstrip() + "\n" for row in text.splitlines()]
    shared = [s for s in tree.body if isinstance(s, ast.Import | ast.ImportFrom | ast.Assign)]
    head = "".join("".join(rows[s.lineno - 1 : s.end_lineno]) for s in shared)
    found = []
    for s in tree.body:
        if isinstance(s, ast.FunctionDef | ast.ClassDef):
            first = min([s.lineno, *(d.lineno for d in s.decorator_list)])
            found.append((s.name, head + "".join(rows[first - 1 : s.end_lineno])))
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_whatever_has_a_mistake_is_read_because_of_what_its_rule_needs(file: Path) -> None:
    """Or because it trains: such code is read for every rule. The file is read if that rule is the only one in use."""
    missed = []
    for name, text in pieces(file.read_text(encoding="utf-8")):
        for finding in check_source(text, str(file), ALL_RULES):
            rule = find(finding.code)
            needed = set().union(*rule.needs) if rule is not None else set()
            if need(text.encode(), needed) is Need.NOTHING:
                missed.append(f"{name}: {finding.name} needs {sorted(needed)}")
    assert missed == []


@pytest.mark.parametrize("name", ["fixtures", "reference", "rules"])
def test_the_files_of_this_project_that_are_left_out_hold_no_mistake(name: str) -> None:
    """In whole: some of its functions are called by others."""
    files = sorted(folder(name).rglob("*.py"))
    assert files
    assert [str(finding) for file in left_out(files) for finding in mistakes(file)] == []


def test_the_files_of_torch_that_are_left_out_hold_no_mistake() -> None:
    """A sample of them; `python tests/left_out.py FOLDER` looks at whole repositories."""
    files = list(left_out(sorted(Path(torch.__file__).parent.rglob("*.py"))[::10]))[::6]
    assert len(files) > 15
    assert [str(finding) for file in files for finding in mistakes(file)] == []


def test_comments_and_docstrings_are_no_reason_to_read_a_file() -> None:
    text = '''
import torch
def help():
    """
    >>> loss.backward()
    """
    # optimizer.step()
    return "# not a comment", '"""'
'''
    assert need(text.encode()) is Need.NOTHING
    left = code(text.encode()).decode()
    assert left.count("\n") == text.count("\n")
    assert "backward" not in left and "step" not in left and "# not a comment" in left


@pytest.mark.parametrize(
    "statement",
    [
        "loss.backward()",
        "self.manual_backward(loss)",
        "optimizer.step()",
        "loss.backward  # the parentheses are missing",
        "torch.no_grad()  # as a statement",
        "parameter.require_grad = False",
        "model.training = True",
        "model.forward(x)",
        "x = torch.zeros(1)\nx.to(device)  # dropped",
    ],
)
def test_one_statement_is_enough(statement: str) -> None:
    assert Need.LOOPS in need(f"import torch\n{statement}\n".encode())

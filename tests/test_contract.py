"""What rules may rely on: each fact that is known of an object is set, asked for and explained."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from readme_parts import ROOT

from looplint import check_source
from looplint.events import AbstractObject, Context, Event, EventGraph, Fact, How, Kind, Option, Place
from looplint.project.catalog import rules
from looplint.project.config import settings
from looplint.rule import NOTE, Mistake, rule

ENGINE = sorted((ROOT / "looplint").rglob("*.py"))
RULES = sorted((ROOT / "rules").glob("*.py"))
EXPLAINED = re.compile(r"^    (\w+) = \"[^\"]*\"  # (.+) \[([\w.]+)\]$", re.MULTILINE)


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def named(node: ast.AST) -> Iterator[str]:
    """The facts that a piece of code names."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "Fact":
            yield part.attr


def asks(node: ast.AST) -> bool:
    """Whether an expression looks at facts: `Fact.X in thing.facts`, `thing.facts & {Fact.X}`, `call.has(Fact.X)`."""
    if isinstance(node, ast.Compare):
        return isinstance(node.ops[0], ast.In | ast.NotIn)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.BitAnd)
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("has", "isdisjoint")
    )


def asked() -> set[str]:
    trees = [tree_of(file) for file in (*ENGINE, *RULES)]
    return {name for tree in trees for node in ast.walk(tree) if asks(node) for name in named(node)}


def set_in() -> dict[str, set[str]]:
    """By fact, the modules that name it otherwise than to ask for it."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in ENGINE:
        tree = tree_of(file)
        looked_at = {id(part) for node in ast.walk(tree) if asks(node) for part in ast.walk(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and id(node) not in looked_at:
                for name in (node.attr,) if isinstance(node.value, ast.Name) and node.value.id == "Fact" else ():
                    found[name].add(f"{file.parent.name}.{file.stem}")
    return found


def test_each_fact_is_set_by_the_code_that_its_line_names() -> None:
    text = (ROOT / "looplint" / "events" / "facts.py").read_text(encoding="utf-8")
    explained = {name: (meaning, where) for name, meaning, where in EXPLAINED.findall(text)}
    assert set(explained) == set(Fact.__members__), "each fact says what it means and which code sets it"
    modules = set_in()
    wrong = {name: modules[name] for name, (_, where) in explained.items() if where not in modules[name]}
    assert wrong == {}


def test_each_fact_is_asked_for() -> None:
    # Facts that are handed on together, as `VALUES_KEPT` does, are asked for one by one as well.
    assert set(Fact.__members__) - asked() == set()


@pytest.mark.parametrize("file", [*ENGINE, *RULES], ids=lambda file: file.stem)
def test_facts_are_asked_for_by_their_names(file: Path) -> None:
    """A fact that is written as a string may be misspelt, and nobody would notice."""
    found = []
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Compare) and any(
            isinstance(side, ast.Attribute) and side.attr == "facts" for side in node.comparators
        ):
            found += [part.lineno for part in ast.walk(node.left) if isinstance(part, ast.Constant)]
        elif isinstance(node, ast.BinOp) and isinstance(node.left, ast.Attribute) and node.left.attr == "facts":
            found += [part.lineno for part in ast.walk(node.right) if isinstance(part, ast.Constant)]
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Attribute) and node.target.attr == "facts":
            found += [part.lineno for part in ast.walk(node.value) if isinstance(part, ast.Constant)]
    assert found == []


def test_each_context_is_entered_and_explained() -> None:
    text = (ROOT / "looplint" / "events" / "contexts.py").read_text(encoding="utf-8")
    assert set(re.findall(r"^    (\w+) = \"[\w ]+\"  # ", text, re.MULTILINE)) == set(Context.__members__)
    engine = [file for file in ENGINE if file.parent.name in ("interpreter", "library", "knowledge", "module_classes")]
    named_there = {
        node.attr
        for file in engine
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Context"
    }
    assert set(Context.__members__) - named_there == set()


def test_contexts_are_asked_for_by_their_names() -> None:
    found = [
        f"{file.name}:{node.lineno}"
        for file in RULES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "inside"
        if any(isinstance(argument, ast.Constant) for argument in node.args)
    ]
    assert found == []


def test_a_rule_yields_to_rules_that_there_are() -> None:
    names = {rule.name for rule in rules()}
    assert [rule.name for rule in rules() if not set(rule.yields_to) <= names - {rule.name}] == []


@pytest.mark.parametrize(
    ("needs", "asked"),
    [
        ([], True),
        ([Kind.BACKWARD], True),
        ([Kind.BACKWARD, Kind.CLIP], False),
        ([(Kind.CLIP, Kind.STEP)], True),
        ([(Kind.CLIP, Kind.UNSCALE)], False),
    ],
)
def test_a_rule_is_asked_where_each_of_the_things_that_it_needs_is(
    needs: list[Kind | tuple[Kind, ...]], asked: bool
) -> None:
    def some_rule(loop: EventGraph) -> Iterator[Mistake]:
        yield from ()

    graph = EventGraph("main", Place("a.py", 1, 1, 1, 2))
    for kind in (Kind.BACKWARD, Kind.STEP):
        graph.nodes.append(Event(kind, (AbstractObject(),), Place("a.py", 1, 1, 1, 2), node=len(graph.nodes)))
    assert rule("OWN001", severity=NOTE, needs=needs)(some_rule).may_find(graph) is asked


@pytest.mark.parametrize(
    ("needs", "loops", "classes"),
    [
        ([], True, True),
        ([Kind.STEP], True, False),
        ([Kind.BUILD], False, True),
        ([(Kind.BUILD, Kind.STEP)], True, True),
        ([Kind.BUILD, Kind.STEP], False, False),
    ],
)
def test_what_a_rule_needs_says_whether_it_is_about_loops_or_classes(
    needs: list[Kind | tuple[Kind, ...]], loops: bool, classes: bool
) -> None:
    def some_rule(graph: EventGraph) -> Iterator[Mistake]:
        yield from ()

    made = rule("OWN001", severity=NOTE, needs=needs)(some_rule)
    assert (made.about_loops, made.about_classes) == (loops, classes)


def test_a_rule_needs_kinds_that_there_are() -> None:
    def some_rule(graph: EventGraph) -> Iterator[Mistake]:
        yield from ()

    with pytest.raises(TypeError, match="it needs `SETP`, which is no kind of event"):
        rule("OWN001", severity=NOTE, needs=["SETP"])(some_rule)  # type: ignore[list-item]


LATE = """\
for inputs, targets in loader:
    optimizer.zero_grad()
    loss = criterion(model(inputs), targets)
    optimizer.step()
    loss.backward()
"""


@pytest.mark.parametrize(("chosen", "found"), [("LOOP5,LOOP6", {"LOOP602"}), ("LOOP501", set())])
def test_a_rule_yields_to_the_one_that_has_found_the_cause_whether_that_is_selected_or_not(
    chosen: str, found: set[str]
) -> None:
    findings = check_source(LATE, "train.py", settings(select=chosen.split(","), preview=True))
    assert {finding.code for finding in findings} == found


ARGUMENTS = {
    "broadcast_buffers",
    "collate_fn",
    "enabled",
    "gradient_accumulation_steps",
    "momentum",
    "num_workers",
    "persistent_workers",
    "requires_grad",
    "retain_graph",
    "reduction",
    "set_to_none",
    "shuffle",
    "training",
}
"""Arguments of calls that rules ask for by name."""


def members_named(file: Path, enumeration: str) -> set[str]:
    return {
        node.attr
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == enumeration
    }


@pytest.mark.parametrize("enumeration", [Option, How], ids=["Option", "How"])
def test_each_key_and_each_manner_is_set_and_explained(enumeration: type[Option | How]) -> None:
    file = ROOT / "looplint" / "events" / ("options.py" if enumeration is Option else "how.py")
    explained = re.findall(r"^    (\w+) = \"[^\"]+\"  # .", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(explained) == set(enumeration.__members__)
    # `libraries`: the rows of what third-party code does, in `knowledge/`.
    parts = ("interpreter", "library", "knowledge", "libraries", "module_classes")
    engine = [file for file in ENGINE if file.parent.name in parts]
    assert set(explained) - set().union(*(members_named(file, enumeration.__name__) for file in engine)) == set()


def test_keys_of_options_that_are_no_arguments_are_asked_for_by_their_names() -> None:
    found = set()
    for file in RULES:
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
                asked, of = node.args[0], node.func.value
            elif isinstance(node, ast.Subscript):
                asked, of = node.slice, node.value
            else:
                continue
            if isinstance(of, ast.Attribute) and of.attr == "options" and isinstance(asked, ast.Constant):
                found.add(asked.value)
    assert found - ARGUMENTS == set()


def test_rules_and_queries_tell_no_function_or_class_by_its_name() -> None:
    """What such a name says is a fact, which the engine sets from the tables of `knowledge/`."""
    found = [
        f"{file.name}:{node.lineno} {ast.unparse(node)}"
        for file in (*RULES, *(ROOT / "looplint" / "events").rglob("*.py"))
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Compare | ast.Call)
        if any(isinstance(one, ast.Attribute) and one.attr == "constructor" for one in ast.walk(node))
        if any(isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value for one in ast.walk(node))
    ]
    assert [one for one in found if "yield" not in one and "removeprefix" not in one] == []

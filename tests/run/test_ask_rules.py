"""Rules that are asked about the graphs of entry points and of module classes."""

from __future__ import annotations

from collections.abc import Iterator

from looplint.events import EventGraph, Kind, TooLarge
from looplint.finding import Severity
from looplint.interpreter.entries import Entry
from looplint.program.module import Module
from looplint.program.program import Program
from looplint.rule import Mistake, Rule
from looplint.run.ask_rules import AskRules
from looplint.run.outcome import Outcome
from looplint.sources import from_text

CODE = """\
import torch
from torch import nn
class Net(nn.Module):
    pass
for x in loader:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def steps(graph: EventGraph) -> Iterator[Mistake]:
    for event in graph.all(Kind.STEP):
        yield Mistake(event, "a step")


def clears(graph: EventGraph) -> Iterator[Mistake]:
    for event in graph.all(Kind.CLEAR):
        yield Mistake(event, "a clear")


def fails(graph: EventGraph) -> Iterator[Mistake]:
    yield from steps(graph)
    raise ZeroDivisionError("oh")


def too_large(graph: EventGraph) -> Iterator[Mistake]:
    yield from steps(graph)
    raise TooLarge


def classes(graph: EventGraph) -> Iterator[Mistake]:
    for event in graph.all(Kind.DEFINE):
        yield Mistake(event, event.name)


def rule(ask: object, name: str = "sample", needs: Kind = Kind.STEP, **more: object) -> Rule:
    return Rule(f"LOOP9{len(name)}", name, Severity.NOTE, ask, "", needs=((needs,),), **more)  # type: ignore[arg-type]


def asked(*rules: Rule) -> Outcome:
    program, outcome = Program(), Outcome()
    (source,) = from_text(CODE, "train.py")
    module: Module = program.add(source, "")
    ask = AskRules(program, rules)
    ask.about_loops(module, outcome, Entry(), False, True)
    ask.about_classes(module, outcome)
    return outcome


def messages(outcome: Outcome) -> list[str]:
    return [mistake.message for _, mistake in outcome.mistakes]


def test_each_rule_is_asked_about_what_it_is_for() -> None:
    outcome = asked(rule(steps), rule(classes, "of classes", Kind.DEFINE))
    assert messages(outcome) == ["a step", "Net"]
    assert len(outcome.loops) == 1 and outcome.events


def test_a_rule_that_fails_costs_nobody_else_anything() -> None:
    outcome = asked(rule(fails), rule(clears, name="other"))
    assert messages(outcome) == ["a step", "a clear"]
    (error,) = outcome.errors
    assert "ZeroDivisionError: oh" in error.what


def test_a_query_that_is_too_large_is_reported_and_what_was_found_stays() -> None:
    outcome = asked(rule(too_large))
    assert messages(outcome) == ["a step"]
    assert [cut.why for cut in outcome.cuts] == ["it takes more than the work of one question (LOOP96)"]


def test_a_rule_yields_to_the_cause() -> None:
    assert messages(asked(rule(clears, name="cause"), rule(steps, yields_to=("cause",)))) == ["a clear"]
    assert messages(asked(rule(steps, yields_to=("cause",)))) == ["a step"]

"""Activations: where the reader is, as one value."""

from __future__ import annotations

from hand_made import reading

from looplint.events import Context, Graph
from looplint.interpreter.activation import Activation, entered
from looplint.interpreter.values import Frame


def within(*contexts: Context) -> Activation:
    here = reading("pass").now.copy()
    for context in contexts:
        here.contexts = entered(here.contexts, context)
    return here


def test_gradients_are_recorded_but_within_contexts_that_turn_that_off() -> None:
    assert within().gradients is Graph.YES
    assert within(Context.NO_GRAD).gradients is within(Context.INFERENCE_MODE).gradients is Graph.NO
    assert within(Context.SET_GRAD_ENABLED).gradients is Graph.UNKNOWN


def test_recording_again_undoes_what_turned_it_off() -> None:
    assert within(Context.NO_GRAD, Context.ENABLE_GRAD).gradients is Graph.YES
    assert within(Context.ENABLE_GRAD, Context.NO_GRAD).gradients is Graph.NO


def test_code_of_another_file_has_no_statement_here() -> None:
    here = reading("x = 1").now
    other = reading("y = 2").now.module
    assert here.statement is not None
    there = here.in_frame(Frame(other))
    assert (there.module, there.statement, there.exits) == (other, None, here.exits)
    assert here.in_frame(Frame(here.module, name="f")).statement is here.statement

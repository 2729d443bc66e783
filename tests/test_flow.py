"""Python's control flow in the event graph: each case is code and its graph as text (see `looplint.cli.graph_text`)."""

from __future__ import annotations

from textwrap import dedent

import pytest

from looplint.cli.graph_text import text_of
from looplint.interpreter.entries import loops_of
from looplint.library.library import Library
from looplint.program.program import Program
from looplint.sources import from_text


def drawn(code: str) -> str:
    """The first loop of a text."""
    program = Program()
    (source,) = from_text(dedent(code), "train.py")
    return text_of(next(loops_of(program, program.add(source, ""), Library)))


CASES = {
    "for with else and break": (
        """\
        for x in loader:
            optimizer.zero_grad()
            if done:
                break
            optimizer.step()
        else:
            model.eval()
        model.train()
        """,
        """\
        1  for x in loader
        2    CLEAR optimizer  -> 5 if not done, 8 if done
        5    STEP optimizer  -> 2 again, 7
        7  EVAL model
        8  TRAIN model
        """,
    ),
    "while true is left by break only": (
        """\
        while True:
            optimizer.zero_grad()
            if done:
                break
            if skip:
                continue
            optimizer.step()
        model.eval()
        """,
        """\
        1  while True
        2    CLEAR optimizer  -> 2 again if not done and skip, 7 if not done and not skip, 8 if done
        7    STEP optimizer  -> 2 again
        8  EVAL model
        """,
    ),
    "while with else": (
        """\
        while waiting():
            optimizer.step()
        else:
            model.eval()
        """,
        """\
        1  while
        2    STEP optimizer  -> 2 again, 4
        4  EVAL model
        """,
    ),
    "break leaves the inner loop, continue goes on with the outer one": (
        """\
        for epoch in range(3):
            for x in loader:
                optimizer.zero_grad()
                if x:
                    break
            else:
                continue
            optimizer.step()
        """,
        """\
        1  for epoch in range
        2    for x in loader
        3      CLEAR optimizer  -> 3 again if not x, 8 if x
        8    STEP optimizer  -> 3 again
        """,
    ),
    "if, elif, else": (
        """\
        if a:
            optimizer.zero_grad()
        elif b:
            optimizer.step()
        else:
            loss.backward()
        model.eval()
        """,
        """\
           start  -> 2 if a, 4 if not a and b, 6 if not a and not b
        2  CLEAR optimizer  -> 7
        4  STEP optimizer  -> 7
        6  BACKWARD loss
        7  EVAL model
        """,
    ),
    "two tests of one thing are one": (
        """\
        if mode != 'eval':
            optimizer.zero_grad()
        if mode == 'eval':
            model.eval()
        else:
            optimizer.step()
        """,
        """\
           start  -> 2 if mode != 'eval', 4 if mode == 'eval'
        2  CLEAR optimizer  -> 6
        4  EVAL model  -> end
        6  STEP optimizer
        """,
    ),
    "a new value is a new condition": (
        """\
        if flag:
            optimizer.zero_grad()
        flag = read()
        if flag:
            optimizer.step()
        """,
        """\
           start  -> 2 if flag, 5 if not flag and flag, end if not flag
        2  CLEAR optimizer  -> 5 if flag, end if not flag
        5  STEP optimizer
        """,
    ),
    "return and raise end a function": (
        """\
        def f(optimizer, x):
            optimizer.zero_grad()
            if x is None:
                raise ValueError
            if x > 1:
                return
            optimizer.step()
        """,
        """\
        1  called repeatedly
        2    CLEAR optimizer  -> 2 again if x is not None and x > 1, 7 if x is not None and x <= 1, end if x is None
        7    STEP optimizer  -> 2 again
        """,
    ),
    "try, except, else, finally": (
        """\
        try:
            optimizer.zero_grad()
            optimizer.step()
        except RuntimeError:
            model.eval()
        else:
            model.train()
        finally:
            loss.backward()
        """,
        """\
           start  -> 2, 5
        2  CLEAR optimizer
        3  STEP optimizer
        7  TRAIN model  -> 9
        5  EVAL model in handler
        9  BACKWARD loss
        """,
    ),
    "finally stands between a return and the caller": (
        """\
        def f(optimizer):
            try:
                optimizer.step()
                return 1
            finally:
                optimizer.zero_grad()
        """,
        """\
        1  called repeatedly
        3    STEP optimizer
        6    CLEAR optimizer  -> 3 again
        """,
    ),
    "finally stands between continue and the loop": (
        """\
        for x in loader:
            try:
                optimizer.step()
                if x:
                    continue
                loss.backward()
            finally:
                optimizer.zero_grad()
        """,
        """\
         1  for x in loader
         3    STEP optimizer  -> 6 if not x, 8a if x
         6    BACKWARD loss  -> 8b
        8a    CLEAR optimizer  -> 3 again
        8b    CLEAR optimizer  -> 3 again
        """,
    ),
    "with: contexts nest, and recording again ends its being off": (
        """\
        import torch
        with torch.no_grad():
            optimizer.zero_grad()
            with torch.enable_grad(), torch.autocast('cuda') as context:
                loss.backward()
        optimizer.step()
        """,
        """\
        3  CLEAR optimizer in no_grad
        5  BACKWARD loss in autocast, enable_grad
        6  STEP optimizer
        """,
    ),
    "match with a last resort": (
        """\
        match phase:
            case 'train':
                optimizer.step()
            case str() as name if name:
                optimizer.zero_grad()
            case _:
                model.eval()
        model.train()
        """,
        """\
           start  -> 3, 5, 7
        3  STEP optimizer  -> 8
        5  CLEAR optimizer  -> 8
        7  EVAL model
        8  TRAIN model
        """,
    ),
    "match that may fit nothing": (
        """\
        match phase:
            case 1:
                optimizer.step()
        model.train()
        """,
        """\
           start  -> 3 if phase == 1, 4 if phase != 1
        3  STEP optimizer
        4  TRAIN model
        """,
    ),
    "async": (
        """\
        async def f(optimizer, loader):
            async for x in loader:
                async with lock:
                    optimizer.zero_grad()
                loss = await compute(x)
                await loss.backward()
        """,
        """\
        1  called repeatedly
        2    for x in loader
        4      CLEAR optimizer
        6      BACKWARD loss  -> 4 again
        """,
    ),
    "comprehensions are loops": (
        """\
        [o.zero_grad() for o in optimizers if o]
        {o.step(): 1 for o in optimizers.values()}
        """,
        """\
        1  comprehension
        1    CLEAR o = optimizers[...]  -> 1 again, 2
        2  comprehension
        2    STEP o = optimizers[...]  -> 2 again
        """,
    ),
    "walrus and short circuits": (
        """\
        if (n := optimizer.step()) and model.train():
            model.eval()
        flag or optimizer.zero_grad()
        """,
        """\
        1a  STEP optimizer  -> 1b, 2, 3 if not flag, end if flag
        1b  TRAIN model  -> 2, 3 if not flag, end if flag
         2  EVAL model  -> 3 if not flag, end if flag
         3  CLEAR optimizer
        """,
    ),
    "conditional expression": (
        "optimizer.step() if flag else model.eval()\nmodel.train()\n",
        """\
            start  -> 1a if flag, 1b if not flag
        1a  STEP optimizer  -> 2
        1b  EVAL model
         2  TRAIN model
        """,
    ),
    "nested functions and lambdas happen where they are called": (
        """\
        def outer(optimizer, loader):
            def reset():
                optimizer.zero_grad()
            go = lambda: optimizer.step()
            for x in loader:
                reset()
                go()
        """,
        """\
        1  called repeatedly
             outer:
        5    for x in loader
               reset:
        3      CLEAR optimizer
               outer:
        4      STEP optimizer  -> 3 again
        """,
    ),
    "a contextmanager function goes around the body": (
        """\
        from contextlib import contextmanager
        @contextmanager
        def updating(optimizer):
            optimizer.zero_grad()
            yield
            optimizer.step()
        for x in loader:
            with updating(optimizer):
                loss.backward()
        """,
        """\
        7  for x in loader
             updating:
        4    CLEAR optimizer
             <module>:
        9    BACKWARD loss
             updating:
        6    STEP optimizer  -> 4 again
        """,
    ),
    "a generator's body stands around that of the loop over it": (
        """\
        def stream(optimizer, loader):
            for x in loader:
                yield x
                optimizer.zero_grad()
        for x in stream(optimizer, data):
            optimizer.step()
        """,
        """\
        2  for x in data
             <module>:
        6    STEP optimizer
             stream:
        4    CLEAR optimizer  -> 6 again
        """,
    ),
    "a decorator that returns the function changes nothing": (
        """\
        def registered(f):
            REGISTRY[f.__name__] = f
            return f
        @registered
        def update(optimizer):
            optimizer.zero_grad()
            optimizer.step()
        for x in loader:
            update(optimizer)
        """,
        """\
        8  for x in loader
             update:
        6    CLEAR optimizer
        7    STEP optimizer  -> 6 again
        """,
    ),
    "a decorator's wrapper goes around the function": (
        """\
        def clearing(f):
            def wrapper(optimizer):
                optimizer.zero_grad()
                f(optimizer)
            return wrapper
        @clearing
        def update(optimizer):
            optimizer.step()
        for x in loader:
            update(optimizer)
        """,
        """\
        9  for x in loader
             wrapper:
        3    CLEAR optimizer
             update:
        8    STEP optimizer  -> 3 again
        """,
    ),
    "recursion is inlined once": (
        """\
        def again(optimizer, n):
            optimizer.zero_grad()
            if n:
                again(optimizer, n - 1)
            optimizer.step()
        again(optimizer, 3)
        """,
        """\
           again:
        2  CLEAR optimizer
        4  ESCAPE optimizer in argued
        5  STEP optimizer
        """,
    ),
    "a main that is called under its guard": (
        """\
        def main():
            optimizer.step()
        if __name__ == '__main__':
            main()
        """,
        """\
           main:
        2  STEP optimizer
        """,
    ),
    "code that cannot be reached is not there": (
        """\
        def f(optimizer):
            optimizer.zero_grad()
            return
            optimizer.step()
        """,
        """\
        1  called repeatedly
        2    CLEAR optimizer  -> 2 again
        """,
    ),
}
NOT_YET = {
    "a generator's body stands around that of the loop over it": "a generator is run to its end before the loop's body",
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.xfail(reason=NOT_YET[n]) if n in NOT_YET else ()) for n in CASES],
)
def test_ways(name: str) -> None:
    code, expected = CASES[name]
    assert drawn(code) == dedent(expected).rstrip("\n")

"""Syntax trees are walked as Python's own functions walk them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from looplint.syntax.walk import as_text, children, nodes, statements

EVERYTHING = """
import a.b as c, d
from .e import (f as g, h)
from i import *
x: int = 1
x = y = (z := 2)
x += 1
del x, y[0]
async def coroutine(a, /, b=1, *args: int, c, d=2, **kwargs) -> "int":
    global m
    async with open(a) as f, b:
        async for q in r:
            yield await q
    return [i async for i in j if i]
@decorated(1)
class C(A, B[int], metaclass=M, **options):
    def method(self):
        nonlocal_ = lambda self, *a, k=1, **o: None
        def inner():
            nonlocal nonlocal_
            yield from inner()
        try:
            assert nonlocal_, "message"
        except (E, F) as error:
            raise G from error
        except H:
            pass
        else:
            pass
        finally:
            ...
match subject:
    case 1 | "a" | None | -1j:
        pass
    case [first, *rest, _] if first:
        pass
    case {"key": value, **others}:
        pass
    case Point(x, y=0, z=whole) as point:
        pass
    case a.b:
        pass
while not a and b or c < d <= e is not f not in g:
    if a: break
    elif b: continue
    else: pass
else:
    pass
for i, (j, *k) in {**l, 'm': n}.items():
    pass
else:
    f"{a!r:>{width}} {b=}", b"", 1.5, True, ..., a[1:2, ::3, ...], {1, *s}, {k: v for k, v in w if k for u in v}
    a if b else c, ~a, a @ b // c ** -d, (x for x in y), {t for t in u}, print(*args, key=1, **kwargs)
"""

_NEWER = """
type Alias[T: int, *Ts, **P] = list[T]
def generic[T](a: T) -> T: ...
class Generic[T]: ...
"""

_NO_NODES = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)

SOURCES = [EVERYTHING, *([_NEWER] if sys.version_info >= (3, 12) else ())]
SOURCES += [file.read_text() for file in sorted(Path(ast.__file__).parent.glob("*.py"))[::8]]


@pytest.mark.parametrize("source", SOURCES, ids=range(len(SOURCES)))
def test_the_same_nodes_as_those_of_ast(source: str) -> None:
    tree = ast.parse(source)
    every = [node for node in ast.walk(tree) if not isinstance(node, _NO_NODES)]
    assert {id(node) for node in nodes(tree)} == {id(node) for node in every}
    for node in every:
        assert children(node) == [n for n in ast.iter_child_nodes(node) if not isinstance(n, _NO_NODES)]
    assert {id(s) for s in statements(tree.body)} == {id(node) for node in every if isinstance(node, ast.stmt)}


def test_statements_come_in_the_order_of_the_code() -> None:
    rows = [statement.lineno for statement in statements(ast.parse(EVERYTHING).body)]
    assert rows == sorted(rows)


@pytest.mark.parametrize("text", ["a", "a.b.c", "a().b", "a[0].b.c", "x + 1", "(yield).a"])
def test_an_expression_as_text(text: str) -> None:
    node = ast.parse(text, mode="eval").body if "yield" not in text else ast.parse(text).body[0]
    assert as_text(node) == ast.unparse(node)
